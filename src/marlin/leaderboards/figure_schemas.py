"""What every figure comes with: its interval, what was counted, and how it came about."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from marlin.counted import counted


class Interval(BaseModel):
    """An estimate with its 95 % interval; None when it can't be estimated (``notes`` say why)."""

    estimate: float | None
    low: float | None
    high: float | None


class Counts(BaseModel):
    """What was counted, and what was not."""

    comparisons: int
    votes: int
    contributors: int
    ties: int
    """Verdict equal."""
    both_bad: int
    """Kept apart from ties: neither result would be accepted."""
    left_out: dict[str, int]
    """Votes not counted, by reason."""

    def in_words(self) -> str:
        """How much it is, as reports say it."""
        comparisons = counted(self.comparisons, "accepted comparison")
        return f"{comparisons}, {counted(self.votes, 'vote')} of {counted(self.contributors, 'contributor')}"


class Provenance(BaseModel):
    """How a result came about, so that anybody can repeat it."""

    method: str
    """In words, the treatment of ties among them."""
    data_hash: str
    """Of the votes that were counted."""
    computed_at: datetime
    versions: dict[str, str]
    notes: list[str]
    """What to keep in mind: regularised, few clusters, disconnected, one contributor with half of all votes."""
