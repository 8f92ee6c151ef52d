"""What the reviews' endpoints take and give. Nothing here names an arm, nor the reviewer to the contributor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from marlin.comparisons import REVIEWABLE, Comparison
from marlin.errors import MarlinError
from marlin.reviews.models import Dispute, Review, ReviewDraft
from marlin.reviews.reasons import Reason
from marlin.reviews.rejections import Rejection
from marlin.reviews.remarks import MOST_REMARKS, PROMPT, DraftRemark, Remark

Decision = Literal["accept", "return", "reject"]


class ReviewBody(BaseModel):
    """A decision; ``return`` needs comments, or a remark on an answer; ``reject`` a reason, and comments."""

    model_config = ConfigDict(extra="forbid")

    decision: Decision
    comments: str = Field(default="", max_length=20_000)
    remarks: list[Remark] = Field(default_factory=list, max_length=MOST_REMARKS)
    reason: Reason | None = None
    """Why it is rejected."""

    @model_validator(mode="after")
    def _reason(self) -> ReviewBody:
        if (self.decision == "reject") != (self.reason is not None):
            raise ValueError("give a reason with reject, and with nothing else")
        return self


class DisputeBody(BaseModel):
    """Why a rejection is wrong."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=20_000, pattern=r"\S")


class ReopenBody(BaseModel):
    """Why a rejection is taken back: an operator says it; whoever rejected it need not."""

    model_config = ConfigDict(extra="forbid")

    comments: str = Field(default="", max_length=20_000)


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


class DisputeOut(BaseModel):
    """What a contributor said against a rejection."""

    text: str
    at: datetime


class ReviewOut(BaseModel):
    """A review. ``mine``: the caller wrote it."""

    id: UUID
    comparison_id: UUID
    decision: Literal["accept", "return", "reject", "reopen"]
    """reopen: what was decided before was taken back."""
    reason: Reason | None
    """Why it was rejected."""
    comments: str
    remarks: list[RemarkOut]
    at: datetime
    mine: bool
    on_dispute: bool
    """It decides on a dispute of the rejection before it."""
    dispute: DisputeOut | None
    """Of this rejection."""
    can_dispute: bool
    """The caller may say, once, why this rejection is wrong."""
    can_reopen: bool
    """The caller may take this decision back."""
    kept_because: str | None
    """Why the caller, who decided this, can't take it back any more; None where they can, or did not decide it."""

    @classmethod
    def of(
        cls,
        review: Review,
        *,
        caller_id: UUID,
        says: Callable[[int, str], Any],
        dispute: Dispute | None = None,
        can_dispute: bool = False,
        can_reopen: bool = False,
        kept_because: str | None = None,
    ) -> ReviewOut:
        """:param says: what an answer says now, by turn and field."""
        return cls(
            id=review.id,
            comparison_id=review.comparison_id,
            decision=cast("Any", review.decision),
            reason=cast("Any", review.reason),
            on_dispute=review.about_id is not None and review.decision != "reopen",
            dispute=DisputeOut(text=dispute.text, at=dispute.created_at) if dispute else None,
            can_dispute=can_dispute,
            can_reopen=can_reopen,
            kept_because=kept_because,
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
    disputed: bool
    """It was rejected, and its contributor says that this is wrong."""


Became = Literal["standing", "disputed", "upheld", "overturned", "taken_back"]
"""Of a rejection. disputed: it waits to be decided on; overturned: accepted or returned then; taken_back: by whoever
rejected it, or by an operator."""


class RejectionOut(BaseModel):
    """A rejection and what became of it, for operators."""

    id: UUID
    comparison_id: UUID
    title: str
    contributor: str
    reviewer: str
    reason: Reason
    comments: str
    at: datetime
    dispute: DisputeOut | None
    became: Became

    @classmethod
    def of(cls, found: Rejection) -> RejectionOut:
        review, dispute = found.review, found.dispute
        return cls(
            id=review.id,
            comparison_id=review.comparison_id,
            title=found.title,
            contributor=found.contributor,
            reviewer=found.reviewer,
            reason=cast("Any", review.reason),
            comments=review.comments,
            at=review.created_at,
            dispute=DisputeOut(text=dispute.text, at=dispute.created_at) if dispute else None,
            became=cast("Any", found.became),
        )


class RejectionCount(BaseModel):
    """How often a reason was given, and this became of it."""

    reason: Reason
    became: Became
    count: int


class WaitingDisputes(BaseModel):
    """Disputes in a campaign that somebody has yet to decide on."""

    campaign_id: UUID
    campaign_title: str
    count: int
    since: datetime
    """When the oldest was sent."""


class DecidedEntry(BaseModel):
    """A decision of the caller's, and what became of it."""

    id: UUID
    comparison_id: UUID
    title: str
    campaign_title: str
    turns: int
    decision: Decision
    reason: Reason | None
    comments: str
    at: datetime
    on_dispute: bool
    became: Literal["stands", "taken_back", "decided_again", "disputed", "submitted_again"]
    """decided_again: somebody decided later, on a dispute or on another submission."""
    can_open: bool
    """The comparison can be looked at; not while its contributor works on it again."""
    can_reopen: bool
    """The caller may take it back."""
    kept_because: str | None
    """Why it can't be taken back any more, where it still stands."""

    @classmethod
    def of(
        cls, review: Review, comparison: Comparison, title: str, became: str, refused: MarlinError | None
    ) -> DecidedEntry:
        """:param refused: why it can't be taken back."""
        return cls(
            id=review.id,
            comparison_id=comparison.id,
            title=title,
            campaign_title=comparison.terms["title"],
            turns=len(comparison.turns),
            decision=cast("Any", review.decision),
            reason=cast("Any", review.reason),
            comments=review.comments,
            at=review.created_at,
            on_dispute=review.about_id is not None,
            became=cast("Any", became),
            can_open=comparison.status in REVIEWABLE,
            can_reopen=became == "stands" and refused is None,
            kept_because=refused.message if refused is not None and became == "stands" else None,
        )


class DecidedCampaign(BaseModel):
    """A campaign in which the caller has decided something."""

    id: UUID
    title: str
