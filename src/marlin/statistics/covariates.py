"""Controlled scores: what is left of a preference when length, size and order are held equal.

Differences between the sides (changed lines, files, length of the transcript; Chatbot Arena's "style control") and
the side itself enter η directly. What both sides share (category, turn, language) can't favour a side; it may suit
one arm more than another, so it enters as arm × context, and an arm's controlled score is its mean over contexts,
each weighted by a stated share.

Coefficients have a weak normal prior (standard deviation 2 on standardised differences, 1 on arm × context), so
that few votes and perfect separation give wide intervals instead of a crash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from marlin.statistics import connectivity
from marlin.statistics.arrays import BoolArray, FloatArray
from marlin.statistics.clustered_mean import by_cluster
from marlin.statistics.errors import InvalidQuestionError, NotEnoughVotesError
from marlin.statistics.estimates import Estimate
from marlin.statistics.family import (
    DAVIDSON,
    GRADED,
    Design,
    Family,
    Maximum,
    maximum,
    pseudo_inverse,
    unit_information,
)
from marlin.statistics.provenance import Provenance
from marlin.statistics.sandwich import (
    ClusterBy,
    Clusters,
    clustering,
    nearest_valid,
    needs_leverage,
    sandwich,
)
from marlin.statistics.votes import Votes

_DIFFERENCE_SD, _CONTEXT_SD = 2.0, 1.0
_AFFORDABLE = 200_000_000


@dataclass(frozen=True)
class ControlledScores:
    """Scores with covariates held equal.

    :ivar strengths: in log-odds, centred at zero, averaged over contexts.
    :ivar effects: ``side``: what being shown as side A is worth; each difference: what one standard deviation more
        on a side is worth to that side. All in log-odds.
    :ivar scales: the standard deviation by which each difference was divided.
    """

    arms: tuple[str, ...]
    strengths: FloatArray
    covariance: FloatArray
    df: float
    effects: Mapping[str, Estimate]
    scales: Mapping[str, float]
    provenance: Provenance

    def difference(self, first: str, second: str, *, level: float = 0.95) -> Estimate:
        """How much stronger the first is, in log-odds, everything else equal."""
        for arm in (first, second):
            if arm not in self.arms:
                raise InvalidQuestionError(f"no arm is called {arm}", hint=f"the arms are {', '.join(self.arms)}")
        contrast: FloatArray = np.zeros(len(self.arms))
        contrast[self.arms.index(first)] += 1
        contrast[self.arms.index(second)] -= 1
        spread = float(np.sqrt(max(float(contrast @ self.covariance @ contrast), 0.0)))
        return Estimate.around(float(contrast @ self.strengths), spread, level=level, df=self.df)


@dataclass(frozen=True)
class _Columns:
    design: Design
    precision: FloatArray
    names: tuple[str, ...]
    scales: dict[str, float]
    average: FloatArray
    """``(arm, parameter)``: an arm's controlled score from the parameters."""


def controlled(
    votes: Votes,
    *,
    differences: Sequence[str] = (),
    contexts: Sequence[str] = (),
    side: bool = True,
    grades: Literal["sign", "strength"] = "sign",
    shares: Literal["observed", "equal"] = "observed",
    cluster: ClusterBy = "auto",
) -> ControlledScores:
    """Fit strengths together with covariates.

    :param differences: names in ``votes.differences``.
    :param contexts: names in ``votes.contexts``, or ``turn``.
    :param grades: use the sign of each vote (Davidson) or its strength (adjacent categories).
    :param shares: average contexts as they occurred, or all equally.
    :raises InvalidQuestionError: the votes have no such column.
    :raises NotEnoughVotesError: no vote tells the arms apart.
    """
    family = DAVIDSON if grades == "sign" else GRADED
    counted = family.shares[votes.outcome]
    used = counted.sum(axis=1) > 0
    if not used.any() or len(votes.arms) < 2:
        raise NotEnoughVotesError(
            "no vote tells the arms apart", hint="wait for ratings that prefer a side or are equal"
        )
    kept = votes.select(used)
    design = _designed(kept, differences, contexts, side, shares)
    counts = family.shares[kept.outcome]
    family = family.restricted_to(counts)
    counts = family.shares[kept.outcome]
    held = connectivity.examined(*_points(kept, family))
    precision = design.precision.copy()
    if not held.estimable:
        precision[: len(votes.arms)] += connectivity.PRIOR_SD**-2
    fit = maximum(family, design.design, counts, precision, sum_to_zero=len(votes.arms))
    covariance, df, described, notes = _covariance(kept, family, fit, design.design, counts, precision, cluster)
    width = len(design.names)
    effects = {}
    for place, name in enumerate(design.names):
        if name:
            spread = float(np.sqrt(max(covariance[place, place], 0.0)))
            effects[name] = Estimate.around(float(fit.parameters[place]), spread, df=df)
    centred = design.average - design.average.mean(axis=0)
    said = [f"{name}: one unit is {scale:.4g}" for name, scale in design.scales.items()]
    return ControlledScores(
        votes.arms,
        centred @ fit.parameters[:width],
        centred @ covariance[:width, :width] @ centred.T,
        df,
        effects,
        design.scales,
        Provenance(
            f"{family.name} with covariates ({', '.join([*(['side'] if side else []), *differences, *contexts])}), "
            f"weak normal priors; contexts weighted as {shares}",
            votes.data_hash,
            votes.counts(),
            family.ties + "; both-bad verdicts are left out",
            described,
            held.notes(votes.arms) + notes + tuple(said),
        ),
    )


