"""How often intervals that call themselves 95 % hold the truth, when contributors have tastes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from tests.benchmarks.statistics.cells import Cell, Cells
from tests.benchmarks.statistics.tables import table

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


def truth(taste: float, family: Family, seed: int = 0, *, item: float = 0.0) -> np.ndarray:
    """What the pooled model tends to as contributors and tasks become many: tastes averaged over."""
    generator = np.random.default_rng(seed)
    table = np.zeros((ARMS, ARMS, 8))
    draws = generator.normal(0, taste, (20_000, ARMS))
    luck = generator.normal(0, item, 20_000)
    for first in range(ARMS):
        for second in range(ARMS):
            if first != second:
                liked = draws[:, first] - draws[:, second] + luck
                # Both signs of each draw: no pair of arms is favoured by chance.
                apart = STRENGTHS[first] - STRENGTHS[second]
                table[first, second, :7] = (
                    _chances(apart + liked).mean(axis=0) + _chances(apart - liked).mean(axis=0)
                ) / 2
    counts = table.reshape(-1, 8) @ family.shares
    design = pair_design(ARMS)
    met = counts.sum(axis=1) > 0
    family = family.restricted_to(counts)
    return maximum(family, design.select(met), counts[met], np.zeros(ARMS), sum_to_zero=ARMS).parameters[:ARMS]


def _people(generator: np.random.Generator, contributors: int, shares: str) -> np.ndarray:
    """Who gives each vote: everybody as many, in proportion to 1, ½, ⅓ …, or one of them every other."""
    if shares == "even":
        return np.arange(VOTES) % contributors
    share = 1 / np.arange(1, contributors + 1)
    if shares == "half":
        share = np.array([0.5, *[0.5 / (contributors - 1)] * (contributors - 1)])
    return generator.choice(contributors, VOTES, p=share / share.sum())


def _votes(
    generator: np.random.Generator, taste: float, contributors: int, shares: str, *, item: float = 0.0, judged: int = 1
) -> Votes:
    """:param item: how much luck a task's two results have, in log-odds; each task is judged by so many people."""
    person = _people(generator, contributors, shares)
    task = np.arange(VOTES) // judged
    if judged > 1:  # distinct people for each task
        person = np.argsort(generator.random((VOTES // judged, contributors)), axis=1)[:, :judged].ravel()
    first = generator.integers(0, ARMS, VOTES)[task]
    second = (first + generator.integers(1, ARMS, VOTES)[task]) % ARMS
    liked = generator.normal(0, taste, (contributors, ARMS))
    apart = STRENGTHS[first] - STRENGTHS[second] + liked[person, first] - liked[person, second]
    if item:
        apart = apart + generator.normal(0, item, VOTES)[task]
    outcome = (generator.random(VOTES)[:, None] > np.cumsum(_chances(apart), axis=1)).sum(axis=1).astype(np.int8)
    return Votes.from_codes(
        [f"arm-{index}" for index in range(ARMS)],
        first.astype(np.int8),
        second.astype(np.int8),
        np.minimum(outcome, 6).astype(np.int8),
        contributors=[str(index) for index in range(contributors)],
        contributor=person,
        tasks=[str(index) for index in range(VOTES)] if judged > 1 else (),
        task=task if judged > 1 else None,
    )


def coverage(cells: Cells, scale: float) -> list[Cell]:
    """Of all fifteen differences of six arms, 2,000 votes."""
    found = []
    fits: list[tuple[str, Callable[..., Scores], Family, str, tuple[int, ...]]] = [
        ("Davidson", davidson, DAVIDSON, "even", CONTRIBUTORS),
        ("graded", graded, GRADED, "even", CONTRIBUTORS),
        ("Davidson", davidson, DAVIDSON, "uneven", CONTRIBUTORS),
        ("Davidson", davidson, DAVIDSON, "half", (5, 20, 100)),
    ]
    for label, fit, family, shares, sizes in fits:
        for taste in TASTES:
            for contributors in sizes:

                def compute(
                    fit: Callable[..., Scores] = fit,
                    family: Family = family,
                    taste: float = taste,
                    contributors: int = contributors,
                    shares: str = shares,
                ) -> Cell:
                    generator = np.random.default_rng([6, int(taste * 10), contributors])
                    repetitions = max(50, int(REPETITIONS * scale))
                    drawn = (_votes(generator, taste, contributors, shares) for _ in range(repetitions))
                    held = _held(fit, truth(taste, family), drawn, ("auto", "none"))
                    return {
                        "taste": taste,
                        "contributors": contributors,
                        "repetitions": repetitions,
                        "clustered": float(held[0].mean()),
                        "error": float(held[0].std() / np.sqrt(repetitions)),
                        "independent": float(held[1].mean()),
                    }

                name = f"coverage/{label}/{taste}/{contributors}{'' if shares == 'even' else f'/{shares}'}"
                found.append({**cells.get(name, compute), "model": label, "shares": shares})
    return found


TWO_WAY = ((20, 0.0, 0.0), (20, 0.0, 0.8), (20, 0.3, 0.8), (100, 0.3, 0.8))
"""Contributors, taste, luck of a task's results."""
JUDGED = 4
"""People who judge each task."""


def two_way(cells: Cells, scale: float) -> list[Cell]:
    """The same where each task's two results are judged by several people: contributors and tasks are clusters."""
    found = []
    for contributors, taste, item in TWO_WAY:

        def compute(contributors: int = contributors, taste: float = taste, item: float = item) -> Cell:
            generator = np.random.default_rng([8, int(taste * 10), int(item * 10), contributors])
            repetitions = max(50, int(REPETITIONS * scale))
            drawn = (
                _votes(generator, taste, contributors, "even", item=item, judged=JUDGED) for _ in range(repetitions)
            )
            held = _held(davidson, truth(taste, DAVIDSON, item=item), drawn, ("auto", "contributor", "task", "none"))
            cell: Cell = {"contributors": contributors, "taste": taste, "item": item, "repetitions": repetitions}
            for way, one in zip(("both", "contributor", "task", "none"), held, strict=True):
                cell[way], cell[f"{way}_error"] = float(one.mean()), float(one.std() / np.sqrt(repetitions))
            return cell

        found.append(cells.get(f"two-way/{contributors}/{taste}/{item}", compute))
    return found


def _held(fit: Callable[..., Scores], target: np.ndarray, drawn: Iterable[Votes], ways: Sequence[str]) -> np.ndarray:
    """``(way of clustering, repetition)``: the share of differences whose interval holds the truth."""
    upper = np.triu_indices(ARMS, 1)
    wanted = target[upper[0]] - target[upper[1]]
    rows = [[np.mean(_holds(fit(votes, cluster=way), upper, wanted)) for way in ways] for votes in drawn]
    return np.array(rows).T


def _holds(scores: Scores, upper: tuple[np.ndarray, np.ndarray], wanted: np.ndarray) -> np.ndarray:
    from marlin.statistics.estimates import t_quantile

    first, second = upper
    apart = scores.strengths[first] - scores.strengths[second]
    spread = scores.covariance[first, first] + scores.covariance[second, second] - 2 * scores.covariance[first, second]
    return np.abs(apart - wanted) <= t_quantile(0.975, scores.df) * np.sqrt(spread)


def section(cells: list[Cell], shared: list[Cell]) -> str:
    """Of the study's page."""
    rows = [
        [
            cell["model"],
            f"{cell['taste']:g}",
            cell["contributors"],
            cell["shares"],
            f"{cell['repetitions']:,}",
            f"{100 * cell['clustered']:.1f} ± {100 * cell['error']:.1f}",
            f"{100 * cell['independent']:.1f}",
        ]
        for cell in cells
    ]
    head = ["model", "taste sd", "contributors", "shares", "repetitions", "clustered, %", "as if independent, %"]
    return f"""## How often 95 % intervals hold

Six arms, 2,000 votes in seven grades, all fifteen differences. Taste is a normal effect of contributor × arm in
log-odds. The truth is what the model tends to with endless contributors. Shares are even, in proportion to 1, ½, ⅓ …
(uneven), or one person gives every other vote (half).

{table(head, rows)}
Where contributions are uneven, how often an interval holds depends on how alike one person's votes are, and nobody
knows that beforehand: no quantile gives 95 % at every taste. Marlin takes the one that gives 95 % at the worst,
computed for the sizes at hand, so intervals hold a little more often elsewhere. With Student's t and the effective
number of contributors, as before, they held in up to 97.3 % with five uneven ones.

{_shared(shared)}"""


def _shared(cells: list[Cell]) -> str:
    def held(cell: Cell, way: str) -> str:
        return f"{100 * cell[way]:.1f} ± {100 * cell[way + '_error']:.1f}"

    rows = [
        [
            cell["contributors"],
            f"{cell['taste']:g}",
            f"{cell['item']:g}",
            f"{cell['repetitions']:,}",
            *(held(cell, way) for way in ("both", "contributor", "task", "none")),
        ]
        for cell in cells
    ]
    head = [
        "contributors", "taste sd", "luck sd", "repetitions", "both, %", "by contributor, %", "by task, %",
        "as if independent, %",
    ]  # fmt: skip
    return f"""### Where several people judge the same results

The same with 500 tasks, each judged by four people. What an arm made of a task is a matter of luck (normal, in
log-odds), and all four saw the same. *Both* is what Marlin does by itself: contributors and tasks are clusters.

{table(head, rows)}"""
