"""What a reviewer has decided: to find a decision again, see what became of it, and take it back while one can."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, selectinload

from marlin.accounts import Person
from marlin.campaigns import Campaign
from marlin.comparisons import Comparison
from marlin.db.paging import Order, Page, Window, fetch_page, matching
from marlin.reviews.models import Review
from marlin.tasks import Brief

_DECISIONS = ("accept", "return", "reject")

_NEWEST_FIRST = Order((Review.id.expression,), (UUID,), descending=True)


def _became() -> ColumnElement[str]:
    about, later = aliased(Review), aliased(Review)
    taken_back = select(about.id).where(about.about_id == Review.id, about.decision == "reopen").exists()
    decided_again = select(later.id).where(later.comparison_id == Review.comparison_id, later.id > Review.id).exists()
    return case(
        (taken_back, "taken_back"),
        (decided_again, "decided_again"),
        (Comparison.status == "disputed", "disputed"),
        ((Review.decision == "return") & (Comparison.status == "submitted"), "submitted_again"),
        else_="stands",
    )


async def decided(
    session: AsyncSession,
    reviewer: Person,
    window: Window,
    *,
    decisions: Sequence[str] = (),
    campaign_id: UUID | None = None,
    search: str | None = None,
) -> Page[tuple[Review, Comparison, str, str]]:
    """A page of what a reviewer has decided, the newest first: with the comparison, its title, and what became of it.

    :param decisions: only these: accept, return, reject; all when empty.
    :param search: only those whose title, whose campaign's title, or what was said of which, contains it.
    """
    title = func.coalesce(func.nullif(Brief.title, ""), Brief.resolved_title)
    query = (
        select(Review, Comparison, title, _became())
        .join(Comparison, Comparison.id == Review.comparison_id)
        .join(Brief, Brief.id == Comparison.brief_id)
        .where(Review.reviewer_id == reviewer.id, Review.decision.in_(decisions or _DECISIONS))
        .options(selectinload(Comparison.turns))
    )
    if campaign_id is not None:
        query = query.where(Comparison.campaign_id == campaign_id)
    if search:
        campaign = func.jsonb_extract_path_text(Comparison.terms, "title")
        query = query.where(matching(search, title, campaign, Review.comments.expression))
    return await fetch_page(session, query, _NEWEST_FIRST, window)


async def campaigns_decided_in(session: AsyncSession, reviewer: Person) -> list[tuple[UUID, str]]:
    """The campaigns in which a reviewer has decided anything, by title."""
    within: Select[UUID] = (
        select(Comparison.campaign_id)
        .join(Review, Review.comparison_id == Comparison.id)
        .where(Review.reviewer_id == reviewer.id, Review.decision.in_(_DECISIONS))
    )
    query = select(Campaign.id, Campaign.title).where(Campaign.id.in_(within)).order_by(Campaign.title, Campaign.id)
    return [(id_, str(title)) for id_, title in await session.execute(query)]
