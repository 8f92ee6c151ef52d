"""What the analysis finds where the truth is known: votes of the simulator's own model."""

from __future__ import annotations

from typing import Any

import numpy as np

from marlin import statistics
from marlin.simulation import draw_population, simulate_votes

VOTES, PEOPLE = 3000, 30


def played(strengths: list[float], *, side_bias: float = 0.0, seed: int = 1) -> tuple[statistics.Votes, Any]:
    rng = np.random.default_rng(seed)
    arms = len(strengths)
    people = draw_population(rng, PEOPLE, arms, side_bias=side_bias)
    who = np.arange(VOTES) % PEOPLE
    first = rng.integers(0, arms, VOTES)
    second = (first + rng.integers(1, arms, VOTES)) % arms
    said = simulate_votes(rng, np.array(strengths)[:, None], people, contributor=who, arm_a=first, arm_b=second)
    names = [f"arm-{place}" for place in range(arms)]
    votes = statistics.Votes.from_columns(
        [names[place] for place in first], [names[place] for place in second], said.overall,
        contributor=who, arms=names,
    )  # fmt: skip
    return votes, said


def test_known_strengths_lie_within_their_intervals() -> None:
    votes, _ = played([0.0, 0.3, 0.8])
    scores = statistics.davidson(votes)
    for better, worse, gap in ((1, 0, 0.3), (2, 0, 0.8), (2, 1, 0.5)):
        found = scores.difference(f"arm-{better}", f"arm-{worse}")
        assert found.low <= gap <= found.high


def test_side_bias_is_found_where_there_is_one_and_only_there() -> None:
    fair = statistics.side_bias(played([0.0, 0.4])[0]).overall
    bent = statistics.side_bias(played([0.0, 0.4], side_bias=0.5)[0]).overall
    assert fair.low <= 0.5 <= fair.high
    assert not bent.low <= 0.5 <= bent.high


def test_an_arm_against_itself_shows_no_side() -> None:
    rng = np.random.default_rng(2)
    people, who = draw_population(rng, PEOPLE, 2), np.arange(600) % PEOPLE
    same = np.zeros(600, dtype=int)
    said = simulate_votes(rng, np.zeros((2, 1)), people, contributor=who, arm_a=same, arm_b=same)
    found = statistics.aa_controls(said.overall, who).for_a
    assert found.low <= 0.5 <= found.high