def _designed(votes: Votes, differences: Sequence[str], contexts: Sequence[str], side: bool, shares: str) -> _Columns:
    size, arms = len(votes), len(votes.arms)
    rows = np.arange(size)
    bare = Design(arms, votes.arm_a, votes.arm_b, np.zeros((size, 0)))
    plain = bare.matrix()
    columns, precision, names = [bare.further], [np.zeros(arms)], [""] * arms
    average, scales = [np.eye(arms)], {}
    if side:
        columns.append(np.ones((size, 1)))
        precision.append(np.full(1, _DIFFERENCE_SD**-2))
        names.append("side")
        average.append(np.zeros((arms, 1)))
    for name in differences:
        if name not in votes.differences:
            raise InvalidQuestionError(
                f"the votes have no difference {name}", hint=f"they have {', '.join(votes.differences) or 'none'}"
            )
        column = votes.differences[name].astype(np.float64)
        # About zero, not about the mean: exchanging the sides must change nothing but the sign.
        scale = float(np.sqrt((column**2).mean())) or 1.0
        scales[name] = scale
        columns.append((column / scale)[:, None])
        precision.append(np.full(1, _DIFFERENCE_SD**-2))
        names.append(name)
        average.append(np.zeros((arms, 1)))
    for name in contexts:
        codes, levels = _context(votes, name)
        share = np.bincount(codes, minlength=levels) / size if shares == "observed" else np.full(levels, 1 / levels)
        block = np.zeros((size, levels, arms))
        block[rows, codes] = plain
        columns.append(block.reshape(size, -1))
        precision.append(np.full(levels * arms, _CONTEXT_SD**-2))
        names += [""] * (levels * arms)
        average.append(np.kron(share[None, :], np.eye(arms)))
    design = replace(bare, further=np.hstack(columns))
    return _Columns(design, np.concatenate(precision), tuple(names), scales, np.hstack(average))


def _context(votes: Votes, name: str) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], int]:
    column = votes.turn if name == "turn" else votes.contexts.get(name)
    if column is None:
        raise InvalidQuestionError(
            f"the votes have no context {name}", hint=f"they have {', '.join(votes.contexts) or 'none'}"
        )
    levels, codes = np.unique(column, return_inverse=True)
    return codes.astype(np.int64), len(levels)


def _points(votes: Votes, family: Family) -> tuple[FloatArray, BoolArray]:
    arms = len(votes.arms)
    table = np.zeros((arms, arms))
    np.add.at(table, (votes.arm_a, votes.arm_b), family.points[votes.outcome])
    np.add.at(table, (votes.arm_b, votes.arm_a), family.losses[votes.outcome])
    met = np.zeros((arms, arms), dtype=bool)
    met[votes.arm_a, votes.arm_b] = True
    return table, met


def _covariance(
    votes: Votes,
    family: Family,
    fit: Maximum,
    design: Design,
    counts: FloatArray,
    precision: FloatArray,
    by: ClusterBy,
) -> tuple[FloatArray, float, str, tuple[str, ...]]:
    """Clustered, from each row's score."""
    matrix = design.matrix()
    chances, _, _ = fit.moments(design)
    scores = np.hstack(
        [
            matrix * (counts @ family.values - chances @ family.values)[:, None],
            counts @ family.nuisance - chances @ family.nuisance,
        ]
    )
    inverse = pseudo_inverse(fit.information, len(votes.arms))
    grouped = clustering(votes, by)
    total, df = np.zeros_like(inverse), float("inf")
    for part in grouped.parts or (Clusters(np.arange(len(votes)), np.ones(len(votes))),):
        sums = np.stack([by_cluster(column, part.codes, len(part.sizes))[0] for column in scores.T], axis=1)
        hessians = None
        affordable = len(votes) * len(inverse) ** 2 < _AFFORDABLE and len(part.sizes) * len(inverse) ** 2 < 20_000_000
        if grouped.parts and part.sign > 0 and needs_leverage(part) and affordable:
            hessians = _hessians(matrix, chances, family, part)
        total += part.sign * sandwich(inverse, sums, hessians)
        df = min(df, part.df(corrected=hessians is not None))
    wide = np.zeros(len(inverse))
    wide[: len(precision)] = precision
    covariance = (nearest_valid(total) if len(grouped.parts) > 1 else total) + (inverse * wide) @ inverse
    if not grouped.parts:
        df = max(float(len(votes) - len(inverse)), 1.0)
    return covariance, df, grouped.description, grouped.notes


def _hessians(matrix: FloatArray, chances: FloatArray, family: Family, part: Clusters) -> FloatArray:
    variance, cross, own = unit_information(chances, family)
    width, size = matrix.shape[1], matrix.shape[1] + family.nuisance.shape[1]
    found = np.zeros((len(part.sizes), size, size))
    order = np.argsort(part.codes, kind="stable")
    starts = np.searchsorted(part.codes[order], np.arange(len(part.sizes) + 1))
    for cluster in range(len(part.sizes)):
        rows = order[starts[cluster] : starts[cluster + 1]]
        inside = matrix[rows]
        found[cluster, :width, :width] = inside.T @ (variance[rows, None] * inside)
        found[cluster, :width, width:] = inside.T @ cross[rows]
        found[cluster, width:, :width] = found[cluster, :width, width:].T
        found[cluster, width:, width:] = own[rows].sum(axis=0)
    return found
