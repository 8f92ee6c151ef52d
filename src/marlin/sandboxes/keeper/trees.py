"""Walking and copying directory trees that hostile code made: no link followed, any depth, any name.

Descriptors replace paths (a tree 3,000 folders deep has no usable path), and only the current folder is kept open. The
trees are quiet: whoever wrote them is dead, so going up by ``..`` is safe. Standard library only.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass

OPAQUE = "trusted.overlay.opaque"
"""Overlayfs's mark on a folder that hides what lower layers hold there."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

Ownership = Callable[[bytes, int, int], tuple[int, int]]
"""(path, uid, gid) → the new uid and gid."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a tree. ``folder`` is a descriptor of the folder that holds it, valid until the next entry."""

    path: bytes
    name: bytes
    folder: int
    info: os.stat_result

    @property
    def is_folder(self) -> bool:
        """Whether this is a directory (and not a link to one)."""
        return stat.S_ISDIR(self.info.st_mode)

    @property
    def is_whiteout(self) -> bool:
        """Whether this is overlayfs's mark for a deleted name (a character device 0/0)."""
        return stat.S_ISCHR(self.info.st_mode) and self.info.st_rdev == 0


def walk(root: str, *, leaving: bool = False) -> Iterator[Entry]:
    """Everything below ``root``, each folder before what it holds, sorted by name.

    :param leaving: yield each folder after what it holds instead (for changing its times or removing it).
    """
    folder = os.open(root, _FOLDER)
    try:
        names = _names(folder)
        above: list[tuple[list[bytes], Entry]] = []
        prefix = b""
        while True:
            if names:
                name = names.pop()
                info = os.stat(name, dir_fd=folder, follow_symlinks=False)
                entry = Entry(prefix + name, name, folder, info)
                if not entry.is_folder:
                    yield entry
                    continue
                if not leaving:
                    yield entry
                above.append((names, entry))
                folder = _step(folder, name)
                names, prefix = _names(folder), entry.path + b"/"
            elif above:
                names, entry = above.pop()
                folder = _step(folder, b"..")
                prefix = entry.path[: len(entry.path) - len(entry.name)]
                if leaving:
                    yield Entry(entry.path, entry.name, folder, entry.info)
            else:
                return
    finally:
        os.close(folder)


def _names(folder: int) -> list[bytes]:
    return sorted((os.fsencode(name) for name in os.listdir(folder)), reverse=True)


def _step(folder: int, name: bytes) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=folder)
    finally:
        os.close(folder)


class Cursor:
    """A place in a tree that is being written; moves to a folder by its path, without following a link."""

    def __init__(self, root: str) -> None:
        self.folder = os.open(root, _FOLDER)
        self._at: list[bytes] = []

    def move(self, path: bytes) -> int:
        """Go to the folder ``path`` (relative to the root, ``b""`` for the root itself); its descriptor."""
        parts = path.split(b"/") if path else []
        same = 0
        while same < len(parts) and same < len(self._at) and parts[same] == self._at[same]:
            same += 1
        while len(self._at) > same:
            self.folder = _step(self.folder, b"..")
            self._at.pop()
        for part in parts[same:]:
            inner = os.open(part, _FOLDER, dir_fd=self.folder)
            os.close(self.folder)
            self.folder = inner
            self._at.append(part)
        return self.folder

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self.folder)


def parent_of(path: bytes) -> bytes:
    """The folder part of a relative path."""
    return path.rpartition(b"/")[0]


def change_owners(root: str, owner: Ownership) -> None:
    """Give everything below ``root`` (not ``root`` itself) its new owner; setuid and setgid bits survive."""
    linked: set[tuple[int, int]] = set()
    for entry in walk(root):
        if entry.info.st_nlink > 1 and not entry.is_folder:
            # A file of several names must not be given away twice: an owner may depend on the one before.
            if (entry.info.st_dev, entry.info.st_ino) in linked:
                continue
            linked.add((entry.info.st_dev, entry.info.st_ino))
        uid, gid = owner(entry.path, entry.info.st_uid, entry.info.st_gid)
        if (uid, gid) == (entry.info.st_uid, entry.info.st_gid):
            continue
        os.chown(entry.name, uid, gid, dir_fd=entry.folder, follow_symlinks=False)
        if entry.info.st_mode & (stat.S_ISUID | stat.S_ISGID) and stat.S_ISREG(entry.info.st_mode):
            os.chmod(entry.name, stat.S_IMODE(entry.info.st_mode), dir_fd=entry.folder)


