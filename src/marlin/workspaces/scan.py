"""Reading what a sealed upper layer changed in the workspace, by ``lstat`` alone: O(changed files).

An overlay's upper layer *is* the list of changes: files are there whole, a deletion is a character device 0:0, a folder
that hides everything below it carries the ``overlay.opaque`` attribute (kernel documentation, ``overlayfs.rst``). The
layer is sealed, so nothing moves underneath. Nothing is opened but folders, no link is followed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from marlin.workspaces import paths

# Only root can set these. The ``user.overlay.*`` ones are anybody's, and mean nothing in a layer.
_OPAQUE = ("trusted.overlay.opaque",)
_INDIRECT = ("trusted.overlay.redirect", "trusted.overlay.metacopy")


class Reason(StrEnum):
    """Why something in the workspace is not in the snapshot."""

    SPECIAL = "special"
    """A socket, FIFO or device."""
    NESTED_GIT = "nested-git"
    """A git folder inside the repository; the files beside it are in the snapshot."""
    GIT_REPLACED = "git-replaced"
    """The workspace's own ``.git`` is no folder any more."""
    OTHER_BRANCH = "other-branch"
    """Commits on a branch or stash that is not checked out."""
    NAME = "name"
    """A name that some file system takes for ``.git``."""
    TOO_DEEP = "too-deep"
    TOO_LARGE = "too-large"
    TOO_MANY = "too-many"
    UNREADABLE = "unreadable"
    IGNORED = "ignored"
    """Named by a ``.gitignore``."""
    IGNORE_RULES = "ignore-rules"
    """The ``.gitignore`` files could not be evaluated; they were not applied."""
    REFUSED_BY_GIT = "refused-by-git"
    """git's own checks refuse the content (a dangerous ``.gitmodules``, say)."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something in the workspace that is not in the snapshot; the person who judges sees it.

    :ivar path: text form; a folder ends with ``/``; empty when it stands for many.
    :ivar detail: a few words for people.
    :ivar files: how many files it stands for.
    :ivar bytes: their size together, as far as known.
    """

    path: str
    reason: Reason
    detail: str = ""
    files: int = 1
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class ScanLimits:
    """What a snapshot may hold of one turn's changes; the rest is left out and listed."""

    file_bytes: int = 50 * 1024**2
    total_bytes: int = 512 * 1024**2
    files: int = 100_000
    listed: int = 1_000
    """Longest list of what was left out; the rest is summed up per reason."""
    ignore_seconds: float = 10.0
    """How long matching ``.gitignore`` files may take; beyond it none is applied."""


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A regular file or link as it now is.

    :ivar mode: git's mode: ``100644``, ``100755`` or ``120000``.
    :ivar source: where it lies on the host; None for a link.
    """

    path: bytes
    mode: str
    size: int
    source: Path | None = None
    target: bytes = b""


@dataclass(slots=True)
class Scan:
    """What changed, in an order that can be applied: ``deleted`` first, then ``files``."""

    deleted: list[bytes] = field(default_factory=list)
    """Paths (files or whole folders) gone; the empty path is the whole workspace."""
    files: list[ChangedFile] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    touched: set[bytes] = field(default_factory=set)
    """Every path met, folders included."""
    total_bytes: int = 0
    over_limit: int = 0


def scan(root: Path, limits: ScanLimits | None = None) -> Scan:
    """The changes below ``root``, the workspace's folder in a sealed upper layer (which may be missing)."""
    limits = limits or ScanLimits()
    found = Scan()
    try:
        status = os.lstat(root)
    except FileNotFoundError:
        return found
    if not stat.S_ISDIR(status.st_mode):
        found.deleted.append(b"")
        if not is_whiteout(status):
            found.left_out.append(LeftOut("", Reason.SPECIAL, "the workspace itself was replaced"))
        return found
    _walk(root, found, limits)
    if found.over_limit:
        found.left_out.append(LeftOut("", Reason.TOO_MANY, f"more than {limits.files:,} files", found.over_limit))
    return found


def is_whiteout(status: os.stat_result) -> bool:
    """Whether this entry of an upper layer stands for a deletion."""
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == 0


def is_opaque(folder: bytes) -> bool:
    """Whether this folder of an upper layer hides what the layers below have there."""
    return _attribute(folder, _OPAQUE, b"y")


def _walk(root: Path, found: Scan, limits: ScanLimits) -> None:
    pending: list[tuple[bytes, bytes]] = [(b"", os.fsencode(root))]
    while pending:
        path, absolute = pending.pop()
        if is_opaque(absolute):
            found.deleted.append(path)
        for entry in sorted(os.scandir(absolute), key=lambda each: each.name):
            below = path + b"/" + entry.name if path else entry.name
            status = entry.stat(follow_symlinks=False)
            if below == b".git":
                found.left_out.extend(_own_git(entry.path, status))
            elif is_whiteout(status):
                found.touched.add(below)
                if paths.refused(below) is None:
                    found.deleted.append(below)
            elif stat.S_ISDIR(status.st_mode):
                found.touched.add(below)
                if _enter(below, status, found):
                    pending.append((below, entry.path))
            else:
                found.touched.add(below)
                _take(below, entry.path, status, found, limits)


def _enter(path: bytes, status: os.stat_result, found: Scan) -> bool:
    """Whether to look into a folder."""
    reason = _nested(path)
    if reason is None and status.st_mode & 0o500 != 0o500:
        reason = (Reason.UNREADABLE, f"folder mode {stat.S_IMODE(status.st_mode):03o}")
    if reason is not None:
        found.left_out.append(LeftOut(paths.to_text(_shorten(path) + b"/"), *reason))
    return reason is None


