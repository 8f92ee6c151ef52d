"""Server-sent events as they pass through: split at event ends, disguised, metered; every other byte as it came.

An event is held back until its blank line has come, which upstreams send with it, so nothing waits. How the bytes were
cut into chunks on the way makes no difference to what comes out.
"""

from __future__ import annotations

import re

from .disguise import Disguise, worth_a_look
from .usage import Meter

# WHATWG HTML, 9.2.5: lines end with CRLF, LF or CR; two line ends in a row end an event. The groups are atomic, so
# that one CRLF is never taken for two.
_EVENT_END = re.compile(rb"(?>\r\n|\n|\r)(?>\r\n|\n|\r)")
_DATA_LINE = re.compile(rb"(?:\A|(?<=[\r\n]))data(?::[ ]?|(?=[\r\n]|\Z))([^\r\n]*)")
MAX_EVENT_BYTES = 64 * 1024 * 1024


class EventTooLargeError(Exception):
    """An event does not end; the stream is cut, because it can be neither disguised nor passed on."""


class EventStream:
    """One answer's stream. Feed it chunks, send what it returns, then let it meter (:meth:`tap`)."""

    def __init__(self, disguise: Disguise, meter: Meter) -> None:
        self._disguise = disguise
        self._meter = meter
        self._held = bytearray()
        self._searched = 0
        self._to_meter: list[tuple[dict[str, object] | None, bytes]] = []

    def feed(self, chunk: bytes) -> bytes:
        """The bytes that can be sent on now."""
        self._held += chunk
        done = 0
        parts: list[bytes] = []
        for found in _EVENT_END.finditer(self._held, self._searched):
            parts.append(self._event(bytes(self._held[done : found.end()])))
            done = found.end()
        del self._held[:done]
        self._searched = max(0, len(self._held) - 2)  # an end may straddle chunks
        if len(self._held) > MAX_EVENT_BYTES:
            raise EventTooLargeError
        return b"".join(parts)

    def finish(self) -> bytes:
        """What is left when the upstream ends, or breaks off, without a blank line."""
        rest, self._held = bytes(self._held), bytearray()
        return self._event(rest) if rest else b""

    def tap(self) -> None:
        """Meter what was fed since the last call. Apart from :meth:`feed`, so that it happens after sending."""
        for parsed, data in self._to_meter:
            if parsed is not None:
                self._meter.event(parsed, len(data))
            elif data == b"[DONE]":
                self._meter.ended()
            else:
                self._meter.passed(len(data))
        self._to_meter.clear()

    def _event(self, event: bytes) -> bytes:
        lines = [found.span(1) for found in _DATA_LINE.finditer(event)]
        if not lines:
            return event
        data = b"\n".join(event[start:end] for start, end in lines)
        if not worth_a_look(data):
            self._to_meter.append((None, data))
            return event
        text = data.decode(errors="surrogateescape")
        disguised, parsed = self._disguise.event(text)
        self._to_meter.append((parsed, data))
        if parsed is not None and parsed.get("type") == "message_stop":
            self._meter.ended()
        if disguised == text:
            return event
        return _with_data(event, lines, disguised.encode(errors="surrogateescape"))


def _with_data(event: bytes, lines: list[tuple[int, int]], data: bytes) -> bytes:
    """``event`` with its data lines' contents replaced. A replacement may have fewer line ends, never more."""
    pieces = data.split(b"\n")
    pieces += [b""] * (len(lines) - len(pieces))
    out: list[bytes] = []
    position = 0
    for (start, end), piece in zip(lines, pieces, strict=True):
        out += (event[position:start], piece)
        position = end
    out.append(event[position:])
    return b"".join(out)
