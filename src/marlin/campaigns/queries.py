"""Reading campaigns, their rubrics and arms."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.campaigns.draw import Weights, draw_pair
from marlin.campaigns.errors import ArmNotFoundError, ArmsMissingError, CampaignClosedError, CampaignNotFoundError
from marlin.campaigns.models import Arm, Campaign, RubricVersion
from marlin.campaigns.rubric import Rubric
from marlin.db.paging import Order, Page, Window, fetch_page, matching

_NO_CAMPAIGN = "There is no such campaign."
_RUBRICS_KEPT = 256
_rubrics: OrderedDict[UUID, NumberedRubric] = OrderedDict()


async def get_campaign(session: AsyncSession, campaign_id: UUID) -> Campaign:
    """:raises CampaignNotFoundError: if there is none."""
    campaign = await session.get(Campaign, campaign_id)
    if campaign is None:
        raise CampaignNotFoundError(_NO_CAMPAIGN, hint="GET /api/v1/campaigns lists them.")
    return campaign


async def get_open_campaign(session: AsyncSession, campaign_id: UUID) -> Campaign:
    """The campaign, if work can begin in it.

    :raises CampaignNotFoundError: if there is none.
    :raises CampaignClosedError: if it is paused or closed.
    """
    campaign = await get_campaign(session, campaign_id)
    if campaign.status != "open":
        raise CampaignClosedError(
            f"The campaign is {campaign.status}; nothing new can begin in it.",
            hint="Choose another campaign; what you began can be finished.",
        )
    return campaign


async def find_campaign(session: AsyncSession, slug: str) -> Campaign:
    """The campaign with this slug.

    :raises CampaignNotFoundError: if there is none.
    """
    campaign = (await session.execute(select(Campaign).where(Campaign.slug == slug))).scalar_one_or_none()
    if campaign is None:
        raise CampaignNotFoundError(f"There is no campaign {slug!r}.", hint="`marlin campaign list` shows them.")
    return campaign


async def list_campaigns(session: AsyncSession, *, only_open: bool) -> Sequence[Campaign]:
    """Campaigns, the latest first.

    :param only_open: those in which people can begin work: open ones that are not synthetic.
    """
    statement = select(Campaign).order_by(Campaign.id.desc())
    if only_open:
        statement = statement.where(Campaign.status == "open", ~Campaign.synthetic)
    return (await session.execute(statement)).scalars().all()


_LATEST_FIRST = Order((Campaign.id.expression,), (UUID,), descending=True)


async def page_of_campaigns(
    session: AsyncSession, window: Window, *, only_open: bool, status: str | None = None, search: str | None = None
) -> Page[tuple[Campaign]]:
    """A page of :func:`list_campaigns`, of those in ``status`` whose title or slug contains ``search``."""
    query = select(Campaign)
    if only_open:
        query = query.where(Campaign.status == "open", ~Campaign.synthetic)
    if status is not None:
        query = query.where(Campaign.status == status)
    if search:
        query = query.where(matching(search, Campaign.title.expression, Campaign.slug.expression))
    return await fetch_page(session, query, _LATEST_FIRST, window)


async def campaigns_by_image(session: AsyncSession) -> dict[str, list[str]]:
    """Slugs of the campaigns that are not closed, by the base images they list."""
    statement = select(Campaign.slug, Campaign.base_images).where(Campaign.status != "closed").order_by(Campaign.slug)
    found: dict[str, list[str]] = {}
    for slug, images in await session.execute(statement):
        for image in images:
            found.setdefault(image, []).append(slug)
    return found


async def current_rubric(session: AsyncSession, campaign_id: UUID) -> RubricVersion:
    """The campaign's latest rubric."""
    statement = select(RubricVersion).where(RubricVersion.campaign_id == campaign_id)
    return (await session.execute(statement.order_by(RubricVersion.version.desc()).limit(1))).scalar_one()


async def axes_of(session: AsyncSession, campaign_id: UUID) -> list[str]:
    """Names of the axes that any of the campaign's rubrics has or had, in the order of the latest, others after it."""
    statement = select(RubricVersion.content).where(RubricVersion.campaign_id == campaign_id)
    found = (await session.scalars(statement.order_by(RubricVersion.version.desc()))).all()
    return list(dict.fromkeys(axis.name for content in found for axis in Rubric.model_validate(content).axes))


async def current_rubric_version_id(session: AsyncSession, campaign_id: UUID) -> UUID:
    """Id of the campaign's latest rubric."""
    return (await current_rubric(session, campaign_id)).id


