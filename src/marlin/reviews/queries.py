"""Reading reviews, their drafts, and what the answers say that they remark on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from marlin import ratings
from marlin.comparisons import Comparison
from marlin.reviews import remarks
from marlin.reviews.models import Dispute, Review, ReviewDraft


def standing_acceptance() -> ColumnElement[bool]:
    """What joins an accepted comparison to the one review that accepted it: not to one that was taken back."""
    back = aliased(Review)
    return and_(
        Review.comparison_id == Comparison.id,
        Review.decision == "accept",
        ~select(back.id).where(back.about_id == Review.id).exists(),
    )


async def reviews_of(session: AsyncSession, comparison_id: UUID) -> Sequence[Review]:
    """A comparison's reviews, the latest first."""
    statement = select(Review).where(Review.comparison_id == comparison_id).order_by(Review.id.desc())
    return (await session.execute(statement)).scalars().all()


async def latest_review(session: AsyncSession, comparison_id: UUID) -> Review | None:
    """A comparison's last review, if it has any."""
    statement = select(Review).where(Review.comparison_id == comparison_id).order_by(Review.id.desc()).limit(1)
    return await session.scalar(statement)


async def disputes_of(session: AsyncSession, comparison_id: UUID) -> dict[UUID, Dispute]:
    """A comparison's disputes, by the review that they are about."""
    rows = await session.scalars(select(Dispute).where(Dispute.comparison_id == comparison_id))
    return {row.review_id: row for row in rows}


def disputed_of(reviewer_id: UUID) -> Select[UUID]:
    """Ids of the comparisons that this person rejected and whose dispute is not decided: others decide on it."""
    decider = aliased(Review)
    return (
        select(Dispute.comparison_id)
        .join(Review, Review.id == Dispute.review_id)
        .where(Review.reviewer_id == reviewer_id, ~select(decider.id).where(decider.about_id == Review.id).exists())
    )


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
