"""Which of a person's texts say the same: a digest of the words, and how alike runs of them are. Pure.

A text is remembered as 64 numbers (:mod:`marlin.nearness`) and 17 keys; two that are near have a key in common, so that
an index finds them among any number of others without reading one.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

import numpy as np

from marlin.nearness import bands, runs_of, signature
from marlin.nearness import similarity as alike
from marlin.ratings import citations

FEWEST_WORDS = 12
"""Shorter texts are the same by chance, as “Both do what was asked”."""
MOST_WORDS = 20_000
_BANDS = 16

_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Scripts that put no space between words: each of their letters counts as one."""
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")


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
    numbers = signature(runs_of(words))
    digest = _number(whose, " ".join(words))
    keys = (_number(whose, f"{index}", band) for index, band in enumerate(bands(numbers, _BANDS)))
    return Sketch(digest, numbers.tobytes(), (digest, *keys))


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared."""
    plain = list(text)
    for found in citations.find(text):
        plain[found.start : found.end] = " " * (found.end - found.start)
    return _WORD.findall(unicodedata.normalize("NFKC", "".join(plain)).casefold())[:MOST_WORDS]


def similarity(one: bytes, other: bytes) -> float:
    """About the share of runs that two texts have in common, by their signatures."""
    return alike(np.frombuffer(one, np.uint32), np.frombuffer(other, np.uint32))


def _number(*parts: str | bytes) -> int:
    """64 bits of a hash, as PostgreSQL's bigint holds them."""
    made = hashlib.blake2b(digest_size=8)
    for part in parts:
        piece = part if isinstance(part, bytes) else part.encode(errors="replace")
        made.update(len(piece).to_bytes(4, "big") + piece)
    return int.from_bytes(made.digest(), "big", signed=True)
