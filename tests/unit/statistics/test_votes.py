"""Votes are checked when they come in, and every refusal says which and what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.votes import drawn_votes, votes_of

from marlin.statistics import InvalidVotesError, NotEnoughVotesError, Votes
from marlin.statistics.pooling import counted, pooled, summed, summed_by_arm

GOOD: dict[str, Any] = {"arm_a": ["x", "y"], "arm_b": ["y", "x"], "grade": [-1, 2]}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"grade": [float("nan"), 1]}, "grade is missing in 1 votes, first in vote 0"),
        ({"grade": [4, 1]}, "grade is 4 in vote 0; the scale runs from −3 to \\+3"),
        ({"grade": [0.5, 1]}, "grade is 0.5 in vote 0"),
        ({"grade": ["good", "bad"]}, "grade is not a number everywhere"),
        ({"grade": [1]}, "grade has 1 values, arm_a has 2"),
        ({"arm_a": ["x", None]}, "arm_a is missing in 1 votes, first in vote 1"),
        ({"arm_a": ["x", "x"]}, "vote 1 compares x with itself"),
        ({"arms": ["x", "z"]}, "names y, not among the arms x, z"),
        ({"contributor": ["me", None]}, "contributor is missing in 1 votes"),
        ({"contributor": ["me"]}, "contributor has 1 values"),
        ({"differences": {"lines": [1.0, float("inf")]}}, "lines is infinite somewhere"),
        ({"differences": {"lines": [1.0, float("nan")]}}, "lines is missing in 1 votes"),
        ({"grade": [[1, 2]]}, "grade has 2 dimensions"),
    ],
)
def test_columns_that_are_no_votes_are_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidVotesError, match=said) as refused:
        Votes.from_columns(**{**GOOD, **changed})
    assert refused.value.hint


def test_no_vote_is_said_plainly() -> None:
    with pytest.raises(NotEnoughVotesError, match="there is no vote"):
        Votes.from_columns([], [], [])
    with pytest.raises(NotEnoughVotesError, match="no vote fits the selection"):
        votes_of([("x", "y", 1)]).select(np.array([False]))


def test_codes_out_of_range_are_refused() -> None:
    ones = np.ones(2, dtype=np.int8)
    with pytest.raises(InvalidVotesError, match="arm_b holds the code 2; there are 2 names"):
        Votes.from_codes(["x", "y"], 0 * ones, 2 * ones, ones)
    with pytest.raises(InvalidVotesError, match="holds float64, not codes"):
        Votes.from_codes(["x", "y"], np.zeros(2), ones, ones)  # type: ignore[arg-type]


@pytest.mark.parametrize("make", [pd.DataFrame, dict])
def test_a_table_of_any_kind_will_do(make: Any) -> None:
    frame = make({**GOOD, "contributor": ["p", "q"], "lines": [3.0, -4.0], "category": ["bug fix", "tests"]})
    votes = Votes.from_frame(frame, differences=["lines"], contexts=["category"])
    assert (votes.arms, votes.contributors) == (("x", "y"), ("p", "q"))
    assert votes.differences["lines"].tolist() == [3.0, -4.0]
    with pytest.raises(InvalidVotesError, match="no column files"):
        Votes.from_frame(frame, differences=["files"])


def test_both_bad_is_no_tie() -> None:
    votes = votes_of([("x", "y", None), ("x", "y", 0), ("y", "x", 3)])
    assert votes.counts() == {"votes": 3, "arms": 2, "equal": 1, "both_bad": 1}
    assert np.isnan(votes.grade[0])
    assert votes.grade[1:].tolist() == [0, 3]


def test_the_hash_tells_data_apart_and_not_their_order_or_width() -> None:
    votes = drawn_votes(100, arms=3, seed=0)
    wide = Votes.from_codes(
        votes.arms,
        votes.arm_a.astype(np.int64),
        votes.arm_b.astype(np.int32),
        votes.outcome,
        contributors=votes.contributors,
        contributor=votes.contributor.astype(np.int64) if votes.contributor is not None else None,
    )
    assert wide.data_hash == votes.data_hash
    assert votes.select(np.arange(99)).data_hash != votes.data_hash
    changed = votes.outcome.copy()
    changed[5] = (changed[5] + 1) % 7
    other = Votes.from_codes(
        votes.arms, votes.arm_a, votes.arm_b, changed, contributors=votes.contributors, contributor=votes.contributor
    )
    assert other.data_hash != votes.data_hash


@given(seed=st.integers(0, 10_000), size=st.integers(1, 300))
@settings(max_examples=25, deadline=None)
def test_pools_are_what_rows_add_up_to(seed: int, size: int) -> None:
    votes = drawn_votes(size, arms=3, contributors=4, seed=seed)
    pool, generator = pooled(votes), np.random.default_rng(seed)
    by_hand = np.zeros((len(votes.arms), len(votes.arms), 8), dtype=int)
    said = generator.normal(size=by_hand.shape)
    people = len(votes.contributors)
    assert votes.contributor is not None
    by_arm, by_person = np.zeros((people, len(votes.arms))), np.zeros((people, 1))
    for a, b, outcome, person in zip(votes.arm_a, votes.arm_b, votes.outcome, votes.contributor, strict=True):
        by_hand[a, b, outcome] += 1
        by_arm[person, a] += said[a, b, outcome]
        by_arm[person, b] -= said[a, b, outcome]
        by_person[person] += said[a, b, outcome]
    assert (pool.table == by_hand).all()
    assert summed_by_arm(pool, votes.contributor, people, said) == pytest.approx(by_arm)
    assert summed(pool, votes.contributor, people, [said]) == pytest.approx(by_person)


def test_many_rows_are_counted_on_several_threads_alike() -> None:
    generator = np.random.default_rng(1)
    size = 700_001
    first = generator.integers(0, 5, size).astype(np.int8)
    votes = Votes.from_codes(
        list("abcde"), first, ((first + 1) % 5).astype(np.int8), generator.integers(0, 8, size).astype(np.int8)
    )
    pool = pooled(votes)
    assert pool.table.sum() == size
    assert (pool.table[0, 1] == np.bincount(votes.outcome[first == 0], minlength=8)).all()
    assert (counted(first, 5) == np.bincount(first)).all()
    halves = votes.select(np.arange(size)[::-1])
    assert halves.data_hash == votes.data_hash
