"""Several people's ratings of the same two results as one judgement. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Label = Literal["A", "B", "equal", "both_bad", "split"]
_SWAPPED = {"A": "B", "B": "A"}


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's rating, on the sides of the comparison that made the results.

    :ivar label: A, B, equal or both_bad. :ivar axes: −3 A is much better … +3 B is.
    :ivar record: the label of record that an operator decided, if any.
    :ivar counts: False for gold tasks, which test a person and say nothing new about the results.
    """

    label: str
    strength: int
    axes: Mapping[str, int]
    record: str | None = None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Aggregate:
    """:ivar agreement: share of the votes that say the label. :ivar axes: mean score per axis."""

    label: str
    strength: int
    n: int
    agreement: float
    method: str
    axes: dict[str, float]


def swap(label: str | None) -> str | None:
    """The same label with the sides changed."""
    return None if label is None else _SWAPPED.get(label, label)


def aggregate(votes: Sequence[Vote]) -> Aggregate:
    """The label of record where there is one, else the majority; ``split`` where there is none."""
    counted = [vote for vote in votes if vote.counts]
    record = next((vote.record for vote in votes if vote.record), None)
    tally = Counter(vote.label for vote in counted)
    most = tally.most_common(2)
    if record:
        label, method = record, "label of record"
    elif not most or (len(most) > 1 and most[0][1] == most[1][1]):
        label, method = "split", "majority"
    else:
        label, method = most[0][0], "single" if len(counted) == 1 else "majority"
    agreeing = [vote for vote in counted if vote.label == label]
    strengths = [vote.strength for vote in agreeing] or [1]
    strength = min(3, max(1, int(sum(strengths) / len(strengths) + 0.5))) if label in ("A", "B") else 0
    return Aggregate(
        label=label,
        strength=strength,
        n=len(counted),
        agreement=round(len(agreeing) / len(counted), 4) if counted else 0.0,
        method=method,
        axes=_axes(counted),
    )


def _axes(votes: Sequence[Vote]) -> dict[str, float]:
    names = sorted({name for vote in votes for name in vote.axes})
    scores = {name: [vote.axes[name] for vote in votes if name in vote.axes] for name in names}
    return {name: round(sum(said) / len(said), 4) for name, said in scores.items()}
