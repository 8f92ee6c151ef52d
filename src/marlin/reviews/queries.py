"""Reading reviews, their drafts, and what the answers say that they remark on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import ratings
from marlin.comparisons import Comparison
from marlin.reviews import remarks
from marlin.reviews.models import Review, ReviewDraft


async def reviews_of(session: AsyncSession, comparison_id: UUID) -> Sequence[Review]:
    """A comparison's reviews, the latest first."""
    statement = select(Review).where(Review.comparison_id == comparison_id).order_by(Review.id.desc())
    return (await session.execute(statement)).scalars().all()


async def find_draft(session: AsyncSession, comparison_id: UUID, reviewer_id: UUID) -> ReviewDraft | None:
    """A reviewer's draft, as the database has it now."""
    statement = select(ReviewDraft).where(
        ReviewDraft.comparison_id == comparison_id, ReviewDraft.reviewer_id == reviewer_id
    )
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()


async def answers_now(session: AsyncSession, comparison: Comparison) -> Callable[[int, str], Any]:
    """What each answer says now, by turn and field; None where there is none."""
    current = await ratings.current_ratings(session, comparison.id)
    prompts = {turn.number: turn.prompt for turn in comparison.turns}

    def says(turn: int, field: str) -> Any:
        answers = current[turn].answers if turn in current else {}
        return remarks.said(field, answers, prompts.get(turn, ""))

    return says
