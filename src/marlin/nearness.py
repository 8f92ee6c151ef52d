"""How alike two sets of words are, told from 64 numbers of each: MinHash (Broder 1997). Pure.

Two signatures agree in about the share of pieces that their sets have in common (their Jaccard similarity). Those that
are near also have a band of numbers in common, by which an index finds one among any number of others.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

NEAR = 0.8
"""Similarity from which on two texts are near, estimated to about ± 0.05."""
_NUMBERS = 64

Signature = NDArray[np.uint32]


def signature(pieces: Iterable[str]) -> Signature:
    """64 numbers of a set of pieces, the same in every process; all of them the greatest for an empty set."""
    from datasketch import MinHash  # and with it half of scipy: for whoever compares texts alone

    sketch = MinHash(num_perm=_NUMBERS, seed=1, scheme="affine32")
    sketch.update_batch([piece.encode(errors="replace") for piece in pieces])
    return np.asarray(sketch.hashvalues, dtype=np.uint32)


def bands(numbers: Signature, count: int) -> list[bytes]:
    """A signature in so many equal parts: more of them find pairs that are less alike."""
    return [band.tobytes() for band in np.split(numbers, count)]


def similarity(one: Signature, other: Signature) -> float:
    """About the share of pieces that two sets have in common, by their signatures."""
    return float(np.mean(one == other))


def runs_of(words: list[str]) -> set[str]:
    """A text's words as runs of three; all of them where there are fewer."""
    return {" ".join(words[at : at + 3]) for at in range(max(1, len(words) - 2))}
