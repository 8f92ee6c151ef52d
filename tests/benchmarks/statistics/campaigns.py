"""Campaigns between two arms, drawn many at a time: only what each contributor said up to each look."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from marlin.statistics import Plan, clustered_mean
from marlin.statistics.e_process import log_e_value, look_weights

Array = NDArray[np.float64]


def sizes_at(looks: tuple[int, ...], contributors: int, *, uneven: bool = False) -> Array:
    """``(look, contributor)``: how many votes each has given, in turn or very unevenly (in proportion to 1, ½, ⅓ …)."""
    if not uneven:
        place = np.arange(contributors)
        return np.array([size // contributors + (place < size % contributors) for size in looks], dtype=float)
    share = 1 / np.arange(1, contributors + 1)
    share /= share.sum()
    return np.floor(np.array(looks)[:, None] * share).astype(float)


def drawn(generator: np.random.Generator, repetitions: int, share: float, icc: float, sizes: Array) -> Array:
    """``(campaign, look, contributor)``: how many votes were for the candidate.

    A contributor's own share is beta distributed, so that two votes of theirs correlate by ``icc``.
    """
    contributors = sizes.shape[1]
    leaning = np.full((repetitions, contributors), share)
    if icc:
        strength = (1 - icc) / icc
        leaning = generator.beta(share * strength, (1 - share) * strength, leaning.shape)
    new = np.diff(sizes, axis=0, prepend=0).astype(int)
    return np.cumsum(generator.binomial(new[None], leaning[:, None]), axis=1).astype(float)


def ends(z: Array, plan: Plan, *, futility: bool) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whether each campaign shows the candidate better, and after how many votes it ends.

    :param z: ``(campaign, look)``.
    """
    up = z >= np.array(plan.upper)
    stop = up | (z <= np.array(plan.lower)) if futility else up.copy()
    stop[:, -1] = True
    first = stop.argmax(axis=1)
    return up[np.arange(len(z)), first], np.array(plan.at)[first]


def clustered_z(sums: Array, sizes: Array) -> Array:
    """Of each campaign and look."""
    return clustered_mean(sums, sizes[None], shared=True).z(repeated=sums.shape[1] > 1)


def evidence(sums: Array, sizes: Array, null: float = 0.5, *, both: bool = False) -> Array:
    """``(campaign, look)``: the e-process that the share is above the null (or differs from it)."""
    logs = log_e_value(sums, sizes[None], null)
    value = np.exp(np.minimum(logs, 600))
    if both:
        value = (value + np.exp(np.minimum(log_e_value(sums, sizes[None], null, above=False), 600))) / 2
    looks = sums.shape[1]
    return np.cumsum(value * look_weights(looks, looks), axis=1)
