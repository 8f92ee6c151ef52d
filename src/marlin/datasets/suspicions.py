"""What may be a secret, though its shape proves nothing: a person decides. Pure.

A name that promises a secret is given a value with digits and letters and the randomness of a key. The row is held
until somebody says what it is: neither publishing it nor tearing up code in silence is right.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterator
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
            yield Suspicion(suspicion_id(value), found.group(1), f"{value[:3]}… ({len(value)} characters)"), found


def suspicion_id(value: str) -> str:
    """Names a value without telling it."""
    return hashlib.sha256(f"marlin-held\0{value}".encode()).hexdigest()[:12]


def _looks_random(value: str) -> bool:
    if not (any(one.isdigit() for one in value) and any(one.isalpha() for one in value)):
        return False
    shares = [count / len(value) for count in Counter(value).values()]
    return -sum(share * math.log2(share) for share in shares) >= _RANDOM
