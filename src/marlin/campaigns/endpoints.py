"""Campaigns: what contributors see of them, and what operators do with them: /api/v1."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from fastapi import APIRouter

from marlin.accounts import Role
from marlin.accounts.guards import CurrentPerson, Operator
from marlin.campaigns import example_briefs, queries, service
from marlin.campaigns.errors import CampaignNotFoundError
from marlin.campaigns.models import Campaign
from marlin.campaigns.schemas import (
    ArmOut,
    ArmPatch,
    ArmWish,
    BaseImageOut,
    CampaignListed,
    CampaignOut,
    CampaignPatch,
    CampaignWish,
    RubricOut,
)
from marlin.http.paging import Paged, Search
from marlin.http.sessions import Session
from marlin.sandboxes import described

router = APIRouter(tags=["campaigns"])


async def _show(session: Session, campaign: Campaign) -> CampaignOut:
    rubric = await queries.current_rubric(session, campaign.id)
    return CampaignOut(
        **CampaignListed.of(campaign).model_dump(),
        rubric=RubricOut(version=rubric.version, **rubric.content),
        base_images=[BaseImageOut(name=name, description=described(name)) for name in campaign.base_images],
        example_briefs=example_briefs.offered(campaign),
    )


@router.get("/campaigns")
async def list_campaigns(
    person: CurrentPerson,
    session: Session,
    paging: Paged,
    search: Search = None,
    status: Literal["open", "paused", "closed"] | None = None,
) -> list[CampaignListed]:
    """The open campaigns; operators see all. Never anything about arms. ``search`` looks at titles and slugs."""
    only_open = not person.has([Role.OPERATOR])
    page = await queries.page_of_campaigns(session, paging.window, only_open=only_open, status=status, search=search)
    return [CampaignListed.of(campaign) for (campaign,) in paging.rows(page)]


@router.get("/campaigns/{campaign_id}")
async def read_campaign(campaign_id: UUID, person: CurrentPerson, session: Session) -> CampaignOut:
    """A campaign with its rubric and example briefs; paused and closed ones for operators only."""
    campaign = await queries.get_campaign(session, campaign_id)
    if campaign.status != "open" and not person.has([Role.OPERATOR]):
        raise CampaignNotFoundError("There is no such campaign.", hint="GET /api/v1/campaigns lists the open ones.")
    return await _show(session, campaign)


@router.post("/campaigns", status_code=201)
async def create_campaign(body: CampaignWish, operator: Operator, session: Session) -> CampaignOut:
    """Create a campaign: the same fields as a campaign file."""
    return await _show(session, await service.create_campaign(session, body, actor=operator))


@router.patch("/campaigns/{campaign_id}")
async def change_campaign(campaign_id: UUID, body: CampaignPatch, operator: Operator, session: Session) -> CampaignOut:
    """Pause, close, reopen or change a campaign. Comparisons that have begun keep the terms they began with."""
    return await _show(session, await service.change_campaign(session, campaign_id, body, actor=operator))


@router.get("/campaigns/{campaign_id}/arms")
async def list_arms(campaign_id: UUID, _: Operator, session: Session) -> list[ArmOut]:
    """A campaign's arms."""
    await queries.get_campaign(session, campaign_id)
    return [ArmOut.of(arm) for arm in await queries.list_arms(session, campaign_id)]


@router.post("/campaigns/{campaign_id}/arms", status_code=201)
async def add_arm(campaign_id: UUID, body: ArmWish, operator: Operator, session: Session) -> ArmOut:
    """Enter an arm into a campaign."""
    campaign = await queries.get_campaign(session, campaign_id)
    return ArmOut.of(await service.add_arm(session, campaign, body, actor=operator))


@router.patch("/campaigns/{campaign_id}/arms/{arm_id}")
async def change_arm(campaign_id: UUID, arm_id: UUID, body: ArmPatch, operator: Operator, session: Session) -> ArmOut:
    """Rest an arm, or let it play again."""
    arm = await service.set_arm_active(session, campaign_id, arm_id, active=body.active, actor=operator)
    return ArmOut.of(arm)
