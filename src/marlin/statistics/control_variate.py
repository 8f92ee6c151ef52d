"""A second opinion that costs little: automated judges or checks as a control variate.

Where a cheap signal is known for every vote and for many more pairs of results that nobody rated, the mean of the
votes can be corrected by how lucky the rated ones were (prediction-powered inference, PPI++: Angelopoulos, Duchi &
Zrnic 2023; for model evaluation Zhou, Song & Zanette 2025). The weight λ is tuned on the data: a useless or
misleading signal gets λ ≈ 0, so it can't bias the answer, only fail to help. With correlation ρ and unlimited
unrated pairs 1 − ρ² as many votes are needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from marlin.statistics.arrays import Codes, FloatArray, IntArray
from marlin.statistics.clustered_mean import by_cluster, clustered_mean
from marlin.statistics.errors import InvalidVotesError, NotEnoughVotesError
from marlin.statistics.estimates import Estimate
from marlin.statistics.provenance import Provenance, hash_of

LEAST_VOTES = 30
"""With fewer, λ can't be tuned, and the plain mean is used."""


@dataclass(frozen=True, slots=True)
class Controlled:
    """A mean with a control variate, beside the one without.

    :ivar weight: λ; 0 if the signal does not help.
    :ivar correlation: between votes and signal.
    :ivar saved: the share of votes that the signal replaces, 0 if it doesn't help.
    """

    estimate: Estimate
    plain: Estimate
    weight: float
    correlation: float
    saved: float
    provenance: Provenance


def tuned_weight(values: FloatArray, signal: FloatArray, unrated: float) -> FloatArray:
    """λ on the last axis: what minimises the variance, between 0 and 1 signal-for-vote regression's own slope.

    :param unrated: how many more pairs have a signal.
    """
    size = values.shape[-1]
    off_values = values - values.mean(axis=-1, keepdims=True)
    off_signal = signal - signal.mean(axis=-1, keepdims=True)
    spread = (off_signal**2).mean(axis=-1)
    together = (off_values * off_signal).mean(axis=-1)
    slope = np.where(spread > 1e-12, together / np.maximum(spread, 1e-12), 0.0)
    # A slope within the noise of zero would add noise of its own: it is shrunk, to nothing if smaller than its error.
    noise = (off_values**2).mean(axis=-1) / np.maximum(spread, 1e-12) / size
    kept = np.where(slope**2 > noise, 1 - noise / np.maximum(slope**2, 1e-300), 0.0)
    return np.asarray(slope * kept * unrated / (unrated + size))


def controlled_mean(
    values: FloatArray,
    signal: FloatArray,
    unrated: FloatArray,
    contributor: Codes | None = None,
    *,
    level: float = 0.95,
) -> Controlled:
    """The mean of ``values``, corrected by a signal.

    :param signal: for each value, what the judge or the checks say, in any unit, towards the same arm.
    :param unrated: the signal of pairs that nobody rated, from the same tasks and arms.
    :raises NotEnoughVotesError: there are no values.
    :raises InvalidVotesError: lengths differ, or something is missing.
    """
    if len(values) == 0:
        raise NotEnoughVotesError("there is no vote", hint="wait for the first accepted rating")
    if len(signal) != len(values):
        raise InvalidVotesError(
            f"{len(signal)} signals for {len(values)} votes", hint="give the signal of every rated pair"
        )
    if not (np.isfinite(values).all() and np.isfinite(signal).all() and np.isfinite(unrated).all()):
        raise InvalidVotesError("a vote or a signal is missing", hint="leave out pairs without a signal")
    plain = _estimated(values, contributor, 0.0, level)
    told = Provenance(
        "mean with a control variate (PPI++), clustered by contributor",
        hash_of(values, signal, contributor) + hash_of(unrated),
        {"votes": len(values), "unrated": len(unrated)},
        clusters="none: votes are taken as independent" if contributor is None else "by contributor",
    )
    usable = len(values) >= LEAST_VOTES and len(unrated) > 0 and signal.std() > 0 and values.std() > 0
    correlation = float(np.corrcoef(values, signal)[0, 1]) if usable else 0.0
    weight = float(tuned_weight(values, signal, len(unrated))) if usable else 0.0
    if weight == 0.0:
        return Controlled(plain, plain, 0.0, correlation, 0.0, told)
    corrected = values - weight * (signal - unrated.mean())
    estimate = _estimated(corrected, contributor, weight**2 * float(unrated.var()) / len(unrated), level)
    share = len(unrated) / (len(unrated) + len(values))
    return Controlled(estimate, plain, weight, correlation, correlation**2 * share, told)


