"""How far people agree: Krippendorff's alpha, agreement of pairs, and how close a judge comes to people.

Intervals resample whole items (the tasks), since answers about one item hang together.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from marlin.statistics.arrays import FloatArray
from marlin.statistics.errors import InvalidQuestionError, InvalidVotesError, NotEnoughVotesError
from marlin.statistics.estimates import Estimate, checked_level, exact_share
from marlin.statistics.provenance import Provenance

Metric = Literal["nominal", "ordinal", "interval"]


@dataclass(frozen=True)
class Answers:
    """Who answered what about which item, as a table of items by values.

    :ivar table: ``(item, value)``: how many people gave that value.
    :ivar values: what the columns stand for, in order.
    """

    table: FloatArray
    values: FloatArray
    rows: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
    raters: tuple[str, ...]

    @classmethod
    def of(cls, item: ArrayLike, rater: ArrayLike, value: ArrayLike) -> Answers:
        """From columns; NaN in ``value`` is a missing answer and passed over.

        :raises InvalidVotesError: lengths differ, or somebody answered twice about an item.
        :raises NotEnoughVotesError: no item was answered by two people.
        """
        items, raters = np.asarray(item).astype(str), np.asarray(rater).astype(str)
        numbers = np.asarray(value, dtype=np.float64)
        if not len(items) == len(raters) == len(numbers):
            raise InvalidVotesError("item, rater and value differ in length", hint="give one of each for every answer")
        given = ~np.isnan(numbers)
        items, raters, numbers = items[given], raters[given], numbers[given]
        _, item_codes = np.unique(items, return_inverse=True)
        names, rater_codes = np.unique(raters, return_inverse=True)
        scale, value_codes = np.unique(numbers, return_inverse=True)
        pairs = item_codes.astype(np.int64) * max(len(names), 1) + rater_codes
        if len(np.unique(pairs)) < len(pairs):
            raise InvalidVotesError(
                "somebody answered twice about one item", hint="keep their last answer; self_consistency compares both"
            )
        table = np.zeros((int(item_codes.max(initial=-1)) + 1, len(scale)))
        np.add.at(table, (item_codes, value_codes), 1)
        if not (table.sum(axis=1) >= 2).any():
            raise NotEnoughVotesError(
                "no item was answered by two people", hint="raise the share of overlap in the campaign's policy"
            )
        return cls(table, scale, (item_codes, rater_codes, value_codes), tuple(map(str, names)))

    def counts(self) -> dict[str, int]:
        """How many answers, items, and items that two people or more answered."""
        each = self.table.sum(axis=1)
        return {
            "answers": int(each.sum()),
            "items": len(each),
            "overlapping": int((each >= 2).sum()),
            "raters": len(self.raters),
        }

    def data_hash(self) -> str:
        """Of the answers, whatever their order."""
        lines = sorted(zip(*(column.tolist() for column in self.rows), strict=True))
        return hashlib.sha256(repr((self.raters, self.values.tolist(), lines)).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Agreement:
    """A measure of agreement with its interval."""

    estimate: Estimate
    provenance: Provenance


def alpha(
    answers: Answers, metric: Metric = "ordinal", *, level: float = 0.95, repetitions: int = 1000, seed: int = 0
) -> Agreement:
    """Krippendorff's alpha: 1 is full agreement, 0 what chance gives (Krippendorff 2018, chapter 12).

    :param metric: ``ordinal`` for axes, ``nominal`` for verdicts without an order.
    """
    coincidences = _coincidences(answers.table)
    distance = metric_distance(metric, answers.values)
    value = _alpha(coincidences.sum(axis=0)[None], distance)[0]
    drawn = _resampled(len(coincidences), repetitions, seed)
    again = (drawn @ coincidences.reshape(len(coincidences), -1)).reshape(repetitions, *coincidences.shape[1:])
    spread = _alpha(again, distance)
    found = _percentiles(value, spread, level)
    if value == 1:
        # as many items as can't be excluded may have been answered as by chance: then alpha is what is left
        items = float((answers.table.sum(axis=1) >= 2).sum())
        found = Estimate(1.0, found.standard_error, exact_share(items, items, level=level).low, 1.0, level)
    notes = () if len(answers.values) > 1 else ("Everybody gave the same answer: alpha says nothing then.",)
    return Agreement(
        found,
        Provenance(
            f"Krippendorff's alpha, {metric}; percentile bootstrap of items, {repetitions} repetitions",
            answers.data_hash(),
            answers.counts(),
            clusters="by item",
            notes=notes,
        ),
    )


def pairwise(
    answers: Answers, *, tolerance: float = 0.0, level: float = 0.95, repetitions: int = 1000, seed: int = 0
) -> Agreement:
    """How often two people who judged the same item gave the same answer (or answers within ``tolerance``).

    Use signs of grades as values for "same side preferred". Each item counts by its pairs.
    """
    near = np.abs(answers.values[:, None] - answers.values[None, :]) <= tolerance
    each = answers.table.sum(axis=1)
    pairs = each * (each - 1) / 2
    same = (np.einsum("iv,vw,iw->i", answers.table, near.astype(float), answers.table) - each) / 2
    share, items = float(same.sum() / pairs.sum()), float(np.count_nonzero(pairs))
    if share in (0.0, 1.0):  # all alike: drawing items again draws the same again, which is no certainty
        found = exact_share(share * items, items, level=level)
    else:
        drawn = _resampled(len(pairs), repetitions, seed)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = _percentiles(share, (drawn @ same) / (drawn @ pairs), level)
    return Agreement(
        found,
        Provenance(
            f"pairwise agreement within {tolerance:g}; percentile bootstrap of items, {repetitions} repetitions; exact "
            "where all agree, or none",
            answers.data_hash(),
            {**answers.counts(), "pairs": int(pairs.sum())},
            clusters="by item",
        ),
    )


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How a judge agrees with people, against how people agree with each other on the same items.

    :ivar ratio: 1: the judge agrees with a person as often as another person does.
    """

    judge: Estimate
    people: Estimate
    ratio: Estimate
    provenance: Provenance


