"""Control variates: what checks know of pairs of results, rated or not, as the statistics take it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log1p
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import comparisons
from marlin.comparisons import FirstPair, Measures
from marlin.leaderboards.ballots import Ballot
from marlin.leaderboards.models import Question
from marlin.leaderboards.question_schemas import QuestionOut
from marlin.leaderboards.schemas import ControlOut
from marlin.statistics import ControlSignal, State

SIGNALS: Mapping[str, Callable[[Measures], float | None]] = {
    "checks_passed": lambda one: one.passed,
    "changed_lines": lambda one: log1p(one.changed_lines),
    "model_calls": lambda one: log1p(one.steps),
}
NAMES = {
    "checks_passed": "the share of checks passed",
    "changed_lines": "changed lines",
    "model_calls": "model calls",
}
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of results with its measures."""

    made: FirstPair
    side_a: Measures | None
    side_b: Measures | None


async def load_pairs(session: AsyncSession, question: Question) -> list[Pair]:
    """Every pair of the question's arms that its control variate can be known of; none if it has no such."""
    if question.control == "none":
        return []
    made = await comparisons.first_pairs(session, question.campaign_id, question.baseline_id, question.candidate_id)
    rollouts = {rollout for one in made for rollout in (one.rollout_a_id, one.rollout_b_id)}
    measures = await comparisons.measures_of(session, rollouts)
    return [Pair(one, measures.get(one.rollout_a_id), measures.get(one.rollout_b_id)) for one in made]


def control_signal(
    question: QuestionOut, rows: Sequence[Ballot], pairs: Sequence[Pair], candidate: UUID
) -> ControlSignal:
    """What the control variate says of the rated pairs, and of those that nobody had rated at the time of a look.

    A pair counts from when its checks were in until its own verdict is accepted, or it is given up: pairs on their way.
    A look at so many votes sees those of its own time, so that it comes out alike whenever it is computed.
    """
    known = SIGNALS[question.control]
    accepted = [row.vote.accepted_at for row in rows]
    place = {row.vote.comparison_id: index for index, row in enumerate(rows)}
    unrated, since, until = [], [], []
    for pair in pairs:
        towards_a = _apart(known, pair.side_a, pair.side_b)
        unrated.append(towards_a if pair.made.arm_a_id == candidate else -towards_a)
        since.append(bisect_right(accepted, pair.made.ready_at))
        own = place.get(pair.made.comparison_id)
        ended = pair.made.ended_at
        until.append(own + 1 if own is not None else _NEVER if ended is None else bisect_right(accepted, ended) + 1)
    rated = np.array([_apart(known, row.measures_a, row.measures_b) for row in rows], dtype=np.float64)
    return ControlSignal(
        rated, np.array(unrated, dtype=np.float64), np.array(since, dtype=np.int64), np.array(until, dtype=np.int64)
    )


def _apart(known: Callable[[Measures], float | None], side_a: Measures | None, side_b: Measures | None) -> float:
    """Side A's less side B's; 0 where one of them was not measured, of rated pairs as of others."""
    one, other = (None if side is None else known(side) for side in (side_a, side_b))
    return 0.0 if one is None or other is None else one - other


def control_out(question: QuestionOut, state: State | None) -> ControlOut | None:
    """What the control variate gained by the last look; None if the question names none."""
    if question.control == "none":
        return None
    name = NAMES[question.control]
    if state is None or not state.looks:
        words = f"Control variate: the difference of {name}; what it gains is told at the first look."
        return ControlOut(name=question.control, weight=0.0, pool=0, variance_ratio=1.0, words=words)
    look = state.looks[-1]
    pairs = "pair of the two arms was" if look.control_pool == 1 else "pairs of the two arms were"
    there = f"{look.control_pool:,} {pairs} there that nobody had rated yet"
    if not look.control_weight:
        said = f"was no help at the last look and is left out ({there})"
    elif look.variance_ratio >= 1:
        said = f"gained nothing at the last look ({there})"
    else:
        saved = 1 - look.variance_ratio
        said = f"took {saved:.0%} of the variance away, as {saved / look.variance_ratio:.0%} more votes would ({there})"
    return ControlOut(
        name=question.control,
        weight=look.control_weight,
        pool=look.control_pool,
        variance_ratio=look.variance_ratio,
        words=f"Control variate: the difference of {name} {said}.",
    )
