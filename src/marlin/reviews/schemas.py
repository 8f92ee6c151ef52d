"""What the reviews' endpoints take and give. Nothing here names an arm, nor the reviewer to the contributor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from marlin.reviews.models import Review, ReviewDraft
from marlin.reviews.remarks import MOST_REMARKS, PROMPT, DraftRemark, Remark

Decision = Literal["accept", "return"]


class ReviewBody(BaseModel):
    """A decision; ``return`` needs comments, or a remark on an answer."""

    model_config = ConfigDict(extra="forbid")

    decision: Decision
    comments: str = Field(default="", max_length=20_000)
    remarks: list[Remark] = Field(default_factory=list, max_length=MOST_REMARKS)


class ReviewDraftBody(BaseModel):
    """A review as it is being written: ``revision`` is the one that was edited (0: there was none yet)."""

    model_config = ConfigDict(extra="forbid")

    revision: int = Field(ge=0, le=2**31 - 2)
    comments: str = Field(default="", max_length=20_000)
    remarks: list[DraftRemark] = Field(default_factory=list, max_length=MOST_REMARKS)


class ReviewDraftOut(BaseModel):
    """The caller's own draft; revision 0: there is none yet."""

    revision: int = 0
    comments: str = ""
    remarks: list[DraftRemark] = []
    saved_at: datetime | None = None

    @classmethod
    def of(cls, draft: ReviewDraft) -> ReviewDraftOut:
        return cls(
            revision=draft.revision,
            comments=draft.comments,
            remarks=[DraftRemark.model_validate(remark) for remark in draft.remarks],
            saved_at=draft.saved_at,
        )


class RemarkOut(BaseModel):
    """A reviewer's remark on one answer of one turn."""

    turn: int
    field: str
    text: str
    said: Any
    """What the answer said when it was remarked on."""
    resolved: bool
    """The answer says something else by now."""
    final: bool
    """The answer can't be changed any more: it is a prompt that was sent."""


class ReviewOut(BaseModel):
    """A review. ``mine``: the caller wrote it."""

    id: UUID
    comparison_id: UUID
    decision: Decision
    comments: str
    remarks: list[RemarkOut]
    at: datetime
    mine: bool

    @classmethod
    def of(cls, review: Review, *, caller_id: UUID, says: Callable[[int, str], Any]) -> ReviewOut:
        """:param says: what an answer says now, by turn and field."""
        return cls(
            id=review.id,
            comparison_id=review.comparison_id,
            decision="accept" if review.decision == "accept" else "return",
            comments=review.comments,
            remarks=[
                RemarkOut(
                    **remark,
                    resolved=says(remark["turn"], remark["field"]) != remark["said"],
                    final=remark["field"] == PROMPT,
                )
                for remark in review.remarks
            ],
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
