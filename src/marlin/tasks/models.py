"""Tables of tasks: briefs, and the environments that are built once and shared."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marlin.db import Base, new_id, now


class Brief(Base):
    """What a contributor asks for, on which repository and commit; editable until a comparison uses it."""

    __tablename__ = "brief"
    __table_args__ = (Index("ix_brief_owner_id_updated_at", "owner_id", "updated_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    example: Mapped[str | None]
    """Name of the example brief it was taken from, whose hidden acceptance checks then apply."""
    source: Mapped[str] = mapped_column(default="")
    commit: Mapped[str] = mapped_column(default="")
    category: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    prompt: Mapped[str] = mapped_column(default="")
    acceptance_criteria: Mapped[str] = mapped_column(default="")
    set_up_command: Mapped[str] = mapped_column(default="")
    test_command: Mapped[str] = mapped_column(default="")
    base_image: Mapped[str]
    """One of the campaign's base images."""
    effort_minutes: Mapped[int | None]
    revision: Mapped[int] = mapped_column(default=1)
    """Goes up with each edit; an edit of an older revision is refused, so that two tabs can't overwrite each other."""
    status: Mapped[str] = mapped_column(default="draft")
    """draft, preparing, ready, failed, used."""

    preparation_id: Mapped[UUID | None]
    """The job that prepares it, and the stream of its log; a new one for each attempt."""
    preparation_status: Mapped[str] = mapped_column(default="none")
    """none, queued, fetching, setting_up, testing, ready, failed."""
    preparation_message: Mapped[str] = mapped_column(default="")
    preparation_hint: Mapped[str] = mapped_column(default="")
    preparation_started_at: Mapped[datetime | None]
    preparation_finished_at: Mapped[datetime | None]
    repository: Mapped[str | None]
    """Key of the mirror, once fetched."""
    base_commit: Mapped[str | None]
    resolved_title: Mapped[str] = mapped_column(default="")
    warnings: Mapped[list[str]] = mapped_column(default=list)
    environment_id: Mapped[UUID | None] = mapped_column(ForeignKey("environment.id"))
    base_check_id: Mapped[UUID | None] = mapped_column(ForeignKey("base_check.id"))

    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class Environment(Base):
    """A repository at a commit with its set-up done: built once, frozen, shared by every comparison on it."""

    __tablename__ = "environment"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("status in ('building', 'ready')", name="status"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str]
    """SHA-256 over repository, commit, set-up command, base image and layout version."""
    repository: Mapped[str]
    base_commit: Mapped[str]
    set_up_command: Mapped[str]
    base_image: Mapped[str]
    status: Mapped[str] = mapped_column(default="building")
    files: Mapped[dict[str, Any] | None]
    """The set-up's writes as a durable layer (name, digest), above the base tree."""
    provenance: Mapped[dict[str, Any]] = mapped_column(default=dict)
    seconds: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class BaseCheck(Base):
    """The result of a command on the base, so that neither arm is blamed for a broken environment."""

    __tablename__ = "base_check"
    __table_args__ = (UniqueConstraint("environment_id", "kind", "name", "command"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    environment_id: Mapped[UUID] = mapped_column(ForeignKey("environment.id"))
    kind: Mapped[str]
    """test_command or acceptance."""
    name: Mapped[str]
    command: Mapped[str]
    status: Mapped[str]
    """passed, failed, error, timed_out."""
    exit_code: Mapped[int | None]
    seconds: Mapped[float]
    summary: Mapped[str]
    log: Mapped[str]
    """Key of the whole output in durable storage."""
    created_at: Mapped[datetime] = mapped_column(default=now)
