"""Reading a campaign's votes and computing from them, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from marlin import accounts, campaigns
from marlin.campaigns import Campaign
from marlin.db import now
from marlin.leaderboards import agreements, changing, controlling, decisions, ranking
from marlin.leaderboards.agreement_schemas import AgreementOut
from marlin.leaderboards.allocating import spend
from marlin.leaderboards.ballots import OVERALL, Ballots, Slice
from marlin.leaderboards.models import Question
from marlin.leaderboards.question_schemas import QuestionWish
from marlin.leaderboards.questions import current_question, question_out, require_askable, require_question
from marlin.leaderboards.reading import load_ballots
from marlin.leaderboards.schemas import (
    AllocationOut,
    AxisStandings,
    ChangesOut,
    DecisionOut,
    LeaderboardOut,
    PlanOut,
    Report,
)
from marlin.leaderboards.signals import Pair, load_pairs
from marlin.leaderboards.sizes import sizes

T = TypeVar("T")

_AT_ONCE = asyncio.Semaphore(1)
"""One computation at a time in a process: it takes a core, and everybody else's requests need the other."""


async def _apart(work: Callable[[], T]) -> T:
    async with _AT_ONCE:
        return await asyncio.to_thread(work)


async def leaderboard(
    session: AsyncSession, campaign_id: UUID, *, axis: str = OVERALL, wish: Slice | None = None
) -> LeaderboardOut:
    """Scores, pairings, axes and sizes.

    :raises CampaignNotFoundError: if there is no such campaign.
    :raises SliceUnknownError: no vote has such an axis, category, language or agent.
    """
    campaign = await campaigns.get_campaign(session, campaign_id)
    ballots = await load_ballots(session, campaign_id)
    return await _apart(lambda: board(campaign, ballots, axis, wish or Slice()))


def board(campaign: Campaign, ballots: Ballots, axis: str, wish: Slice) -> LeaderboardOut:
    """The leaderboard of a campaign's ballots. Pure."""
    ballots.require_axis(axis)
    at = now()
    chosen = ballots.sliced(wish)
    rows, left_out = ranking.counted_rows(chosen, axis)
    standings, scores = ranking.standings(chosen, axis, now=at)
    controlled, effects = controlling.controlled(chosen, axis, standings)
    return LeaderboardOut(
        campaign_id=campaign.id,
        campaign=campaign.slug,
        title=campaign.title,
        synthetic=campaign.synthetic,
        axis=axis,
        axes=list(ballots.axes),
        slice=wish.words,
        categories=dict(ballots.categories),
        languages=dict(ballots.languages),
        agents=sorted({arm.agent for arm in ballots.arms}),
        counts=ranking.counts_of(rows, left_out),
        standings=standings,
        controlled=controlled,
        effects=effects,
        pairings=ranking.pairings(chosen, axis),
        profile=ranking.profile(chosen, AxisStandings(axis=axis, standings=standings), now=at),
        sizes=sizes(chosen),
        provenance=ranking.provenance(scores.provenance if scores else None, now=at),
    )


async def agreement(session: AsyncSession, campaign_id: UUID) -> AgreementOut:
    """How far people agree, and whose votes stand out.

    :raises CampaignNotFoundError: if there is no such campaign.
    """
    return await _agreed(session, campaign_id, await load_ballots(session, campaign_id))


async def _agreed(session: AsyncSession, campaign_id: UUID, ballots: Ballots) -> AgreementOut:
    names = await accounts.names_of(session, {row.vote.person_id for row in ballots.rows})
    return await _apart(lambda: agreements.agreement(ballots, campaign_id, names, now=now()))


async def decision(session: AsyncSession, campaign_id: UUID) -> DecisionOut:
    """Where the registered question stands.

    :raises CampaignNotFoundError: if there is no such campaign.
    :raises QuestionMissingError: if it has no question.
    """
    campaign = await campaigns.get_campaign(session, campaign_id)
    question = await require_question(session, campaign_id)
    ballots = await load_ballots(session, campaign_id)
    return await _decided(campaign, question, ballots, await load_pairs(session, question))


async def _decided(campaign: Campaign, question: Question, ballots: Ballots, pairs: Sequence[Pair]) -> DecisionOut:
    asked = question_out(question, {arm.id: arm.name for arm in ballots.arms})
    return await _apart(
        lambda: decisions.decided(ballots, asked, price_cents=campaign.price_cents, now=now(), pairs=pairs)
    )


async def changes(session: AsyncSession, campaign_id: UUID, *, since: datetime) -> ChangesOut:
    """What changed since a moment.

    :raises CampaignNotFoundError: if there is no such campaign.
    """
    campaign = await campaigns.get_campaign(session, campaign_id)
    question = await current_question(session, campaign_id)
    ballots = await load_ballots(session, campaign_id)
    return await _changed(campaign, question, ballots, await _pairs(session, question), since)


async def _pairs(session: AsyncSession, question: Question | None) -> list[Pair]:
    return await load_pairs(session, question) if question else []


async def _changed(
    campaign: Campaign, question: Question | None, ballots: Ballots, pairs: Sequence[Pair], since: datetime
) -> ChangesOut:
    asked = question_out(question, {arm.id: arm.name for arm in ballots.arms}) if question else None
    return await _apart(
        lambda: changing.changed(ballots, asked, price_cents=campaign.price_cents, since=since, now=now(), pairs=pairs)
    )


async def plan(session: AsyncSession, campaign: Campaign, wish: QuestionWish) -> PlanOut:
    """What a question would cost and find. Nothing is kept.

    :raises QuestionInvalidError: it could not be registered.
    :raises InvalidQuestionError: it can't be answered by any data.
    """
    await require_askable(session, campaign, wish)
    return await _apart(lambda: decisions.foreseen(wish, price_cents=campaign.price_cents, now=now()))


async def allocation(session: AsyncSession, campaign_id: UUID, *, axis: str, budget_usd: float) -> AllocationOut:
    """Which pairs of arms the next dollars should go to.

    :raises CampaignNotFoundError: if there is no such campaign.
    :raises InvalidQuestionError: the budget buys nothing.
    """
    campaign = await campaigns.get_campaign(session, campaign_id)
    ballots = await load_ballots(session, campaign_id)
    ballots.require_axis(axis)
    return await _apart(
        lambda: spend(ballots, axis, budget_usd=budget_usd, price_cents=campaign.price_cents, now=now())
    )


async def full_report(
    session: AsyncSession, campaign_id: UUID, *, axis: str = OVERALL, wish: Slice | None = None
) -> Report:
    """Everything known of a campaign.

    :raises CampaignNotFoundError: if there is no such campaign.
    """
    campaign = await campaigns.get_campaign(session, campaign_id)
    question = await current_question(session, campaign_id)
    ballots, pairs = await load_ballots(session, campaign_id), await _pairs(session, question)
    return Report(
        changes=await _changed(campaign, question, ballots, pairs, now() - ranking.WEEK),
        leaderboard=await _apart(lambda: board(campaign, ballots, axis, wish or Slice())),
        agreement=await _agreed(session, campaign_id, ballots),
        decision=await _decided(campaign, question, ballots, pairs) if question else None,
    )
