"""All files of a commit, and a search in them: bounded in time and in what comes back, whatever the repository holds.

A search is for fixed text, never for a pattern: a hostile one could keep the matcher busy for hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from marlin.workspaces import git, paths
from marlin.workspaces.bundles import OBJECT_ID
from marlin.workspaces.diffs import TreeEntry
from marlin.workspaces.errors import CommitNotFoundError, GitError, TooLargeError
from marlin.workspaces.mirrors import Mirror

FILES_LIMIT = 50_000
"""Default number of files in one listing."""

MATCHES_LIMIT = 500
"""Default number of lines that a search finds."""

SEARCH_BYTES = 8 * 1024**2
SEARCH_SECONDS = 10.0
LINE_SHOWN = 300
"""Characters of a found line that are given back."""


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A line that holds what was searched for.

    :ivar text: at most :data:`LINE_SHOWN` characters of it, around the first place.
    """

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found; ``complete`` is False when there was more than a limit allowed."""

    lines: list[FoundLine]
    complete: bool


def list_files(mirror: Mirror, commit: str, *, limit: int = FILES_LIMIT) -> tuple[list[TreeEntry], bool]:
    """Every file, link and submodule of a commit in git's order, and whether that is all of them.

    :raises CommitNotFoundError: the mirror lacks the commit.
    """
    entries: list[TreeEntry] = []
    output = git.stream(mirror.path, ["ls-tree", "-r", "-l", "-z", _id(commit)])
    try:
        for record in _records(output, b"\0"):
            meta, name = record.split(b"\t", 1)
            mode, kind, object_id, size = meta.decode().split()
            if len(entries) == limit:
                return entries, False
            entries.append(TreeEntry(paths.to_text(name), mode, kind, object_id, None if size == "-" else int(size)))
    except git.GitFailed as error:
        raise CommitNotFoundError(f"The mirror does not hold {commit[:12]}.", hint="Ensure it first.") from error
    return entries, True


def search_files(
    mirror: Mirror,
    commit: str,
    text: str,
    *,
    ignore_case: bool = True,
    whole_words: bool = False,
    limit: int = MATCHES_LIMIT,
) -> Search:
    """Lines of a commit's text files that hold ``text``, in git's order of files.

    :raises CommitNotFoundError: the mirror lacks the commit.
    """
    if "\n" in text or "\0" in text or not text:
        return Search([], complete=True)
    options = [*(["--ignore-case"] if ignore_case else []), *(["--word-regexp"] if whole_words else [])]
    args: list[str | bytes] = ["grep", "-n", "-z", "-I", "--no-color", "--threads=1", "--fixed-strings", *options]
    args += ["-e", text.encode(), _id(commit)]
    lines: list[FoundLine] = []
    output = git.stream(mirror.path, args, limit=SEARCH_BYTES, timeout=SEARCH_SECONDS)
    try:
        start = b""
        for part in _records(output, b"\n"):
            record = start + part
            if record.count(b"\0") < 2:  # the file's name itself holds a line feed
                start = record + b"\n"
                continue
            start = b""
            if len(lines) == limit:
                return Search(lines, complete=False)
            name, number, found = record.split(b"\0", 2)
            path = paths.to_text(name.split(b":", 1)[1])
            lines.append(FoundLine(path, int(number), _around(found.decode(errors="replace"), text)))
    except git.GitFailed as error:
        if error.code_of_git != 1:  # 1 says that nothing was found, anything that is wrong is 128
            raise CommitNotFoundError(f"The mirror does not hold {commit[:12]}.", hint="Ensure it first.") from error
    except (TooLargeError, GitError):
        return Search(lines, complete=False)
    return Search(lines, complete=True)


def _records(chunks: Iterator[bytes], end: bytes) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(end)
        yield from whole


def _around(line: str, text: str) -> str:
    if len(line) <= LINE_SHOWN:
        return line
    start = max(0, line.lower().find(text.lower()) - LINE_SHOWN // 3)
    return ("…" if start else "") + line[start : start + LINE_SHOWN] + "…"


def _id(commit: str) -> str:
    if not OBJECT_ID.fullmatch(commit):
        raise CommitNotFoundError(f"“{commit[:60]}” is not a full commit id.", hint="Give all 40 hexadecimal digits.")
    return commit
