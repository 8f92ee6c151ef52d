"""A control variate from checks, as the statistics take it: which pairs a look of the past could see."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from tests.unit.leaderboards.test_leaderboards_ballots import X, Y, ballots, measures, vote
from tests.unit.leaderboards.test_leaderboards_changing import question

from marlin.comparisons import FirstPair
from marlin.leaderboards.ballots import Ballot
from marlin.leaderboards.decisions import decided
from marlin.leaderboards.signals import Pair, control_out, control_signal

ASKED = question(1).model_copy(update={"control": "checks_passed"})
GOOD, POOR = replace(measures(Python=1), passed=1.0), replace(measures(Python=1), passed=0.5)


def pair(day: int, *, ended: int | None = None, of: Ballot | None = None) -> Pair:
    made = FirstPair(
        of.vote.comparison_id if of else uuid4(),
        X,
        uuid4(),
        uuid4(),
        datetime(2026, 1, day, tzinfo=UTC),
        None if ended is None else datetime(2026, 1, ended, tzinfo=UTC),
    )
    return Pair(made, GOOD, POOR)


def test_a_pair_counts_from_its_checks_until_it_is_accepted_or_given_up() -> None:
    rows = [Ballot(vote(X, Y, day=day), GOOD, POOR, "Python") for day in (3, 5, 7)]
    pairs = [pair(1), pair(4), pair(2, ended=6), pair(2, of=rows[1]), pair(9)]
    found = control_signal(ASKED, rows, pairs, Y)
    assert list(found.rated) == [0.5, 0.5, 0.5]
    assert list(found.unrated) == [-0.5] * 5  # towards the candidate, on side B
    assert [len(found.pool(votes)) for votes in (0, 1, 2, 3)] == [3, 4, 3, 3]


def test_what_was_not_measured_is_no_difference_rated_or_not() -> None:
    rows = [Ballot(vote(X, Y), None, POOR, "Python"), Ballot(vote(Y, X), GOOD, replace(POOR, passed=None), "Python")]
    found = control_signal(ASKED, rows, [Pair(pair(1).made, None, None)], Y)
    assert (list(found.rated), list(found.unrated)) == ([0, 0], [0])


def test_a_decision_says_what_its_control_variate_gained() -> None:
    told = decided(ballots(*[vote(X, Y)] * 12), ASKED, price_cents=100, now=datetime(2026, 2, 1, tzinfo=UTC))
    assert told.control is not None
    assert told.control.words.endswith("is left out (0 pairs of the two arms were there that nobody had rated yet).")
    assert any("control variate takes pairs on their way for alike" in note for note in told.provenance.notes)
    early = control_out(ASKED, None)
    assert early is not None
    assert "told at the first look" in early.words
    assert control_out(question(1), None) is None
