"""Who prefers one arm whatever it did: each person's votes beside everybody else's on the same pairs of arms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from marlin.statistics.errors import InvalidVotesError


@dataclass(frozen=True, slots=True)
class Partiality:
    """The arm that one person favours most, beyond what others see in it.

    :ivar votes: of this person, decisive and about that arm.
    :ivar share: of them, for the arm.
    :ivar expected: the share, had this person voted like the others on the same pairs of arms.
    :ivar p_value: two-sided, for all of this person's arms together (Bonferroni); not yet for how many people are
        looked at.
    """

    arm: str
    votes: int
    share: float
    expected: float
    p_value: float


def partiality(
    first: ArrayLike, second: ArrayLike, towards_second: ArrayLike, contributor: ArrayLike
) -> Mapping[str, Partiality]:
    """Test each person against all others, by pairs of arms (the test of Mantel and Haenszel, 1959).

    Honest people differ in taste: a small p-value alone is no accusation, so look at the distance of ``share`` and
    ``expected`` as well. It sees one person against the rest; where most people collude, the honest stand out.

    :param first: the arm on one side of each vote; ``second``: the arm on the other. Votes of an arm on itself are left
        out.
    :param towards_second: below zero for the first arm, above for the second; ties are left out.
    :returns: by contributor; who gave no decisive vote on a pair of arms that others judged too is missing.
    :raises InvalidVotesError: the columns differ in length.
    """
    left, right, people = (np.asarray(column, dtype=str) for column in (first, second, contributor))
    scores = np.asarray(towards_second, dtype=np.float64)
    if not left.shape == right.shape == people.shape == scores.shape or scores.ndim != 1:
        raise InvalidVotesError("Arms, scores and contributors are not of one length.", hint="Give one row a vote.")
    kept = (scores != 0) & (left != right) & np.isfinite(scores)
    if not kept.any():
        return {}
    left, right, people, scores = left[kept], right[kept], people[kept], scores[kept]
    # a pair has one name, whichever arm stood first; a vote is for the arm that comes first in that name
    low = np.where(left < right, left, right)
    high = np.where(left < right, right, left)
    for_low = (scores < 0) == (left < right)
    arms, codes = np.unique(np.concatenate([low, high]), return_inverse=True)
    pair = codes[: len(low)] * len(arms) + codes[len(low) :]
    names, person = np.unique(people, return_inverse=True)
    pairs, stratum = np.unique(pair, return_inverse=True)
    shape = (len(names), len(pairs))
    votes, wins = np.zeros(shape), np.zeros(shape)
    np.add.at(votes, (person, stratum), 1.0)
    np.add.at(wins, (person, stratum), for_low.astype(np.float64))
    found = {}
    for row, name in enumerate(names):
        one = _most(votes, wins, row, pairs, arms)
        if one is not None:
            found[str(name)] = one
    return found


def _most(votes: np.ndarray, wins: np.ndarray, row: int, pairs: np.ndarray, arms: np.ndarray) -> Partiality | None:
    others = votes.sum(axis=0) - votes[row]
    usable = (votes[row] > 0) & (others > 0)
    if not usable.any():
        return None
    own, theirs = votes[row][usable], others[usable]
    for_low = wins[row][usable]
    pooled = wins.sum(axis=0)[usable] / (own + theirs)
    expected_low = (wins.sum(axis=0)[usable] - for_low) / theirs
    # the hypergeometric variance: of this person's wins, given everybody's together
    total = own + theirs
    variance = own * theirs * pooled * (1 - pooled) / np.maximum(total - 1, 1)
    lows, highs = np.divmod(pairs[usable], len(arms))
    best: Partiality | None = None
    met = np.unique(np.concatenate([lows, highs]))
    tests = len(met) if len(met) > 2 else 1  # with two arms, favouring one is disfavouring the other
    for arm in met:
        mine = (lows == arm) | (highs == arm)
        sign = np.where(lows == arm, 1.0, -1.0)[mine]
        excess = float((sign * (for_low[mine] - own[mine] * pooled[mine])).sum())
        spread = float(np.sqrt(variance[mine].sum()))
        if excess <= 0 or spread == 0:
            continue
        # half a vote off, since votes are whole
        p_value = min(1.0, tests * 2 * float(ndtr(-max(excess - 0.5, 0.0) / spread)))
        count = float(own[mine].sum())
        won = float(np.where(sign > 0, for_low[mine], own[mine] - for_low[mine]).sum())
        expected = float((own[mine] * np.where(sign > 0, expected_low[mine], 1 - expected_low[mine])).sum())
        if best is None or p_value < best.p_value:
            best = Partiality(str(arms[arm]), int(count), won / count, expected / count, p_value)
    return best
