"""Where the raw ACP conversation goes: a file, or memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from .acp import Direction
from .json_text import read_json

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line of the conversation.

    :ivar at: Unix time in seconds.
    :ivar message: the JSON it holds; None when it is no JSON object.
    :ivar text: the line itself when it is no JSON object.
    """

    direction: Direction
    at: float
    message: dict[str, Any] | None
    text: str = ""

    @classmethod
    def read(cls, direction: Direction, at: float, line: bytes) -> RawLine:
        """From the bytes that crossed the pipe."""
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            message = None
        if isinstance(message, dict):
            return cls(direction, at, message)
        return cls(direction, at, None, line.decode("utf-8", "replace"))


class MemorySink:
    """Keeps the conversation in a list."""

    def __init__(self) -> None:
        self.lines: list[RawLine] = []

    async def record(self, direction: Direction, at: float, line: bytes) -> None:
        """Keep one line."""
        self.lines.append(RawLine.read(direction, at, line))


class JsonlSink:
    """Appends the conversation to a file, a JSON object a line: ``{"at", "direction", "message" | "text"}``.

    Each line is written at once, so a crash loses at most the line in flight; :func:`read_jsonl` skips a torn one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None

    async def record(self, direction: Direction, at: float, line: bytes) -> None:
        """Append one line."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("ab", buffering=0)
            if self._file.tell():
                self._file.write(b"\n")  # ends a line that a crash tore
        raw = RawLine.read(direction, at, line)
        entry: dict[str, Any] = {"at": datetime.fromtimestamp(at, UTC).isoformat(), "direction": direction}
        entry |= {"text": raw.text} if raw.message is None else {"message": raw.message}
        self._file.write(json.dumps(entry, ensure_ascii=True, separators=(",", ":")).encode() + b"\n")

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_jsonl(path: Path) -> Iterator[RawLine]:
    """The lines of a file that :class:`JsonlSink` wrote; torn ones are left out."""
    with path.open("rb") as file:
        yield from stream_jsonl(file)


def stream_jsonl(source: BinaryIO) -> Iterator[RawLine]:
    """As :func:`read_jsonl`, from a stream that is read once and to its end."""
    for line in _lines(source):
        try:
            entry = read_json(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict) and "direction" in entry:
            at = datetime.fromisoformat(entry["at"]).timestamp()
            yield RawLine(entry["direction"], at, entry.get("message"), entry.get("text", ""))


def _lines(source: BinaryIO) -> Iterator[bytes]:
    parts: list[bytes] = []
    while data := source.read(_CHUNK):
        *whole, rest = data.split(b"\n")
        for end in whole:
            yield b"".join([*parts, end])
            parts = []
        parts.append(rest)
    if last := b"".join(parts):
        yield last
