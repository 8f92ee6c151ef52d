"""Reading commit objects of a bare repository."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from marlin.workspaces import git
from marlin.workspaces.errors import CommitNotFoundError


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """A commit's tree, parents (as written, though nobody may have them) and committer's time (seconds since 1970)."""

    tree: str
    parents: tuple[str, ...]
    time: int


@lru_cache(maxsize=1024)
def read_commit(repository: Path, commit: str) -> CommitInfo:
    """Read a commit object (remembered: a commit never changes).

    :param commit: a full commit id.
    :raises CommitNotFoundError: the repository does not hold it.
    """
    try:
        text = git.run(repository, ["cat-file", "commit", commit]).decode("utf-8", "replace")
    except git.GitFailed as error:
        raise CommitNotFoundError(
            f"The mirror does not hold {commit[:12]}.", hint="Import or ensure it first."
        ) from error
    header = text.split("\n\n", 1)[0].splitlines()
    tree = next(line[5:] for line in header if line.startswith("tree "))
    parents = tuple(line[7:] for line in header if line.startswith("parent "))
    words = next((line for line in header if line.startswith("committer ")), "committer 0 +0000").split()
    time = int(words[-2]) if len(words) > 2 and words[-2].isdigit() else 0
    return CommitInfo(tree, parents, time)
