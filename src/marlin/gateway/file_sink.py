"""Exchanges in files: per run one ``<run id>.jsonl.zst``, to which every exchange appends a whole zstd frame.

A frame is one JSON line. Concatenated frames are one valid zstd file (RFC 8878, 3.), so ``zstdcat`` reads it. A death
in the middle of an append leaves a torn frame at the end: readers stop before it, the next writer cuts it off.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from .apis import Api
from .errors import ExchangeStoreError, ExchangeTooLargeError
from .exchanges import Exchange
from .usage import Usage

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_CHUNK = 1 << 20
_LONGEST_HEAD = 18
"""Bytes of a frame's head at most (RFC 8878, 3.1.1)."""


class FileSink:
    """An :class:`~marlin.gateway.ExchangeSink` in the folder ``directory``, which is made when needed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._locks: dict[Path, threading.Lock] = {}
        self._guard = threading.Lock()

    def path(self, run_id: str) -> Path:
        """The file of a run, whether it exists or not.

        :raises ExchangeStoreError: the id can't be a file's name.
        """
        if not _RUN_ID.fullmatch(run_id):
            raise ExchangeStoreError(f"{run_id!r} can't name a file of exchanges.", hint="Use letters, digits, . _ -")
        return self._directory / f"{run_id}.jsonl.zst"

    async def record(self, exchange: Exchange) -> None:
        """Append ``exchange`` and wait until it is on the disk.

        :raises ExchangeStoreError: it can't be written.
        """
        path = self.path(exchange.run_id)
        try:
            # In a thread: compressing and waiting for the disk would hold up the other calls.
            await asyncio.to_thread(self._append, path, exchange)
        except OSError as error:
            raise ExchangeStoreError(
                f"An exchange of run {exchange.run_id} can't be stored: {error.strerror or error}.",
                hint=f"Make room on, or mend, the disk of {self._directory}.",
            ) from error

    def _append(self, path: Path, exchange: Exchange) -> None:
        line = json.dumps(_to_json(exchange), ensure_ascii=False, separators=(",", ":")) + "\n"
        frame = zstandard.ZstdCompressor(level=3, write_checksum=True).compress(line.encode())
        with self._guard:
            lock = self._locks.get(path)
        if lock is None:
            lock = self._first_append(path)
        with lock:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
            try:
                end = os.fstat(descriptor).st_size
                try:
                    _write_all(descriptor, frame)
                    os.fdatasync(descriptor)
                except OSError:
                    os.ftruncate(descriptor, end)  # what comes later must not follow half a frame
                    raise
            finally:
                os.close(descriptor)

    def _first_append(self, path: Path) -> threading.Lock:
        with self._guard:
            if path not in self._locks:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
                _set_torn_end_aside(path)
                _sync_directory(path.parent)
                self._locks[path] = threading.Lock()
            return self._locks[path]


def read_exchanges(path: Path) -> Iterator[Exchange]:
    """The exchanges of a file, in the order in which they ended; a torn frame at its end is left out.

    :raises ExchangeStoreError: there is no such file, or it holds something else.
    """
    try:
        with path.open("rb") as file:
            yield from stream_exchanges(file, path.name)
    except OSError as error:
        raise _unreadable(path.name, error) from error


def stream_exchanges(source: BinaryIO, name: str, *, largest: int | None = None) -> Iterator[Exchange]:
    """As :func:`read_exchanges`, from a stream that is read once and to its end.

    :param name: what to call it in an error.
    :param largest: bytes of an exchange's record that are taken into memory; any number when None.
    :raises ExchangeTooLargeError: there is a larger one.
    """
    try:
        for data, _ in _frames(source, name, largest):
            yield _from_json(json.loads(data))
        while source.read(_CHUNK):  # what is torn, too: a stream may know only at its end that it is whole
            pass
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _unreadable(name, error) from error


def _unreadable(name: str, error: Exception) -> ExchangeStoreError:
    return ExchangeStoreError(
        f"{name} can't be read as exchanges: {error}", hint="Restore it from the store's archive."
    )


def _frames(file: BinaryIO, name: str = "", largest: int | None = None) -> Iterator[tuple[bytes, int]]:
    """Whole frames' contents, each with the offset at which its frame ends."""
    waiting, offset = b"", 0
    while True:
        if largest is not None:
            while len(waiting) < _LONGEST_HEAD and (data := file.read(_CHUNK)):
                waiting += data
            _require_small(waiting, name, largest)
        frame = zstandard.ZstdDecompressor().decompressobj()
        parts: list[bytes] = []
        read = 0
        while not frame.eof:
            data = waiting or file.read(_CHUNK)
            waiting = b""
            if not data:
                return
            try:
                parts.append(frame.decompress(data))
            except zstandard.ZstdError:
                return  # torn: bytes that a crash of the machine left behind
            read += len(data)
        waiting = frame.unused_data
        offset += read - len(waiting)
        yield b"".join(parts), offset


def _require_small(frame: bytes, name: str, largest: int) -> None:
    """A frame says in its head how much is in it: a kilobyte of it may hold gigabytes."""
    try:
        size = zstandard.get_frame_parameters(frame).content_size
    except zstandard.ZstdError:
        return  # torn, or the end
    if size == zstandard.CONTENTSIZE_UNKNOWN or size > largest:
        raise ExchangeTooLargeError(
            f"{name} holds a call of more than {largest:,} bytes.", hint="Look at the run: an agent ran away."
        )


def _set_torn_end_aside(path: Path) -> None:
    """Cut off what follows the last whole frame, and keep it beside the file: nothing is thrown away unseen."""
    sound = 0
    with path.open("rb") as file:
        for _, end in _frames(file):
            sound = end
    if sound == path.stat().st_size:
        return
    with path.open("rb") as file:
        file.seek(sound)
        torn = file.read()
    aside = path.with_name(f"{path.name}.torn-{sound}")
    with aside.open("wb") as file:
        file.write(torn)
        os.fsync(file.fileno())
    os.truncate(path, sound)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _to_json(exchange: Exchange) -> dict[str, Any]:
    record: dict[str, Any] = {"version": 1}
    for field in fields(exchange):
        value = getattr(exchange, field.name)
        match value:
            case bytes():
                record[field.name] = _body_to_json(value)
            case datetime():
                record[field.name] = value.isoformat()
            case Decimal():
                record[field.name] = str(value)
            case Usage():
                record[field.name] = asdict(value)
            case _:
                record[field.name] = value
    return record


def _from_json(record: dict[str, Any]) -> Exchange:
    version = record.pop("version")
    if version != 1:
        raise ValueError(f"version {version} of the record is not known")
    record["api"] = Api(record["api"])
    record["request_body"] = _body_from_json(record["request_body"])
    record["response_body"] = _body_from_json(record["response_body"])
    record["request_headers"] = [(name, value) for name, value in record["request_headers"]]
    record["response_headers"] = [(name, value) for name, value in record["response_headers"]]
    record["started_at"] = datetime.fromisoformat(record["started_at"])
    record["usage"] = Usage(**record["usage"]) if record["usage"] else None
    record["cost_usd"] = Decimal(record["cost_usd"]) if record["cost_usd"] is not None else None
    return Exchange(**record)


def _body_to_json(body: bytes) -> str | dict[str, str]:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _body_from_json(body: str | dict[str, str]) -> bytes:
    return body.encode() if isinstance(body, str) else base64.b64decode(body["base64"])
