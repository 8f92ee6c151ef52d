"""Whom to trust, and whether the protocol is sound: accuracy of contributors, side bias, self-consistency, drift.

Accuracy comes from a model after Dawid and Skene (1979): every item (a task with two arms) has a true verdict that
nobody sees but for gold items; each contributor reports it with errors of their own, which are drawn towards
everybody's. It needs overlap: an item that one person judged tells nothing about them, unless it is gold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincinv, ndtr

from marlin.statistics.arrays import FloatArray
from marlin.statistics.clustered_mean import by_cluster, clustered_mean
from marlin.statistics.errors import InvalidVotesError, NotEnoughVotesError
from marlin.statistics.estimates import Estimate, exact_share
from marlin.statistics.provenance import Provenance, hash_of
from marlin.statistics.votes import BOTH_BAD, TIE, Votes

VERDICTS = ("second", "equal", "first")
"""What is reported and true of an item: its second arm is better, both are equal, its first is better."""


@dataclass(frozen=True)
class Reliability:
    """What the model found.

    :ivar confusion: ``(contributor, truth, report)``, pooled towards everybody's.
    :ivar accuracy: chance to report a decisive truth rightly, with a 95 % interval from the share of answers that
        supports it.
    :ivar truth: ``(item, verdict)``: probabilities.
    :ivar prevalence: how common each verdict is.
    """

    contributors: tuple[str, ...]
    items: tuple[str, ...]
    confusion: FloatArray
    accuracy: Mapping[str, Estimate]
    truth: FloatArray
    prevalence: FloatArray
    provenance: Provenance


def dawid_skene(
    item: ArrayLike,
    contributor: ArrayLike,
    verdict: ArrayLike,
    *,
    gold: Mapping[str, int] | None = None,
    strength: float = 4.0,
    iterations: int = 500,
) -> Reliability:
    """Fit by expectation–maximisation.

    :param verdict: −1, 0, 1: the item's second arm, equal, its first arm, whatever sides they were shown on.
    :param gold: true verdicts that are known.
    :param strength: how many answers everybody's habits count for beside a contributor's own.
    :raises NotEnoughVotesError: no item has two answers or a known truth.
    :raises InvalidVotesError: columns differ in length, or a verdict is not −1, 0 or 1.
    """
    names, items = np.unique(np.asarray(item).astype(str), return_inverse=True)
    people, who = np.unique(np.asarray(contributor).astype(str), return_inverse=True)
    said = np.asarray(verdict)
    if not len(items) == len(who) == len(said):
        raise InvalidVotesError("item, contributor and verdict differ in length", hint="give one of each per answer")
    if not np.isin(said, (-1, 0, 1)).all():
        raise InvalidVotesError("a verdict is not −1, 0 or 1", hint="give signs; leave both-bad answers out")
    codes = said.astype(np.int64) + 1
    place = {str(name): index for index, name in enumerate(names)}
    known = {place[key]: value + 1 for key, value in (gold or {}).items() if key in place}
    each = np.bincount(items)
    if len(items) == 0 or (each.max() < 2 and not known):
        raise NotEnoughVotesError(
            "no item was judged twice and none is gold", hint="raise overlap or gold in the campaign's policy"
        )
    fixed = np.array(list(known), dtype=np.int64)
    certain = np.eye(3)[np.array(list(known.values()), dtype=np.int64)] if known else np.zeros((0, 3))
    counts = np.zeros((len(names), 3))
    np.add.at(counts, (items, codes), 1)
    truth = (counts + 0.1) / (counts + 0.1).sum(axis=1, keepdims=True)
    truth[fixed] = certain
    confusion, prevalence, rounds = np.zeros((len(people), 3, 3)), np.full(3, 1 / 3), 0
    while rounds < iterations:
        rounds += 1
        prevalence = (truth.sum(axis=0) + 1) / (len(names) + 3)
        heard = np.zeros((len(people), 3, 3))
        for true in range(3):
            np.add.at(heard[:, true], (who, codes), truth[items, true])
        everybody = heard.sum(axis=0) + np.eye(3) * 2 + 0.5
        everybody /= everybody.sum(axis=1, keepdims=True)
        confusion = heard + strength * everybody
        confusion /= confusion.sum(axis=2, keepdims=True)
        logs = np.tile(np.log(prevalence), (len(names), 1))
        np.add.at(logs, items, np.log(confusion[who, :, codes]))
        fresh = np.exp(logs - logs.max(axis=1, keepdims=True))
        fresh /= fresh.sum(axis=1, keepdims=True)
        fresh[fixed] = certain
        moved = float(np.abs(fresh - truth).max())
        truth = fresh
        if moved < 1e-7:
            break
    accuracy = _accuracies(people, who, items, codes, truth, confusion, each, fixed, strength)
    digest = hashlib.sha256(repr(sorted(zip(items.tolist(), who.tolist(), codes.tolist(), strict=True))).encode())
    digest.update(repr((names.tolist(), people.tolist(), sorted(known.items()))).encode())
    return Reliability(
        tuple(map(str, people)),
        tuple(map(str, names)),
        confusion,
        accuracy,
        truth,
        prevalence,
        Provenance(
            f"Dawid–Skene (1979) with pooled confusion, EM, {rounds} rounds",
            digest.hexdigest()[:32],
            {
                "answers": len(items),
                "items": len(names),
                "contributors": len(people),
                "overlapping": int((each > 1).sum()),
                "gold": len(known),
            },
            "equal is a verdict of its own; both-bad answers are left out",
        ),
    )


def _accuracies(
    people: NDArray[np.str_],
    who: NDArray[np.int64],
    items: NDArray[np.int64],
    codes: NDArray[np.int64],
    truth: FloatArray,
    confusion: FloatArray,
    each: NDArray[np.int64],
    fixed: NDArray[np.int64],
    strength: float,
) -> dict[str, Estimate]:
    """Of decisive truths, with beta intervals that count only answers something else speaks to."""
    decisive = truth[:, 0] + truth[:, 2]
    informative = (each > 1) | np.isin(np.arange(len(each)), fixed)
    right = np.where(codes == 0, truth[items, 0], np.where(codes == 2, truth[items, 2], 0.0))
    weight = (decisive * informative)[items]
    hits = np.bincount(who, right * informative[items], minlength=len(people))
    tries = np.bincount(who, weight, minlength=len(people))
    pooled = hits.sum() / max(tries.sum(), 1e-9)
    found = {}
    for index, name in enumerate(people):
        good, bad = hits[index] + strength * pooled + 0.5, tries[index] - hits[index] + strength * (1 - pooled) + 0.5
        mean = good / (good + bad)
        spread = float(np.sqrt(mean * (1 - mean) / (good + bad + 1)))
        low, high = (float(betaincinv(good, bad, tail)) for tail in (0.025, 0.975))
        found[str(name)] = Estimate(float(mean), spread, low, high)
    return found


@dataclass(frozen=True, slots=True)
class SideBias:
    """How often side A is preferred among decisive votes.

    :ivar overall: over contributors; ½ without bias, as sides are drawn at random.
    :ivar suspects: contributors whose own share is far from ½, at a false discovery rate of 10 % (Benjamini &
        Hochberg 1995).
    """

    overall: Estimate
    by_contributor: Mapping[str, Estimate]
    suspects: tuple[str, ...]
    provenance: Provenance


def side_bias(votes: Votes, *, rate: float = 0.1) -> SideBias:
    """Whether being shown on the left pays, in all and for each contributor.

    :raises NotEnoughVotesError: no vote is decisive.
    """
    decisive = (votes.outcome != BOTH_BAD) & (votes.outcome != TIE)
    if not decisive.any():
        raise NotEnoughVotesError("no vote prefers a side", hint="wait for decisive ratings")
    for_a = (votes.outcome[decisive] < TIE).astype(np.float64)
    codes = np.zeros(len(for_a), dtype=np.int64)
    names: tuple[str, ...] = votes.contributors
    if votes.contributor is not None:
        codes = votes.contributor[decisive].astype(np.int64)
    sums, sizes = by_cluster(for_a, codes, max(len(names), 1))
    by_contributor, chances = {}, {}
    for index, name in enumerate(names):
        if sizes[index]:
            by_contributor[name] = exact_share(sums[index], sizes[index])
            chances[name] = _binomial(sums[index], sizes[index])
    return SideBias(
        _share_over_people(sums, sizes),
        by_contributor,
        _discovered(chances, rate),
        Provenance(
            f"share of decisive votes for side A; exact binomial per contributor, false discovery rate {rate:g}",
            votes.data_hash,
            votes.counts(),
            "equal and both-bad verdicts are left out",
            "by contributor" if np.count_nonzero(sizes) > 1 else "none",
        ),
    )


def _share_over_people(hits: FloatArray, tries: FloatArray) -> Estimate:
    """A share clustered by person, within 0 and 1; of a single person, exact.

    Where everybody is alike (all hits, or none) there is no spread to go by, but no certainty either: the interval is
    then the exact one of as many tries as there are people.
    """
    people = np.count_nonzero(tries)
    if people < 2:
        return exact_share(float(hits.sum()), float(tries.sum()))
    if hits.sum() in (0.0, tries.sum()):
        return exact_share(float(people) if hits.sum() else 0.0, float(people))
    mean = clustered_mean(hits, tries)
    found = Estimate.around(float(mean.mean), float(mean.standard_error), df=float(mean.df))
    return Estimate(found.value, found.standard_error, max(found.low, 0.0), min(found.high, 1.0), 0.95, found.df)


@dataclass(frozen=True, slots=True)
class Controls:
    """Pairs of the same arm: what people see where there is nothing to see.

    :ivar decisive: the share of such pairs in which a side was preferred all the same.
    :ivar strong: the share graded 2 or 3.
    :ivar for_a: the share for side A among decisive ones: side bias at its purest.
    """

    decisive: Estimate
    strong: Estimate
    for_a: Estimate
    pairs: int
    provenance: Provenance


def aa_controls(grade: ArrayLike, contributor: ArrayLike | None = None) -> Controls:
    """From the grades (−3 to 3) of A/A pairs.

    :raises NotEnoughVotesError: there are none.
    """
    grades = np.asarray(grade, dtype=np.float64)
    if len(grades) == 0:
        raise NotEnoughVotesError("there are no A/A pairs", hint="set a rate of A/A pairs in the campaign's policy")
    codes = None
    if contributor is not None:
        codes = np.unique(np.asarray(contributor).astype(str), return_inverse=True)[1]

    def share(hit: NDArray[np.bool_], of: NDArray[np.bool_]) -> Estimate:
        if not of.any():
            return Estimate(float("nan"), float("nan"), 0.0, 1.0)
        if codes is None or len(np.unique(codes[of])) < 2:
            return exact_share(float(hit[of].sum()), float(of.sum()))
        return _share_over_people(*by_cluster(hit[of].astype(np.float64), codes[of]))

    everywhere = np.ones(len(grades), dtype=bool)
    return Controls(
        share(grades != 0, everywhere),
        share(np.abs(grades) >= 2, everywhere),
        share(grades < 0, grades != 0),
        len(grades),
        _told("shares of A/A pairs", len(grades), contributor, grades, contributor),
    )


@dataclass(frozen=True, slots=True)
class SelfConsistency:
    """How often people who judged the same item twice said the same.

    :ivar same_side: same sign, equal being one; ``mean_move`` how far the grade moved on the scale of seven.
    """

    same_side: Estimate
    mean_move: float
    pairs: int
    provenance: Provenance


def self_consistency(first: ArrayLike, second: ArrayLike, contributor: ArrayLike | None = None) -> SelfConsistency:
    """From the first and the second grade, both towards the same arm.

    :raises NotEnoughVotesError: nobody judged an item twice.
    :raises InvalidVotesError: lengths differ.
    """
    one, two = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if len(one) != len(two):
        raise InvalidVotesError("first and second differ in length", hint="give both grades of each pair")
    if len(one) == 0:
        raise NotEnoughVotesError("nobody judged an item twice", hint="set a rate of repeats in the campaign's policy")
    same = (np.sign(one) == np.sign(two)).astype(np.float64)
    estimate = exact_share(float(same.sum()), float(len(same)))
    if contributor is not None:
        codes = np.unique(np.asarray(contributor).astype(str), return_inverse=True)[1]
        estimate = _share_over_people(*by_cluster(same, codes))
    told = _told("share of repeats with the same sign", len(one), contributor, one, two, contributor)
    return SelfConsistency(estimate, float(np.abs(one - two).mean()), len(one), told)


@dataclass(frozen=True, slots=True)
class Drift:
    """How a quantity changes over time.

    :ivar slope: for the whole span of time, clustered by contributor; 0 without drift.
    :ivar p_value: two-sided.
    """

    slope: Estimate
    p_value: float
    by_window: tuple[tuple[float, float, int], ...]
    """Start of each window of time, mean in it, number of values."""
    provenance: Provenance


def drift(value: ArrayLike, time: ArrayLike, contributor: ArrayLike | None = None, *, windows: int = 8) -> Drift:
    """Whether agreement, side A's share, the use of strong grades or anything else moves with time.

    :raises NotEnoughVotesError: there are fewer than 10 values, or all are of one moment.
    """
    y, t = np.asarray(value, dtype=np.float64), np.asarray(time, dtype=np.float64)
    if len(y) < 10 or len(y) != len(t) or np.ptp(t) == 0:
        raise NotEnoughVotesError(
            "there is too little to see a drift in", hint="wait for ten values of different times"
        )
    u = (t - t.min()) / np.ptp(t)
    off = u - u.mean()
    slope = float((off * y).sum() / (off**2).sum())
    residual = y - y.mean() - slope * off
    codes = np.arange(len(y))
    if contributor is not None:
        codes = np.unique(np.asarray(contributor).astype(str), return_inverse=True)[1]
    clusters = int(codes.max()) + 1
    leverage = np.bincount(codes, off**2) / (off**2).sum()
    parts = np.bincount(codes, off * residual) / np.maximum(1 - leverage, 0.05)
    spread = float(np.sqrt((parts**2).sum() * (clusters - 1) / clusters) / (off**2).sum())
    df = max(clusters - 1.0, 1.0)
    estimate = Estimate.around(slope, spread, df=df)
    chance = 2 * float(ndtr(-abs(slope / spread))) if spread > 0 and df > 200 else 1.0
    if spread > 0 and df <= 200:
        chance = float(betainc(df / 2, 0.5, df / (df + (slope / spread) ** 2)))
    edges = np.minimum((u * windows).astype(np.int64), windows - 1)
    rows = [
        (float(t.min() + window / windows * np.ptp(t)), float(y[edges == window].mean()), int((edges == window).sum()))
        for window in range(windows)
        if (edges == window).any()
    ]
    told = _told("least squares against time, CR3 and Student's t", len(y), contributor, y, t, contributor)
    return Drift(estimate, chance, tuple(rows), told)


def _told(method: str, size: int, contributor: ArrayLike | None, *columns: ArrayLike | None) -> Provenance:
    people = 0 if contributor is None else len(np.unique(np.asarray(contributor).astype(str)))
    counts = {"values": size, **({"contributors": people} if people else {})}
    clusters = f"by contributor ({people})" if people > 1 else "none: values are taken as independent"
    return Provenance(method, hash_of(*columns), counts, clusters=clusters)


def _binomial(hits: float, tries: float) -> float:
    """The two-sided chance of a share as far from ½."""
    more = max(hits, tries - hits)
    return min(1.0, 2 * float(betainc(more, tries - more + 1, 0.5))) if tries else 1.0


def _discovered(chances: Mapping[str, float], rate: float) -> tuple[str, ...]:
    ordered = sorted(chances, key=lambda name: chances[name])
    last = 0
    for rank, name in enumerate(ordered, start=1):
        if chances[name] <= rate * rank / len(ordered):
            last = rank
    return tuple(ordered[:last])
