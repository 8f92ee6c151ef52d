"""What changed since a day: two computations, held against each other in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from tests.unit.leaderboards.test_leaderboards_ballots import X, Y, ballots, vote

from marlin.leaderboards.changing import changed
from marlin.leaderboards.question_schemas import QuestionOut
from marlin.reviews import AcceptedVote

SINCE, NOW = datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 1, 17, tzinfo=UTC)


def said(towards_y: int, *, day: int, person: int) -> AcceptedVote:
    return replace(vote(X, Y, day=day), overall=towards_y, person_id=UUID(int=person))


def question(day: int) -> QuestionOut:
    return QuestionOut(
        version=1,
        arms=["x", "y"],
        axis="overall",
        smallest_share=0.7,
        alpha=0.05,
        power=0.8,
        sides=2,
        icc=0.0,
        contributors=None,
        equal_share=0.0,
        most_comparisons=20,
        looks=2,
        control="none",
        counts="side",
        when_decided="tell",
        accepted_before=0,
        reason="",
        registered_by_id=None,
        created_at=datetime(2026, 1, day, tzinfo=UTC),
    )


BEFORE = [said(-2, day=2, person=number) for number in range(4)]
AFTER = [said(3, day=12, person=number) for number in range(3, 20)]


def test_a_week_tells_who_moved_what_was_decided_and_what_it_cost() -> None:
    found = changed(ballots(*BEFORE, *AFTER), question(1), price_cents=28_000, since=SINCE, now=NOW)
    assert (found.comparisons, found.contributors, found.new_contributors, found.usd) == (17, 17, 16, 17 * 280)
    places = {move.arm: (move.rank_then, move.rank_now, move.new_votes) for move in found.moves}
    assert (places["x"], places["y"]) == ((1, 2, 17), (2, 1, 17))
    assert found.decision is not None
    assert (found.decision.state_then, found.decision.looks_then) == ("collecting", 0)
    assert found.decision.newly_decided == (found.decision.state_now != "collecting")
    assert "x went from place 1 to 2." in found.words
    assert "17 comparisons accepted from 17 contributors, 16 of them for the first time, for $4,760." in found.words


def test_then_is_what_a_look_at_that_time_would_have_shown() -> None:
    alone = changed(ballots(*BEFORE), question(1), price_cents=28_000, since=NOW, now=NOW)
    both = changed(ballots(*BEFORE, *AFTER), question(1), price_cents=28_000, since=SINCE, now=NOW)
    assert [(move.arm, move.rank_now, move.score_now) for move in alone.moves if move.rank_now] == sorted(
        ((move.arm, move.rank_then, move.score_then) for move in both.moves if move.rank_then),
        key=lambda one: one[1],
    )
    assert alone.decision is not None
    assert both.decision is not None
    assert (alone.decision.state_now, alone.decision.share_now) == (both.decision.state_then, both.decision.share_then)


def test_nothing_new_and_nothing_asked_are_said() -> None:
    quiet = changed(ballots(*BEFORE), None, price_cents=28_000, since=SINCE, now=NOW)
    assert quiet.words == ["No comparison was accepted since 2026-01-10."]
    empty = changed(ballots(), question(12), price_cents=28_000, since=SINCE, now=NOW)
    assert empty.words[0] == "The question was registered or amended since then."
    assert empty.decision is not None
    assert empty.decision.state_then is None
