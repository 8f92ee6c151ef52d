"""The foundation's own tables: live workers, the event log, and answers kept for repeated requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marlin.db.engine import Base
from marlin.db.types import now


class Worker(Base):
    """A process that runs jobs, alive as long as it keeps ``seen_at`` fresh (see ``marlin.db.guard``)."""

    __tablename__ = "worker"

    id: Mapped[str] = mapped_column(primary_key=True)
    """The executor id that the job engine notes on the jobs this process runs."""
    machine: Mapped[str]
    """Boot id and process-id namespace: who shares both can see whether the process is alive."""
    pid: Mapped[int]
    started: Mapped[str]
    """Start time of the process in clock ticks since boot, since process ids are used again."""
    since: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)


class EventStream(Base):
    """The last number given out in a stream of events; its row lock makes numbers follow the order of commits."""

    __tablename__ = "event_stream"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger, default=0)
    archived: Mapped[str | None]
    """Key of its events in durable storage, when they were moved there."""


class Event(Base):
    """One entry of a stream. Append-only."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_at", "at", postgresql_using="brin"),)

    stream: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """1, 2, 3 … within the stream, without gaps."""
    at: Mapped[datetime]
    kind: Mapped[str]
    data: Mapped[dict[str, Any]]


class IdempotentRequest(Base):
    """A request that carried an ``Idempotency-Key``, and the answer to give when it comes again."""

    __tablename__ = "idempotent_request"
    __table_args__ = (UniqueConstraint("caller", "key"), Index("ix_idempotent_request_at", "at"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    caller: Mapped[str]
    """Who sent it: a digest of the credentials, so that nobody gets another's answer."""
    key: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of method, path, query and body."""
    at: Mapped[datetime] = mapped_column(default=now)
    """When it was claimed, which also names the claim: a repetition that takes over changes it."""
    committed: Mapped[bool] = mapped_column(default=False)
    """Whether its work was done; set in the transaction that does it."""
    status: Mapped[int | None]
    """Status of the answer; None while the request is being carried out."""
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