def _take(path: bytes, absolute: bytes, status: os.stat_result, found: Scan, limits: ScanLimits) -> None:
    """Note a file, link or special file; what can't be kept hides an earlier version all the same."""
    reason = _nested(path) or _unfit(absolute, status, found, limits)
    if reason is not None:
        found.left_out.append(LeftOut(paths.to_text(_shorten(path)), *reason, 1, status.st_size))
        if reason[0] not in (Reason.UNREADABLE, Reason.NAME, Reason.NESTED_GIT, Reason.TOO_DEEP):
            found.deleted.append(path)
        return
    if len(found.files) >= limits.files:
        found.over_limit += 1
        return
    found.total_bytes += status.st_size
    if stat.S_ISLNK(status.st_mode):
        found.files.append(ChangedFile(path, "120000", status.st_size, target=os.readlink(absolute)))
    else:
        mode = "100755" if status.st_mode & 0o100 else "100644"
        found.files.append(ChangedFile(path, mode, status.st_size, Path(os.fsdecode(absolute))))


def _nested(path: bytes) -> tuple[Reason, str] | None:
    match paths.refused(path):
        case "name" if path.rsplit(b"/", 1)[-1] == b".git":
            return Reason.NESTED_GIT, "the history of a repository inside this one"
        case "name":
            return Reason.NAME, "some file systems take this name for .git"
        case "too-deep":
            return Reason.TOO_DEEP, f"more than {paths.MAX_DEPTH} folders or {paths.MAX_PATH_BYTES:,} bytes"
    return None


def _unfit(absolute: bytes, status: os.stat_result, found: Scan, limits: ScanLimits) -> tuple[Reason, str] | None:
    if stat.S_ISLNK(status.st_mode):
        return None
    if not stat.S_ISREG(status.st_mode):
        return Reason.SPECIAL, _KINDS.get(stat.S_IFMT(status.st_mode), "special file")
    if status.st_size > limits.file_bytes:
        return Reason.TOO_LARGE, f"{status.st_size:,} bytes"
    if found.total_bytes + status.st_size > limits.total_bytes:
        return Reason.TOO_LARGE, f"all changes together exceed {limits.total_bytes:,} bytes"
    if not status.st_mode & 0o400:
        return Reason.UNREADABLE, f"mode {stat.S_IMODE(status.st_mode):03o}"
    if status.st_size and not status.st_blocks and _attribute(absolute, _INDIRECT):
        return Reason.UNREADABLE, "content lies in another layer"
    return None


_KINDS = {stat.S_IFIFO: "FIFO", stat.S_IFSOCK: "socket", stat.S_IFCHR: "device", stat.S_IFBLK: "device"}


def _own_git(absolute: bytes, status: os.stat_result) -> Iterator[LeftOut]:
    """What the workspace's own repository hides from the files: other branches, stashes, tags."""
    if is_whiteout(status):
        return
    if not stat.S_ISDIR(status.st_mode):
        yield LeftOut(".git", Reason.GIT_REPLACED, "replaced by a file or link; only the files are compared")
        return
    head = _small_file(os.path.join(absolute, b"HEAD")).strip().removeprefix(b"ref: ")
    for name in sorted({*_loose_refs(absolute), *_packed_refs(absolute)} - {head, b"refs/heads/main"}):
        yield LeftOut(
            paths.to_text(b".git/" + name), Reason.OTHER_BRANCH, "only files that are checked out are compared"
        )


def _loose_refs(git_dir: bytes) -> Iterator[bytes]:
    pending = [b"refs"]
    while pending:
        folder = pending.pop()
        if folder.count(b"/") > 32:
            continue
        try:
            entries = list(os.scandir(os.path.join(git_dir, folder)))
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                pending.append(folder + b"/" + entry.name)
            elif entry.is_file(follow_symlinks=False):
                yield folder + b"/" + entry.name


def _packed_refs(git_dir: bytes) -> Iterator[bytes]:
    for line in _small_file(os.path.join(git_dir, b"packed-refs")).splitlines():
        _, _, name = line.partition(b" ")
        if name.startswith(b"refs/"):
            yield name


def _small_file(path: bytes, limit: int = 1 << 16) -> bytes:
    """The beginning of a regular file; empty if it is none."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(handle, limit) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
    finally:
        os.close(handle)


def _attribute(path: bytes, names: tuple[str, ...], value: bytes | None = None) -> bool:
    """Whether one of these attributes is set (to ``value``)."""
    for name in names:
        try:
            if os.getxattr(path, name, follow_symlinks=False) == value or value is None:
                return True
        except OSError:
            continue
    return False


def _shorten(path: bytes) -> bytes:
    return path if len(path) <= paths.MAX_PATH_BYTES else path[: paths.MAX_PATH_BYTES]


def shorten_list(left_out: list[LeftOut], listed: int) -> tuple[LeftOut, ...]:
    """At most ``listed`` entries, sorted by path; the rest summed up per reason."""
    ordered = sorted(left_out, key=lambda each: (each.path == "", each.path, each.reason))
    kept, rest = ordered[:listed], ordered[listed:]
    for reason in Reason:
        same = [each for each in rest if each.reason is reason]
        if same:
            kept.append(LeftOut("", reason, "more of these", sum(e.files for e in same), sum(e.bytes for e in same)))
    return tuple(kept)
