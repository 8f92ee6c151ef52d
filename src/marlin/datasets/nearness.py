"""Which of the texts of one build are nearly the same, and what of a text is compared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from marlin.datasets.memory import Memory
from marlin.nearness import NEAR, Signature, bands, runs_of, signature, similarity

_BANDS = 8


class Nearness:
    """Remembers texts, in about half a kilobyte each of a build's memory, and finds those that are near a new one.

    Two texts of similarity 0.9 meet in a band with probability 0.99, two of 0.5 with 0.03; those are told apart by
    their signatures.

    :param kind: what the texts are, apart from others in the same memory.
    """

    def __init__(self, near: float = NEAR, *, memory: Memory | None = None, kind: str = "text") -> None:
        self._near, self._kind = near, kind
        self._memory = memory or Memory()
        self._count = 0

    def add(self, shingles: Iterable[str]) -> tuple[int, list[int]]:
        """The number of a text, and the numbers of earlier ones that are near."""
        number, made = self._count, signature(shingles)
        self._count += 1
        met = {self._meet(key, number) for key in self._keys(made)} - {number}
        self._memory.run("INSERT INTO signature VALUES (?, ?, ?)", self._kind, number, made.tobytes())
        return number, sorted(other for other in met if similarity(made, self._signature(other)) >= self._near)

    def _meet(self, key: int, number: int) -> int:
        """The first text that had a band; the same one that asks if none had."""
        known = self._memory.one("SELECT number FROM band WHERE key = ?", key)
        if known is not None:
            return int(known[0])
        self._memory.run("INSERT INTO band VALUES (?, ?)", key, number)
        return number

    def _signature(self, number: int) -> Signature:
        statement = "SELECT numbers FROM signature WHERE kind = ? AND number = ?"
        return np.frombuffer(self._memory.one(statement, self._kind, number)[0], dtype=np.uint32)

    def _keys(self, made: Signature) -> Iterable[int]:
        for index, band in enumerate(bands(made, _BANDS)):
            salt, person = index.to_bytes(8, "big"), self._kind.encode()
            digest = hashlib.blake2b(band, digest_size=8, salt=salt, person=person).digest()
            yield int.from_bytes(digest, "big", signed=True)


def words_of(text: str) -> set[str]:
    """A text as runs of three words, whatever their case."""
    return runs_of(text.lower().split())


def lines_of(patch: str) -> set[str]:
    """The changed lines of a patch, whatever their indentation."""
    lines = (line for line in patch.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---"))
    return {line[0] + " ".join(line[1:].split()) for line in lines if line[1:].strip()}
