"""The tables of reviews and of those that are being written."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from marlin.accounts import append_only
from marlin.db import Base, new_id, now
from marlin.reviews.reasons import REASONS


class Review(Base):
    """A reviewer's word on a submission: accepted, returned with comments or remarks, or rejected with a reason; or one
    of these taken back. Never changed."""

    __tablename__ = "review"
    __table_args__ = (
        CheckConstraint("decision in ('accept', 'return', 'reject', 'reopen')", name="decision"),
        CheckConstraint(
            "decision in ('accept', 'reopen') or comments <> '' or (decision = 'return' and remarks <> '[]')",
            name="comments",
        ),
        CheckConstraint("(decision = 'reject') = (reason is not null)", name="reason"),
        CheckConstraint(f"reason in ({', '.join(repr(reason) for reason in REASONS)})", name="reason_known"),
        CheckConstraint("decision <> 'reopen' or about_id is not null", name="about"),
        Index("ix_review_comparison_id", "comparison_id"),
        Index("uq_review_about_id", "about_id", unique=True),
        Index("ix_review_reviewer_id", "reviewer_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    comparison_id: Mapped[UUID] = mapped_column(ForeignKey("comparison.id"))
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    decision: Mapped[str]
    comments: Mapped[str]
    remarks: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """On single answers: turn, field, text, and what the answer said then (``said``)."""
    reason: Mapped[str | None]
    """Why it was rejected; see :mod:`marlin.reviews.reasons`."""
    about_id: Mapped[UUID | None] = mapped_column(ForeignKey("review.id"))
    """The review that this one is about: a rejection that was disputed and is decided on here, or any that is taken
    back. Unique: a review has at most one such successor. An acceptance that none takes back is the one that counts;
    there is never another beside it, because a comparison is decided on under its lock."""
    created_at: Mapped[datetime] = mapped_column(default=now)


append_only.protect(Review.__table__)


class Dispute(Base):
    """Why a contributor thinks that a rejection is wrong. One to a rejection, and never changed."""

    __tablename__ = "dispute"
    __table_args__ = (CheckConstraint("text <> ''", name="text"), Index("ix_dispute_comparison_id", "comparison_id"))

    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"), primary_key=True)
    comparison_id: Mapped[UUID] = mapped_column(ForeignKey("comparison.id"))
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


append_only.protect(Dispute.__table__)


class ReviewDraft(Base):
    """What a reviewer has typed so far about a submission: their own, until the review is sent."""

    __tablename__ = "review_draft"

    comparison_id: Mapped[UUID] = mapped_column(ForeignKey("comparison.id"), primary_key=True)
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    revision: Mapped[int]
    """Goes up with each save; an older one is refused, so that two tabs can't overwrite each other."""
    comments: Mapped[str]
    remarks: Mapped[list[dict[str, Any]]]
    saved_at: Mapped[datetime] = mapped_column(default=now)


class Adjudication(Base):
    """An operator's word on results that people judged differently: the label of record, or a judgement sent back.

    Never changed: a later one is a row of its own, and the latest label counts.
    """

    __tablename__ = "adjudication"
    __table_args__ = (
        CheckConstraint("decision in ('label', 'send_back')", name="decision"),
        CheckConstraint("(decision = 'label') = (verdict is not null)", name="label"),
        CheckConstraint("verdict in ('preference', 'equal', 'both_bad')", name="verdict"),
        CheckConstraint("coalesce(verdict = 'preference', false) = (preferred_id is not null)", name="preferred"),
        CheckConstraint("(decision = 'send_back') = (sent_back_id is not null)", name="sent_back"),
        Index("ix_adjudication_item_id", "item_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("comparison.id"))
    """The comparison that the results were made for; its first turn was judged."""
    decision: Mapped[str]
    verdict: Mapped[str | None]
    preferred_id: Mapped[UUID | None] = mapped_column(ForeignKey("rollout.id"))
    """The better result, as the item's own comparison has it: sides differ from person to person."""
    sent_back_id: Mapped[UUID | None] = mapped_column(ForeignKey("comparison.id"))
    """Whose judgement was returned."""
    reason: Mapped[str]
    considered: Mapped[list[str]]
    """Ids of the ratings that were there to be read."""
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)


append_only.protect(Adjudication.__table__)
