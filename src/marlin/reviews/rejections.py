"""A campaign's rejections, for operators: how many, why, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from marlin.accounts import Person
from marlin.campaigns import Campaign
from marlin.comparisons import Comparison
from marlin.db.paging import Order, Page, Window, fetch_page, matching
from marlin.reviews.models import Dispute, Review
from marlin.tasks import Brief

Columns = TypeVarTuple("Columns")

_decider, _second = aliased(Review), aliased(Review)
_owner, _reviewer = aliased(Person), aliased(Person)

_BECAME: ColumnElement[str] = case(
    ((_decider.decision == "reopen") | _second.id.is_not(None), "taken_back"),
    (_decider.decision == "reject", "upheld"),
    (_decider.id.is_not(None), "overturned"),
    (Dispute.review_id.is_not(None), "disputed"),
    else_="standing",
)
"""standing, disputed (it waits), upheld, overturned (accepted or returned after all), taken_back."""

_LATEST_FIRST = Order((Review.id.expression,), (UUID,), descending=True)


@dataclass(frozen=True, slots=True)
class Rejection:
    """One rejection, with what became of it. A dispute's decision is told with the rejection that was disputed."""

    review: Review
    title: str
    contributor: str
    reviewer: str
    dispute: Dispute | None
    became: str


async def rejections(
    session: AsyncSession, campaign_id: UUID, window: Window, *, became: Sequence[str] = (), search: str | None = None
) -> Page[tuple[Review, str, str, str, Dispute | None, str]]:
    """A page of a campaign's rejections, the latest first.

    :param became: only those of which this became; all when empty.
    :param search: only those whose title, or the name of whose contributor or reviewer, contains it.
    """
    title = func.coalesce(func.nullif(Brief.title, ""), Brief.resolved_title)
    query = (
        _chained(select(Review, title, _owner.name, _reviewer.name, Dispute, _BECAME))
        .join(Brief, Brief.id == Comparison.brief_id)
        .join(_owner, _owner.id == Comparison.owner_id)
        .join(_reviewer, _reviewer.id == Review.reviewer_id)
        .where(Comparison.campaign_id == campaign_id)
    )
    if became:
        query = query.where(_BECAME.in_(became))
    if search:
        query = query.where(matching(search, title, _owner.name.expression, _reviewer.name.expression))
    return await fetch_page(session, query, _LATEST_FIRST, window)


async def counts(session: AsyncSession, campaign_id: UUID) -> list[tuple[str, str, int]]:
    """How often a reason was given and what became of it: reason, what became, count."""
    query = (
        _chained(select(Review.reason, _BECAME, func.count()))
        .where(Comparison.campaign_id == campaign_id)
        .group_by(Review.reason, _BECAME)
    )
    return [(str(reason), str(became), int(count)) for reason, became, count in await session.execute(query)]


async def waiting_disputes(session: AsyncSession) -> list[tuple[UUID, str, int, datetime]]:
    """Disputes that nobody has decided on, by campaign: its id and title, how many, and since when the oldest waits.
    The campaign whose oldest has waited the longest comes first."""
    since = func.min(Dispute.created_at)
    undecided = ~select(_decider.id).where(_decider.about_id == Dispute.review_id).exists()
    query = (
        select(Campaign.id, Campaign.title, func.count(), since)
        .select_from(Dispute)
        .join(Comparison, Comparison.id == Dispute.comparison_id)
        .join(Campaign, Campaign.id == Comparison.campaign_id)
        .where(Comparison.status == "disputed", undecided)
        .group_by(Campaign.id, Campaign.title)
        .order_by(since, Campaign.id)
    )
    return [(id_, str(title), int(count), oldest) for id_, title, count, oldest in await session.execute(query)]


def _chained(query: Select[*Columns]) -> Select[*Columns]:
    """From rejections to their dispute, to what was decided on it, and to whether that was taken back."""
    return (
        query.select_from(Review)
        .join(Comparison, Comparison.id == Review.comparison_id)
        .outerjoin(Dispute, Dispute.review_id == Review.id)
        .outerjoin(_decider, _decider.about_id == Review.id)
        .outerjoin(_second, _second.about_id == _decider.id)
        .where(Review.decision == "reject", Review.about_id.is_(None))
    )