def against_people(
    answers: Answers, judge: str, *, tolerance: float = 0.0, level: float = 0.95, repetitions: int = 1000, seed: int = 0
) -> Ceiling:
    """Compare one rater (an automated judge, a check) with the human ceiling, on items that two people or more judged.

    :raises InvalidQuestionError: nobody of that name answered.
    :raises NotEnoughVotesError: no item has the judge and two people.
    """
    if judge not in answers.raters:
        raise InvalidQuestionError(f"{judge} answered nothing", hint=f"raters: {', '.join(answers.raters[:8])}")
    items, raters, values = answers.rows
    own = np.full(len(answers.table), -1)
    mine = raters == answers.raters.index(judge)
    own[items[mine]] = values[mine]
    people = answers.table.copy()
    people[items[mine], values[mine]] -= 1
    near = (np.abs(answers.values[:, None] - answers.values[None, :]) <= tolerance).astype(float)
    each = people.sum(axis=1)
    used = (own >= 0) & (each >= 2)
    if not used.any():
        raise NotEnoughVotesError(
            f"no item was judged by {judge} and two people", hint="let the judge rate the overlapping items"
        )
    people, own, each = people[used], own[used], each[used]
    hit = (near[own] * people).sum(axis=1) / each
    same = (np.einsum("iv,vw,iw->i", people, near, people) - each) / (each * (each - 1))
    drawn = _resampled(len(hit), repetitions, seed)
    size = drawn.sum(axis=1)
    judged, ceiling = (drawn @ hit) / size, (drawn @ same) / size
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = hit.mean() / same.mean() if same.mean() else np.nan
        ratios = judged / ceiling
    return Ceiling(
        _percentiles(float(hit.mean()), judged, level),
        _percentiles(float(same.mean()), ceiling, level),
        _percentiles(float(ratio), ratios, level),
        Provenance(
            f"agreement of {judge} with people against people's own; percentile bootstrap of items",
            answers.data_hash(),
            {**answers.counts(), "used": len(hit)},
            clusters="by item",
        ),
    )


def metric_distance(metric: Metric, values: FloatArray) -> FloatArray | Metric:
    """Squared distances of values; of the ordinal metric, which depends on the data, the name alone.

    :raises InvalidQuestionError: there is no such metric.
    """
    if metric == "nominal":
        return 1 - np.eye(len(values))
    if metric == "interval":
        return np.asarray((values[:, None] - values[None, :]) ** 2)
    if metric == "ordinal":
        return metric
    raise InvalidQuestionError(f"no metric is called {metric}", hint="nominal, ordinal or interval")


def _coincidences(table: FloatArray) -> FloatArray:
    """Each item's coincidences of values, pairs of different people, weighted so that an answer counts once."""
    each = table.sum(axis=1)
    paired = table[:, :, None] * table[:, None, :]
    index = np.arange(table.shape[1])
    paired[:, index, index] -= table
    return np.where(each[:, None, None] >= 2, paired / np.maximum(each - 1, 1)[:, None, None], 0.0)


def _alpha(coincidences: FloatArray, distance: FloatArray | Metric) -> FloatArray:
    """From coincidence matrices, one for each repetition."""
    totals = coincidences.sum(axis=2)
    whole = totals.sum(axis=1)
    if isinstance(distance, str):
        below = np.cumsum(totals, axis=1) - totals / 2  # the middle of each value's ranks
        squared = (below[:, :, None] - below[:, None, :]) ** 2
    else:
        squared = np.broadcast_to(distance, coincidences.shape)
    seen = (coincidences * squared).sum(axis=(1, 2))
    chance = (totals[:, :, None] * totals[:, None, :] * squared).sum(axis=(1, 2)) / np.maximum(whole - 1, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(chance > 0, 1 - seen / chance, np.nan))


def _resampled(size: int, repetitions: int, seed: int) -> FloatArray:
    """How often each unit is drawn, for each repetition."""
    return np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=repetitions).astype(np.float64)


def _percentiles(value: float, spread: FloatArray, level: float) -> Estimate:
    found = spread[np.isfinite(spread)]
    if len(found) < 2:
        return Estimate(value, float("nan"), float("nan"), float("nan"), level)
    low, high = np.quantile(found, [(1 - checked_level(level)) / 2, (1 + level) / 2])
    return Estimate(float(value), float(found.std(ddof=1)), float(low), float(high), level)
