"""Votes by hand and at random."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from marlin.statistics import Votes


def votes_of(
    rows: Sequence[tuple[str, str, int | None]],
    *,
    arms: Sequence[str] | None = None,
    contributor: Sequence[str] | None = None,
) -> Votes:
    """From (arm on side A, arm on side B, grade; None for both bad)."""
    first, second, grades = zip(*rows, strict=True)
    return Votes.from_columns(
        first,
        second,
        [grade or 0 for grade in grades],
        both_bad=[grade is None for grade in grades],
        arms=arms,
        contributor=contributor,
    )


def drawn_votes(
    size: int,
    *,
    arms: int,
    seed: int,
    strengths: Sequence[float] | None = None,
    contributors: int | None = 20,
    equal: float = 0.2,
    strong: bool = True,
    side: float = 0.0,
    taste: float = 0.0,
) -> Votes:
    """Votes by Davidson's model: ``arm-0`` is the weakest unless strengths are given.

    :param taste: standard deviation, in log-odds, of what a contributor likes of each arm beyond its strength.
    """
    generator = np.random.default_rng(seed)
    truth = np.linspace(-0.7, 0.7, arms) if strengths is None else np.array(strengths, dtype=float)
    first = generator.integers(0, arms, size)
    second = (first + generator.integers(1, arms, size)) % arms
    person = generator.integers(0, contributors or 1, size)
    liked = generator.normal(0, taste, (contributors or 1, arms))
    apart = truth[first] - truth[second] + side + liked[person, first] - liked[person, second]
    odds = equal / (1 - equal) * 2
    weights = np.stack([np.exp(apart / 2), np.full(size, odds), np.exp(-apart / 2)], axis=1)
    chances = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    verdict = (generator.random(size)[:, None] > chances).sum(axis=1) - 1
    # The further apart the arms, the stronger the words.
    degree = 1 + generator.binomial(2, 1 / (1 + np.exp(-np.abs(apart) * (verdict * -apart > 0))) - 0.3)
    grade = verdict * (degree if strong else 1)
    return Votes.from_columns(
        [f"arm-{index}" for index in first],
        [f"arm-{index}" for index in second],
        grade,
        contributor=person if contributors else None,
    )
