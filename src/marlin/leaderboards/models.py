"""The table of registered questions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marlin.accounts import append_only
from marlin.db import Base, new_id, now


class Question(Base):
    """What a campaign wants to know, written down before the answer can be seen.

    Never changed: an amendment is a row of its own, with its reason, and says how much had been accepted by then.
    """

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("campaign_id", "version"),
        CheckConstraint("baseline_id <> candidate_id", name="arms"),
        CheckConstraint("smallest_share > 0.5 and smallest_share < 1", name="smallest_share"),
        CheckConstraint("alpha > 0 and alpha < 0.5", name="alpha"),
        CheckConstraint("power > 0.5 and power < 1", name="power"),
        CheckConstraint("sides in (1, 2)", name="sides"),
        CheckConstraint("icc >= 0 and icc < 1 and (icc = 0 or contributors is not null)", name="icc"),
        CheckConstraint("equal_share >= 0 and equal_share < 1", name="equal_share"),
        CheckConstraint("most_comparisons >= 10", name="most_comparisons"),
        CheckConstraint("looks between 1 and 10", name="looks"),
        CheckConstraint("control in ('none', 'checks_passed', 'changed_lines', 'model_calls')", name="control"),
        CheckConstraint("counts in ('side', 'strength')", name="counts"),
        CheckConstraint("when_decided in ('tell', 'pause')", name="when_decided"),
        CheckConstraint("version = 1 or reason <> ''", name="reason"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    version: Mapped[int]
    baseline_id: Mapped[UUID] = mapped_column(ForeignKey("arm.id"))
    """What the candidate is held against, such as the parent of a tuned model."""
    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("arm.id"))
    """Shares above one half speak for it."""
    axis: Mapped[str]
    """``overall``, or an axis of the rubric."""
    smallest_share: Mapped[float]
    """The smallest effect of interest: the share of preferences that the better arm would have, such as 0.55."""
    alpha: Mapped[float]
    """Chance, at most, of preferring an arm when there is no difference."""
    power: Mapped[float]
    """Chance, at least, of finding a difference of ``smallest_share``."""
    sides: Mapped[int]
    """1: is the candidate better? 2: which of the two is better? (α is then split.)"""
    icc: Mapped[float]
    """How alike two votes of one contributor are expected to be."""
    contributors: Mapped[int | None]
    """How many are expected to take part; needed where ``icc`` is not zero."""
    equal_share: Mapped[float]
    """The share of equal verdicts that is expected."""
    most_comparisons: Mapped[int]
    """The cap: no more are bought for this question."""
    looks: Mapped[int]
    """At how many points, evenly spaced up to the cap, the rule may stop."""
    control: Mapped[str] = mapped_column(default="none")
    """none, or what the difference of which is a control variate."""
    counts: Mapped[str] = mapped_column(default="side")
    """side or strength: what of a vote decides."""
    when_decided: Mapped[str]
    """tell, or pause: no new work begins in the campaign once the question is decided."""
    accepted_before: Mapped[int]
    """Accepted comparisons of the two arms when this was registered; more than 0 is shown with every result."""
    reason: Mapped[str]
    """Why an earlier question was amended; empty for the first."""
    registered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    """None from the command line."""
    created_at: Mapped[datetime] = mapped_column(default=now)


append_only.protect(Question.__table__)
