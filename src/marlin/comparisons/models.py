"""Tables of comparisons: comparison, turn, draft of the next prompt, rollout, attempt, check result."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marlin.db import Base, new_id, now, timeless_id


class Comparison(Base):
    """One task worked on by one contributor with two arms on two sides."""

    __tablename__ = "comparison"
    __table_args__ = (
        UniqueConstraint("brief_id", "owner_id", "again"),
        CheckConstraint(
            "status in ('running', 'to_rate', 'rated', 'submitted', 'returned', 'accepted', 'cancelled', 'failed', "
            "'rejected', 'disputed')",
            name="status",
        ),
        Index("ix_comparison_owner_id_updated_at", "owner_id", "updated_at"),
        Index("ix_comparison_status", "status"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    brief_id: Mapped[UUID] = mapped_column(ForeignKey("brief.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    environment_id: Mapped[UUID] = mapped_column(ForeignKey("environment.id"))
    rubric_version_id: Mapped[UUID] = mapped_column(ForeignKey("rubric_version.id"))
    arm_a_id: Mapped[UUID] = mapped_column(ForeignKey("arm.id"))
    arm_b_id: Mapped[UUID] = mapped_column(ForeignKey("arm.id"))
    repeats_id: Mapped[UUID | None] = mapped_column(ForeignKey("comparison.id"), index=True)
    """The comparison whose first turn is judged a second time here; None of all others."""
    again: Mapped[bool] = mapped_column(default=False)
    """Whether its owner has judged these results before: how far people agree with themselves, and nothing else."""
    draw: Mapped[dict[str, Any]]
    """Seed and method of the draw of sides, and how the two arms were chosen."""
    terms: Mapped[dict[str, Any]]
    """What the campaign promised when this began: continuation, reveal, limits, versions. Later edits stay out."""
    status: Mapped[str] = mapped_column(default="running")
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    submitted_at: Mapped[datetime | None]

    turns: Mapped[list[Turn]] = relationship(
        back_populates="comparison", order_by="Turn.number", lazy="raise", cascade="all"
    )


class Turn(Base):
    """A user message and what both arms did with it. Its id is the id of the job that runs it."""

    __tablename__ = "turn"
    __table_args__ = (
        UniqueConstraint("comparison_id", "number"),
        CheckConstraint("status in ('queued', 'running', 'checking', 'ready', 'failed', 'cancelled')", name="status"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    comparison_id: Mapped[UUID] = mapped_column(ForeignKey("comparison.id"))
    number: Mapped[int]
    prompt: Mapped[str]
    continued_from: Mapped[str | None]
    """A, B, base (the turn's own start again) or own; None in the first turn."""
    continuation: Mapped[str]
    """How it carried on: first, session, transcript or own."""
    status: Mapped[str] = mapped_column(default="queued")
    """checking: both results are in and shown, their checks still run; they can be rated when ready."""
    job_id: Mapped[str]
    """The workflow that runs it now: the turn's id, with a suffix once a failed turn is retried."""
    retries: Mapped[int] = mapped_column(default=0)
    expectation: Mapped[str] = mapped_column(default="")
    """What the contributor thinks a strong senior engineer would do, written while waiting."""
    preferred: Mapped[str | None]
    """The side that was preferred, told by ratings; None before, and when the verdict was equal or both bad."""
    verdict: Mapped[str | None]
    prompt_skew_ms: Mapped[float | None]
    """Time between the two sides' prompts."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    ready_at: Mapped[datetime | None]
    rated_at: Mapped[datetime | None]

    comparison: Mapped[Comparison] = relationship(back_populates="turns", lazy="raise")
    rollouts: Mapped[list[Rollout]] = relationship(
        back_populates="turn", order_by="Rollout.side", lazy="raise", cascade="all"
    )


class FollowUpDraft(Base):
    """What a contributor has typed so far of the prompt that follows a turn. Kept when it is sent."""

    __tablename__ = "follow_up_draft"
    __table_args__ = (CheckConstraint("continue_from in ('A', 'B', 'base')", name="continue_from"),)

    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turn.id"), primary_key=True)
    """The turn that it follows."""
    revision: Mapped[int]
    """Goes up with each save; an older one is refused, so that two tabs can't overwrite each other."""
    prompt: Mapped[str]
    continue_from: Mapped[str | None]
    saved_at: Mapped[datetime] = mapped_column(default=now)


class Rollout(Base):
    """One arm's run of one turn. Its result is that of its last attempt."""

    __tablename__ = "rollout"
    __table_args__ = (
        UniqueConstraint("turn_id", "side"),
        CheckConstraint("side in ('A', 'B')", name="side"),
        CheckConstraint(
            "status in ('queued', 'preparing', 'working', 'capturing', 'checking', 'finished')", name="status"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turn.id"))
    arm_id: Mapped[UUID] = mapped_column(ForeignKey("arm.id"))
    side: Mapped[str]
    repeats_id: Mapped[UUID | None] = mapped_column(ForeignKey("rollout.id"))
    """The rollout that was run, where this one shows its result a second time: attempts and their cost are there."""
    start: Mapped[dict[str, Any]]
    """What it starts from: commit, files (durable layers, bottom first), home (durable layer), agent session."""
    status: Mapped[str] = mapped_column(default="queued")
    attempt: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str | None]
    outcome_message: Mapped[str] = mapped_column(default="")
    commit: Mapped[str | None]
    result: Mapped[dict[str, Any] | None]
    """Durable result: files and home layers (name, digest), agent session, tree."""
    files: Mapped[list[Any]] = mapped_column(default=list)
    """Changed files against the base commit, as git names them."""
    left_out: Mapped[list[Any]] = mapped_column(default=list)
    final_message: Mapped[str] = mapped_column(default="")
    finished_at: Mapped[datetime | None]

    turn: Mapped[Turn] = relationship(back_populates="rollouts", lazy="raise")
    attempts: Mapped[list[Attempt]] = relationship(order_by="Attempt.number", lazy="raise", cascade="all")
    checks: Mapped[list[CheckResult]] = relationship(order_by="CheckResult.position", lazy="raise", cascade="all")


class Attempt(Base):
    """One try at a rollout. A lost one is kept, with its cost, and the next one starts from the turn's start."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("rollout_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    rollout_id: Mapped[UUID] = mapped_column(ForeignKey("rollout.id"))
    number: Mapped[int]
    status: Mapped[str] = mapped_column(default="running")
    """running, finished, lost (its worker died) or abandoned (cancelled with its turn)."""
    outcome: Mapped[str | None]
    executor: Mapped[str]
    usage: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Calls, tokens by kind and cost in US dollars, metered at the gateway."""
    timings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Seconds per phase."""
    provenance: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Versions of agent, sandbox, environment and Marlin."""
    raw: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Keys of the raw ACP and gateway traffic in durable storage."""
    redactions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How often each identity word was hidden from people, and (nothing hides these) written into files by the arm, or
    printed by its tools. For operators."""
    started_at: Mapped[datetime] = mapped_column(default=now)
    prompted_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class CheckResult(Base):
    """An automatic verification of one rollout's result."""

    __tablename__ = "check_result"
    __table_args__ = (UniqueConstraint("rollout_id", "attempt", "position"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=timeless_id)
    rollout_id: Mapped[UUID] = mapped_column(ForeignKey("rollout.id"))
    attempt: Mapped[int]
    position: Mapped[int]
    kind: Mapped[str]
    """test_command, test_command_base_tests, acceptance, lint, size."""
    name: Mapped[str]
    status: Mapped[str]
    """passed, failed, error, timed_out; of lint also warning and skipped."""
    against_base: Mapped[str]
    """same, newly_failing, newly_passing, unknown."""
    summary: Mapped[str]
    exit_code: Mapped[int | None]
    seconds: Mapped[float]
    log: Mapped[str | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """For size: changed lines, files, complexity, duplication, dependencies. For lint: the new findings. For the test
    command: which tests changed against the base."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class ViewedFile(Base):
    """A person has read a file's change. It holds for that content: changed in the next turn, the file is unread."""

    __tablename__ = "viewed_file"
    __table_args__ = (CheckConstraint("side in ('A', 'B', 'between')", name="side"),)

    comparison_id: Mapped[UUID] = mapped_column(ForeignKey("comparison.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    """Of side, path and content: a path can be longer than an index takes."""
    turn: Mapped[int]
    """In which it was first read."""
    side: Mapped[str]
    path: Mapped[str]
    content: Mapped[str]
    """Ids of the contents before and after, and the modes, as the patch names them."""
    viewed_at: Mapped[datetime] = mapped_column(default=now)
