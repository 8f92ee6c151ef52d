"""Who has looked at which arm is which: the audit log knows, and whoever has looked decides nothing there."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.accounts import has_done
from marlin.comparisons.models import Comparison

UNBLINDED, TRAJECTORY_READ = "comparison.unblinded", "trajectory.read"
_UNBLINDING = (UNBLINDED, TRAJECTORY_READ)
"""Actions in the audit log after which somebody knows, or can tell, which arm is which."""


async def has_looked(session: AsyncSession, comparison: Comparison, person_id: UUID) -> bool:
    """Whether a person has looked at which arm is which here, or in another comparison of the same results."""
    item = comparison.repeats_id or comparison.id
    same = await session.scalars(select(Comparison.id).where(or_(Comparison.id == item, Comparison.repeats_id == item)))
    return await has_done(session, person_id, _UNBLINDING, {str(one) for one in same})
