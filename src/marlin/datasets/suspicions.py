"""What may be a secret, though its shape proves nothing: a person decides. Pure.

A name that promises a secret is given a value with digits and letters and the randomness of a key. The row is held
until somebody says what it is: neither publishing it nor tearing up code in silence is right.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Decision = Literal["keep", "redact"]

_NAMES = ("secret", "passw", "pikey", "pi_key", "pi-key", "access", "auth", "private", "credential")
"""Plain words that every such name holds one of, looked for before the pattern."""
_ASSIGNED = re.compile(
    r"(?i)((?:secret|passwd|password|api[_-]?key|access[_-]?key|auth[_-]?token|private[_-]?key|credential)[\w-]{0,24})"
    r"[\"']?\s{0,4}(?::=|=>|[:=])\s{0,4}[rbuf]?([\"'])([^\s\"'\\]{12,200})\2"
)
_NO_SECRET = re.compile(
    r"(?i)example|sample|change.?me|placeholder|dummy|fake|test|your|xxx|redacted|<|\$\{|\{\{|%\(|://|\.\.\."
)
_RANDOM = 3.2
"""Bits per character. Words have about 2.5 to 3; keys of base64 or hexadecimal digits have more."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A value that may be a secret.

    :ivar id: the same for the same value. :ivar name: what it was assigned to. :ivar shown: its first characters.
    """

    id: str
    name: str
    shown: str


def suspicions_in(text: str) -> Iterator[tuple[Suspicion, re.Match[str]]]:
    """Every suspicious value of a text, with where it stands: group 3 of the match."""
    small = text.lower()
    if not any(name in small for name in _NAMES):
        return
    for found in _ASSIGNED.finditer(text):
        value = found.group(3)
        if _looks_random(value) and not _NO_SECRET.search(value):
            yield Suspicion(suspicion_id(value), found.group(1), _shown(value)), found


def suspicion_id(value: str) -> str:
    """Names a value without telling it."""
    return hashlib.sha256(f"marlin-held\0{value}".encode()).hexdigest()[:12]


_SHOWN = re.compile(r"(?s)(.{3})… \((\d{1,3}) characters\)")
"""How a value is shown: its first characters, and how many it has."""


def _shown(value: str) -> str:
    return f"{value[:3]}… ({len(value)} characters)"


class Masks:
    """Takes values out of texts though only their ids are known: first characters and length say where to look.

    :param known: id of each, and how it is shown.
    """

    def __init__(self, known: Iterable[tuple[str, str]]) -> None:
        self._lengths: dict[str, set[int]] = {}
        self._ids = set()
        for name, shown in known:
            told = _SHOWN.fullmatch(shown)
            if told is None:
                raise ValueError(f"{shown!r} doesn't say how long the value is")
            self._lengths.setdefault(told[1], set()).add(int(told[2]))
            self._ids.add(name)

    def masked(self, text: str) -> str:
        """The text with ``abc…`` for each of the values, wherever it stands and whatever is around it."""
        parts, done, at = [], 0, 0
        while at + 3 <= len(text):
            length = self._found(text, at)
            if length:
                parts += [text[done:at], f"{text[at : at + 3]}…"]
                done = at + length
            at += length or 1
        return "".join([*parts, text[done:]]) if parts else text

    def _found(self, text: str, at: int) -> int:
        """How long the longest value is that begins here; 0 where none does."""
        lengths = sorted(self._lengths.get(text[at : at + 3], ()), reverse=True)
        fitting = (one for one in lengths if at + one <= len(text))
        return next((one for one in fitting if suspicion_id(text[at : at + one]) in self._ids), 0)


def _looks_random(value: str) -> bool:
    if not (any(one.isdigit() for one in value) and any(one.isalpha() for one in value)):
        return False
    shares = [count / len(value) for count in Counter(value).values()]
    return -sum(share * math.log2(share) for share in shares) >= _RANDOM
