"""What is said of how people judge: held to known answers, and over time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from tests.unit.leaderboards.test_leaderboards_ballots import ballots, vote

from marlin.leaderboards.agreements import agreement
from marlin.reviews import AcceptedVote

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
NOW = BEGIN + timedelta(days=90)
CAREFUL, CARELESS, OTHER = (UUID(int=number) for number in (21, 22, 23))
NAMES = {CAREFUL: "Careful", CARELESS: "Careless", OTHER: "Other"}


def judged(item: int, person: UUID, overall: int, **facts: object) -> AcceptedVote:
    """A vote on the results of ``item``, whose sides stand as they were made."""
    made = replace(
        vote(),
        person_id=person,
        overall=overall,
        item_id=UUID(int=1000 + item),
        rollout_a_id=UUID(int=2 * item + 1),
        rollout_b_id=UUID(int=2 * item + 2),
        accepted_at=BEGIN + timedelta(days=item),
        repeat=person != CAREFUL,
    )
    return replace(made, **facts)  # type: ignore[arg-type]


def test_a_known_answer_tells_who_was_right_where_two_disagree() -> None:
    votes = []
    for item in range(12):
        votes.append(judged(item, CAREFUL, 2, gold=True, gold_agreed=True))
        votes.append(judged(item, CARELESS, -2, gold=True, gold_agreed=False))
    found = agreement(ballots(*votes), uuid4(), NAMES, now=NOW)
    by_name = {one.name: one for one in found.contributors}
    careful, careless = by_name["Careful"].reliability, by_name["Careless"].reliability
    assert careful.estimate is not None
    assert careless.estimate is not None
    assert careful.estimate > 0.8 > 0.4 > careless.estimate
    assert "Seldom says what others say of the same results." in by_name["Careless"].flags
    assert by_name["Careful"].flags == [] or "Seldom" not in by_name["Careful"].flags[0]


def test_people_who_come_to_disagree_are_seen() -> None:
    votes = []
    for item in range(40):
        votes.append(judged(item, CAREFUL, 2))
        votes.append(judged(item, OTHER, 2 if item < 20 else -2))
        votes.append(judged(item, CARELESS, 2 if item < 20 or item % 2 else -2))
    found = {one.what: one for one in agreement(ballots(*votes), uuid4(), NAMES, now=NOW).drifts}
    change = found["agreement"].change
    assert change.estimate is not None
    assert change.estimate < -0.3
    assert found["agreement"].values == 120
    assert found["side"].change.estimate is not None
    assert found["side"].change.estimate > 0


@pytest.mark.parametrize("votes", [[], [judged(item, CAREFUL, 2) for item in range(30)]], ids=["none", "one person's"])
def test_nothing_is_said_of_a_change_that_cannot_be_told(votes: list[AcceptedVote]) -> None:
    assert agreement(ballots(*votes), uuid4(), NAMES, now=NOW).drifts == []
