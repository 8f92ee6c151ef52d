"""The table of terminals."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from marlin.db import Base, new_id, now


class Terminal(Base):
    """A shell that one person has in a copy of one side's result. Its id is the id of the job that keeps it."""

    __tablename__ = "terminal"
    __table_args__ = (
        CheckConstraint("status in ('waiting', 'open', 'ending', 'ended')", name="status"),
        CheckConstraint("side in ('A', 'B')", name="side"),
        Index("ix_terminal_person_id", "person_id", postgresql_where=text("status <> 'ended'")),
        Index("ix_terminal_waiting", "created_at", postgresql_where=text("status = 'waiting'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    comparison_id: Mapped[UUID] = mapped_column(ForeignKey("comparison.id"))
    rollout_id: Mapped[UUID] = mapped_column(ForeignKey("rollout.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    turn: Mapped[int]
    side: Mapped[str]
    status: Mapped[str] = mapped_column(default="waiting")
    """waiting for a worker, open, ending (its person closed it; the worker has not yet), ended."""
    reason: Mapped[str | None]
    """Why it ended: exited, closed, idle, longest, worker_stopped, lost, failed."""
    exit_code: Mapped[int | None]
    message: Mapped[str] = mapped_column(default="")
    columns: Mapped[int]
    rows: Mapped[int]
    """Size at the start."""
    executor: Mapped[str | None]
    """The worker that keeps it."""
    address: Mapped[str | None]
    """Where that worker takes its connections, host:port."""
    ticket: Mapped[bytes | None] = mapped_column(LargeBinary)
    """SHA-256 of what the next connection must present, once."""
    ticket_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    opened_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
