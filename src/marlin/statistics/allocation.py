"""Where the next dollar tells most: which pair of arms to compare, and which item to have judged again.

A vote on a pair lowers the uncertainty of all scores by a known amount (its Fisher information), so pairs are
chosen one by one for the largest drop in what matters, for the money. What matters: that
arms stand in the right order, and all the more the further apart they are (expected loss). An item judged already is
worth judging again for as much as a further verdict is expected to tell about its true one (mutual information).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from marlin.statistics.arrays import FloatArray
from marlin.statistics.errors import InvalidQuestionError
from marlin.statistics.family import Design, pseudo_inverse, unit_information, verdict_chances
from marlin.statistics.provenance import Provenance
from marlin.statistics.scores import Scores


@dataclass(frozen=True, slots=True)
class PairPlan:
    """What to buy of one pair.

    :ivar votes: how many of the batch.
    :ivar before: the standard error of the pair's difference now, and ``after`` the batch.
    """

    first: str
    second: str
    votes: int
    before: float
    after: float


@dataclass(frozen=True)
class Allocation:
    """How to spend a batch.

    :ivar pairs: those that get votes, most first.
    :ivar misordered_now: the expected number of pairs of arms in the wrong order; then after this batch, and after
        one of the same price spent on all pairs equally.
    """

    pairs: tuple[PairPlan, ...]
    dollars: float
    misordered_now: float
    misordered_after: float
    misordered_if_equal: float
    provenance: Provenance


def pairs_to_buy(
    scores: Scores,
    budget: float,
    *,
    price: float = 280.0,
    prices: Mapping[frozenset[str], float] | None = None,
    most: int = 2000,
) -> Allocation:
    """Choose pairs for a budget.

    :param price: of one comparison; ``prices`` of particular pairs.
    :param most: never plan more votes than this at a time: scores should be looked at again before.
    :raises InvalidQuestionError: the budget buys nothing.
    """
    arms, upper = len(scores.arms), np.triu_indices(len(scores.arms), 1)
    cost = np.array(
        [(prices or {}).get(frozenset((scores.arms[i], scores.arms[j])), price) for i, j in zip(*upper, strict=True)]
    )
    if len(cost) == 0 or budget < cost.min() or cost.min() <= 0:
        raise InvalidQuestionError(f"${budget:,.0f} buys no comparison", hint=f"plan with ${price:,.0f} at least")
    design = Design(arms, *upper, np.zeros((len(cost), 0))).matrix()
    family = scores.fit.family
    zeta = scores.fit.parameters[len(scores.fit.parameters) - family.nuisance.shape[1] :]
    chances = verdict_chances(design @ scores.strengths, zeta, family)
    information = unit_information(chances, family)[0] / _design_effect(scores, design)
    apart = np.abs(design @ scores.strengths)
    covariance = scores.covariance.copy()
    bought = np.zeros(len(cost), dtype=np.int64)
    left = budget
    while bought.sum() < most:
        spread = _spread(design, covariance)
        importance = _importance(apart, spread)
        reach = design @ covariance @ design.T
        # What one more vote on each pair takes off each pair's variance, weighted by what that does for the order.
        drop = information[:, None] * reach**2 / (1 + information * np.diag(reach))[:, None]
        gain = drop @ importance / cost
        gain[cost > left] = -1
        best = int(np.argmax(gain))
        if gain[best] <= 0:
            break
        covariance = _after(covariance, design[best], float(information[best]))
        bought[best] += 1
        left -= float(cost[best])
    equal = scores.covariance.copy()
    for index, votes in enumerate((budget - left) / cost.sum() * np.ones(len(cost))):
        equal = _after(equal, design[index], float(information[index] * votes))
    now, then = _spread(design, scores.covariance), _spread(design, covariance)
    plans = [
        PairPlan(scores.arms[i], scores.arms[j], int(bought[index]), float(now[index]), float(then[index]))
        for index, (i, j) in enumerate(zip(*upper, strict=True))
        if bought[index]
    ]
    return Allocation(
        tuple(sorted(plans, key=lambda plan: -plan.votes)),
        budget - left,
        float(ndtr(-apart / now).sum()),
        float(ndtr(-apart / then).sum()),
        float(ndtr(-apart / _spread(design, equal)).sum()),
        Provenance(
            "greedy choice by Fisher information per dollar, for the expected loss by misordered pairs",
            scores.provenance.data_hash,
            {"pairs": len(cost), "votes": int(bought.sum())},
            scores.provenance.ties,
            scores.provenance.clusters,
            scores.provenance.notes,
        ),
    )


def _spread(design: FloatArray, covariance: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(np.maximum(np.einsum("pi,ij,pj->p", design, covariance, design), 1e-12)))


def _importance(apart: FloatArray, spread: FloatArray) -> FloatArray:
    """How fast the expected loss falls with a pair's variance, if a wrong order costs as much as the two differ.

    The loss is spread · (φ(z) − z·Φ(−z)), its derivative φ(z) / (2 · spread). Counting wrong orders alike instead would
    pour votes on pairs that are as good as equal, where no order is wrong for long: simulated, that is no better than
    buying all pairs alike.
    """
    z = apart / spread
    return np.asarray(np.exp(-0.5 * z**2) / spread)


def _design_effect(scores: Scores, design: FloatArray) -> float:
    """How much wider the clustered covariance is than that of independent votes."""
    arms = len(scores.arms)
    independent = pseudo_inverse(scores.fit.information, arms)[:arms, :arms]
    ratio = _spread(design, scores.covariance) ** 2 / _spread(design, independent) ** 2
    return float(np.clip(np.median(ratio), 1.0, 20.0))


def _after(covariance: FloatArray, contrast: FloatArray, information: float) -> FloatArray:
    """The covariance after votes on one pair (Sherman & Morrison 1950)."""
    moved = covariance @ contrast
    return np.asarray(covariance - information * np.outer(moved, moved) / (1 + information * float(contrast @ moved)))


def items_to_judge(truth: FloatArray, accuracy: float | FloatArray, price: float | FloatArray = 280.0) -> FloatArray:
    """What one more verdict on each item is expected to tell, in bits per dollar.

    :param truth: ``(item, verdict)`` probabilities, as :func:`marlin.statistics.reliability.dawid_skene` gives them.
    :param accuracy: the chance that the next contributor reports the truth; errors fall on the other verdicts equally.
    :returns: one number for each item; buy the largest first.
    :raises InvalidQuestionError: an accuracy or a price makes no sense.
    """
    right, cost = np.broadcast_to(accuracy, len(truth)), np.broadcast_to(price, len(truth))
    if not ((right > 0) & (right <= 1)).all() or not (cost > 0).all():
        raise InvalidQuestionError("an accuracy is outside 0 to 1, or a price is not positive", hint="check both")
    verdicts = truth.shape[1]
    wrong = (1 - right) / (verdicts - 1)
    heard = truth * right[:, None] + (1 - truth) * wrong[:, None]
    noise = _entropy(right[:, None]) + (verdicts - 1) * _entropy(wrong[:, None])
    return np.asarray((_entropy(heard).sum(axis=1) - noise.sum(axis=1)) / cost)


def _entropy(chances: FloatArray) -> FloatArray:
    return np.asarray(-chances * np.log2(np.maximum(chances, 1e-300)))
