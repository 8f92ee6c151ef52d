"""A rating's citations as data: each with its field, its place in the text, and what it points to. Pure.

The text stays what counts; this is what it says, read once, so that whoever uses the ratings later needs no parser.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from marlin.campaigns import Answers
from marlin.ratings import citations
from marlin.ratings.checker import TEXTS, ResultFacts, SideName, cited_exists
from marlin.ratings.citations import At, Citation


class Cited(BaseModel):
    """A citation in one field of a rating."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: str
    start: int
    """First character in the field's text, counted in Unicode code points."""
    end: int
    """The one behind its last."""
    kind: Literal["file", "lines", "step"]
    turn: int
    side: Literal["A", "B"]
    path: str | None = None
    at: At | None = None
    """Of a file: in the side's result, in the base, or as the turn began."""
    first_line: int | None = None
    last_line: int | None = None
    step: int | None = None
    """Position in the side's transcript, from 1."""
    found: bool | None = None
    """Whether it was there when the comparison was submitted; None while that is not known."""

    @classmethod
    def of(cls, field: str, found: citations.Found, turn: int) -> Cited:
        """What the parser found in a field."""
        cited = found.citation
        place = {"field": field, "start": found.start, "end": found.end, "turn": turn, "side": cited.side}
        if cited.step is not None:
            return cls.model_validate(place | {"kind": "step", "step": cited.step})
        file = place | {"path": cited.path, "at": cited.at}
        if cited.lines is None:
            return cls.model_validate(file | {"kind": "file"})
        first, last = cited.lines
        return cls.model_validate(file | {"kind": "lines", "first_line": first, "last_line": last})

    @property
    def citation(self) -> Citation:
        """As it can be written into a text again."""
        if self.kind == "step":
            return Citation(self.side, step=self.step)
        lines = None
        if self.first_line is not None and self.last_line is not None:
            lines = (self.first_line, self.last_line)
        return Citation(self.side, path=self.path, lines=lines, at=self.at or "result")


def cited_in(answers: Answers, turn: int) -> list[Cited]:
    """Every citation in a turn's answers, by field, then in the order of the text."""
    return [Cited.of(name, found, turn) for name in TEXTS for found in citations.find(getattr(answers, name))]


def looked_up(cited: Iterable[Cited], results: Mapping[SideName, ResultFacts]) -> list[Cited]:
    """The same, each with whether it is there, as far as the results are known."""
    return [
        each.model_copy(update={"found": cited_exists(each.citation, facts)})
        if (facts := results.get(each.side)) is not None
        else each
        for each in cited
    ]


def stored(cited: Sequence[Cited]) -> list[dict[str, object]]:
    """As a rating's row keeps them."""
    return [each.model_dump() for each in cited]


def read(rows: Sequence[Mapping[str, object]]) -> list[Cited]:
    """From a rating's row."""
    return [Cited.model_validate(row) for row in rows]
