"""Differences between two commits of a mirror, their files and folders: read-only, by git, without anyone's drivers.

``.gitattributes`` of the repository are not honoured here (a bare repository has none), so neither ``-diff`` nor a
driver can hide a change. Paths are text as in :mod:`marlin.workspaces.paths`. Calls block; run them in a thread.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from marlin.workspaces import git, paths
from marlin.workspaces.bundles import OBJECT_ID
from marlin.workspaces.errors import CommitNotFoundError, GitError, PathNotFoundError, TooLargeError
from marlin.workspaces.mirrors import Mirror

DIFF_LIMIT = 64 * 1024**2
"""Default limit of one diff, in bytes."""

MOST_LISTED = 20_000
"""Files that are listed of a change too large to be measured."""

BLOB_LIMIT = 16 * 1024**2
"""Default limit of one file, in bytes."""

OPTIONS = (
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--full-index",
    "-M",
    "--submodule=short",
    "--ignore-submodules=none",
)
_RAW = re.compile(rb":(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])(\d*)")


class ChangeStatus(StrEnum):
    """What happened to a file."""

    ADDED = "added"
    DELETED = "deleted"
    MODIFIED = "modified"
    RENAMED = "renamed"
    COPIED = "copied"
    TYPE_CHANGED = "type-changed"


_STATUS = {
    "A": ChangeStatus.ADDED,
    "D": ChangeStatus.DELETED,
    "M": ChangeStatus.MODIFIED,
    "R": ChangeStatus.RENAMED,
    "C": ChangeStatus.COPIED,
    "T": ChangeStatus.TYPE_CHANGED,
}


@dataclass(frozen=True, slots=True)
class FileChange:
    """One changed file.

    :ivar old_path: before a rename, else None.
    :ivar additions: lines; None for a binary file. So ``deletions``.
    :ivar old_mode: git's octal mode (``100644``, ``100755``, ``120000`` link, ``160000`` submodule, ``000000`` none).
    """

    path: str
    old_path: str | None
    status: ChangeStatus
    additions: int | None
    deletions: int | None
    binary: bool
    old_mode: str
    new_mode: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed between two commits, however much it is.

    :ivar measured: whether lines were counted and renames found; else the change was too large for that.
    :ivar unlisted: changed files that ``files`` leaves out, by top folder (empty: the root).
    """

    files: list[FileChange]
    measured: bool = True
    unlisted: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A file or link (``blob``), submodule (``commit``) or folder (``tree``; like the former without a size)."""

    path: str
    mode: str
    kind: str
    object_id: str
    size: int | None


def diff_stream(
    mirror: Mirror,
    a: str,
    b: str,
    *,
    path: str | None = None,
    old_path: str | None = None,
    ignore_whitespace: bool = False,
    context: int = 3,
    limit: int | None = None,
    timeout: float = 60.0,
    memory: int | None = None,
) -> Generator[bytes, None, None]:
    """``git diff`` from ``a`` to ``b`` in chunks; renames found, binary files named but not shown.

    :param path: this file or folder only; with ``old_path`` a renamed file is shown as one.
    :param context: unchanged lines around a change.
    :param memory: bytes that git may take; it fails where that is not enough (:class:`GitError`).
    :raises TooLargeError: there are more than ``limit`` bytes.
    :raises CommitNotFoundError: the mirror lacks a commit.
    """
    args: list[str | bytes] = ["diff", *OPTIONS, f"-U{int(context)}"]
    if ignore_whitespace:
        args.append("--ignore-all-space")
    args += [_id(a), _id(b), "--"]
    args += [_path(each) for each in (old_path, path) if each is not None]
    try:
        yield from git.stream(mirror.path, args, limit=limit, timeout=timeout, memory=memory)
    except git.GitFailed as error:
        raise _explain(error, a, b) from error


def diff(
    mirror: Mirror,
    a: str,
    b: str,
    *,
    path: str | None = None,
    old_path: str | None = None,
    ignore_whitespace: bool = False,
    context: int = 3,
    limit: int = DIFF_LIMIT,
    memory: int | None = None,
) -> bytes:
    """The raw text of ``git diff``; parameters and errors as :func:`diff_stream`."""
    return b"".join(
        diff_stream(
            mirror,
            a,
            b,
            path=path,
            old_path=old_path,
            ignore_whitespace=ignore_whitespace,
            context=context,
            limit=limit,
            memory=memory,
        )
    )


def diffstat(
    mirror: Mirror,
    a: str,
    b: str,
    *,
    ignore_whitespace: bool = False,
    limit: int = DIFF_LIMIT,
    timeout: float = 60.0,
) -> list[FileChange]:
    """The changed files from ``a`` to ``b``, in git's order.

    :raises TooLargeError: git had more than ``limit`` bytes to say. :raises GitError: it took longer than ``timeout``.
    :raises CommitNotFoundError: the mirror lacks a commit.
    """
    args: list[str | bytes] = ["diff", *OPTIONS, "--raw", "--numstat", "-z"]
    if ignore_whitespace:
        args.append("--ignore-all-space")
    try:
        output = b"".join(git.stream(mirror.path, [*args, _id(a), _id(b), "--"], limit=limit, timeout=timeout))
    except git.GitFailed as error:
        raise _explain(error, a, b) from error
    return parse_diffstat(output)


def list_changes(
    mirror: Mirror, a: str, b: str, *, limit: int = DIFF_LIMIT, timeout: float = 60.0, most: int = MOST_LISTED
) -> Changes:
    """The changed files from ``a`` to ``b``; of a change too large to measure, the first ``most`` of them, unmeasured.

    Limits as in :func:`diffstat`; the trees alone are compared without any, in constant memory.

    :raises CommitNotFoundError: the mirror lacks a commit. :raises GitError: git failed.
    """
    try:
        return Changes(diffstat(mirror, a, b, limit=limit, timeout=timeout))
    except (TooLargeError, GitError):
        pass
    files: list[FileChange] = []
    unlisted: Counter[str] = Counter()
    for match, name in _raw_changes(mirror, a, b):
        if len(files) < most:
            files.append(_change(match, None, name, (0, 0)))
        else:
            folder, slash, _ = name.partition(b"/")
            unlisted[paths.to_text(folder + slash) if slash else ""] += 1
    return Changes(files, measured=False, unlisted=dict(unlisted.most_common()))


def _raw_changes(mirror: Mirror, a: str, b: str) -> Iterator[tuple[re.Match[bytes], bytes]]:
    """What ``git diff --raw`` says of each file, as it comes."""
    args: list[str | bytes] = ["diff", *OPTIONS, "--no-renames", "--raw", "-z", _id(a), _id(b), "--"]
    rest = b""
    fields: list[bytes] = []
    try:
        for data in git.stream(mirror.path, args, timeout=600.0):
            *whole, rest = (rest + data).split(b"\0")
            fields += whole
            for at in range(0, len(fields) - 1, 2):
                match = _RAW.fullmatch(fields[at])
                if match is None:
                    raise ValueError(f"not a line of git diff --raw: {fields[at]!r}")
                yield match, fields[at + 1]
            fields = fields[len(fields) // 2 * 2 :]
    except git.GitFailed as error:
        raise _explain(error, a, b) from error


def parse_diffstat(output: bytes) -> list[FileChange]:
    """What ``git diff --raw --numstat -z`` printed (pure)."""
    fields = output.split(b"\0")
    at, raw, counts = 0, [], {}
    while at < len(fields) - 1 and fields[at].startswith(b":"):
        match = _RAW.fullmatch(fields[at])
        if match is None:
            raise ValueError(f"not a line of git diff --raw: {fields[at]!r}")
        renamed = match[5] in (b"R", b"C")
        names = fields[at + 1 : at + (3 if renamed else 2)]
        raw.append((match, names[0] if renamed else None, names[-1]))
        at += 3 if renamed else 2
    while at < len(fields) - 1:
        added, deleted, name = fields[at].split(b"\t", 2)
        at += 1
        if not name:  # a rename: two names follow
            name = fields[at + 1]
            at += 2
        counts[name] = (None, None) if added == b"-" else (int(added), int(deleted))
    return [_change(match, old, new, counts.get(new, (0, 0))) for match, old, new in raw]


def read_blob(mirror: Mirror, commit: str, path: str, *, limit: int = BLOB_LIMIT) -> bytes:
    """A file's bytes (a link's target for a link).

    :raises PathNotFoundError: the commit has no such file.
    :raises TooLargeError: it is larger than ``limit`` bytes.
    """
    entry = _entry(mirror, commit, path)
    if entry is None or entry.kind != "blob":
        raise PathNotFoundError(f"{path} is not a file in {commit[:12]}.", hint="List the folder to see what is there.")
    if entry.size is not None and entry.size > limit:
        raise TooLargeError(
            f"{path} has {entry.size:,} bytes, more than the limit of {limit:,}.",
            hint="Fetch the branch to see it.",
            limit=limit,
        )
    return git.run(mirror.path, ["cat-file", "blob", entry.object_id])


def list_tree(mirror: Mirror, commit: str, path: str = "", *, recursive: bool = False) -> list[TreeEntry]:
    """What a folder holds, sorted as git does.

    :param path: the folder; empty for the root.
    :param recursive: every file below it instead, without folders.
    :raises PathNotFoundError: the commit has no such folder.
    """
    tree = _id(commit)
    if path:
        entry = _entry(mirror, commit, path)
        if entry is None or entry.kind != "tree":
            raise PathNotFoundError(
                f"{path} is not a folder in {commit[:12]}.", hint="List the root to see what is there."
            )
        tree = entry.object_id
    prefix = paths.from_text(path) + b"/" if path else b""
    return list(_ls_tree(mirror, [*(["-r"] if recursive else []), tree], commit, prefix))


def find_files(mirror: Mirror, commit: str, name: re.Pattern[bytes]) -> list[bytes]:
    """The paths of a commit's files and links whose last part is all of what a pattern matches, sorted as git does.

    Quick, for a look at every file of many commits: git reads no object but the trees.
    """
    try:
        output = git.run(mirror.path, ["ls-tree", "-r", "-z", _id(commit)])
    except git.GitFailed as error:
        raise _explain(error, commit) from error
    files = (line.split(b"\t", 1)[1] for line in output.split(b"\0") if line.startswith((b"100", b"120")))
    return [path for path in files if name.fullmatch(path, path.rfind(b"/") + 1)]


def _ls_tree(mirror: Mirror, args: list[str | bytes], commit: str, prefix: bytes = b"") -> Iterator[TreeEntry]:
    try:
        output = git.run(mirror.path, ["ls-tree", "-l", "-z", *args])
    except git.GitFailed as error:
        raise _explain(error, commit) from error
    for line in output.split(b"\0")[:-1]:
        meta, name = line.split(b"\t", 1)
        mode, kind, object_id, size = meta.decode().split()
        yield TreeEntry(paths.to_text(prefix + name), mode, kind, object_id, None if size == "-" else int(size))


def _entry(mirror: Mirror, commit: str, path: str) -> TreeEntry | None:
    found = list(_ls_tree(mirror, [_id(commit), "--", _path(path)], commit))
    return found[0] if len(found) == 1 else None


def _change(match: re.Match[bytes], old: bytes | None, new: bytes, counts: tuple[int | None, int | None]) -> FileChange:
    return FileChange(
        path=paths.to_text(new),
        old_path=None if old is None else paths.to_text(old),
        status=_STATUS.get(match[5].decode(), ChangeStatus.MODIFIED),
        additions=counts[0],
        deletions=counts[1],
        binary=counts[0] is None,
        old_mode=match[1].decode(),
        new_mode=match[2].decode(),
    )


def _id(commit: str) -> str:
    if not OBJECT_ID.fullmatch(commit):
        raise CommitNotFoundError(f"“{commit[:60]}” is not a full commit id.", hint="Give all 40 hexadecimal digits.")
    return commit


def _path(text: str) -> bytes:
    try:
        path = paths.from_text(text)
        if b"\0" in path or any(part in (b"", b".", b"..") for part in path.split(b"/")):
            raise ValueError("not a path in a commit")
    except (ValueError, UnicodeEncodeError) as error:
        raise PathNotFoundError(
            f"{text!r} is not a path in a commit.", hint="Use a path that Marlin listed."
        ) from error
    return path


def _explain(error: git.GitFailed, *commits: str) -> Exception:
    if "bad object" in error.stderr or "not a tree object" in error.stderr or "Not a valid object" in error.stderr:
        return CommitNotFoundError(
            f"The mirror does not hold {' or '.join(each[:12] for each in commits)}.",
            hint="Ensure the commit first (MirrorStore.ensure).",
        )
    return error
