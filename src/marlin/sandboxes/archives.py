"""Layers as archives: deterministic tar with PAX headers, zstd-compressed.

Overlay marks and attributes travel as ``SCHILY.xattr.*`` records, holes as GNU sparse 1.0, times with nanoseconds;
GNU tar reads it too. Reading trusts nothing: every path is followed folder by folder without links.
"""

from __future__ import annotations

import contextlib
import errno
import lzma
import os
import re
import stat
import tarfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

import zstandard

from marlin.sandboxes.errors import LayerError
from marlin.sandboxes.keeper.identity import DISK_BASE, RANGE
from marlin.sandboxes.keeper.trees import OPAQUE, Cursor, Entry, data_segments, kept_attributes, parent_of, walk

_LEVEL = 3
_CHUNK = 1 << 20
_XATTR = "SCHILY.xattr."
_TIME = re.compile(r"-?\d{1,18}(\.\d{1,9})?")
_MAX_DEPTH = 20_000
_ERRORS = "surrogateescape"


def pack(root: str, to: BinaryIO) -> None:
    """Write everything below ``root`` to ``to``."""
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    with compressor.stream_writer(to, closefd=False) as stream:
        links: dict[tuple[int, int], bytes] = {}
        for entry in walk(root):
            _pack_entry(entry, stream, links)
        stream.write(bytes(tarfile.BLOCKSIZE * 2))


def _pack_entry(entry: Entry, stream: zstandard.ZstdCompressionWriter, links: dict[tuple[int, int], bytes]) -> None:
    info = entry.info
    if stat.S_ISSOCK(info.st_mode):
        return
    member = _member(entry)
    if info.st_nlink > 1 and not entry.is_folder and not entry.is_whiteout:
        first = links.setdefault((info.st_dev, info.st_ino), entry.path)
        if first != entry.path:
            member.type, member.linkname = tarfile.LNKTYPE, os.fsdecode(first)
            stream.write(member.tobuf(tarfile.PAX_FORMAT, "utf-8", _ERRORS))
            return
    if stat.S_ISREG(info.st_mode):
        _pack_file(entry, member, stream)
        return
    if stat.S_ISDIR(info.st_mode):
        member.type = tarfile.DIRTYPE
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        _add_attributes(member, os.open(entry.name, flags, dir_fd=entry.folder))
    elif stat.S_ISLNK(info.st_mode):
        member.type, member.linkname = tarfile.SYMTYPE, os.fsdecode(os.readlink(entry.name, dir_fd=entry.folder))
    elif stat.S_ISFIFO(info.st_mode):
        member.type = tarfile.FIFOTYPE
    elif entry.is_whiteout:
        member.type = tarfile.CHRTYPE
    else:
        raise LayerError(f"{os.fsdecode(entry.path)} is a device; no layer may hold one")
    stream.write(member.tobuf(tarfile.PAX_FORMAT, "utf-8", _ERRORS))


def _member(entry: Entry) -> tarfile.TarInfo:
    info = entry.info
    member = tarfile.TarInfo(os.fsdecode(entry.path))
    member.mode = stat.S_IMODE(info.st_mode)
    extra: dict[str, str] = {}
    member.pax_headers = extra
    member.uid, member.gid = _relative(info.st_uid, entry), _relative(info.st_gid, entry)
    seconds, nanoseconds = divmod(info.st_mtime_ns, 10**9)
    member.mtime = seconds
    if nanoseconds or seconds < 0:
        extra["mtime"] = _exact(info.st_mtime_ns)
        member.mtime = max(0, seconds)
    return member


def _exact(nanoseconds: int) -> str:
    sign = "-" if nanoseconds < 0 else ""
    whole, rest = divmod(abs(nanoseconds), 10**9)
    return f"{sign}{whole}.{rest:09d}"


def _relative(number: int, entry: Entry) -> int:
    if not DISK_BASE <= number < DISK_BASE + RANGE:
        raise LayerError(f"{os.fsdecode(entry.path)} belongs to {number}: not a layer's id")
    return number - DISK_BASE


def _add_attributes(member: tarfile.TarInfo, file: int) -> None:
    try:
        kept = kept_attributes(file, overlay=True)
        extra = {_XATTR + name: value.decode("utf-8", _ERRORS) for name, value in kept}
        member.pax_headers = {**member.pax_headers, **extra}
    finally:
        os.close(file)


def _pack_file(entry: Entry, member: tarfile.TarInfo, stream: zstandard.ZstdCompressionWriter) -> None:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    file = os.open(entry.name, flags, dir_fd=entry.folder)
    _add_attributes(member, os.dup(file))
    with os.fdopen(file, "rb", buffering=0) as source:
        size = entry.info.st_size
        segments = data_segments(source.fileno(), size)
        table = b""
        if sum(length for _, length in segments) < size:
            table = _sparse_table(segments, size)
            member.pax_headers = {
                **member.pax_headers,
                "GNU.sparse.major": "1",
                "GNU.sparse.minor": "0",
                "GNU.sparse.name": member.name,
                "GNU.sparse.realsize": str(size),
            }
        else:
            segments = [(0, size)]
        member.size = len(table) + sum(length for _, length in segments)
        stream.write(member.tobuf(tarfile.PAX_FORMAT, "utf-8", _ERRORS))
        stream.write(table)
        for start, length in segments:
            source.seek(start)
            while length > 0:
                data = source.read(min(_CHUNK, length))
                if not data:
                    raise LayerError(f"{os.fsdecode(entry.path)} shrank while it was read")
                stream.write(data)
                length -= len(data)
        stream.write(bytes(-member.size % tarfile.BLOCKSIZE))


