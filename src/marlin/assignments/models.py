"""Tables of assignments: what a person was given to do, and the gold tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from marlin.db import Base, new_id, now


class GoldTask(Base):
    """A comparison's first turn with a known answer. What was decided is kept when it is taken back."""

    __tablename__ = "gold_task"
    __table_args__ = (
        CheckConstraint("min_strength between 1 and 3", name="min_strength"),
        Index(
            "uq_gold_task_comparison_id_current",
            "comparison_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    comparison_id: Mapped[UUID] = mapped_column(ForeignKey("comparison.id"))
    expected_rollout_id: Mapped[UUID] = mapped_column(ForeignKey("rollout.id"))
    """The better result; which side shows it differs from person to person."""
    min_strength: Mapped[int]
    """How clearly it must be preferred, 1 to 3."""
    axis: Mapped[str | None]
    """The axis whose score must say so; None: the overall preference."""
    reason: Mapped[str]
    created_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    revoked_at: Mapped[datetime | None]


class Assignment(Base):
    """One thing that one person was given to do next. Kept whatever became of it."""

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("kind in ('own', 'overlap', 'gold', 'again')", name="kind"),
        CheckConstraint("status in ('held', 'begun', 'skipped', 'expired', 'released')", name="status"),
        CheckConstraint("(kind = 'own') = (source_id is null)", name="source"),
        CheckConstraint("(kind = 'gold') = (gold_id is not null)", name="gold"),
        Index(
            "uq_assignment_campaign_id_person_id_held",
            "campaign_id",
            "person_id",
            unique=True,
            postgresql_where=text("status = 'held'"),
        ),
        Index("ix_assignment_source_id", "source_id"),
        Index("uq_assignment_comparison_id", "comparison_id", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    """own: a brief of their own. overlap: another person's results. gold: the same, with a known answer. again: results
    that they have judged themselves."""
    status: Mapped[str] = mapped_column(default="held")
    source_id: Mapped[UUID | None] = mapped_column(ForeignKey("comparison.id"))
    """Whose results are judged."""
    gold_id: Mapped[UUID | None] = mapped_column(ForeignKey("gold_task.id"))
    comparison_id: Mapped[UUID | None] = mapped_column(ForeignKey("comparison.id"))
    """What came of it, once begun."""
    price_cents: Mapped[int]
    draw: Mapped[dict[str, Any]]
    """The lot that chose it, and the counts it was drawn under."""
    reason: Mapped[str] = mapped_column(default="")
    """Why it was skipped or released."""
    agreed: Mapped[bool | None]
    """Of a gold task: whether the rating agrees with the known answer; None until it is rated."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When it was begun, skipped, released or found expired."""
