"""One family of models for all preferences, and its maximum by Newton's method on counts.

The chance of a verdict is proportional to ``exp(value · η + ζ)``: η is the difference of the two arms' scores (plus
covariates), the value says how far the verdict leans to side A (½ for "A", −½ for "B", up to ±3⁄2 for "much
better"), and each strength of verdict but one has a frequency ζ of its own. With two verdicts this is Bradley and
Terry's model (1952), with ties Davidson's (1970), with all seven grades the adjacent-categories logit (Agresti
1992; Tutz 1986). The likelihood is concave, and what it needs of the data are counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marlin.statistics.arrays import FloatArray
from marlin.statistics.votes import OUTCOMES, TIE

_STEPS = 100


@dataclass(frozen=True)
class Family:
    """Which verdicts are told apart.

    :ivar shares: ``(outcome, verdict)``: how one vote is counted. A row of zeros leaves that outcome out; two halves
        count a tie as half a win for each.
    :ivar values: how far each verdict leans to side A.
    :ivar nuisance: ``(verdict, parameter)``: which frequency parameter belongs to which verdict.
    """

    name: str
    ties: str
    shares: FloatArray
    values: FloatArray
    nuisance: FloatArray

    @property
    def points(self) -> FloatArray:
        """How much of one vote of each outcome is a win of side A.

        Half of a tie that counts as two halves; nothing of one with a frequency of its own, which sets no limit to how
        far apart two arms may be.
        """
        return np.asarray(self.shares @ (self.values > 0))

    @property
    def losses(self) -> FloatArray:
        """The same for side B."""
        return np.asarray(self.shares @ (self.values < 0))

    def restricted_to(self, counts: FloatArray) -> Family:
        """Without the verdicts that nobody gave, whose frequency would otherwise run off to minus infinity."""
        kept = counts.sum(axis=0) > 0
        sizes = np.abs(self.values)
        levels = sorted({float(size) for size in sizes[kept]})
        kept = np.isin(sizes, levels)
        nuisance = np.array([[float(size == level) for level in levels[1:]] for size in sizes[kept]])
        return Family(
            self.name, self.ties, self.shares[:, kept], self.values[kept], nuisance.reshape(int(kept.sum()), -1)
        )


def _family(name: str, ties: str, verdict_of: dict[int, float], halves: bool = False) -> Family:
    """From outcome code → value; ``halves`` splits the tie into two halves."""
    values = np.array(sorted(set(verdict_of.values())), dtype=np.float64)
    shares = np.zeros((OUTCOMES, len(values)))
    for outcome, value in verdict_of.items():
        shares[outcome, int(np.flatnonzero(values == value)[0])] = 1.0
    if halves:
        shares[TIE] = 0.5
    sizes = sorted(set(np.abs(values)))
    nuisance = np.array([[float(abs(value) == size) for size in sizes[1:]] for value in values])
    return Family(name, ties, shares, values, nuisance.reshape(len(values), -1))


_SIGNS = {outcome: 0.5 * np.sign(TIE - outcome) for outcome in range(2 * TIE + 1)}
_DECISIVE = {outcome: float(value) for outcome, value in _SIGNS.items() if value}

TIES_HALF = _family("Bradley–Terry (1952)", "an equal verdict counts as half a win for each", _DECISIVE, halves=True)
TIES_DROPPED = _family("Bradley–Terry (1952)", "equal verdicts are left out", _DECISIVE)
DAVIDSON = _family(
    "Davidson (1970)", "equal verdicts have a probability of their own", {k: float(v) for k, v in _SIGNS.items()}
)
GRADED = _family(
    "adjacent-categories logit (Tutz 1986, Agresti 1992)",
    "equal is the middle of the scale",
    {outcome: (TIE - outcome) / 2 for outcome in range(2 * TIE + 1)},
)


@dataclass(frozen=True)
class Maximum:
    """Where the likelihood is highest.

    :ivar parameters: those of the design, then the frequencies ζ.
    :ivar information: the negative Hessian there, prior included.
    """

    family: Family
    parameters: FloatArray
    information: FloatArray
    log_likelihood: float
    iterations: int
    converged: bool

    def moments(self, design: Design) -> tuple[FloatArray, FloatArray, FloatArray]:
        """``(verdict probabilities, mean value, mean nuisance)`` for each group of a design."""
        chances = verdict_chances(design.difference(self.parameters), self.parameters[design.width :], self.family)
        return chances, chances @ self.family.values, chances @ self.family.nuisance


def verdict_chances(eta: FloatArray, zeta: FloatArray, family: Family) -> FloatArray:
    """``(row, verdict)``: how likely each verdict is at a distance of ``eta`` between the arms."""
    return np.exp(_log_chances(eta, zeta, family))


def _log_chances(eta: FloatArray, zeta: FloatArray, family: Family) -> FloatArray:
    logits = eta[:, None] * family.values + family.nuisance @ zeta
    logits -= logits.max(axis=1, keepdims=True)
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))


def unit_information(chances: FloatArray, family: Family) -> tuple[FloatArray, ...]:
    """For one vote in each row: variance of the value, its covariance with the nuisance, covariance of the nuisance."""
    mean, nuisance = chances @ family.values, chances @ family.nuisance
    variance = chances @ family.values**2 - mean**2
    cross = chances @ (family.values[:, None] * family.nuisance) - mean[:, None] * nuisance
    own = np.einsum("gc,ci,cj->gij", chances, family.nuisance, family.nuisance) - np.einsum(
        "gi,gj->gij", nuisance, nuisance
    )
    return variance, cross, own


def maximum(family: Family, design: Design, counts: FloatArray, precision: FloatArray, sum_to_zero: int = 0) -> Maximum:
    """Newton's method with halved steps.

    :param counts: ``(group, verdict)``.
    :param precision: of a normal prior around zero, for each parameter of design and family; zeros for none.
    :param sum_to_zero: the first so many parameters count only by their differences, and sum to zero.
    """
    width, extra = design.width, family.nuisance.shape[1]
    prior = np.concatenate([precision, np.zeros(width + extra - len(precision))])
    votes = counts.sum(axis=1)
    leaned, seen = counts @ family.values, counts.sum(axis=0) @ family.nuisance
    parameters = np.zeros(width + extra)
    anchor = np.zeros((width + extra, width + extra))
    if sum_to_zero:
        anchor[:sum_to_zero, :sum_to_zero] = max(votes.sum(), 1.0) / sum_to_zero**2

    def likelihood(at: FloatArray) -> float:
        logs = _log_chances(design.difference(at), at[width:], family)
        return float((counts * logs).sum() - 0.5 * (prior * at**2).sum())

    now, converged, steps = likelihood(parameters), False, 0
    information = np.diag(prior)
    while steps < _STEPS:
        steps += 1
        chances = verdict_chances(design.difference(parameters), parameters[width:], family)
        variance, cross, own = unit_information(chances, family)
        information = np.diag(prior)
        information[:width, :width] += design.weighed(votes * variance)
        information[:width, width:] = design.gathered(votes[:, None] * cross)
        information[width:, :width] = information[:width, width:].T
        information[width:, width:] += np.einsum("g,gij->ij", votes, own)
        gradient = (
            np.concatenate(
                [
                    design.gathered(leaned - votes * (chances @ family.values)),
                    seen - votes @ (chances @ family.nuisance),
                ]
            )
            - prior * parameters
        )
        if np.abs(gradient).max(initial=0.0) < 1e-9 * max(votes.sum(), 1.0):
            converged = True
            break
        step = solved(information + anchor, gradient)
        for _ in range(30):
            reached = likelihood(parameters + step)
            if reached >= now - 1e-12 * abs(now):
                break
            step = step / 2
        parameters, now = parameters + step, reached
    return Maximum(family, parameters, information, now, steps, converged)


def solved(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """The solution; of least length where the matrix is singular (an arm that nobody compared)."""
    try:
        return np.asarray(np.linalg.solve(matrix, right))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.lstsq(matrix, right, rcond=None)[0])


def pseudo_inverse(information: FloatArray, arms: int) -> FloatArray:
    """The inverse for whatever doesn't change if all arms get stronger alike."""
    held = information.copy()
    held[:arms, :arms] += max(float(np.trace(information)), 1e-9) / arms**2
    try:
        return np.asarray(np.linalg.inv(held))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.pinv(information, rcond=1e-11, hermitian=True))


