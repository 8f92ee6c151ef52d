"""An operator's own repository on this machine. Read through its objects alone: none of its hooks or filters run."""

from __future__ import annotations

import subprocess
from pathlib import Path

from marlin.workspaces import bundles, git
from marlin.workspaces.errors import CommitNotFoundError, InvalidSourceError, SourceNotFoundError
from marlin.workspaces.mirrors import make_bare
from marlin.workspaces.objects import read_commit
from marlin.workspaces.sources import Source


def bundle_local(source: Source, scratch: Path) -> tuple[str, Path]:
    """The commit that ``source`` names in a local repository, and its bundle below ``scratch``.

    :raises SourceNotFoundError: there is no such folder. :raises InvalidSourceError: it is no repository, or empty.
    :raises CommitNotFoundError: it has no such revision.
    """
    git_dir = _git_dir(Path(source.location))
    commit = _resolve(git_dir, source)
    repository = scratch / "local.git"
    make_bare(repository, alternates=git_dir / "objects")
    parents = read_commit(repository, commit).parents
    if parents:
        (repository / "shallow").write_text(f"{commit}\n")
    bundle = scratch / "local.bundle"
    with bundle.open("wb") as target:
        target.write(bundles.write_header(commit, parents))
        target.flush()
        done = subprocess.run(
            ["git", "pack-objects", "--revs", "--stdout", "-q"],
            input=f"{commit}\n".encode(),
            stdout=target,
            stderr=subprocess.PIPE,
            env=git.environment(repository),
            timeout=900,
            check=False,
        )
    if done.returncode != 0:
        raise InvalidSourceError(
            f"{source.location} lacks objects of {commit[:12]} (a partial clone, perhaps).",
            hint="Run `git fetch --refetch` there, or bring a full clone.",
        )
    return commit, bundle


def _git_dir(folder: Path) -> Path:
    """The folder with the repository's objects (of the main repository for a worktree)."""
    if not folder.is_dir():
        raise SourceNotFoundError(f"There is no folder {folder}.", hint="Check the path.")
    env = git.environment(
        folder, {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    )
    del env["GIT_DIR"]
    env["GIT_CEILING_DIRECTORIES"] = str(folder.parent)  # this folder, not a repository it happens to lie in
    done = subprocess.run(
        ["git", "-C", str(folder), "rev-parse", "--path-format=absolute", "--git-common-dir"],
        capture_output=True,
        env=env,
        timeout=30,
        check=False,
    )
    if done.returncode != 0:
        what = "is empty" if not any(folder.iterdir()) else "is not a git repository"
        raise InvalidSourceError(
            f"{folder} {what}.",
            hint="Give a folder that was cloned or made with git init and has a commit, or an archive.",
        )
    return Path(done.stdout.decode("utf-8", "surrogateescape").rstrip("\n"))


def _resolve(git_dir: Path, source: Source) -> str:
    revision = source.revision or "HEAD"
    try:
        found = git.run(git_dir, ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"])
    except git.GitFailed as error:
        if source.revision is None:
            raise InvalidSourceError(
                f"{source.location} has no commit yet.", hint="Commit its files first, or bring an archive."
            ) from error
        raise CommitNotFoundError(
            f"{source.location} has no commit, branch or tag {revision}.", hint="Check the spelling."
        ) from error
    return found.decode().strip().splitlines()[-1]
