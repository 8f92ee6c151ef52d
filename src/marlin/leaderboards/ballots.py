"""A campaign's accepted votes, with what may explain them: size, category, language, agent. Pure."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from marlin.comparisons import OTHER_LANGUAGE, Measures
from marlin.leaderboards.errors import SliceUnknownError
from marlin.reviews import AcceptedVote

OVERALL = "overall"
"""The axis that is the preference itself."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """A vote, with the measures of the two results it is about.

    :ivar person: who voted; ``arm_a``, ``arm_b`` and ``item`` likewise are ids as text, which is quicker to count by.
    :ivar judged: what two people may both have judged: the same two results.
    :ivar flipped: whether side A is the result whose id comes first.
    """

    vote: AcceptedVote
    measures_a: Measures | None
    measures_b: Measures | None
    language: str
    person: str = field(init=False)
    item: str = field(init=False)
    judged: str = field(init=False)
    arm_a: str = field(init=False)
    arm_b: str = field(init=False)
    flipped: bool = field(init=False)

    def __post_init__(self) -> None:
        vote, keep = self.vote, partial(object.__setattr__, self)
        keep("person", sys.intern(vote.person_id.hex))
        keep("arm_a", sys.intern(vote.arm_a_id.hex))
        keep("arm_b", sys.intern(vote.arm_b_id.hex))
        keep("item", vote.item_id.hex)
        keep("judged", f"{self.item}:{vote.turn_number}")
        keep("flipped", vote.rollout_a_id.int <= vote.rollout_b_id.int)

    def score(self, axis: str) -> int | None:
        """−3 side A is much better … +3 side B is, on an axis; None if that axis was not asked."""
        return self.vote.overall if axis == OVERALL else self.vote.scores.get(axis)


@dataclass(frozen=True, slots=True)
class ArmFacts:
    """An arm as operators know it."""

    id: UUID
    name: str
    agent: str
    active: bool

    @property
    def key(self) -> str:
        """As ballots name it."""
        return self.id.hex


@dataclass(frozen=True, slots=True)
class Slice:
    """Which votes are counted; None is all. ``turn`` is ``first`` or ``later``."""

    category: str | None = None
    language: str | None = None
    agent: str | None = None
    turn: str | None = None
    before: datetime | None = None

    @property
    def words(self) -> str:
        """For people: what was left."""
        chosen = [value for value in (self.category, self.language, self.agent) if value]
        if self.turn:
            chosen.append(f"{self.turn} turns")
        if self.before:
            chosen.append(f"accepted before {self.before:%Y-%m-%d %H:%M} UTC")
        return ", ".join(chosen) or "all votes"


@dataclass(frozen=True, slots=True)
class Ballots:
    """The votes of one campaign, in the order of acceptance."""

    arms: Sequence[ArmFacts]
    axes: Sequence[str]
    """``overall`` first, then those of the rubric's current version."""
    rows: Sequence[Ballot]
    again: Sequence[Ballot] = ()
    """Votes of people who judged the same results a second time. They say how far people agree with themselves, and go
    into nothing else."""

    @classmethod
    def of(cls, arms: Sequence[ArmFacts], axes: Sequence[str], rows: Sequence[Ballot]) -> Ballots:
        """From all accepted votes."""
        second = [row for row in rows if row.vote.again]
        return cls(arms, axes, [row for row in rows if not row.vote.again] if second else rows, second)

    def sliced(self, wish: Slice) -> Ballots:
        """The votes of a slice.

        :raises SliceUnknownError: if no vote has such a category, language or agent at all.
        """
        agents = {arm.key: arm.agent for arm in self.arms}
        for name, value, known in (
            ("category", wish.category, self.categories),
            ("language", wish.language, self.languages),
            ("agent", wish.agent, Counter(agents.values())),
        ):
            if value is not None and value not in known:
                raise SliceUnknownError(
                    f"No accepted vote has the {name} {value!r}.",
                    hint=f"There are: {', '.join(sorted(known)) or 'none yet'}.",
                )
        kept, again = ([row for row in rows if _in(row, wish, agents)] for rows in (self.rows, self.again))
        return Ballots(self.arms, self.axes, kept, again)

    def require_axis(self, axis: str) -> None:
        """:raises SliceUnknownError: the rubric has no such axis."""
        if axis not in self.axes:
            raise SliceUnknownError(f"The rubric has no axis {axis!r}.", hint=f"There are: {', '.join(self.axes)}.")

    @property
    def categories(self) -> Mapping[str, int]:
        """Votes by category."""
        return Counter(row.vote.category for row in self.rows)

    @property
    def languages(self) -> Mapping[str, int]:
        """Votes by the language that most changed lines are in."""
        return Counter(row.language for row in self.rows)

    @property
    def comparisons(self) -> int:
        """How many comparisons the votes are from."""
        return len({row.vote.comparison_id for row in self.rows})

    @property
    def contributors(self) -> int:
        """How many people voted."""
        return len({row.person for row in self.rows})


def _in(row: Ballot, wish: Slice, agents: Mapping[str, str]) -> bool:
    vote = row.vote
    return (
        (wish.category is None or vote.category == wish.category)
        and (wish.language is None or row.language == wish.language)
        and (wish.agent is None or agents[row.arm_a] == agents[row.arm_b] == wish.agent)
        and (wish.turn is None or (vote.turn_number == 1) == (wish.turn == "first"))
        and (wish.before is None or vote.accepted_at < wish.before)
    )


def ballot(vote: AcceptedVote, measures: Mapping[UUID, Measures]) -> Ballot:
    """A vote beside the measures of its two rollouts."""
    side_a, side_b = measures.get(vote.rollout_a_id), measures.get(vote.rollout_b_id)
    return Ballot(vote, side_a, side_b, main_language(side_a, side_b))


def main_language(*sides: Measures | None) -> str:
    """The language of most changed lines of both sides; known languages before ``other``."""
    lines: dict[str, int] = {}
    for side in sides:
        if side is not None:
            for name, count in side.languages.items():
                if name != OTHER_LANGUAGE:
                    lines[name] = lines.get(name, 0) + count
    if len(lines) < 2:
        return next(iter(lines), OTHER_LANGUAGE)
    return min(lines, key=lambda name: (-lines[name], name))
