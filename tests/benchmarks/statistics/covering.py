"""How often intervals that call themselves 95 % hold the truth, when contributors have tastes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from tests.benchmarks.statistics.cells import Cell, Cells

from marlin.statistics import Scores, Votes, davidson, graded
from marlin.statistics.family import DAVIDSON, GRADED, Family, maximum, pair_design

ARMS, VOTES = 6, 2000
REPETITIONS = 1000
TASTES, CONTRIBUTORS = (0.0, 0.3, 0.6), (5, 20, 100)
STRENGTHS = np.linspace(-0.6, 0.6, ARMS)
_STEPS = np.array([0.9, 0.9, 0.9, 0.0, 0.9, 0.9, 0.9])
"""How common each grade is at no difference, in log-odds against equal; strong ones get rarer with their distance."""


def _chances(apart: np.ndarray) -> np.ndarray:
    """Of the seven grades: an adjacent-categories model of its own, so that pooled models are true without taste."""
    values = (3 - np.arange(7)) / 2
    rarity = np.array([-2.0, -1.0, 0.3, 0.0, 0.3, -1.0, -2.0])
    logits = apart[..., None] * values + rarity
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def truth(taste: float, family: Family, seed: int = 0) -> np.ndarray:
    """What the pooled model tends to as contributors become many: tastes averaged over."""
    generator = np.random.default_rng(seed)
    table = np.zeros((ARMS, ARMS, 8))
    draws = generator.normal(0, taste, (20_000, ARMS))
    for first in range(ARMS):
        for second in range(ARMS):
            if first != second:
                apart = STRENGTHS[first] - STRENGTHS[second] + draws[:, first] - draws[:, second]
                # Both signs of each draw: no pair of arms is favoured by chance.
                other = STRENGTHS[first] - STRENGTHS[second] - draws[:, first] + draws[:, second]
                table[first, second, :7] = (_chances(apart).mean(axis=0) + _chances(other).mean(axis=0)) / 2
    counts = table.reshape(-1, 8) @ family.shares
    design = pair_design(ARMS)
    met = counts.sum(axis=1) > 0
    family = family.restricted_to(counts)
    return maximum(family, design.select(met), counts[met], np.zeros(ARMS), sum_to_zero=ARMS).parameters[:ARMS]


def _votes(generator: np.random.Generator, taste: float, contributors: int, uneven: bool) -> Votes:
    person = np.arange(VOTES) % contributors
    if uneven:
        share = 1 / np.arange(1, contributors + 1)
        person = generator.choice(contributors, VOTES, p=share / share.sum())
    first = generator.integers(0, ARMS, VOTES)
    second = (first + generator.integers(1, ARMS, VOTES)) % ARMS
    liked = generator.normal(0, taste, (contributors, ARMS))
    apart = STRENGTHS[first] - STRENGTHS[second] + liked[person, first] - liked[person, second]
    outcome = (generator.random(VOTES)[:, None] > np.cumsum(_chances(apart), axis=1)).sum(axis=1).astype(np.int8)
    return Votes.from_codes(
        [f"arm-{index}" for index in range(ARMS)],
        first.astype(np.int8),
        second.astype(np.int8),
        np.minimum(outcome, 6).astype(np.int8),
        contributors=[str(index) for index in range(contributors)],
        contributor=person,
    )


def coverage(cells: Cells, scale: float) -> list[Cell]:
    """Of all fifteen differences of six arms, 2,000 votes."""
    found = []
    fits: list[tuple[str, Callable[..., Scores], Family, bool]] = [
        ("Davidson", davidson, DAVIDSON, False),
        ("graded", graded, GRADED, False),
        ("Davidson", davidson, DAVIDSON, True),
    ]
    for label, fit, family, uneven in fits:
        for taste in TASTES:
            for contributors in CONTRIBUTORS:

                def compute(
                    fit: Callable[..., Scores] = fit,
                    family: Family = family,
                    taste: float = taste,
                    contributors: int = contributors,
                    uneven: bool = uneven,
                ) -> Cell:
                    target = truth(taste, family)
                    generator = np.random.default_rng([6, int(taste * 10), contributors])
                    repetitions = max(50, int(REPETITIONS * scale))
                    upper = np.triu_indices(ARMS, 1)
                    wanted = target[upper[0]] - target[upper[1]]
                    held = np.zeros((2, repetitions))
                    for repetition in range(repetitions):
                        votes = _votes(generator, taste, contributors, uneven)
                        for place, cluster in enumerate(("auto", "none")):
                            scores = fit(votes, cluster=cluster)
                            held[place, repetition] = np.mean(_holds(scores, upper, wanted))
                    return {
                        "taste": taste,
                        "contributors": contributors,
                        "repetitions": repetitions,
                        "clustered": float(held[0].mean()),
                        "error": float(held[0].std() / np.sqrt(repetitions)),
                        "independent": float(held[1].mean()),
                    }

                name = f"coverage/{label}/{taste}/{contributors}{'/uneven' if uneven else ''}"
                found.append({**cells.get(name, compute), "model": label, "uneven": uneven})
    return found


def _holds(scores: Scores, upper: tuple[np.ndarray, np.ndarray], wanted: np.ndarray) -> np.ndarray:
    from marlin.statistics.estimates import t_quantile

    first, second = upper
    apart = scores.strengths[first] - scores.strengths[second]
    spread = scores.covariance[first, first] + scores.covariance[second, second] - 2 * scores.covariance[first, second]
    return np.abs(apart - wanted) <= t_quantile(0.975, scores.df) * np.sqrt(spread)
