"""How much of the allowed error may be spent at each look, and the boundaries that follow.

Lan and DeMets (1983): the type-I error α is spent along a function of progress; the Pocock-type one, α·ln(1 + (e −
1)·t), spends early, so that a clear difference ends a campaign early. Futility spends β along β·t² (Kim & DeMets
1987) and is not binding: ignoring it never raises the type-I error. Boundaries come from the recursion of Armitage,
McPherson and Rowe (1969; Jennison & Turnbull 2000, chapter 19): the density of the score statistic among campaigns
that still run, carried from look to look by Gauss–Legendre quadrature.

Error is spent by progress towards the cap, while the correlation between looks follows the information collected
(Lan & DeMets 1989): under clustering a vote late in the campaign tells less than an early one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

from marlin.statistics.arrays import FloatArray
from marlin.statistics.errors import InvalidQuestionError

Spending = Literal["pocock", "obrien-fleming", "kim-demets"]
MOST_LOOKS = 10

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(160)
_FAR = 8.0
"""Beyond so many standard deviations nothing is left that could be seen in double precision's better half."""


def spent(total: float, progress: float, kind: Spending = "pocock") -> float:
    """How much of ``total`` may be used up at ``progress`` between 0 and 1."""
    at = min(max(progress, 0.0), 1.0)
    if kind == "pocock":
        return float(total * np.log1p((np.e - 1) * at))
    if kind == "kim-demets":
        return total * at**2
    return float(2 * (1 - ndtr(ndtri(1 - total / 2) / np.sqrt(at)))) if at > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Where a campaign stops, in units of the z statistic, look by look.

    :ivar upper: at or above it, the difference is shown.
    :ivar lower: at or below it, going on is futile; minus infinity where there is no such boundary.
    :ivar crossed_up: chance of stopping up at each look, under ``effect``.
    :ivar crossed_down: chance of stopping for futility at each look.
    """

    information: tuple[float, ...]
    upper: tuple[float, ...]
    lower: tuple[float, ...]
    effect: float
    crossed_up: tuple[float, ...]
    crossed_down: tuple[float, ...]

    @property
    def power(self) -> float:
        """Chance that the difference is shown at some look."""
        return float(sum(self.crossed_up))


class _Walk:
    """The density of the score statistic among campaigns that still run.

    :ivar points: where it is known; one point of weight one before the first look.
    """

    def __init__(self, effect: float, score: float = 0.0, information: float = 0.0) -> None:
        self.effect, self.information = effect, information
        self.points, self.mass = np.array([score]), np.array([1.0])

    def _centred(self, information: float) -> tuple[FloatArray, float]:
        step = information - self.information
        return self.points + self.effect * step, float(np.sqrt(step))

    def above(self, z: float, information: float) -> float:
        """Chance to be at or above z at the next look."""
        centre, spread = self._centred(information)
        return float(self.mass @ ndtr((centre - z * np.sqrt(information)) / spread))

    def below(self, z: float, information: float) -> float:
        """Chance to be below z at the next look."""
        if np.isneginf(z):
            return 0.0
        centre, spread = self._centred(information)
        return float(self.mass @ ndtr((z * np.sqrt(information) - centre) / spread))

    def go_on(self, low: float, high: float, information: float) -> None:
        """Keep what lies between two values of z at the next look."""
        centre, spread = self._centred(information)
        root = np.sqrt(information)
        bottom = max(low * root, float(centre.min()) - _FAR * spread)
        top = min(high * root, float(centre.max()) + _FAR * spread)
        half = max(top - bottom, 0.0) / 2
        points = bottom + half * (_NODES + 1)
        density = np.exp(-0.5 * ((points[:, None] - centre) / spread) ** 2) / (spread * np.sqrt(2 * np.pi))
        self.mass = half * _WEIGHTS * (density @ self.mass)
        self.points, self.information = points, information


def _root(chance: Callable[[float, float], float], information: float, wanted: float, low: float, high: float) -> float:
    """The z between two limits at which a monotone chance is as wanted; the nearer limit if none is."""
    from scipy.optimize import brentq

    at_low, at_high = chance(low, information) - wanted, chance(high, information) - wanted
    if at_low * at_high > 0:
        return low if abs(at_low) < abs(at_high) else high
    return float(brentq(lambda z: chance(z, information) - wanted, low, high, xtol=1e-10))


def upper_boundaries(
    information: Sequence[float], progress: Sequence[float], alpha: float, kind: Spending = "pocock"
) -> tuple[float, ...]:
    """The efficacy boundary at each look, futility ignored.

    :param information: collected at each look, in any unit; only ratios count.
    :param progress: towards the cap at each look; 1 spends all that is left.
    :raises InvalidQuestionError: α or the looks make no sense.
    """
    _check(information, progress, alpha)
    walk, used, found = _Walk(0.0), 0.0, []
    for amount, share in zip(information, progress, strict=True):
        allowed = spent(alpha, share, kind) - used
        limit = _root(walk.above, amount, allowed, -_FAR, _FAR) if allowed > 1e-14 else _FAR
        used += walk.above(limit, amount)
        found.append(limit)
        walk.go_on(-np.inf, limit, amount)
    return tuple(found)


def boundaries(
    information: Sequence[float],
    progress: Sequence[float],
    alpha: float,
    *,
    effect: float = 0.0,
    beta: float | None = None,
    kind: Spending = "pocock",
    futility: Spending = "kim-demets",
    upper: tuple[float, ...] | None = None,
) -> Boundaries:
    """Efficacy and non-binding futility boundaries.

    :param upper: the efficacy boundary, if it is fixed already.
    :param effect: such that the z statistic has mean ``effect · √information``: the smallest effect of interest.
    :param beta: 1 − power, spent on futility; without it there is no futility boundary.
    :raises InvalidQuestionError: α, β or the looks make no sense.
    """
    upper = upper or upper_boundaries(information, progress, alpha, kind)
    if beta is None:
        return crossing(information, upper, [-np.inf] * len(upper), effect)
    if not 0 < beta < 1:
        raise InvalidQuestionError(f"a power of {1 - beta:g} is not between 0 and 1", hint="0.8 is usual")
    walk, used, lower = _Walk(effect), 0.0, []
    for amount, share, limit in zip(information, progress, upper, strict=True):
        at = _root(walk.below, amount, spent(beta, share, futility) - used, -_FAR, limit)
        used += walk.below(at, amount)
        lower.append(at)
        walk.go_on(at, limit, amount)
    return crossing(information, upper, lower, effect)


def crossing(
    information: Sequence[float],
    upper: Sequence[float],
    lower: Sequence[float],
    effect: float,
    *,
    score: float = 0.0,
    already: float = 0.0,
) -> Boundaries:
    """How likely each boundary is crossed at each look under a true effect.

    :param score: from where the statistic goes on, after so much information was collected ``already``.
    """
    walk, ups, downs = _Walk(effect, score, already), [], []
    for amount, high, low in zip(information, upper, lower, strict=True):
        ups.append(walk.above(high, amount))
        downs.append(walk.below(min(low, high), amount))
        walk.go_on(low, high, amount)
    return Boundaries(tuple(information), tuple(upper), tuple(lower), effect, tuple(ups), tuple(downs))


@cache
def needed_drift(looks: int, alpha: float, power: float, kind: Spending = "pocock", *, futility: bool = True) -> float:
    """The mean of the final z statistic at which equally spaced looks reach the power.

    Its square over that of a fixed design, (z₁₋α + z_power)², is how much larger the cap must be.
    """
    progress = [look / looks for look in range(1, looks + 1)]
    fixed = float(ndtri(1 - alpha) + ndtri(power))

    def reached(drift: float, _: float) -> float:
        beta = 1 - power if futility else None
        return boundaries(progress, progress, alpha, effect=drift, beta=beta, kind=kind).power

    return _root(reached, 1.0, power, fixed * 0.9, fixed * 1.8)


def _check(information: Sequence[float], progress: Sequence[float], alpha: float) -> None:
    if not 0 < alpha < 1:
        raise InvalidQuestionError(f"an α of {alpha:g} is not between 0 and 1", hint="0.05 is usual")
    if len(information) != len(progress) or not 1 <= len(information) <= MOST_LOOKS:
        raise InvalidQuestionError(f"{len(information)} looks", hint=f"plan 1 to {MOST_LOOKS} looks")
    if np.any(np.diff([0.0, *information]) <= 0) or np.any(np.diff([0.0, *progress]) < 0):
        raise InvalidQuestionError("information does not grow from look to look", hint="give looks in order")
