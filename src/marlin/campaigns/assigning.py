"""A campaign's policy for who does what next, as a file or a request states it. Pure.

``marlin.assignments`` follows it. It is part of the terms of each comparison, so that an analysis years later knows
under which rates an overlap, a gold task or an A/A control came about.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class AssignmentPolicy(BaseModel):
    """Overlap, gold tasks, A/A controls, caps and qualification."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    overlap_rate: float = Field(default=0.1, ge=0, le=1)
    """Share of the comparisons whose first turn other people judge, too."""
    overlap_people: int = Field(default=2, ge=2, le=20)
    """Distinct people who judge such a turn, the first one included."""
    overlap_price_cents: int | None = Field(default=None, ge=0, le=100_000_000)
    """For judging results that are there already; None: the campaign's price."""
    overlap_by: Literal["chance", "evidence"] = "chance"
    """Which results are judged again: any of them alike; or, for half of them, those where one more opinion is expected
    to tell most for its price. Agreement and rankings count the other half only."""
    pairs_by: Literal["chance", "evidence"] = "chance"
    """Which two of three arms and more meet: each pair alike, or those whose order is least settled more often."""
    pairs_floor: float = Field(default=0.25, ge=0.05, le=1)
    """With ``pairs_by`` evidence: the share of comparisons that all pairs have alike, so that each is still drawn."""
    gold_rate: float = Field(default=0.0, ge=0, le=0.5)
    """Share of a contributor's assignments that are gold tasks."""
    again_rate: float = Field(default=0.0, ge=0, le=0.5)
    """Share of a contributor's assignments in which they judge once more what they have judged, with sides swapped."""
    again_after_days: int = Field(default=7, ge=0, le=365)
    """Days after which that may come, so that it is less remembered."""
    aa_rate: float = Field(default=0.0, ge=0, le=0.5)
    """Share of comparisons in which an arm meets itself."""
    contributor_share: float | None = Field(default=None, gt=0, le=1)
    """Most that one contributor may have of the campaign's comparisons, once there are ``share_from`` of them."""
    share_from: int = Field(default=20, ge=1, le=1_000_000)
    max_comparisons: int | None = Field(default=None, ge=1, le=10_000_000)
    """Of the whole campaign; cancelled and rejected ones don't count."""
    gold_to_qualify: int = Field(default=0, ge=0, le=50)
    """Gold tasks that a contributor judges before anything else."""
    qualify_share: float = Field(default=0.7, ge=0, le=1)
    """Share of them in which they must agree."""
    required: bool = False
    """Whether a comparison can only begin with an assignment."""
    paused: bool = False
    """Nothing new is assigned or begun; what has begun can be finished."""
    pause_reason: str = Field(default="", max_length=500)
    """What contributors are told meanwhile."""

    @model_validator(mode="after")
    def _fits_together(self) -> AssignmentPolicy:
        if self.paused and not self.pause_reason.strip():
            raise ValueError("a pause needs pause_reason: contributors are told it")
        return self


def policy_of(stored: Mapping[str, Any]) -> AssignmentPolicy:
    """The policy that a campaign has stored; what an older one does not name has its default."""
    return AssignmentPolicy.model_validate(stored)


def changed_policy(stored: Mapping[str, Any], changes: Mapping[str, Any]) -> AssignmentPolicy:
    """The policy with some fields changed; the others stay. Ending a pause forgets its reason.

    :raises ValueError: if the fields don't fit together.
    """
    merged = {**policy_of(stored).model_dump(), **changes}
    if not merged["paused"]:
        merged["pause_reason"] = ""
    return AssignmentPolicy.model_validate(merged)
