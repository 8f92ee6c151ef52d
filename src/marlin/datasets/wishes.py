"""What is asked of a dataset, and whether an item meets it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marlin.datasets.errors import DatasetWishError
from marlin.datasets.licence_texts import all_allowed, check_licence
from marlin.datasets.suspicions import Decision
from marlin.tasks import CATEGORIES


@dataclass(frozen=True, slots=True)
class Wish:
    """Filters and split.

    :ivar categories: only these kinds of work; all when empty. So ``turns``, and ``labels``, where A and B are
        ``preference``.
    :ivar min_strength: least strength of a preference; other labels have none, and stay.
    :ivar min_agreement: least share of people who say what the row says.
    :ivar min_reliability: least reliability of a person whose judgement counts; anybody's with 0. See
        :mod:`marlin.datasets.trusting`.
    :ivar keep_unestimated: count those for whom there is no estimate all the same.
    :ivar axes: only rows in which the sides differ on every one of these axes; any when empty.
    :ivar licences: only repositories all of whose licences are among these, as
        :func:`marlin.datasets.licences.check_licence` takes them; any when empty.
    :ivar drop_near_duplicates: leave out a row whose request and changes are nearly those of an earlier one.
    :ivar benchmarks: lists that no row may be known from; see :mod:`marlin.datasets.benchmarks`.
    :ivar benchmark_repositories: leave out every repository of those lists.
    :ivar scrub_models: take the names of agents and models out.
    :ivar decisions: what people said of values that may be secrets, by id.
    :raises DatasetWishError: a filter that can't be.
    """

    categories: tuple[str, ...] = ()
    turns: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    min_strength: int = 1
    min_agreement: float = 0.0
    min_reliability: float = 0.0
    keep_unestimated: bool = False
    axes: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    drop_near_duplicates: bool = False
    benchmarks: tuple[Path, ...] = ()
    benchmark_repositories: bool = False
    scrub_models: bool = False
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    seed: str = "0"
    test_fraction: float = 0.1
    test_split: bool = True

    def __post_init__(self) -> None:
        unknown = [name for name in self.categories if name not in CATEGORIES]
        if unknown:
            raise DatasetWishError(f"There is no category {unknown[0]!r}.", hint=f"One of: {', '.join(CATEGORIES)}.")
        labels = ("preference", "equal", "both_bad", "split")
        strange = [label for label in self.labels if label not in labels]
        if strange:
            raise DatasetWishError(f"There is no label {strange[0]!r}.", hint=f"One of: {', '.join(labels)}.")
        if any(turn < 1 for turn in self.turns):
            raise DatasetWishError("Turns are counted from 1.", hint="Ask for --turn 1, say.")
        if not 1 <= self.min_strength <= 3:
            raise DatasetWishError("Strength goes from 1 to 3.", hint="Ask for --min-strength 1, 2 or 3.")
        if not 0 <= self.min_agreement <= 1:
            raise DatasetWishError("Agreement goes from 0 to 1.", hint="Ask for --min-agreement 0.66, say.")
        if not 0 <= self.min_reliability <= 1:
            raise DatasetWishError("Reliability goes from 0 to 1.", hint="Ask for --min-reliability 0.7, say.")
        if self.keep_unestimated and not self.min_reliability:
            raise DatasetWishError(
                "Nobody is left out for want of an estimate, so nobody can be kept.",
                hint="Ask for --min-reliability with --keep-unestimated.",
            )
        if not 0 < self.test_fraction < 1:
            raise DatasetWishError("The test split's share is between 0 and 1.", hint="Ask for --test-fraction 0.1.")
        for name in self.licences:
            check_licence(name)

    def check_axes(self, known: Sequence[str]) -> None:
        """Refuse an axis that no rubric of the campaign has: every row would be read to find none.

        :raises DatasetWishError: there is one.
        """
        unknown = [axis for axis in self.axes if axis not in known]
        if unknown:
            raise DatasetWishError(f"The campaign has no axis {unknown[0]!r}.", hint=f"One of: {', '.join(known)}.")

    def refusal(self, row: dict[str, Any]) -> str | None:
        """Which filter keeps a row out; None when none does."""
        agg = row["agg"]
        label = "preference" if agg["label"] in ("A", "B") else agg["label"]
        if self.categories and row["category"] not in self.categories:
            return "filter: category"
        if self.turns and row["turn"] not in self.turns:
            return "filter: turn"
        if self.labels and label not in self.labels:
            return "filter: label"
        if label == "preference" and agg["strength"] < self.min_strength:
            return "filter: strength"
        if agg["agreement"] < self.min_agreement:
            return "filter: agreement"
        if any(not agg["axes"].get(axis) for axis in self.axes):
            return "filter: axis"
        if self.licences and not (row["licences"] and all_allowed(row["licences"], self.licences)):
            return "filter: licence" if row["licences"] else "filter: licence (unknown)"
        return None

    def shape_digest(self) -> str:
        """Of what decides how a row looks, beside its inputs."""
        said = [self.scrub_models, sorted(self.decisions.items())]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """For the manifest."""
        return {
            "categories": sorted(self.categories),
            "turns": sorted(self.turns),
            "labels": sorted(self.labels),
            "min_strength": self.min_strength,
            "min_agreement": self.min_agreement,
            "min_reliability": self.min_reliability,
            "keep_unestimated": self.keep_unestimated,
            "axes": sorted(self.axes),
            "licences": sorted(self.licences),
            "drop_near_duplicates": self.drop_near_duplicates,
            "benchmark_repositories": self.benchmark_repositories,
            "scrub_models": self.scrub_models,
            "decisions": dict(sorted(self.decisions.items())),
        }
