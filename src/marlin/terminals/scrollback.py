"""A terminal's recent output, for whoever comes (back) to it (pure)."""

from __future__ import annotations

from collections import deque


class Scrollback:
    """The last bytes of an output, up to a limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._cut = False

    def add(self, data: bytes) -> None:
        """Take more output; the oldest goes."""
        self._chunks.append(data)
        self._size += len(data)
        while self._size - len(self._chunks[0]) >= self._limit:
            self._size -= len(self._chunks.popleft())
            self._cut = True

    def bytes(self) -> bytes:
        """What is left. Where older output is gone it begins with a line, not within an escape sequence."""
        whole = b"".join(self._chunks)
        if not self._cut and len(whole) <= self._limit:
            return whole
        kept = whole[-self._limit :]
        line = kept.find(b"\n")
        return kept[line + 1 :] if 0 <= line < len(kept) - 1 else kept
