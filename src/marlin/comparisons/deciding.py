"""What reviews tell comparisons: accepted, returned or rejected; disputed; one of these taken back."""

from __future__ import annotations

from typing import Literal

from marlin.comparisons.errors import ComparisonClosedError
from marlin.comparisons.models import Comparison
from marlin.db import now

Outcome = Literal["accepted", "returned", "rejected"]

WAITING = ("submitted", "disputed")
"""Statuses in which a comparison waits for a reviewer's decision."""

DECIDED = ("accepted", "returned", "rejected")
"""Statuses in which a reviewer has decided, and may take that back."""


def mark_reviewed(comparison: Comparison, outcome: Outcome) -> None:
    """Reviews say: accepted; returned with comments, to be mended; or rejected, which ends it unpaid.

    :raises ComparisonClosedError: it is not waiting for a review.
    """
    if comparison.status not in WAITING:
        raise ComparisonClosedError("This comparison is not waiting for a review.", hint="Reload the queue.")
    _move(comparison, outcome)


def mark_disputed(comparison: Comparison) -> None:
    """Reviews say: the contributor disputes its rejection; somebody else decides.

    :raises ComparisonClosedError: it is not rejected.
    """
    if comparison.status != "rejected":
        raise ComparisonClosedError("This comparison is not rejected.", hint="Reload the page to see where it stands.")
    _move(comparison, "disputed")


def mark_reopened(comparison: Comparison) -> None:
    """Reviews say: what was decided was taken back; it waits for a review as if nothing had been.

    :raises ComparisonClosedError: it was not decided on.
    """
    if comparison.status not in DECIDED:
        raise ComparisonClosedError("Nothing was decided on this.", hint="Reload the page to see where it stands.")
    _move(comparison, "submitted")


def _move(comparison: Comparison, status: str) -> None:
    comparison.status = status
    comparison.updated_at = now()
