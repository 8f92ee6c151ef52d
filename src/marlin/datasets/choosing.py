"""Which gathered rows are in the dataset, what is counted of them, and why others are not.

Filters come first, then benchmarks and near-duplicates, then what is held for a person: so nobody is asked to decide on
a row that is not wanted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from marlin.dataset_files import BenchmarkState
from marlin.datasets.benchmarks import Benchmarks
from marlin.datasets.memory import Memory
from marlin.datasets.nearness import Nearness, lines_of, words_of
from marlin.datasets.places import joined
from marlin.datasets.queries import Item
from marlin.datasets.splitting import Groups
from marlin.datasets.trusting import NOBODY_LEFT, Trust
from marlin.datasets.wishes import Wish

_SAME = 0.9
_ROWS_SHOWN = 3
MOST_VALUES = 20_000
"""Held values that are noted: their file stays readable."""


class Gathered:
    """What became of every row that came.

    :param memory: of the build. Without one all is in memory.
    :param trust: whose judgement counts; everybody's without one.
    :ivar kept: for each entry of the spool, in order, whether it is in the dataset: a byte.
    :ivar held: suspicious values that nobody decided on, by id: ``{name, shown, places, rows, count}``.
    """

    def __init__(self, wish: Wish, memory: Memory | None = None, trust: Trust | None = None) -> None:
        self._trust = trust
        self._unheard: set[UUID] = set()
        self.wish, self._memory = wish, memory or Memory()
        self._benchmarks = Benchmarks(wish.benchmarks, whole_repositories=wish.benchmark_repositories)
        self._known: list[Counter[str]] = [Counter() for _ in self._benchmarks.lists]
        self._twins = Nearness(_SAME, memory=self._memory, kind="twin") if wish.drop_near_duplicates else None
        self.groups = Groups(self._memory)
        self.kept = bytearray()
        self.counts: Counter[str] = Counter()
        self.left_out: Counter[tuple[str, str]] = Counter()
        self.scrubbed: Counter[str] = Counter()
        self.licences: Counter[str] = Counter()
        self.rubrics: set[int] = set()
        self.guidelines: set[int] = set()
        self.axes: set[str] = set()
        self.terms: dict[str, str | None] = {}
        self.held: dict[str, dict[str, Any]] = {}

    def leave_out(self, reason: str, scope: str = "dataset") -> None:
        """Count what is not there."""
        self.left_out[scope, reason] += 1

    def sift(self, item: Item) -> Item | None:
        """An item with the ratings that count; None if there is none."""
        self.counts["ratings"] += len(item.ratings)
        if self._trust is None:
            return item
        left, refused = self._trust.sifted(item)
        for person, reason in refused:
            self.leave_out(reason, "ratings")
            if person not in self._unheard:
                self._unheard.add(person)
                self.leave_out(reason, "people")
        if left is None:
            self.leave_out(NOBODY_LEFT)
        return left

    def add(self, entry: dict[str, Any]) -> None:
        """Decide on a row, and count it."""
        refusal = self._refusal(entry)
        self.kept.append(refusal is None)
        if refusal is not None:
            self.leave_out(refusal)
            return
        row = entry["row"]
        self.scrubbed.update(entry["scrubbed"])
        key = self.groups.add(
            repository=row["repository"],
            task=row["task_id"],
            base_commit=row["base_commit"],
            request=row["request"],
        )
        self._memory.run("INSERT INTO kept VALUES (?, ?, ?)", len(self.kept), row["id"], key)
        self._count(row)

    def _refusal(self, entry: dict[str, Any]) -> str | None:
        row = entry["row"]
        refusal = self.wish.refusal(row)
        if refusal:
            return refusal
        known = self._benchmarks.known(row) if self._known else None
        if known:
            self._known[known[0]][known[1]] += 1
            return f"known from a benchmark: {known[1]}"
        if self._twins is not None:
            changed = lines_of(row["a"]["patch"]) | lines_of(row["b"]["patch"])
            if self._twins.add(words_of(row["request"]) | changed)[1]:
                return "nearly the same as an earlier row"
        if entry["held"] is None:
            return "more values that may be secrets than anybody decides on"
        for name, one in entry["held"].items():
            if name not in self.held and len(self.held) >= MOST_VALUES:
                continue  # the next build asks about it
            found = self.held.setdefault(name, {**one, "places": [], "rows": [], "count": 0})
            found["count"] += 1
            found["places"] = joined(found["places"], one["places"])
            found["rows"] = [*found["rows"], row["id"]][:_ROWS_SHOWN]
        return "held until a person decides: it may hold a secret" if entry["held"] else None

    def _count(self, row: dict[str, Any]) -> None:
        self.counts["rows"] += 1
        self.counts["pairs"] += row["pairs"]
        self.counts["trajectory_pairs"] += row["trajectory"]
        self.counts["ties"] += row["agg"]["label"] in ("equal", "both_bad")
        if not row["pairs"]:
            self.leave_out(row["pairs_refused"], "pairs")
        else:
            if not row["trajectory"]:
                self.leave_out(row["trajectory_refused"], "trajectories")
            refused = row["a"]["patch_refused"] or row["b"]["patch_refused"]
            if refused:
                self.leave_out(refused, "patches")
        self.rubrics.add(row["rubric_version"])
        self.guidelines.add(row["guidelines_version"])
        self.axes.update(row["agg"]["axes"])
        self.licences[" and ".join(row["licences"]) or "unknown"] += 1
        self.terms.update({rating["rater"]: rating["terms"] for rating in row["ratings"]})
        self._memory.see("repositories", row["repository"])
        self._memory.see("tasks", row["task_id"])

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """Id and key of every row that is in the dataset, in their order."""
        return self._memory.rows("SELECT id, knot FROM kept ORDER BY number")

    def distinct(self) -> dict[str, int]:
        """How many people, repositories and tasks its rows are of."""
        return {"raters": len(self.terms)} | {kind: self._memory.count(kind) for kind in ("repositories", "tasks")}

    def consent(self) -> dict[str, int]:
        """Raters by the version of the terms that they accepted."""
        return dict(sorted(Counter(version or "none" for version in self.terms.values()).items()))

    def benchmark_states(self) -> list[BenchmarkState]:
        """For the manifest."""
        return [
            BenchmarkState(name=one.name, sha256=one.sha256, entries=one.entries, left_out=dict(sorted(known.items())))
            for one, known in zip(self._benchmarks.lists, self._known, strict=True)
        ]