def _sparse_table(segments: list[tuple[int, int]], size: int) -> bytes:
    """GNU sparse 1.0: count, then offset and length of each piece, as decimal lines, padded to a block."""
    pieces = segments if segments else [(size, 0)]
    text = "".join(f"{number}\n" for number in [len(pieces), *(n for piece in pieces for n in piece)]).encode()
    return text + bytes(-len(text) % tarfile.BLOCKSIZE)


def unpack(archive: BinaryIO, root: str, *, max_bytes: int | None) -> None:
    """Make everything in ``archive``, which ``pack`` wrote, below the empty folder ``root``.

    :raises LayerError: damaged, too large, or holding what no layer may.
    """
    with (
        _damage(),
        zstandard.ZstdDecompressor().stream_reader(archive, closefd=False) as stream,
        tarfile.open(fileobj=stream, mode="r|", encoding="utf-8", errors=_ERRORS) as tar,
    ):
        _Unpacker(root, max_bytes).run(tar)


def unpack_image(archive: BinaryIO, root: str) -> None:
    """Make a system's root tree from a tar of it (plain, gzip, bzip2, xz or zstd; ``docker export``, mmdebstrap …).

    Devices are left out, and so are attributes: a sandbox brings its own /dev, and file capabilities count for nothing.

    :raises LayerError: damaged, or with paths that lead out.
    """
    magic = archive.read(4)
    rest = _Joined(magic, archive)
    with _damage(), contextlib.ExitStack() as stack:
        stream: BinaryIO = cast("BinaryIO", rest)
        if magic == zstandard.FRAME_HEADER:
            stream = cast("BinaryIO", stack.enter_context(zstandard.ZstdDecompressor().stream_reader(stream)))
        mode: Any = "r|" if magic == zstandard.FRAME_HEADER else "r|*"
        tar = stack.enter_context(tarfile.open(fileobj=stream, mode=mode, encoding="utf-8", errors=_ERRORS))
        _ImageUnpacker(root, None).run(tar)