async def rubric_version(session: AsyncSession, rubric_version_id: UUID) -> RubricVersion:
    """A version of a rubric.

    :raises CampaignNotFoundError: if there is none.
    """
    version = await session.get(RubricVersion, rubric_version_id)
    if version is None:
        raise CampaignNotFoundError("There is no such version of a rubric.", hint="Reload the page.")
    return version


@dataclass(frozen=True, slots=True)
class NumberedRubric:
    """A rubric, and the number of its version."""

    rubric: Rubric
    number: int


async def load_rubric(session: AsyncSession, rubric_version_id: UUID) -> NumberedRubric:
    """The rubric of a version. Versions never change, so the last few are remembered: rating costs no query for it."""
    known = _rubrics.get(rubric_version_id)
    if known is None:
        version = await rubric_version(session, rubric_version_id)
        known = NumberedRubric(Rubric.model_validate(version.content), version.version)
        _rubrics[rubric_version_id] = known
        if len(_rubrics) > _RUBRICS_KEPT:
            _rubrics.popitem(last=False)
    return known


async def list_arms(session: AsyncSession, campaign_id: UUID, *, only_active: bool = False) -> Sequence[Arm]:
    """A campaign's arms, in the order they entered."""
    statement = select(Arm).where(Arm.campaign_id == campaign_id).order_by(Arm.id)
    if only_active:
        statement = statement.where(Arm.active)
    return (await session.execute(statement)).scalars().all()


async def get_arm(session: AsyncSession, arm_id: UUID) -> Arm:
    """:raises ArmNotFoundError: if there is none."""
    arm = await session.get(Arm, arm_id)
    if arm is None:
        raise no_arm()
    return arm


def no_arm() -> ArmNotFoundError:
    """What to raise for an arm that is not there."""
    return ArmNotFoundError("There is no such arm.", hint="`marlin arm list` shows a campaign's arms.")


@dataclass(frozen=True, slots=True)
class ArmPair:
    """Two arms that meet, and how they were drawn. Unpacks into the two arms.

    :ivar record: method, seed and candidates of the draw, to be stored.
    """

    arms: tuple[Arm, Arm]
    record: dict[str, Any]

    def __iter__(self) -> Iterator[Arm]:
        return iter(self.arms)


async def lock_campaign(session: AsyncSession, campaign_id: UUID) -> Campaign:
    """The campaign, kept from changing until the transaction ends: who counts against its caps goes one by one.

    Rows that refer to it can be inserted meanwhile.

    :raises CampaignNotFoundError: if there is none.
    """
    statement = select(Campaign).where(Campaign.id == campaign_id).with_for_update(key_share=True)
    campaign = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if campaign is None:
        raise CampaignNotFoundError(_NO_CAMPAIGN, hint="GET /api/v1/campaigns lists them.")
    return campaign


async def draw_arms(
    session: AsyncSession,
    campaign_id: UUID,
    *,
    seed: str | None = None,
    aa_rate: float = 0.0,
    weights: Weights | None = None,
    repository: str | None = None,
) -> ArmPair:
    """Two of the campaign's active arms: the two, or a random pair of three and more; or one of them twice.

    :param aa_rate: how often an arm meets itself.
    :param seed: for repeating a recorded draw. :param weights: how often each pair is drawn; None: alike.
    :param repository: of the task: a tuned arm whose training split had tasks of it is not drawn.
    :raises ArmsMissingError: if fewer than two are active, or may work on this repository.
    """
    active = {arm.id: arm for arm in await list_arms(session, campaign_id, only_active=True)}
    if len(active) < 2:
        raise ArmsMissingError(
            "The campaign is not ready: it needs two active arms.",
            hint="Operators add one with `marlin arm add`, or make a resting one active.",
        )
    apart = [arm for arm in active.values() if repository in (arm.lineage or {}).get("trained_on", ())]
    if len(active) - len(apart) < 2:
        raise ArmsMissingError(
            "The campaign has no two arms for this repository.",  # nothing more: contributors read it
            hint="Choose another repository for the brief.",
        )
    for arm in apart:
        del active[arm.id]
    (first, second), record = draw_pair(list(active), seed=seed, aa_rate=aa_rate, weights=weights)
    return ArmPair((active[first], active[second]), record)


def terms_snapshot(campaign: Campaign) -> dict[str, Any]:
    """What the campaign promises to a comparison that begins now; later edits of the campaign don't reach it."""
    names = (
        "slug",
        "title",
        "guidelines",
        "guidelines_version",
        "price_cents",
        "continuation",
        "reveal",
        "min_turns",
        "max_turns",
        "time_limit_seconds",
        "base_images",
        "set_up_time_limit_seconds",
        "check_time_limit_seconds",
        "limits",
        "budget_usd",
        "checker",
        "assignment",
        "synthetic",
    )
    return {name: getattr(campaign, name) for name in names}
