"""Whether the votes can rank the arms at all, and what to say where they can't.

A maximum-likelihood score exists if no group of arms won every comparison against the rest (Ford 1957): in the graph of
who got at least half a vote from whom, every arm reaches every other; a tie that has a frequency of its own counts for
neither. Otherwise scores are pulled together by a weak prior and said to be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from marlin.statistics.arrays import BoolArray, FloatArray

PRIOR_SD = 2.0
"""Standard deviation, in log-odds, of the prior that regularises: odds of 7 to 1 between arms are unremarkable."""


@dataclass(frozen=True, slots=True)
class Connectivity:
    """What the comparisons hold together.

    :ivar groups: arms that were compared with one another, directly or through others; more than one: disconnected.
    :ivar separable: within a group, some arms won every vote against the others (or lost every one).
    :ivar decisive: whether any vote preferred an arm.
    """

    groups: tuple[tuple[int, ...], ...]
    separable: bool
    decisive: bool = True

    @property
    def estimable(self) -> bool:
        """Whether the maximum-likelihood scores exist."""
        return len(self.groups) == 1 and not self.separable

    def notes(self, arms: tuple[str, ...]) -> tuple[str, ...]:
        """What to tell a reader; empty if all is well."""
        said = []
        if len(self.groups) > 1:
            names = "; ".join(", ".join(arms[arm] for arm in group) for group in self.groups[:6])
            said.append(
                f"Not every arm was compared with every other, even through third ones ({names}): "
                "scores across these groups rest on the prior alone."
            )
        if not self.decisive:
            said.append("All verdicts are equal: no arm was preferred to another, and how far apart they are is open.")
        elif self.separable:
            said.append("Some arms won or lost every decisive comparison: the votes set no limit to their distance.")
        if said:
            said.append(f"Regularised: scores have a normal prior with standard deviation {PRIOR_SD:g} in log-odds.")
        return tuple(said)


def examined(points: FloatArray, met: BoolArray) -> Connectivity:
    """From ``points[i, j]``: how much arm i won against arm j; ``met[i, j]``: whether they were compared at all."""
    from scipy.sparse.csgraph import connected_components

    graph = np.asarray(points > 0)
    groups_count, group = connected_components(graph | met, directed=True, connection="weak")
    strong_count, _ = connected_components(graph, directed=True, connection="strong")
    groups = tuple(tuple(map(int, np.flatnonzero(group == label))) for label in range(groups_count))
    return Connectivity(groups, separable=bool(strong_count > groups_count), decisive=bool(graph.any()))
