"""How much of what an agent does goes into the log."""

from __future__ import annotations

from marlin.comparisons.allowance import LONGEST_EVENT, MOST_CHARACTERS, Allowance


def test_many_small_events_end_at_their_number() -> None:
    allowance = Allowance(events=3)
    assert [allowance.admits(10) for _ in range(5)] == [True, True, True, False, False]


def test_large_events_end_at_their_size() -> None:
    allowance = Allowance()
    admitted = 0
    while allowance.admits(LONGEST_EVENT):
        admitted += 1
    assert admitted == MOST_CHARACTERS // LONGEST_EVENT


def test_after_one_refusal_nothing_more_is_shown() -> None:
    allowance = Allowance()
    assert not allowance.admits(LONGEST_EVENT + 1)
    assert not allowance.admits(1)
    assert allowance.spent
