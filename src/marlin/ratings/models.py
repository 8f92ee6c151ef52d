"""Tables of ratings: drafts, ratings, sketches of texts. A rating that was undone or replaced is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from marlin.db import Base, new_id, now


class RatingDraft(Base):
    """What a contributor has typed so far about a turn. Kept when the rating is sent, and after it is undone."""

    __tablename__ = "rating_draft"

    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turn.id"), primary_key=True)
    revision: Mapped[int]
    """Goes up with each save; an older one is refused, so that two tabs can't overwrite each other."""
    answers: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime] = mapped_column(default=now)


class Rating(Base):
    """A contributor's answers for one turn, with the arms that stood on the two sides."""

    __tablename__ = "rating"
    __table_args__ = (
        CheckConstraint("preferred in ('A', 'B')", name="preferred"),
        CheckConstraint("strength between 0 and 3", name="strength"),
        CheckConstraint("ended in ('undone', 'replaced')", name="ended"),
        CheckConstraint("(ended is null) = (ended_at is null)", name="ended_at"),
        Index("uq_rating_turn_id_current", "turn_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_rating_comparison_id", "comparison_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    comparison_id: Mapped[UUID] = mapped_column(ForeignKey("comparison.id"))
    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turn.id"))
    turn_number: Mapped[int]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    rubric_version_id: Mapped[UUID] = mapped_column(ForeignKey("rubric_version.id"))
    guidelines_version: Mapped[int]
    """Of the campaign's guidelines, as the comparison began with."""
    answers: Mapped[dict[str, Any]]
    """A :class:`marlin.campaigns.Answers`."""
    citations: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """What the texts cite, as data: each a :class:`marlin.ratings.Cited`."""
    preferred: Mapped[str | None]
    """The better side, A or B; None when equal or both bad."""
    verdict: Mapped[str]
    strength: Mapped[int]
    """How much better, 0 to 3."""
    arm_a_id: Mapped[UUID] = mapped_column(ForeignKey("arm.id"))
    arm_b_id: Mapped[UUID] = mapped_column(ForeignKey("arm.id"))
    rollout_a_id: Mapped[UUID] = mapped_column(ForeignKey("rollout.id"))
    rollout_b_id: Mapped[UUID] = mapped_column(ForeignKey("rollout.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended: Mapped[str | None]
    """Why it no longer counts: undone, or replaced by a newer one; None while it counts."""
    ended_at: Mapped[datetime | None]


class Submission(Base):
    """The contributor's word that a comparison is finished, with the warnings they saw and kept."""

    __tablename__ = "submission"
    __table_args__ = (Index("ix_submission_comparison_id", "comparison_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    comparison_id: Mapped[UUID] = mapped_column(ForeignKey("comparison.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    acknowledged: Mapped[list[str]]
    """Codes of the warnings."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class TextSketch(Base):
    """What is kept of a submitted text, to notice when its author writes it again; see :mod:`ratings.sketching`."""

    __tablename__ = "text_sketch"
    __table_args__ = (
        CheckConstraint("field in ('prompt', 'justification')", name="field"),
        # What waits to be entered would be read whole by every question.
        Index("ix_text_sketch_keys", "keys", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )

    comparison_id: Mapped[UUID] = mapped_column(ForeignKey("comparison.id"), primary_key=True)
    turn_number: Mapped[int] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    digest: Mapped[int] = mapped_column(BigInteger)
    """Of its words."""
    keys: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    """Two texts of one person that are near have one in common, two of different people none."""
    numbers: Mapped[bytes]
    """Its MinHash signature."""


class Comment(Base):
    """A contributor's remark on lines of a result or on a step of a transcript, for themselves and for the reviewer."""

    __tablename__ = "comment"
    __table_args__ = (
        CheckConstraint("side in ('A', 'B')", name="side"),
        CheckConstraint("at in ('result', 'base', 'start')", name="at"),
        CheckConstraint("(path is null) <> (step is null)", name="anchor"),
        CheckConstraint("(path is null) = (first_line is null) and (path is null) = (last_line is null)", name="lines"),
        Index("ix_comment_comparison_id", "comparison_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Chosen by whoever writes it, so that saving it again is no second comment."""
    comparison_id: Mapped[UUID] = mapped_column(ForeignKey("comparison.id"))
    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turn.id"))
    turn_number: Mapped[int]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    side: Mapped[str]
    path: Mapped[str | None]
    at: Mapped[str] = mapped_column(default="result")
    """Where the lines stand: the side's result, the base, or what the turn began with."""
    first_line: Mapped[int | None]
    last_line: Mapped[int | None]
    step: Mapped[int | None]
    """Position in the side's transcript, from 1."""
    quote: Mapped[str]
    """The lines, or what the step says: a comment can be read apart from what it hangs on."""
    text: Mapped[str]
    draft: Mapped[bool]
    """Still being written: nobody else sees it."""
    revision: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]
