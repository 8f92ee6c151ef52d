"""Pairs of results by which two arms can be held against each other whether or not anybody has rated them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from marlin.comparisons.models import Comparison, Rollout, Turn


@dataclass(frozen=True, slots=True)
class FirstPair:
    """Both results of a comparison's first turn.

    :ivar ready_at: when both were there, checks included.
    :ivar ended_at: when the comparison was given up, if it was.
    """

    comparison_id: UUID
    arm_a_id: UUID
    rollout_a_id: UUID
    rollout_b_id: UUID
    ready_at: datetime
    ended_at: datetime | None


async def first_pairs(session: AsyncSession, campaign_id: UUID, first: UUID, second: UUID) -> list[FirstPair]:
    """Every first turn of two arms whose results and checks are in, repeats left out, by when they were."""
    side_a, side_b = aliased(Rollout), aliased(Rollout)
    gone = Comparison.status.in_(("cancelled", "failed", "rejected"))
    statement = (
        select(
            Comparison.id,
            Comparison.arm_a_id,
            side_a.id,
            side_b.id,
            Turn.ready_at,
            case((gone, Comparison.updated_at), else_=None),
        )
        .join(Turn, (Turn.comparison_id == Comparison.id) & (Turn.number == 1))
        .join(side_a, (side_a.turn_id == Turn.id) & (side_a.side == "A"))
        .join(side_b, (side_b.turn_id == Turn.id) & (side_b.side == "B"))
        .where(
            Comparison.campaign_id == campaign_id,
            Comparison.repeats_id.is_(None),
            Comparison.arm_a_id.in_((first, second)),
            Comparison.arm_b_id.in_((first, second)),
            Comparison.arm_a_id != Comparison.arm_b_id,
            Turn.ready_at.is_not(None),
        )
        .order_by(Turn.ready_at, Comparison.id)
    )
    return [FirstPair(*row) for row in await session.execute(statement)]
