"""Votes beside measures, and slices of them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from marlin.comparisons.measures import Measures
from marlin.leaderboards.ballots import ArmFacts, Ballots, Slice, ballot, main_language
from marlin.leaderboards.errors import SliceUnknownError
from marlin.reviews import AcceptedVote

X, Y, Z = (UUID(int=number) for number in (1, 2, 3))


def measures(**languages: int) -> Measures:
    return Measures(1, sum(languages.values()), 0, 0, 0, 3, 0.1, 1.0, languages)


def vote(arm_a: UUID = X, arm_b: UUID = Y, *, turn: int = 1, category: str = "bug_fix", day: int = 1) -> AcceptedVote:
    return AcceptedVote(
        rating_id=uuid4(),
        comparison_id=uuid4(),
        brief_id=uuid4(),
        person_id=UUID(int=9),
        turn_number=turn,
        category=category,
        verdict="preference",
        overall=-2,
        scores={"security": 1},
        key_axis="security",
        arm_a_id=arm_a,
        arm_b_id=arm_b,
        rollout_a_id=uuid4(),
        rollout_b_id=uuid4(),
        item_id=uuid4(),
        repeat=False,
        again=False,
        gold=False,
        gold_agreed=None,
        picked=False,
        price_cents=28_000,
        accepted_at=datetime(2026, 1, day, tzinfo=UTC),
    )


def ballots(*votes: AcceptedVote) -> Ballots:
    arms = [
        ArmFacts(X, "x", "claude-code", True),
        ArmFacts(Y, "y", "claude-code", True),
        ArmFacts(Z, "z", "codex", True),
    ]
    return Ballots.of(arms, ["overall", "security"], [ballot(one, {}) for one in votes])


def test_the_main_language_has_most_lines_of_both_sides() -> None:
    assert main_language(measures(Python=5, Go=3), measures(Go=4)) == "Go"
    assert main_language(measures(other=500, Go=1), None) == "Go"
    assert main_language(measures(Rust=2, Go=2)) == "Go"  # the same every time
    assert main_language(None, None) == "other"


def test_scores_by_axis() -> None:
    row = ballot(vote(), {})
    assert (row.score("overall"), row.score("security"), row.score("speed")) == (-2, 1, None)


def test_slices() -> None:
    all_ = ballots(vote(), vote(turn=2), vote(X, Z), vote(category="feature", day=20))
    assert len(all_.sliced(Slice()).rows) == 4
    assert len(all_.sliced(Slice(category="feature")).rows) == 1
    assert len(all_.sliced(Slice(agent="claude-code")).rows) == 3
    assert len(all_.sliced(Slice(turn="later")).rows) == 1
    assert len(all_.sliced(Slice(before=datetime(2026, 1, 20, tzinfo=UTC))).rows) == 3
    assert all_.sliced(Slice(agent="codex")).rows == []
    assert Slice(category="feature", turn="first").words == "feature, first turns"


def test_an_unknown_slice_is_told_with_what_there_is() -> None:
    with pytest.raises(SliceUnknownError) as refused:
        ballots(vote()).sliced(Slice(language="Fortran"))
    assert refused.value.hint == "There are: other."
