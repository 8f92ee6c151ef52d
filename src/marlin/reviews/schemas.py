"""What the reviews' endpoints take and give. Nothing here names an arm, nor the reviewer to the contributor."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from marlin.reviews.models import Review

Decision = Literal["accept", "return"]


class ReviewBody(BaseModel):
    """A decision; ``return`` needs comments."""

    model_config = ConfigDict(extra="forbid")

    decision: Decision
    comments: str = Field(default="", max_length=20_000)


class ReviewOut(BaseModel):
    """A review. ``mine``: the caller wrote it."""

    id: UUID
    comparison_id: UUID
    decision: Decision
    comments: str
    at: datetime
    mine: bool

    @classmethod
    def of(cls, review: Review, *, caller_id: UUID) -> ReviewOut:
        return cls(
            id=review.id,
            comparison_id=review.comparison_id,
            decision="accept" if review.decision == "accept" else "return",
            comments=review.comments,
            at=review.created_at,
            mine=review.reviewer_id == caller_id,
        )


class QueueEntry(BaseModel):
    """A submission that waits for a review."""

    comparison_id: UUID
    title: str
    campaign_title: str
    submitted_at: datetime | None
    turns: int
