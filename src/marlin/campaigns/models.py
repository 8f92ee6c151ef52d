"""Tables of campaigns: campaign, versions of its rubric and guidelines, upstreams, arms."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marlin.accounts import append_only
from marlin.db import Base, new_id, now


class Campaign(Base):
    """Funded effort: a rubric, guidelines, pay, arms."""

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("status in ('open', 'paused', 'closed')", name="status"),
        CheckConstraint("continuation in ('session', 'transcript', 'own')", name="continuation"),
        CheckConstraint("reveal in ('together', 'live')", name="reveal"),
        CheckConstraint("min_turns >= 1 and max_turns >= min_turns", name="turns"),
        CheckConstraint("price_cents >= 0", name="price_cents"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    status: Mapped[str] = mapped_column(default="open")
    guidelines: Mapped[str]
    """The current version's text; every version is kept in :class:`GuidelinesVersion`."""
    guidelines_version: Mapped[int] = mapped_column(default=1)
    price_cents: Mapped[int]
    continuation: Mapped[str]
    reveal: Mapped[str]
    min_turns: Mapped[int]
    max_turns: Mapped[int]
    time_limit_seconds: Mapped[int]
    """For one turn's work, from the prompt on."""
    base_images: Mapped[list[str]]
    """Names of the base images that briefs choose from; the first is the default."""
    set_up_time_limit_seconds: Mapped[int]
    check_time_limit_seconds: Mapped[int]
    limits: Mapped[dict[str, Any]]
    """Of one sandbox: memory_mib, pids, cpus, disk_mib."""
    budget_usd: Mapped[float]
    """For the model calls of one rollout."""
    checker: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Rules of the submission checker that this campaign sets otherwise: code and level."""
    assignment: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """An :class:`marlin.campaigns.AssignmentPolicy`."""
    synthetic: Mapped[bool] = mapped_column(default=False)
    """Played by simulated contributors, so evidence of nothing. The database refuses to change it."""
    example_briefs: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class RubricVersion(Base):
    """A rubric as it was once: never changed, because ratings refer to it."""

    __tablename__ = "rubric_version"
    __table_args__ = (UniqueConstraint("campaign_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    """A :class:`marlin.campaigns.rubric.Rubric`."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class GuidelinesVersion(Base):
    """Guidelines as they were once: never changed."""

    __tablename__ = "guidelines_version"
    __table_args__ = (UniqueConstraint("campaign_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    version: Mapped[int]
    markdown: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Upstream(Base):
    """A service that answers model calls. Its key is never stored: ``key_env`` names the variable that holds it."""

    __tablename__ = "upstream"
    __table_args__ = (CheckConstraint("api in ('anthropic', 'openai-chat', 'openai-responses')", name="api"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    base_url: Mapped[str]
    api: Mapped[str]
    key_env: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Arm(Base):
    """An agent within a campaign: harness × model × settings. What it is made of never changes; it can be rested."""

    __tablename__ = "arm"
    __table_args__ = (UniqueConstraint("campaign_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    name: Mapped[str]
    agent: Mapped[str]
    """Name of a shipped agent spec, or the path of an operator's own."""
    model: Mapped[str | None]
    """What the upstream calls the model; None for agents that call none."""
    upstream_id: Mapped[UUID | None] = mapped_column(ForeignKey("upstream.id"))
    key_env: Mapped[str | None]
    """Overrides the upstream's."""
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    pricing: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """US dollars per million tokens: input, output, cache_read, cache_write."""
    outputs_may_train: Mapped[bool]
    """Whether the provider's terms let a model be trained on this arm's outputs."""
    lineage: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    """Where a tuned model comes from: a :class:`marlin.campaigns.Lineage`; None for any other arm."""
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)

    upstream: Mapped[Upstream | None] = relationship(lazy="joined")


append_only.protect(RubricVersion.__table__)
append_only.fix_column(Campaign.__table__, "synthetic")
append_only.protect(GuidelinesVersion.__table__)
