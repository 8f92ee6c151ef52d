"""Finding the members of a JSON object with their places in the text, so that single values can be spliced and every
other byte stays as it was (white space, escapes, duplicate keys, the order of members): signed content depends on it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


class MalformedJsonError(ValueError):
    """The text is not the JSON object it should be."""


class Member(NamedTuple):
    """One ``"key": value`` of an object; ``start`` and ``end`` are the value's place in the text."""

    key: str
    value: Any
    start: int
    end: int


def members(text: str, at: int = 0) -> list[Member]:
    """The members of the object that begins at ``at`` (white space before it is skipped), duplicates included.

    Values are parsed by the standard library's scanner, at the speed of C, which also checks them.

    :raises MalformedJsonError: there is no object, or it is not well formed, or nested beyond reason.
    """
    try:
        return _members(text, at)
    except (ValueError, RecursionError) as error:
        raise MalformedJsonError(str(error)) from None


def whole_object(text: str) -> list[Member]:
    """The members of a text that is one JSON object and nothing else.

    :raises MalformedJsonError: it is something else.
    """
    found = members(text)
    last = _skip(text, found[-1].end if found else text.index("{") + 1)
    if text[last : last + 1] != "}" or _skip(text, last + 1) != len(text):
        raise MalformedJsonError("text after the object")
    return found


def splice(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """``text`` with each ``(start, end, replacement)`` done; edits don't overlap, and come in any order."""
    parts: list[str] = []
    position = 0
    for start, end, replacement in sorted(edits):
        parts += (text[position:start], replacement)
        position = end
    parts.append(text[position:])
    return "".join(parts)


def _members(text: str, at: int) -> list[Member]:
    found: list[Member] = []
    position = _expect(text, _skip(text, at), "{")
    position = _skip(text, position)
    if text[position : position + 1] == "}":
        return found
    while True:
        if text[position : position + 1] != '"':
            raise ValueError(f"expected a key at character {position}")
        key, position = _DECODER.raw_decode(text, position)
        start = _skip(text, _expect(text, _skip(text, position), ":"))
        value, end = _DECODER.raw_decode(text, start)
        found.append(Member(key, value, start, end))
        position = _skip(text, end)
        if text[position : position + 1] == "}":
            return found
        position = _skip(text, _expect(text, position, ","))


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _expect(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        raise ValueError(f"expected {sign!r} at character {at}")
    return at + 1
