"""What the checker says, and what it is given to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from marlin.campaigns import Answers
from marlin.ratings.citations import At

Severity = Literal["warning", "error"]
SideName = Literal["A", "B"]

TEXTS = ("justification", "strengths_a", "weaknesses_a", "strengths_b", "weaknesses_b")
"""The fields of a rating that hold text, the main one first."""

LABELS = {
    "justification": "Why",
    "strengths_a": "the strengths of A",
    "weaknesses_a": "the weaknesses of A",
    "strengths_b": "the strengths of B",
    "weaknesses_b": "the weaknesses of B",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """The words that a finding is about: characters ``start`` up to ``end`` of a field (Unicode code points)."""

    field: str
    start: int
    end: int
    words: str

    @classmethod
    def of(cls, field: str, text: str, start: int, end: int) -> Mark:
        return cls(field, start, end, text[start:end])


@dataclass(frozen=True, slots=True)
class Reference:
    """A turn of another comparison of the same contributor's."""

    comparison_id: UUID
    turn: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A text that says what its author wrote before.

    :ivar field: ``justification`` or ``prompt``. :ivar exact: word for word, not nearly.
    :ivar of: where it was written before.
    """

    turn: int
    field: str
    exact: bool
    of: Reference


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to mend, or to acknowledge.

    :ivar turn: None: about the comparison as a whole.
    :ivar field: of the rating, or ``prompt``.
    :ivar marks: where the words are, if it is about words.
    :ivar refers: what else it is about. Who is shown the problem may not be one who may see that.
    """

    code: str
    severity: Severity
    turn: int | None
    field: str | None
    message: str
    hint: str
    marks: tuple[Mark, ...] = ()
    refers: Reference | None = None


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """What is known of one side's result, to hold words against. What is None is not known, and nothing is said of it.

    :ivar paths: of the files that it changed, old names of renamed ones included.
    :ivar words: every identifier in its change: new lines, removed ones and those around them.
    :ivar lines: how many lines a cited file has, by path and place; None there: there is no such file.
    :ivar steps: how many steps its transcript has.
    """

    paths: frozenset[str] | None = None
    words: frozenset[str] | None = None
    lines: Mapping[tuple[str, At], int | None] = field(default_factory=dict)
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class TurnWork:
    """What a contributor did in one turn.

    :ivar status: the turn's: queued, running, checking, ready, failed, cancelled.
    :ivar answers: its rating; None without one.
    :ivar results: what is known of the two results; nothing when it was not looked up.
    """

    number: int
    prompt: str
    status: str
    answers: Answers | None
    results: Mapping[SideName, ResultFacts] = field(default_factory=dict)


def other(side: SideName) -> SideName:
    """The other side."""
    return "B" if side == "A" else "A"


def favours(score: int) -> SideName | None:
    """The side that a score favours."""
    return "A" if score < 0 else "B" if score > 0 else None


def text_of(answers: Answers, name: str) -> str:
    """A text field's value."""
    value: str = getattr(answers, name)
    return value
