"""Scores with size, length and order held equal: is an arm liked for what it does, or for how much it writes? Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log1p

import numpy as np

from marlin import statistics
from marlin.comparisons import Measures
from marlin.leaderboards.ballots import ArmFacts, Ballot, Ballots
from marlin.leaderboards.figure_schemas import Interval
from marlin.leaderboards.ranking import ELO, NOTHING, counted_rows, interval, to_votes
from marlin.leaderboards.schemas import Effect, Standing
from marlin.statistics import ControlledScores, NotEnoughVotesError

LEAST = 30
"""Votes with both sides measured; with fewer, controlling says more about the prior than about the arms."""

DIFFERENCES: dict[str, Callable[[Measures], float]] = {
    "changed lines": lambda one: log1p(one.changed_lines),
    "files": lambda one: log1p(one.files),
    "model calls": lambda one: log1p(one.steps),
    "complexity": lambda one: float(one.complexity or 0),
}
"""What may sway a judge, of one side. Lengths count by their ratio: twice as long is twice as long."""

_UNITS = {
    "side": "being shown as side A",
    "changed lines": "one standard deviation more changed lines (logarithm)",
    "files": "one standard deviation more files (logarithm)",
    "model calls": "one standard deviation more model calls (logarithm)",
    "complexity": "one standard deviation more added complexity",
}


def controlled(ballots: Ballots, axis: str, standings: Sequence[Standing]) -> tuple[list[Standing], list[Effect]]:
    """Standings with covariates held equal, and what each covariate does; both empty with too few votes."""
    rows, _ = counted_rows(ballots, axis)
    measured = [row for row in rows if row.measures_a is not None and row.measures_b is not None]
    if len(measured) < LEAST:
        return [], []
    found = _fitted(measured, ballots.arms, axis)
    if found is None:
        return [], []
    scores = {arm: _score(found, index) for index, arm in enumerate(found.arms)}
    order = sorted(scores, key=lambda arm: -(scores[arm].estimate or 0.0))
    place = {arm: number for number, arm in enumerate(order, start=1)}
    shown = [
        row.model_copy(
            update={
                "score": scores.get(row.arm, NOTHING),
                "rank": place.get(row.arm),
                "rank_low": None,
                "rank_high": None,
                "week_change": None,
            }
        )
        for row in standings
    ]
    effects = [
        Effect(name=name, unit=_UNITS.get(name, name), effect=interval(one)) for name, one in found.effects.items()
    ]
    return sorted(shown, key=lambda row: (row.rank is None, row.rank or 0, row.arm)), effects


def _fitted(rows: Sequence[Ballot], arms: Sequence[ArmFacts], axis: str) -> ControlledScores | None:
    differences = {name: _difference(rows, name) for name in DIFFERENCES}
    differences = {name: values for name, values in differences.items() if float(np.std(values)) > 0}
    contexts = {"category": [row.vote.category or "none" for row in rows]}
    turns = ["first" if row.vote.turn_number == 1 else "later" for row in rows]
    if len(set(turns)) > 1:
        contexts["turns"] = turns
    if len(set(contexts["category"])) < 2:
        del contexts["category"]
    votes = to_votes(rows, arms, axis, differences=differences, contexts=contexts)
    try:
        return statistics.controlled(votes, differences=list(differences), contexts=list(contexts))
    except NotEnoughVotesError:
        return None


def _difference(rows: Sequence[Ballot], name: str) -> list[float]:
    measure = DIFFERENCES[name]

    def of(side: Measures | None) -> float:
        assert side is not None
        return measure(side)

    return [of(row.measures_a) - of(row.measures_b) for row in rows]


def _score(found: ControlledScores, index: int) -> Interval:
    spread = float(np.sqrt(max(found.covariance[index, index], 0.0)))
    estimate = statistics.Estimate.around(float(found.strengths[index]), spread, df=found.df)
    return interval(estimate, times=ELO)
