"""Creating and changing campaigns, and their arms."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import examples
from marlin.accounts import Person, record_audit
from marlin.agents import AgentSpec, load_spec
from marlin.campaigns import example_briefs, queries
from marlin.campaigns.assigning import AssignmentPolicy, changed_policy
from marlin.campaigns.errors import (
    ArmExistsError,
    CampaignExistsError,
    CampaignFileError,
    CampaignNotFoundError,
    UpstreamExistsError,
)
from marlin.campaigns.models import Arm, Campaign, GuidelinesVersion, RubricVersion, Upstream
from marlin.campaigns.rubric import Rubric
from marlin.campaigns.schemas import ArmWish, CampaignPatch, CampaignWish, UpstreamWish, plain_address
from marlin.db import new_id
from marlin.sandboxes import HOST_VIEW

_SCRIPTED = "scripted"


async def create_campaign(session: AsyncSession, wish: CampaignWish, *, actor: Person | None) -> Campaign:
    """Create a campaign with its rubric, guidelines, upstreams and arms.

    :param actor: None for somebody at the machine's command line, who may also name agent specs by path.
    :raises CampaignExistsError: if there is one with this slug.
    :raises CampaignFileError: if an example brief, agent or upstream that it names is unknown.
    """
    example_briefs.check_names(wish.example_briefs)
    values = wish.model_dump(exclude={"rubric", "upstreams", "arms", "brief_approval"})
    statement = insert(Campaign).values(id=new_id(), **values).on_conflict_do_nothing(index_elements=["slug"])
    campaign = (await session.execute(statement.returning(Campaign))).scalar_one_or_none()
    if campaign is None:
        raise CampaignExistsError(
            f"There is a campaign {wish.slug!r} already.", hint="Choose another slug; campaigns are never replaced."
        )
    session.add(GuidelinesVersion(campaign_id=campaign.id, version=1, markdown=campaign.guidelines))
    session.add(RubricVersion(campaign_id=campaign.id, version=1, content=wish.rubric.model_dump()))
    for upstream in wish.upstreams:
        await create_upstream(session, upstream)
    for arm in wish.arms:
        await add_arm(session, campaign, arm, actor=actor)
    record_audit(session, actor, "campaign.created", f"campaign:{campaign.id}", {"slug": campaign.slug})
    await session.flush()
    return campaign


async def change_campaign(
    session: AsyncSession, campaign_id: UUID, patch: CampaignPatch, *, actor: Person | None
) -> Campaign:
    """Change a campaign. Comparisons that have begun keep the terms, guidelines and rubric they began with.

    :raises CampaignNotFoundError: if there is none.
    :raises CampaignFileError: if the changes don't fit together.
    """
    statement = select(Campaign).where(Campaign.id == campaign_id).with_for_update()
    campaign = (await session.execute(statement)).scalar_one_or_none()
    if campaign is None:
        raise CampaignNotFoundError("There is no such campaign.", hint="GET /api/v1/campaigns lists them.")
    changes = patch.model_dump(exclude_unset=True, exclude_none=True, exclude={"rubric", "guidelines", "assignment"})
    example_briefs.check_names(changes.get("example_briefs", []))
    if HOST_VIEW in changes.get("base_images", []):
        for arm in await queries.list_arms(session, campaign.id):
            if arm.agent != _SCRIPTED:
                raise _not_scripted(arm.name)
    if patch.assignment is not None:
        changes["assignment"] = _changed_policy(campaign, patch.assignment)
    for name, value in changes.items():
        setattr(campaign, name, value)
    if campaign.max_turns < campaign.min_turns:
        raise CampaignFileError(
            f"max_turns ({campaign.max_turns}) would be less than min_turns ({campaign.min_turns}).",
            hint="Change both together.",
            errors=[{"field": "max_turns", "message": "must not be less than min_turns"}],
        )
    if patch.guidelines is not None and patch.guidelines != campaign.guidelines:
        campaign.guidelines, campaign.guidelines_version = patch.guidelines, campaign.guidelines_version + 1
        session.add(
            GuidelinesVersion(campaign_id=campaign.id, version=campaign.guidelines_version, markdown=patch.guidelines)
        )
        changes["guidelines_version"] = campaign.guidelines_version
    if patch.rubric is not None:
        changes |= await _new_rubric(session, campaign, patch.rubric)
    if changes:
        record_audit(session, actor, "campaign.changed", f"campaign:{campaign.id}", changes)
    await session.flush()
    return campaign


def _changed_policy(campaign: Campaign, part: AssignmentPolicy) -> dict[str, Any]:
    try:
        return changed_policy(campaign.assignment, part.model_dump(exclude_unset=True)).model_dump()
    except ValidationError as error:
        message = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise _refused(
            f"The policy would not fit together: {message}.", "assignment", "Change the fields together."
        ) from None


async def _new_rubric(session: AsyncSession, campaign: Campaign, rubric: Rubric) -> dict[str, Any]:
    current = await queries.current_rubric(session, campaign.id)
    if Rubric.model_validate(current.content) == rubric:
        return {}
    version = current.version + 1
    session.add(RubricVersion(campaign_id=campaign.id, version=version, content=rubric.model_dump()))
    return {"rubric_version": version}


async def add_arm(session: AsyncSession, campaign: Campaign, wish: ArmWish, *, actor: Person | None) -> Arm:
    """Enter an arm into a campaign.

    :raises ArmExistsError: if the campaign has one of this name.
    :raises CampaignFileError: if its agent or upstream is unknown, or may not run on a base image of the campaign.
    """
    spec = _agent_spec(wish, by_path=actor is None)
    if HOST_VIEW in campaign.base_images and wish.agent != _SCRIPTED:
        raise _not_scripted(wish.name)
    if wish.agent == _SCRIPTED:
        _check_script(wish)
    upstream = await _upstream_of(session, wish)
    if upstream is None and spec.api is not None:
        raise _refused(
            f"Arm {wish.name!r} calls a model but has no upstream.",
            "upstream",
            'Name an upstream and a model: upstream = "…", model = "…".',
        )
    if upstream is not None and spec.api != upstream.api:
        speaks = spec.api or "no model API"
        raise _refused(
            f"Agent {wish.agent!r} speaks {speaks}, and upstream {upstream.name!r} is {upstream.api}.",
            "upstream",
            "The gateway passes calls on as they are: choose an upstream with the agent's api, or another agent."
            if spec.api
            else "Leave out upstream and key_env: this agent calls no model.",
        )
    values = wish.model_dump(exclude={"upstream", "api"})
    statement = insert(Arm).values(
        id=new_id(), campaign_id=campaign.id, upstream_id=upstream.id if upstream else None, active=True, **values
    )
    inserted = await session.execute(
        statement.on_conflict_do_nothing(index_elements=["campaign_id", "name"]).returning(Arm.id)
    )
    arm_id = inserted.scalar_one_or_none()
    if arm_id is None:
        raise ArmExistsError(
            f"The campaign has an arm {wish.name!r} already.",
            hint="Arms don't change: choose another name, and rest the old one.",
        )
    record_audit(session, actor, "arm.added", f"arm:{arm_id}", {"campaign": str(campaign.id), "agent": wish.agent})
    return await queries.get_arm(session, arm_id)


def _check_script(wish: ArmWish) -> None:
    """What a scripted arm plays is one of the shipped families; whatever else is asked of it would be ignored."""
    families = examples.script_families()
    for name, value in wish.settings.items():
        if name != "script" or value not in families:
            raise _refused(
                f"Arm {wish.name!r}: a scripted arm has no setting {name} = {value!r}.",
                f"settings.{name}",
                f"Its only setting is script, the family of scripts it plays: {', '.join(families)}.",
            )


def _not_scripted(arm: str) -> CampaignFileError:
    return _refused(
        f"Arm {arm!r} is not scripted, and {HOST_VIEW} is among the base images.",
        "base_images",
        "Set base_images = [\"debian\"]: only the demo's scripted arms may see the host's /usr.",
    )


def _agent_spec(wish: ArmWish, *, by_path: bool) -> AgentSpec:
    if ("/" in wish.agent or wish.agent.endswith(".toml")) and not by_path:
        raise _refused(
            "An agent spec given by its path is read on the machine.",
            "agent",
            "Use `marlin arm add` there, or name a shipped spec.",
        )
    return load_spec(wish.agent)


async def _upstream_of(session: AsyncSession, wish: ArmWish) -> Upstream | None:
    if wish.upstream is None:
        return None
    if wish.api is not None:
        return await _upstream_at(session, wish)
    found = await session.execute(select(Upstream).where(Upstream.name == wish.upstream))
    upstream = found.scalar_one_or_none()
    if upstream is None:
        known = (await session.execute(select(Upstream.name).order_by(Upstream.name))).scalars().all()
        raise _refused(
            f"There is no upstream {wish.upstream!r}.",
            "upstream",
            f"There are: {', '.join(known) or 'none'}. Or give its address together with api.",
        )
    return upstream


async def _upstream_at(session: AsyncSession, wish: ArmWish) -> Upstream:
    """The upstream at an address: the one that is known, or a new one named after its host."""
    base_url = plain_address(wish.upstream or "")
    same = select(Upstream).where(Upstream.base_url == base_url, Upstream.api == wish.api)
    known = (await session.execute(same.order_by(Upstream.id).limit(1))).scalar_one_or_none()
    if known is not None:
        return known
    host = re.sub(r"[^a-z0-9._-]+", "-", (urlsplit(base_url).hostname or "").lower())[:50].strip("-._") or "upstream"
    taken = await session.execute(select(func.count()).where(Upstream.name.startswith(host, autoescape=True)))
    name = host if not (count := taken.scalar_one()) else f"{host}-{count + 1}"
    return await create_upstream(
        session, UpstreamWish(name=name, base_url=base_url, api=wish.api or "anthropic", key_env=wish.key_env)
    )


async def create_upstream(session: AsyncSession, wish: UpstreamWish) -> Upstream:
    """Add an upstream. One that exists with the same facts is used again.

    :raises UpstreamExistsError: if another one has this name.
    """
    values = wish.model_dump()
    await session.execute(insert(Upstream).values(id=new_id(), **values).on_conflict_do_nothing())
    upstream = (await session.execute(select(Upstream).where(Upstream.name == wish.name))).scalar_one()
    if any(getattr(upstream, name) != value for name, value in values.items()):
        raise UpstreamExistsError(
            f"There is another upstream named {wish.name!r}.",
            hint="Choose another name for this one, or repeat the other's base_url, api and key_env exactly.",
        )
    return upstream


async def set_arm_active(
    session: AsyncSession, campaign_id: UUID, arm_id: UUID, *, active: bool, actor: Person | None
) -> Arm:
    """Rest an arm, or let it play again. Comparisons that have begun keep their arms.

    :raises ArmNotFoundError: if the campaign has no such arm.
    """
    arm = await queries.get_arm(session, arm_id)
    if arm.campaign_id != campaign_id:
        raise queries.no_arm()
    if arm.active != active:
        arm.active = active
        record_audit(session, actor, "arm.activated" if active else "arm.rested", f"arm:{arm.id}")
    return arm


def _refused(message: str, field: str, hint: str) -> CampaignFileError:
    return CampaignFileError(message, hint=hint, errors=[{"field": field, "message": message}])
