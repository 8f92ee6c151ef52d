"""Citations: references from a judgement's text to a line of a result or a step of a transcript. Pure.

They are part of the text, so that it stays readable and complete wherever it goes::

    [A#src/rows.py]               a file of A's result
    [A#src/rows.py:12]            a line of it
    [A#src/rows.py:12-20]         several
    [B#src/rows.py:7-9@base]      lines that B's change took away, as the base has them
    [B#src/rows.py:7@start]       the same, as the turn began with them
    [A#step-14]                   the fourteenth step of A's transcript

The turn is that of the text. In a path the characters that the form itself needs, and those that can't be seen, are
percent-encoded. ``web/src/pages/comparison/evidence/citation.ts`` says the same for the pages; both are held to
``vectors.json`` beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

At = Literal["result", "base", "start"]
"""Where the lines stand: in the side's result, in the base, or in what the turn began with."""

MOST_LINES = 9_999_999
MOST_STEPS = 999_999

_INVISIBLE = "\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
_RESERVED = re.compile(rf"[%\[\]:@#{_INVISIBLE}]")
_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_STEP_LIKE = re.compile(r"step-[1-9][0-9]{0,5}")
_TOKEN = re.compile(
    rf"""
    \[ (?P<side>[AB]) \#
    (?: step-(?P<step>[1-9][0-9]{{0,5}})
      | (?P<path>[^\[\]:@#{_INVISIBLE}]{{1,1500}})
        (?: : (?P<first>[1-9][0-9]{{0,6}}) (?: - (?P<last>[1-9][0-9]{{0,6}}) )? )?
        (?: @ (?P<at>base|start) )?
    ) \]
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Citation:
    """What is cited: either a ``step``, or a ``path`` with or without ``lines``.

    :ivar lines: first and last, counted from 1.
    """

    side: Literal["A", "B"]
    path: str | None = None
    lines: tuple[int, int] | None = None
    at: At = "result"
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A citation in a text, from character ``start`` up to ``end``."""

    citation: Citation
    start: int
    end: int


def write(citation: Citation) -> str:
    """The citation as it stands in a text."""
    if citation.step is not None:
        return f"[{citation.side}#step-{citation.step}]"
    path = _RESERVED.sub(_escape, citation.path or "")
    if _STEP_LIKE.fullmatch(path):
        path = "%73" + path[1:]
    lines = ""
    if citation.lines is not None:
        first, last = citation.lines
        lines = f":{first}" if first == last else f":{first}-{last}"
    return f"[{citation.side}#{path}{lines}{'' if citation.at == 'result' else '@' + citation.at}]"


def find(text: str) -> list[Found]:
    """All citations in a text, in their order."""
    return list(_find(text))


def _find(text: str) -> Iterator[Found]:
    for match in _TOKEN.finditer(text):
        side: Literal["A", "B"] = "A" if match["side"] == "A" else "B"
        if match["step"]:
            citation = Citation(side, step=int(match["step"]))
        else:
            at: At = "base" if match["at"] == "base" else "start" if match["at"] == "start" else "result"
            citation = Citation(side, path=_ESCAPED.sub(_unescape, match["path"]), lines=_lines(match), at=at)
        yield Found(citation, match.start(), match.end())


def _lines(match: re.Match[str]) -> tuple[int, int] | None:
    if not match["first"]:
        return None
    first = int(match["first"])
    last = int(match["last"]) if match["last"] else first
    return min(first, last), max(first, last)


def _escape(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


def _unescape(match: re.Match[str]) -> str:
    """What the escapes stand for; as they are if they are no text."""
    try:
        return bytes.fromhex(match[0].replace("%", "")).decode()
    except UnicodeDecodeError:
        return match[0]
