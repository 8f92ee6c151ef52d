"""Which of a person's texts say the same: a digest of the words, and MinHash over runs of them (Broder 1997). Pure.

A text is remembered as 64 numbers and 17 keys; two that are near have a key in common, so that an index finds them
among any number of others without reading one. (Datasets find near-duplicates in the same way, with `datasketch`, which
loads half of SciPy; a web process does without.)
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from marlin.ratings import citations

NEAR = 0.8
"""Share of runs of words that two texts have in common, from which on they are near; estimated to about ± 0.05."""
FEWEST_WORDS = 12
"""Shorter texts are the same by chance, as “Both do what was asked”."""
MOST_WORDS = 20_000
_RUN = 3
_NUMBERS = 64
_BANDS = 16

_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Scripts that put no space between words: each of their letters counts as one."""
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_random = np.random.default_rng(20261126)
_FACTORS = _random.integers(1, 2**63, _NUMBERS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_SHIFTS = _random.integers(0, 2**63, _NUMBERS, dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is kept of a text.

    :ivar digest: of its words. :ivar numbers: its signature, of which two texts share about the share of their runs.
    :ivar keys: the digest and the bands of the signature, mixed with whose text it is: those of others never meet it.
    """

    digest: int
    numbers: bytes
    keys: tuple[int, ...]


def sketch(text: str, *, whose: str) -> Sketch | None:
    """The sketch of a text; None of one that is too short to tell anything.

    Neither case nor punctuation nor citations count: the same words about other lines are the same words.
    """
    words = words_of(text)
    if len(words) < FEWEST_WORDS:
        return None
    numbers = _signature(words)
    digest = _number(whose, " ".join(words))
    bands = (_number(whose, f"{index}", band.tobytes()) for index, band in enumerate(np.split(numbers, _BANDS)))
    return Sketch(digest, numbers.tobytes(), (digest, *bands))


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared."""
    plain = list(text)
    for found in citations.find(text):
        plain[found.start : found.end] = " " * (found.end - found.start)
    return _WORD.findall(unicodedata.normalize("NFKC", "".join(plain)).casefold())[:MOST_WORDS]


def similarity(one: bytes, other: bytes) -> float:
    """About the share of runs that two texts have in common, by their signatures."""
    return float(np.mean(np.frombuffer(one, np.uint32) == np.frombuffer(other, np.uint32)))


def _signature(words: list[str]) -> NDArray[np.uint32]:
    runs = {" ".join(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)}
    hashes = np.fromiter((_number("", run) for run in runs), np.int64, len(runs)).view(np.uint64)
    least = np.full(_NUMBERS, np.iinfo(np.uint32).max, np.uint32)
    for part in np.array_split(hashes, len(hashes) // 1000 + 1):
        mixed = part[:, None] * _FACTORS[None, :] + _SHIFTS[None, :]
        least = np.minimum(least, (mixed >> np.uint64(32)).min(axis=0).astype(np.uint32))
    return least


def _number(*parts: str | bytes) -> int:
    """64 bits of a hash, as PostgreSQL's bigint holds them."""
    made = hashlib.blake2b(digest_size=8)
    for part in parts:
        piece = part if isinstance(part, bytes) else part.encode(errors="replace")
        made.update(len(piece).to_bytes(4, "big") + piece)
    return int.from_bytes(made.digest(), "big", signed=True)
