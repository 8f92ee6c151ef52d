"""Which texts are nearly the same: MinHash over shingles (Broder 1997), candidates by bands of the signature. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

NEAR = 0.8
"""Jaccard similarity from which on two texts are near, estimated to about ± 0.05."""
_PERMUTATIONS = 64
_BANDS = 8
_WORDS = 3


class Nearness:
    """Remembers texts, in about a kilobyte each, and finds those that are near a new one.

    Two texts of similarity 0.9 meet in a band with probability 0.99, two of 0.5 with 0.03; those are told apart by
    their signatures.
    """

    def __init__(self, near: float = NEAR) -> None:
        self._near = near
        self._signatures: list[NDArray[np.uint32]] = []
        self._buckets: dict[int, int] = {}

    def add(self, shingles: Iterable[str]) -> tuple[int, list[int]]:
        """The number of a text, and the numbers of earlier ones that are near."""
        from datasketch import MinHash  # late: it brings scipy's integrators, and the web only reads datasets

        number = len(self._signatures)
        sketch = MinHash(num_perm=_PERMUTATIONS, seed=1, scheme="affine32")
        sketch.update_batch([shingle.encode(errors="replace") for shingle in shingles])
        signature = np.asarray(sketch.hashvalues, dtype=np.uint32)
        self._signatures.append(signature)
        met = {self._buckets.setdefault(band, number) for band in _bands(signature)} - {number}
        return number, sorted(other for other in met if self._similarity(signature, other) >= self._near)

    def _similarity(self, signature: NDArray[np.uint32], other: int) -> float:
        return float(np.mean(signature == self._signatures[other]))


def _bands(signature: NDArray[np.uint32]) -> Iterable[int]:
    for index, band in enumerate(np.split(signature, _BANDS)):
        digest = hashlib.blake2b(band.tobytes(), digest_size=8, salt=index.to_bytes(8, "big")).digest()
        yield int.from_bytes(digest, "big")


def words_of(text: str) -> set[str]:
    """A text as runs of three words, whatever their case."""
    words = text.lower().split()
    return {" ".join(words[at : at + _WORDS]) for at in range(max(1, len(words) - _WORDS + 1))}


def lines_of(patch: str) -> set[str]:
    """The changed lines of a patch, whatever their indentation."""
    lines = (line for line in patch.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---"))
    return {line[0] + " ".join(line[1:].split()) for line in lines if line[1:].strip()}