@dataclass(frozen=True)
class Design:
    """What is compared in each group: two arms, and further columns.

    The arms' part of a design matrix is +1 and −1 in each row; it is never written out, so that a fit of fifty arms
    takes milliseconds.

    :ivar first: the arm on side A, and ``second`` on side B.
    :ivar further: ``(group, parameter)``: side, covariates.
    """

    arms: int
    first: NDArray[np.integer[Any]]
    second: NDArray[np.integer[Any]]
    further: FloatArray

    @property
    def width(self) -> int:
        """How many parameters, the arms' strengths first."""
        return self.arms + int(self.further.shape[1])

    def select(self, where: NDArray[np.bool_]) -> Design:
        """Those groups alone."""
        return Design(self.arms, self.first[where], self.second[where], self.further[where])

    def difference(self, parameters: FloatArray) -> FloatArray:
        """η of each group."""
        apart = parameters[self.first] - parameters[self.second]
        if self.width == self.arms:
            return np.asarray(apart)
        return np.asarray(apart + self.further @ parameters[self.arms : self.width])

    def gathered(self, values: FloatArray) -> FloatArray:
        """The design matrix transposed, times values of each group (one column or several)."""
        columns = values.reshape(len(values), -1)
        found = np.zeros((self.width, columns.shape[1]))
        for place, column in enumerate(columns.T):
            found[: self.arms, place] = self._by_arm(column)
        if self.width > self.arms:
            found[self.arms :] = self.further.T @ columns
        return found.reshape(self.width, *values.shape[1:])

    def _by_arm(self, column: FloatArray) -> FloatArray:
        gained = np.bincount(self.first, column, minlength=self.arms)
        return np.asarray(gained - np.bincount(self.second, column, minlength=self.arms), dtype=np.float64)

    def weighed(self, weights: FloatArray) -> FloatArray:
        """The design matrix transposed, times weights, times the design matrix."""
        arms, found = self.arms, np.zeros((self.width, self.width))
        pairs = np.bincount(self.first.astype(np.int64) * arms + self.second, weights, minlength=arms * arms)
        between = pairs.reshape(arms, arms) + pairs.reshape(arms, arms).T
        found[:arms, :arms] = np.diag(between.sum(axis=1)) - between
        for place, column in enumerate(self.further.T, start=arms):
            found[:arms, place] = found[place, :arms] = self._by_arm(weights * column)
        if self.width > arms:
            found[arms:, arms:] = self.further.T @ (weights[:, None] * self.further)
        return found

    def matrix(self) -> FloatArray:
        """Written out."""
        rows, found = np.arange(len(self.first)), np.zeros((len(self.first), self.arms))
        found[rows, self.first] += 1
        found[rows, self.second] -= 1
        return np.hstack([found, self.further])


def pair_design(arms: int, *, side: bool = False) -> Design:
    """Every ordered pair of arms, as a pool's table has them; an arm against itself is a row of zeros."""
    first, second = np.divmod(np.arange(arms * arms), arms)
    return Design(arms, first, second, (first != second).astype(np.float64)[:, None][:, : int(side)])
