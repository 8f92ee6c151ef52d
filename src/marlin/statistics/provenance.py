"""Where a number comes from: the method, the data, how much of it, and under which versions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

import marlin


@cache
def _scipy_version() -> str:
    import scipy

    return str(scipy.__version__)


def versions() -> dict[str, str]:
    """The versions of what computes: Marlin, numpy, scipy."""
    return {"marlin": marlin.__version__, "numpy": np.__version__, "scipy": _scipy_version()}


def hash_of(*columns: ArrayLike | None, ordered: bool = False) -> str:
    """Of rows given as columns of equal length, whatever their order unless it matters."""
    given = [np.asarray(column) for column in columns if column is not None]
    rows = list(zip(*(column.tolist() for column in given), strict=True))
    lines = [repr(row) for row in rows]
    return hashlib.sha256("\n".join(lines if ordered else sorted(lines)).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Provenance:
    """What every result carries, so that it can be checked and made again.

    :ivar method: in words and with its source, such as "Davidson (1970), Newton on pooled counts".
    :ivar data_hash: of exactly the votes used, whatever their order; the same votes always have the same hash.
    :ivar counts: how many votes, arms, contributors, ties, both-bad …
    :ivar ties: how equal verdicts were treated, in words.
    :ivar clusters: what was taken as one unit when the uncertainty was computed, and the small-sample correction.
    :ivar notes: what a reader must know before using the number: regularised, few clusters, one contributor dominates.
    """

    method: str
    data_hash: str
    counts: Mapping[str, int]
    ties: str = ""
    clusters: str = ""
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=versions)

    def as_dict(self) -> dict[str, object]:
        """The same, ready for JSON."""
        return {
            "method": self.method,
            "data_hash": self.data_hash,
            "counts": dict(self.counts),
            "ties": self.ties,
            "clusters": self.clusters,
            "notes": list(self.notes),
            "versions": dict(self.versions),
        }
