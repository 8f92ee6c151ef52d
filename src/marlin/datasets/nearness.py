"""Which of the texts of one build are nearly the same, and what of a text is compared. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from marlin.nearness import NEAR, Signature, bands, runs_of, signature, similarity

_BANDS = 8


class Nearness:
    """Remembers texts, in about a kilobyte each, and finds those that are near a new one.

    Two texts of similarity 0.9 meet in a band with probability 0.99, two of 0.5 with 0.03; those are told apart by
    their signatures.
    """

    def __init__(self, near: float = NEAR) -> None:
        self._near = near
        self._signatures: list[Signature] = []
        self._buckets: dict[int, int] = {}

    def add(self, shingles: Iterable[str]) -> tuple[int, list[int]]:
        """The number of a text, and the numbers of earlier ones that are near."""
        number = len(self._signatures)
        made = signature(shingles)
        self._signatures.append(made)
        met = {self._buckets.setdefault(key, number) for key in _keys(made)} - {number}
        return number, sorted(other for other in met if similarity(made, self._signatures[other]) >= self._near)


def _keys(made: Signature) -> Iterable[int]:
    for index, band in enumerate(bands(made, _BANDS)):
        digest = hashlib.blake2b(band, digest_size=8, salt=index.to_bytes(8, "big")).digest()
        yield int.from_bytes(digest, "big")


def words_of(text: str) -> set[str]:
    """A text as runs of three words, whatever their case."""
    return runs_of(text.lower().split())


def lines_of(patch: str) -> set[str]:
    """The changed lines of a patch, whatever their indentation."""
    lines = (line for line in patch.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---"))
    return {line[0] + " ".join(line[1:].split()) for line in lines if line[1:].strip()}