@dataclass(frozen=True)
class ControlSignal:
    """A cheap signal of every vote given to :func:`~marlin.statistics.decision.assessed`, and of unrated pairs.

    :ivar rated: towards side A, 0 where it is not known; both-bad verdicts have one as well.
    :ivar unrated: towards the candidate, 0 where it is not known: pairs like the rated ones in all but that.
    :ivar since: how many votes had been given when an unrated pair was there, and ``until`` when it was rated itself,
        so that a look in the past comes out alike for ever. None: it always was, and never is.
    """

    rated: FloatArray
    unrated: FloatArray
    since: IntArray | None = None
    until: IntArray | None = None

    def pool(self, votes: int) -> FloatArray:
        """The signals of the pairs that were there, unrated, after so many votes."""
        there = np.ones(len(self.unrated), dtype=bool)
        if self.since is not None:
            there &= self.since <= votes
        if self.until is not None:
            there &= self.until > votes
        return self.unrated[there]


class Corrected(NamedTuple):
    """Votes to take the clustered mean of, less what the signal explains.

    :ivar weight: λ, on average.
    :ivar further: what the unrated pairs' own luck adds to the variance of the mean.
    """

    values: FloatArray
    weight: float
    further: float


FOLDS = 5


def corrected(values: FloatArray, signal: FloatArray, unrated: FloatArray, person: Codes | None) -> Corrected | None:
    """Votes of one look, corrected by a signal with a weight that their own contributor had no say in.

    The contributors are dealt to five parts by when they first voted, and each part's λ is tuned on the others: within
    a part, the correction has mean zero whatever λ is. None if the signal is no help, or there is too little of it.

    :param values: NaN for both-bad verdicts: what was rated and the pool can only be told to be alike before anybody
        knows which of them are both bad, so these count for the signal's mean, though not for the preference.
    """
    decided = np.isfinite(values)
    if np.count_nonzero(decided) < LEAST_VOTES or len(unrated) < 2 or signal.std() == 0:
        return None
    off = np.where(decided, (np.where(decided, values, 0.5) - 0.5) / decided.mean(), 0.0)
    fold = _dealt(len(values), person)
    weights: FloatArray = np.zeros(len(values))
    for part in range(int(fold.max()) + 1):
        others = fold != part
        if others.any() and not others.all():
            weights[~others] = tuned_weight(off[others], signal[others], len(unrated))
    if not weights.any():
        return None
    weight = float(weights.mean())
    further = weight**2 * float(unrated.var(ddof=1)) / len(unrated)
    return Corrected(0.5 + off - weights * (signal - unrated.mean()), weight, further)


def _dealt(size: int, person: Codes | None) -> IntArray:
    """The part of each vote; later votes move no earlier contributor to another."""
    if person is None:
        return np.arange(size) % FOLDS
    _, first, codes = np.unique(person, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[codes] % FOLDS)


def _estimated(values: FloatArray, contributor: Codes | None, further: float, level: float) -> Estimate:
    sums, sizes = by_cluster(values, contributor)
    found = clustered_mean(sums, sizes)
    error = float(np.sqrt(found.standard_error**2 + further))
    return Estimate.around(float(found.mean), error, level=level, df=float(found.df))