def data_segments(file: int, size: int) -> list[tuple[int, int]]:
    """Where a sparse file holds data: (offset, length), in order."""
    segments, at = [], 0
    while at < size:
        try:
            start = os.lseek(file, at, os.SEEK_DATA)
        except OSError:
            break
        at = min(os.lseek(file, start, os.SEEK_HOLE), size)
        segments.append((start, at - start))
    return segments


def copy_tree(source: str, target: str, *, owner: Ownership, overlay: bool) -> None:
    """Copy what is below ``source`` into the empty folder ``target``: links, holes, times, modes, FIFOs, sockets.

    Of the extended attributes ``user.*`` is kept; whiteouts and opaque marks only when ``overlay``.
    """
    cursor = Cursor(target)
    links: dict[tuple[int, int], bytes] = {}
    root = os.open(target, _FOLDER)
    try:
        for entry in walk(source):
            into = cursor.move(parent_of(entry.path))
            _copy_entry(entry, into, root, links, owner, overlay)
        for entry in walk(source, leaving=True):
            if entry.is_folder:
                into = cursor.move(parent_of(entry.path))
                os.utime(entry.name, ns=_times(entry.info), dir_fd=into, follow_symlinks=False)
    finally:
        os.close(root)
        cursor.close()


def _times(info: os.stat_result) -> tuple[int, int]:
    return info.st_atime_ns, info.st_mtime_ns


def _copy_entry(
    entry: Entry, into: int, root: int, links: dict[tuple[int, int], bytes], owner: Ownership, overlay: bool
) -> None:
    info, mode, name = entry.info, entry.info.st_mode, entry.name
    if info.st_nlink > 1 and not entry.is_folder:
        first = links.get((info.st_dev, info.st_ino))
        if first is not None and not entry.is_whiteout:
            os.link(first, name, src_dir_fd=root, dst_dir_fd=into, follow_symlinks=False)
            return
        if len(entry.path) < 4000:
            links[info.st_dev, info.st_ino] = entry.path
    if stat.S_ISDIR(mode):
        os.mkdir(name, 0o700, dir_fd=into)
        _copy_attributes(entry, into, overlay)
    elif stat.S_ISREG(mode):
        _copy_file(entry, into)
    elif stat.S_ISLNK(mode):
        os.symlink(os.readlink(name, dir_fd=entry.folder), name, dir_fd=into)
    elif entry.is_whiteout:
        if not overlay:
            return
        os.mknod(name, stat.S_IFCHR | 0o000, 0, dir_fd=into)
    elif stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        os.mknod(name, mode, dir_fd=into)
    else:
        return  # no device but a whiteout can be made in a sandbox
    uid, gid = owner(entry.path, info.st_uid, info.st_gid)
    os.chown(name, uid, gid, dir_fd=into, follow_symlinks=False)
    if not stat.S_ISLNK(mode) and not entry.is_whiteout:
        os.chmod(name, stat.S_IMODE(mode), dir_fd=into)
    os.utime(name, ns=_times(info), dir_fd=into, follow_symlinks=False)


def _copy_file(entry: Entry, into: int) -> None:
    source = os.open(entry.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=entry.folder)
    try:
        target = os.open(entry.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=into)
        try:
            size = entry.info.st_size
            for start, length in data_segments(source, size):
                os.lseek(target, start, os.SEEK_SET)
                at, end = start, start + length
                while at < end and (sent := os.sendfile(target, source, at, end - at)):
                    at += sent
            os.ftruncate(target, size)
            _copy_extended(source, target, overlay=False)
        finally:
            os.close(target)
    finally:
        os.close(source)


def _copy_attributes(entry: Entry, into: int, overlay: bool) -> None:
    source = os.open(entry.name, _FOLDER, dir_fd=entry.folder)
    target = os.open(entry.name, _FOLDER, dir_fd=into)
    try:
        _copy_extended(source, target, overlay)
    finally:
        os.close(source)
        os.close(target)


def _copy_extended(source: int, target: int, overlay: bool) -> None:
    for name, value in kept_attributes(source, overlay=overlay):
        os.setxattr(target, name, value)


def kept_attributes(file: int, *, overlay: bool) -> list[tuple[str, bytes]]:
    """The extended attributes of an open file or folder that a layer keeps."""
    names = [n for n in os.listxattr(file) if n.startswith("user.") or (overlay and n == OPAQUE)]
    return [(name, os.getxattr(file, name)) for name in sorted(names)]
