"""Reading reviews."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.reviews.models import Review


async def reviews_of(session: AsyncSession, comparison_id: UUID) -> Sequence[Review]:
    """A comparison's reviews, the latest first."""
    statement = select(Review).where(Review.comparison_id == comparison_id).order_by(Review.id.desc())
    return (await session.execute(statement)).scalars().all()
