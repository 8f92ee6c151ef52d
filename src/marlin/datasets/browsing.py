"""Which rows of a dataset match what somebody chose, and how all of them are distributed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from marlin.dataset_files import read_manifest
from marlin.datasets.facets import AXIS, NAMES
from marlin.datasets.indexing import Progress, index_of
from marlin.datasets.registry import find_folder
from marlin.datasets.row_index import Facet, Mask, RowIndex
from marlin.datasets.row_schemas import FacetOut, FacetValueOut, RowLineOut, RowsOut
from marlin.errors import InvalidInputError

MOST_VALUES = 50
"""Of a facet that are told at once."""


@dataclass(frozen=True, slots=True)
class Among:
    """What rows have to be. :ivar chosen: of each facet, one of these values. :ivar words: what they have to say."""

    chosen: dict[str, set[str]] = field(default_factory=dict)
    words: str = ""

    @classmethod
    def of(cls, where: Sequence[str], words: str) -> Among:
        """Read what an address says, as ``facet=value``.

        :raises InvalidInputError: there is no such facet.
        """
        chosen: dict[str, set[str]] = {}
        for one in where:
            name, found, value = one.partition("=")
            if not found or not (name in NAMES or name.startswith(AXIS)):
                known = ", ".join((*NAMES, f"{AXIS}NAME"))
                raise InvalidInputError(f"Rows can't be told apart by {one!r}.", hint=f"FACET=VALUE, of: {known}.")
            chosen.setdefault(name, set()).add(value)
        return cls(chosen, words.strip())

    def __bool__(self) -> bool:
        return bool(self.chosen or self.words)

    def count(self, index: RowIndex) -> tuple[Mask, list[Facet]]:
        """Rows that match, and how all facets are distributed."""
        found = index.saying(self.words) if self.words else np.ones(index.size, np.bool_)
        known = index.names()
        lacking = [name for name in self.chosen if name not in known]
        if lacking:  # an axis that nobody scored, say
            found[:] = False
        return index.count({name: some for name, some in self.chosen.items() if name in known}, found)

    def positions(self, index: RowIndex) -> NDArray[np.intp]:
        """Where rows that match stand among all."""
        return np.flatnonzero(self.count(index)[0])


EVERYTHING = Among()


def browse(home: Path, dataset_id: str, among: Among, start: int, count: int) -> RowsOut:
    """Some of the rows that match, and how all are distributed; or how far it is until that can be told.

    :raises NotFoundError: no such dataset. :raises DatasetUnreadableError: it, or its rows, have gone.
    :raises DatasetDamagedError: a row can't be read. :raises DatasetIndexError: there is no room for the index.
    """
    folder = find_folder(home, dataset_id)
    with index_of(home, folder, read_manifest(folder)) as index:
        if isinstance(index, Progress):
            return RowsOut(state="reading", done=index.done, of=index.of)
        mask, facets = among.count(index)
        matching = np.flatnonzero(mask)
        shown = [int(position) for position in matching[start : start + count]]
        return RowsOut(
            state="ready",
            total=index.size,
            matching=len(matching),
            start=start,
            facets=[_facet(one, among.chosen.get(one.name, set())) for one in facets],
            rows=[
                RowLineOut(id=place.row_id, split=place.split, number=place.number, **line)
                for place, line in index.lines(shown)
            ],
        )


def _facet(facet: Facet, chosen: set[str]) -> FacetOut:
    """The most frequent values, and those that were chosen."""
    order = np.lexsort((np.arange(len(facet.values)), -facet.totals, -facet.counts))
    kept = [at for place, at in enumerate(order) if place < MOST_VALUES or facet.values[at] in chosen]
    return FacetOut(
        name=facet.name,
        values=[
            FacetValueOut(value=facet.values[at], count=int(facet.counts[at]), total=int(facet.totals[at]))
            for at in kept
        ],
        more=len(facet.values) - len(kept),
    )