class _Joined:
    """A stream whose beginning was read already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def read(self, size: int = -1) -> bytes:
        head, self._head = (self._head, b"") if size < 0 else (self._head[:size], self._head[size:])
        return head + self._rest.read(size if size < 0 else size - len(head))


@contextlib.contextmanager
def _damage() -> Iterator[None]:
    """Say what is wrong with an archive."""
    try:
        yield
    except (tarfile.TarError, zstandard.ZstdError, EOFError, UnicodeError, zlib.error, lzma.LZMAError) as error:
        raise LayerError(f"the archive is damaged: {error}", hint="fetch it again") from error
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG):
            raise LayerError(f"the archive contradicts itself: {error}") from error
        raise


class _Unpacker:
    def __init__(self, root: str, max_bytes: int | None) -> None:
        self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._cursor = Cursor(root)
        self._left = max_bytes
        self._files: set[bytes] = set()
        self._folders: list[tuple[bytes, int]] = []
        self._known: set[bytes] = set()

    def run(self, tar: tarfile.TarFile) -> None:
        try:
            for member in tar:
                self._make(tar, member)
                tar.members.clear()  # type: ignore[attr-defined]  # a stream keeps them all otherwise
            for path, mtime in reversed(self._folders):
                into = self._cursor.move(parent_of(path))
                os.utime(path.rpartition(b"/")[2], ns=(mtime, mtime), dir_fd=into, follow_symlinks=False)
        finally:
            self._cursor.close()
            os.close(self._root)

    def _make(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        path = _safe_path(member.name)
        into = self._cursor.move(parent_of(path))
        name = path.rpartition(b"/")[2]
        if member.islnk():
            first = _safe_path(member.linkname)
            if first not in self._files:
                raise LayerError(f"{member.name} is a link to {member.linkname}, which is not a file before it")
            self._link(first, name, into)
            return
        if not (0 <= member.uid < RANGE and 0 <= member.gid < RANGE):
            raise LayerError(f"{member.name} belongs to {member.uid}:{member.gid}: not a layer's ids")
        if member.isdir():
            os.mkdir(name, 0o700, dir_fd=into)
        elif member.isreg():
            self._write_file(tar, member, name, into)
        elif member.issym():
            os.symlink(os.fsencode(member.linkname), name, dir_fd=into)
        elif member.isfifo():
            os.mkfifo(name, 0o600, dir_fd=into)
        elif member.ischr() and (member.devmajor, member.devminor) == (0, 0):
            os.mknod(name, stat.S_IFCHR, 0, dir_fd=into)
        else:
            raise LayerError(f"{member.name} is a device; no layer may hold one")
        if not member.isdir() and not member.issym():
            self._files.add(path)
        self._finish(member, path, name, into)

    def _link(self, first: bytes, name: bytes, into: int) -> None:
        """``first`` was made here as a file, through folders that were made here: no link can lie on the way."""
        if len(first) < 4000:
            os.link(first, name, src_dir_fd=self._root, dst_dir_fd=into, follow_symlinks=False)
            return
        here = os.dup(into)
        try:
            source = self._cursor.move(parent_of(first))
            os.link(first.rpartition(b"/")[2], name, src_dir_fd=source, dst_dir_fd=here, follow_symlinks=False)
        finally:
            os.close(here)

    def _write_file(self, tar: tarfile.TarFile, member: tarfile.TarInfo, name: bytes, into: int) -> None:
        source = cast("BinaryIO", tar.fileobj)
        source.seek(member.offset_data)  # the pieces of a sparse file follow one another
        target = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=into)
        with os.fdopen(target, "wb", buffering=0) as file:
            for start, length in _pieces(member):
                self._spend(length, member)
                file.seek(start)
                while length > 0:
                    data = source.read(min(_CHUNK, length))
                    if not data:
                        raise LayerError(f"the archive ends within {member.name}")
                    view = memoryview(data)
                    while view:
                        view = view[file.write(view) :]
                    length -= len(data)
            file.truncate(member.size)

    def _spend(self, count: int, member: tarfile.TarInfo) -> None:
        if self._left is not None:
            self._left -= count
            if self._left < 0:
                raise LayerError(f"the archive is larger than allowed (at {member.name})")

    def _finish(self, member: tarfile.TarInfo, path: bytes, name: bytes, into: int) -> None:
        os.chown(name, DISK_BASE + member.uid, DISK_BASE + member.gid, dir_fd=into, follow_symlinks=False)
        mtime = _mtime(member)
        if member.isreg() or member.isdir():
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_DIRECTORY if member.isdir() else 0)
            file = os.open(name, flags, dir_fd=into)
            try:
                for key, value in member.pax_headers.items():
                    attribute = key.removeprefix(_XATTR)
                    if key.startswith(_XATTR) and (attribute.startswith("user.") or attribute == OPAQUE):
                        os.setxattr(file, attribute, value.encode("utf-8", _ERRORS))
            finally:
                os.close(file)
        if not member.issym() and not member.ischr():
            os.chmod(name, stat.S_IMODE(member.mode), dir_fd=into)
        os.utime(name, ns=(mtime, mtime), dir_fd=into, follow_symlinks=False)
        if member.isdir():
            self._folders.append((path, mtime))


class _ImageUnpacker(_Unpacker):
    """For archives that others made: ``./`` before names, devices, folders that come late or twice."""

    def _make(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        member.name = self._relative(member.name)
        if not member.name or member.isblk() or member.ischr():
            return
        if member.islnk():
            member.linkname = self._relative(member.linkname)
        member.pax_headers = {key: value for key, value in member.pax_headers.items() if not key.startswith(_XATTR)}
        path = _safe_path(member.name)
        self._make_parents(parent_of(path))
        if member.isdir() and self._is_folder(path):
            self._finish(member, path, path.rpartition(b"/")[2], self._cursor.move(parent_of(path)))
            return
        super()._make(tar, member)

    @staticmethod
    def _relative(name: str) -> str:
        return "" if name in (".", "./", "/") else name.removeprefix("./").strip("/")

    def _is_folder(self, path: bytes) -> bool:
        into = self._cursor.move(parent_of(path))
        try:
            info = os.stat(path.rpartition(b"/")[2], dir_fd=into, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return stat.S_ISDIR(info.st_mode)

    def _make_parents(self, path: bytes) -> None:
        if not path or path in self._known:
            return
        self._make_parents(parent_of(path))
        if not self._is_folder(path):
            into = self._cursor.move(parent_of(path))
            os.mkdir(path.rpartition(b"/")[2], 0o755, dir_fd=into)
            os.chown(path.rpartition(b"/")[2], DISK_BASE, DISK_BASE, dir_fd=into)
        self._known.add(path)


def _pieces(member: tarfile.TarInfo) -> list[tuple[int, int]]:
    """Where a member's data goes: (offset, length)."""
    sparse = cast("list[tuple[int, int]] | None", member.sparse)
    return [(0, member.size)] if sparse is None else sparse


def _safe_path(name: str) -> bytes:
    path = os.fsencode(name).removesuffix(b"/")
    parts = path.split(b"/")
    if not path or len(parts) > _MAX_DEPTH or any(part in (b"", b".", b"..") for part in parts) or b"\0" in path:
        raise LayerError(f"{name!r} leads out of the layer")
    return path


def _mtime(member: tarfile.TarInfo) -> int:
    text = member.pax_headers.get("mtime")
    if text is None or not _TIME.fullmatch(text):
        return int(member.mtime) * 10**9
    whole, _, rest = text.lstrip("-").partition(".")
    value = int(whole) * 10**9 + int(rest.ljust(9, "0") or "0")
    return -value if text.startswith("-") else value
