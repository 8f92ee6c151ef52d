"""Durable, content-addressed archives on any file system that fsspec knows.

What a host keeps beside this (mirrors, layers) is a cache. An object's key is the SHA-256 of its bytes, so writing it
twice is harmless and reading it is checked. A few small *records* have names instead, to find objects again: which
bundle holds a commit, say. Calls block; run them in a thread.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO
from uuid import uuid4

import fsspec
from fsspec.implementations.local import LocalFileSystem

from marlin.workspaces.errors import ArchiveMissingError, StorageFullError

_KEY = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*")
_CHUNK = 1 << 20


class DurableStore:
    """Objects by content and records by name under ``url``.

    :param url: an fsspec URL (``file:///var/lib/marlin/storage``, ``s3://bucket/prefix``), shared by all workers.
    :param scratch: a local folder for objects on their way in; the system's temporary folder when None.
    """

    def __init__(self, url: str, *, scratch: Path | None = None) -> None:
        self.url = url
        self._scratch = scratch
        fs, root = fsspec.core.url_to_fs(url)
        self._fs: Any = fs
        self._root: str = root.rstrip("/")
        self._local = isinstance(fs, LocalFileSystem)

    def put(self, source: BinaryIO) -> str:
        """Keep everything that ``source`` gives; the key.

        :raises StorageFullError: no room; nothing half written is left.
        """
        return self.put_from(lambda target: shutil.copyfileobj(source, target, _CHUNK))

    def put_from(self, write: Callable[[BinaryIO], Any]) -> str:
        """Keep what ``write`` writes into the file it is given; the key. Raises as :meth:`put`."""
        folder = self._incoming()
        with disk_errors(str(folder)):
            handle, name = tempfile.mkstemp(dir=folder, prefix="incoming-")
            path = Path(name)
            try:
                with os.fdopen(handle, "wb") as raw:
                    hashing = _Hashing(raw)
                    write(hashing)  # type: ignore[arg-type]
                    raw.flush()
                    if self._local:
                        os.fsync(raw.fileno())
                key = hashing.digest.hexdigest()
                self._place(path, self._object(key))
            finally:
                with suppress(FileNotFoundError):
                    path.unlink()
        return key

    def exists(self, key: str) -> bool:
        """Whether there is an object with this key."""
        return bool(self._fs.exists(self._object(key)))

    def size(self, key: str) -> int:
        """Bytes of an object.

        :raises ArchiveMissingError: there is none.
        """
        try:
            return int(self._fs.size(self._object(key)))
        except FileNotFoundError as error:
            raise _missing(key) from error

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        """Read an object; its bytes are compared with its key when the end was read.

        :raises ArchiveMissingError: there is none, or its bytes are not what was put there.
        """
        try:
            raw = self._fs.open(self._object(key), "rb")
        except FileNotFoundError as error:
            raise _missing(key) from error
        with raw:
            yield _Checked(raw, key)  # type: ignore[misc]

    def get(self, key: str) -> bytes:
        """All bytes of a small object. Raises as :meth:`open`."""
        with self.open(key) as source:
            return source.read()

    def set_record(self, name: str, data: bytes) -> None:
        """Write the record ``name`` (``[a-z0-9._-]`` with ``/`` between), replacing it whole. Raises as :meth:`put`."""
        folder = self._incoming()
        with disk_errors(str(folder)):
            path = folder / f"record-{uuid4().hex}"
            try:
                path.write_bytes(data)
                self._place(path, self._record(name), replace=True)
            finally:
                with suppress(FileNotFoundError):
                    path.unlink()

    def record(self, name: str) -> bytes | None:
        """The record ``name``, or None."""
        try:
            data: bytes = self._fs.cat_file(self._record(name))
        except FileNotFoundError:
            return None
        return data

    def _object(self, key: str) -> str:
        if not _KEY.fullmatch(key):
            raise ValueError(f"not a SHA-256 key: {key!r}")
        return f"{self._root}/objects/{key[:2]}/{key}"

    def _record(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a record name: {name!r}")
        return f"{self._root}/records/{name}"

    def _incoming(self) -> Path:
        folder = Path(self._root) / "incoming" if self._local else self._scratch or Path(tempfile.gettempdir())
        with disk_errors(str(folder)):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _place(self, path: Path, target: str, *, replace: bool = False) -> None:
        if not replace and self._fs.exists(target):
            return
        if self._local:
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)  # same file system: readers see all of it or nothing
            return
        # Object stores show an upload when it is complete; file-like ones get a name of its own, then a rename.
        self._fs.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        partial = f"{target}.{uuid4().hex}.partial"
        try:
            self._fs.put_file(str(path), partial)
            self._fs.mv(partial, target)
        except BaseException:
            with suppress(Exception):
                self._fs.rm_file(partial)
            raise


class _Hashing:
    """A write-only file that hashes what passes."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._raw.write(data)

    def flush(self) -> None:
        self._raw.flush()


class _Checked:
    """A read-only file that compares its bytes with its key once it was read to the end."""

    def __init__(self, raw: BinaryIO, key: str) -> None:
        self._raw = raw
        self._key = key
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._raw.read(size)
        self._digest.update(data)
        if (not data or size < 0) and size != 0 and self._digest.hexdigest() != self._key:
            raise ArchiveMissingError(
                f"The durable object {self._key[:12]}… does not hold the bytes that were put there.",
                hint="Restore it from a backup of the storage; its disk or bucket was changed or is failing.",
            )
        return data

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._raw.close()


@contextmanager
def disk_errors(where: str) -> Iterator[None]:
    """Turn “no space left” into :class:`StorageFullError`; ``where`` names the place for the message."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFullError(
                f"No space is left in {where}.", hint="Free space there (or move MARLIN_STORAGE_URL), then try again."
            ) from error
        raise


def _missing(key: str) -> ArchiveMissingError:
    return ArchiveMissingError(
        f"The durable store has no object {key[:12]}….",
        hint="Check that MARLIN_STORAGE_URL is the one all workers share; restore it from a backup if it lost data.",
    )
