"""Stopping by policy: once a question that says so is decided, nothing new is assigned in its campaign."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import campaigns
from marlin.accounts import record_audit
from marlin.campaigns import Campaign, CampaignPatch, policy_of
from marlin.comparisons import Comparison
from marlin.db import transaction
from marlin.leaderboards import service
from marlin.leaderboards.questions import current_question
from marlin.logging import get

PAUSE_REASON = "The campaign has enough comparisons for now. What you have begun can be finished and is paid."
"""What contributors are told: never what was decided, which would tell them about arms."""

_log = get(__name__)


class Watch:
    """Looks at questions again when more was accepted since the last time."""

    def __init__(self) -> None:
        self._seen: dict[UUID, int] = {}

    async def look(self) -> list[str]:
        """Pause what is decided; slugs of the campaigns that were paused now."""
        async with transaction() as session:
            open_ones = [one.id for one in await campaigns.list_campaigns(session, only_open=True)]
        paused = []
        for campaign_id in open_ones:
            async with transaction() as session:
                slug = await self._look_at(session, campaign_id)
            if slug is not None:
                paused.append(slug)
        return paused

    async def _look_at(self, session: AsyncSession, campaign_id: UUID) -> str | None:
        question = await current_question(session, campaign_id)
        if question is None or question.when_decided != "pause":
            return None
        campaign = await campaigns.get_campaign(session, campaign_id)
        if policy_of(campaign.assignment).paused:
            return None
        accepted = await _accepted(session, campaign_id)
        if self._seen.get(campaign_id) == accepted:
            return None
        found = await service.decision(session, campaign_id)
        if found.state == "collecting":
            self._seen[campaign_id] = accepted
            return None
        return await _pause(session, campaign, found.state, found.words)


async def _pause(session: AsyncSession, campaign: Campaign, state: str, words: str) -> str:
    record_audit(session, None, "decision.reached", f"campaign:{campaign.id}", {"state": state})
    patch = CampaignPatch.model_validate({"assignment": {"paused": True, "pause_reason": PAUSE_REASON}})
    await campaigns.change_campaign(session, campaign.id, patch, actor=None)
    _log.info(
        "a campaign's question is decided; assignment is paused", campaign=campaign.slug, state=state, words=words
    )
    return campaign.slug


async def _accepted(session: AsyncSession, campaign_id: UUID) -> int:
    statement = select(func.count()).where(Comparison.campaign_id == campaign_id, Comparison.status == "accepted")
    return int(await session.scalar(statement) or 0)
