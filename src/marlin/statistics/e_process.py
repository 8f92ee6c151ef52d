"""Evidence that may be looked at whenever one likes, under clustering.

An e-value is a bet against the null hypothesis that gains nothing on average if it is true; by Markov's inequality
it reaches 1/α with a chance of at most α. Betting vote by vote (Waudby-Smith & Ramdas 2024) is valid only if each
vote is fair given the ones before: it is not when contributors return, whose taste is then known in part. Simulated
with 100 contributors of 20 votes and an intra-class correlation of 0.10, such a process is wrong in 9 to 32 of 100
campaigns where 5 are allowed.

So the unit of betting here is the *contributor*. At a look, each contributor contributes one factor, 1 + λ·(mean of
their votes − null), however many votes they gave; contributors are independent, so the product gains nothing on
average. Their votes grow between looks, so products of different looks may not be multiplied; but their weighted
sum has expectation at most 1 in total, and it only grows. Hence the sum up to now is an e-value at *any* time, for
any dependence between looks and any clustering. The price of not multiplying is a factor of at most the number of
looks, about two thirds more votes than a per-vote process needs when votes are independent. What must hold:
contributors judge independently of each other, and how much somebody contributes does not depend on what they vote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from marlin.statistics.arrays import Codes, FloatArray
from marlin.statistics.clustered_mean import by_cluster, clustered_mean
from marlin.statistics.errors import InvalidQuestionError
from marlin.statistics.sandwich import WORKING_ICC

EFFECTS = np.array([0.02, 0.04, 0.07, 0.11, 0.17, 0.25])
"""The differences from the null that are bet on, in equal parts: of the preferred share."""
_CAP = 0.9
"""Never bet more than this of what could be lost."""
_GRID = np.linspace(0.005, 0.995, 199)


def log_e_value(sums: FloatArray, sizes: FloatArray, null: float = 0.5, *, above: bool = True) -> FloatArray:
    """The logarithm of a bet that the mean is above (or below) ``null``, from each cluster's sum and size.

    Clusters are on the last axis. Larger clusters are bet on more, by how much their mean tells if two votes of one
    contributor correlate by 0.05; the bet's size never depends on what was voted.
    """
    sums, sizes = np.broadcast_arrays(sums, sizes)
    present = sizes > 0
    mean = np.where(present, sums / np.maximum(sizes, 1), null)
    variance = 0.25 * (WORKING_ICC + (1 - WORKING_ICC) / np.maximum(sizes, 1))
    limit = _CAP / (null if above else 1 - null)
    gain = (mean - null) if above else (null - mean)
    logs = [np.log1p(np.minimum(effect / variance, limit) * gain).sum(axis=-1) for effect in EFFECTS]
    return np.asarray(logsumexp(np.stack(logs), axis=0) - np.log(len(EFFECTS)))


@dataclass(frozen=True)
class Anytime:
    """What may be shown at any time.

    :ivar mean: at the last look; no contributor counts for more than twenty votes.
    :ivar e_value: evidence that the mean is above ½; above 1/α it is shown.
    :ivar low: with ``high``, the interval that holds the mean at all times at once, with probability ``level``.
    :ivar looks: numbers of votes at which evidence was added.
    """

    mean: float
    e_value: float
    low: float
    high: float
    level: float
    looks: tuple[int, ...]


def look_weights(planned: int | None, done: int) -> FloatArray:
    """The weight of each look: equal if their number is planned, 1/(j·(j + 1)) if there is no end."""
    if planned is not None:
        if done > planned:
            raise InvalidQuestionError(f"{done} looks, but {planned} were planned", hint="plan more looks beforehand")
        return np.full(done, 1 / planned)
    index = np.arange(1, done + 1)
    return np.asarray(1 / (index * (index + 1.0)))


def anytime(
    values: FloatArray,
    contributor: Codes | None,
    looks: Sequence[int],
    *,
    planned: int | None = None,
    level: float = 0.95,
) -> Anytime:
    """The e-process and the interval after these looks.

    :param values: in [0, 1], in the order they arrived.
    :param contributor: who gave each; None if every value is somebody else's.
    :param looks: after how many values evidence was, or is, added. Fix them beforehand (every tenth of the cap, say).
    :param planned: how many looks there will be at most; None for no end.
    :raises InvalidQuestionError: looks are not in order or beyond the data, values leave [0, 1], or the level is odd.
    """
    path = anytime_path(values, contributor, looks, planned=planned, level=level)
    return path[-1] if path else Anytime(_mean(values, contributor), 0.0, 0.0, 1.0, level, ())


def anytime_path(
    values: FloatArray,
    contributor: Codes | None,
    looks: Sequence[int],
    *,
    planned: int | None = None,
    level: float = 0.95,
) -> tuple[Anytime, ...]:
    """:func:`anytime` as it was at each of these looks, in one pass over the values.

    :raises InvalidQuestionError: as above.
    """
    _check(values, looks, level)
    weights = look_weights(planned, len(looks))
    people = 1 + int(contributor.max(initial=-1)) if contributor is not None else 0
    sums, sizes = np.zeros(people), np.zeros(people)
    log_up = log_down = np.full(len(_GRID), -np.inf)
    log_half, before, path = -np.inf, 0, []
    for index, size in enumerate(looks):
        if contributor is None:
            sums, sizes = values[:size], np.ones(size)
        else:
            further = by_cluster(values[before:size], contributor[before:size], people)
            sums, sizes, before = sums + further[0], sizes + further[1], size
        held = np.log(weights[index])
        log_half = np.logaddexp(log_half, held + float(log_e_value(sums, sizes)))
        log_up = np.logaddexp(log_up, held + _over_nulls(sums, sizes, above=True))
        log_down = np.logaddexp(log_down, held + _over_nulls(sums, sizes, above=False))
        low, high = interval_of(np.logaddexp(log_up, log_down) - np.log(2), level)
        mean = float(clustered_mean(sums, sizes, shared=True).mean)
        seen = tuple(looks[: index + 1])
        path.append(Anytime(mean, float(np.exp(min(float(log_half), 700.0))), low, high, level, seen))
    return tuple(path)


def _mean(values: FloatArray, contributor: Codes | None) -> float:
    return float(clustered_mean(*by_cluster(values, contributor), shared=True).mean) if len(values) else 0.5


def _over_nulls(sums: FloatArray, sizes: FloatArray, *, above: bool) -> FloatArray:
    """:func:`log_e_value` for every null on the grid; equal contributors are done once."""
    distinct, often = np.unique(np.stack([sums, sizes]), axis=1, return_counts=True)
    distinct, often = distinct[:, distinct[1] > 0], often[distinct[1] > 0]
    mean = distinct[0] / distinct[1]
    variance = 0.25 * (WORKING_ICC + (1 - WORKING_ICC) / distinct[1])
    limit = _CAP / (_GRID if above else 1 - _GRID)[:, None]
    gain = (mean - _GRID[:, None]) * (1 if above else -1)
    logs = [np.log1p(np.minimum(effect / variance, limit) * gain) @ often for effect in EFFECTS]
    return np.asarray(logsumexp(np.stack(logs), axis=0) - np.log(len(EFFECTS)))


def interval_of(log_two: FloatArray, level: float) -> tuple[float, float]:
    """The means on the grid that the two-sided evidence does not exclude, widened to the next grid point."""
    kept = np.flatnonzero(log_two < -np.log(1 - level))
    if len(kept) == 0:
        centre = float(_GRID[int(np.argmin(log_two))])
        return centre, centre
    low = 0.0 if kept[0] == 0 else float(_GRID[kept[0] - 1])
    high = 1.0 if kept[-1] == len(_GRID) - 1 else float(_GRID[kept[-1] + 1])
    return low, high


def betting(values: FloatArray, null: float = 0.5) -> FloatArray:
    """The running e-process that the mean is above ``null``, one bet for each value in turn (predictable plug-in).

    Valid if each value is fair given those before: one value for each contributor, such as the mean of a *closed*
    block of their votes. Not for single votes of contributors who return. Leading axes are separate campaigns.
    """
    values = np.asarray(values, dtype=np.float64)
    count = np.arange(values.shape[-1])
    before = np.cumsum(values, axis=-1) - values
    mean = (null + before) / (count + 1)
    squares = (0.25 + np.cumsum((values - mean) ** 2, axis=-1) - (values - mean) ** 2) / (count + 1)
    bet = np.clip((mean - null) / (squares + (mean - null) ** 2), 0.0, _CAP / null)
    return np.asarray(np.exp(np.cumsum(np.log1p(bet * (values - null)), axis=-1)))


def _check(values: FloatArray, looks: Sequence[int], level: float) -> None:
    if not 0 < level < 1:
        raise InvalidQuestionError(f"a level of {level:g} is not between 0 and 1", hint="0.95 is usual")
    if len(values) and not (np.nanmin(values) >= 0 and np.nanmax(values) <= 1 and np.isfinite(values).all()):
        raise InvalidQuestionError("a value is missing or outside 0 to 1", hint="use marlin.statistics.support")
    if any(later <= earlier for earlier, later in zip((0, *looks), looks, strict=False)):
        raise InvalidQuestionError("looks are not in order", hint="give growing numbers of votes")
    if looks and looks[-1] > len(values):
        raise InvalidQuestionError(
            f"a look after {looks[-1]} votes, but there are {len(values)}", hint="look at what there is"
        )
