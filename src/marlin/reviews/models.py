"""The table of reviews."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from marlin.accounts import append_only
from marlin.db import Base, new_id, now


class Review(Base):
    """A reviewer's word on a submission: accepted, or returned with comments. Never changed."""

    __tablename__ = "review"
    __table_args__ = (
        CheckConstraint("decision in ('accept', 'return')", name="decision"),
        CheckConstraint("decision = 'accept' or comments <> ''", name="comments"),
        Index("ix_review_comparison_id", "comparison_id"),
        Index(
            "uq_review_comparison_id_accepted",
            "comparison_id",
            unique=True,
            postgresql_where=text("decision = 'accept'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    comparison_id: Mapped[UUID] = mapped_column(ForeignKey("comparison.id"))
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    decision: Mapped[str]
    comments: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


append_only.protect(Review.__table__)
