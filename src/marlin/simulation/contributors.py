"""Simulated contributors: votes of people of given skill, taste, bias and honesty, over arms of known strength. Pure.

The model, on the logit scale of Bradley and Terry. In one comparison of arms *a* (on side A) and *b* (on side B), on
axis *j*, contributor *i* perceives

    d[j] = strength[b, j] - strength[a, j] + taste[i, b] - taste[i, a] + item - side_bias[i]

and answers with ``y = mean(d) + e``, where ``e`` is logistic with scale ``1 / skill[i]``: of two arms without taste,
item and bias, B is preferred with probability ``1 / (1 + exp(-skill * mean(strength[b] - strength[a])))``. ``y``
becomes a grade from -3 (A much better) to +3: 0 within ``tie[i]`` of zero, and one more for each unit beyond. The axes
share part of the noise. A careless vote is drawn at random; somebody who colludes prefers one arm wherever it stands.

What two people see in the same item (``item``) is common to them, and what one person likes (``taste``) is common to
all their votes: so votes cluster, as real ones do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NOBODY = -1
"""In :attr:`Population.colludes`: an honest contributor."""

_SHARED = 0.6
"""How much of the noise of the overall preference each axis has, too."""
_OWN = 0.5
"""Standard deviation of what else there is on an axis, for a skill of 1."""


@dataclass(frozen=True, slots=True)
class Population:
    """Contributors, one a row.

    :ivar skill: the less noise, the more: 1 is the logit scale itself.
    :ivar taste: contributors × arms. :ivar side_bias: towards side A, on the logit scale.
    :ivar careless: the share of votes drawn at random. :ivar tie: how far from zero is still called equal.
    :ivar colludes: the arm that each prefers whatever it did, or :data:`NOBODY`.
    """

    skill: Floats
    taste: Floats
    side_bias: Floats
    careless: Floats
    tie: Floats
    colludes: Ints

    def __len__(self) -> int:
        return len(self.skill)


@dataclass(frozen=True, slots=True)
class Votes:
    """What they answered, one vote a row; grades from -3 (A much better) to +3 (B much better).

    :ivar axes: votes × axes. :ivar overall: 0 is equal. :ivar perceived: mean of ``d`` above, before noise.
    :ivar honest: False where the vote was careless or collusive.
    """

    axes: Ints
    overall: Ints
    perceived: Floats
    honest: NDArray[np.bool_]


def draw_population(
    rng: np.random.Generator,
    contributors: int,
    arms: int,
    *,
    skill: float = 1.0,
    skill_spread: float = 0.0,
    taste: float = 0.0,
    side_bias: float = 0.0,
    careless: float = 0.0,
    tie: float = 0.0,
    collude: Mapping[int, int] | None = None,
) -> Population:
    """Draw contributors.

    :param skill_spread: sigma of the logarithm of skill. :param taste: standard deviation of each person's own
        deviation for each arm.
    :param collude: arm → how many prefer it whatever it did; who they are is drawn.
    :raises ValueError: if more collude than there are, or a number can't be right.
    """
    if contributors < 1 or arms < 1:
        raise ValueError("there must be at least one contributor and one arm")
    if skill <= 0 or min(skill_spread, taste, tie) < 0 or not 0 <= careless <= 1:
        raise ValueError("skill is above 0, spreads are not negative, careless is a share")
    colludes = np.full(contributors, NOBODY, dtype=np.int64)
    wanted = [arm for arm, count in sorted((collude or {}).items()) for _ in range(count)]
    if len(wanted) > contributors or any(not 0 <= arm < arms for arm in wanted):
        raise ValueError("more contributors collude than there are, or for an arm that is none")
    skills = skill * np.exp(rng.normal(0.0, 1.0, contributors) * skill_spread)
    tastes = rng.normal(0.0, 1.0, (contributors, arms)) * taste
    colludes[rng.permutation(contributors)[: len(wanted)]] = wanted
    return Population(
        skill=skills,
        taste=tastes,
        side_bias=np.full(contributors, float(side_bias)),
        careless=np.full(contributors, float(careless)),
        tie=np.full(contributors, float(tie)),
        colludes=colludes,
    )


def simulate_votes(
    rng: np.random.Generator,
    strengths: Floats,
    population: Population,
    *,
    contributor: Ints,
    arm_a: Ints,
    arm_b: Ints,
    item: Floats | None = None,
) -> Votes:
    """Votes, one for each element of ``contributor``, ``arm_a`` and ``arm_b``.

    :param strengths: arms × axes, on the logit scale.
    :param item: what the two results of each vote happen to be like beyond their arms' strengths, towards B.
    :raises ValueError: if the arrays don't fit together.
    """
    who, first, second = (np.asarray(values, dtype=np.int64) for values in (contributor, arm_a, arm_b))
    if strengths.ndim != 2 or not (who.shape == first.shape == second.shape) or who.ndim != 1:
        raise ValueError("strengths is arms × axes, and contributor, arm_a and arm_b have one length")
    if population.taste.shape != (len(population), len(strengths)):
        raise ValueError("the population's taste does not have the arms of strengths")
    count, axes = len(who), strengths.shape[1]
    shift = population.taste[who, second] - population.taste[who, first] - population.side_bias[who]
    if item is not None:
        shift = shift + item
    seen = strengths[second] - strengths[first] + shift[:, None]
    perceived = seen.mean(axis=1)
    scale = 1.0 / population.skill[who]
    noise = rng.logistic(0.0, 1.0, count) * scale
    own = rng.normal(0.0, _OWN, (count, axes)) * scale[:, None]
    overall = _grades(perceived + noise, population.tie[who])
    by_axis = _grades(seen + _SHARED * noise[:, None] + own, np.maximum(population.tie[who], 0.25)[:, None])

    careless = rng.random(count) < population.careless[who]
    at_random = rng.integers(1, 4, count) * rng.choice((-1, 1), count)
    overall = np.where(careless, at_random, overall)
    by_axis = np.where(careless[:, None], rng.integers(-3, 4, (count, axes)), by_axis)

    favourite = population.colludes[who]
    bought = (favourite != NOBODY) & (first != second) & ((favourite == first) | (favourite == second))
    towards = np.where(favourite == second, 3, -3)
    overall = np.where(bought, towards, overall)
    by_axis = np.where(bought[:, None], towards[:, None], by_axis)
    return Votes(axes=by_axis, overall=overall, perceived=perceived, honest=~(careless | bought))


def _grades(values: Floats, tie: Floats) -> Ints:
    size = np.abs(values) - tie
    grades = np.where(size < 0, 0, 1 + (size >= 1.0) + (size >= 2.0))
    result: Ints = (np.sign(values) * grades).astype(np.int64)
    return result


def described(population: Population, arms: tuple[str, ...]) -> list[dict[str, Any]]:
    """The population as a summary has it: what an analysis is to be held against."""
    return [
        {
            "skill": round(float(population.skill[place]), 4),
            "taste": {arm: round(float(value), 4) for arm, value in zip(arms, population.taste[place], strict=True)},
            "side_bias": float(population.side_bias[place]),
            "careless": float(population.careless[place]),
            "tie": float(population.tie[place]),
            "colludes_for": None if population.colludes[place] == NOBODY else arms[population.colludes[place]],
        }
        for place in range(len(population))
    ]
