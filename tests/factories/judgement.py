"""Comparisons as they stand once the arms have stopped, made without running any: for tests of what comes after."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import campaigns
from marlin.campaigns import Arm, Campaign, CampaignWish
from marlin.comparisons import Comparison, Rollout, Turn
from marlin.db import Database, new_id, now
from marlin.tasks import Brief, Environment

_numbers = itertools.count(1)
AXES = ("correctness", "security", "reliability", "maintainability")


def campaign_wish(**changes: Any) -> CampaignWish:
    """A campaign of two scripted arms, with changes."""
    number = next(_numbers)
    whole: dict[str, Any] = {
        "slug": f"campaign-{number}",
        "title": f"Campaign {number}",
        "guidelines": "Look at the evidence.",
        "price_cents": 28000,
        "min_turns": 1,
        "max_turns": 4,
        "arms": [
            {"name": "careful", "agent": "scripted", "settings": {"script": "careful"}, "outputs_may_train": True},
            {"name": "hasty", "agent": "scripted", "settings": {"script": "hasty"}},
        ],
    }
    return CampaignWish.model_validate(whole | changes)


async def open_campaign(database: Database, **changes: Any) -> Campaign:
    """A campaign with two arms."""
    async with database.transaction() as session:
        return await campaigns.create_campaign(session, campaign_wish(**changes), actor=None)


async def ready_comparison(
    database: Database, owner_id: UUID, *, campaign: Campaign | None = None, **terms: Any
) -> UUID:
    """A comparison whose first turn is ready to rate.

    :param terms: what the campaign promised, where it differs from the campaign.
    """
    campaign = campaign or await open_campaign(database)
    async with database.transaction() as session:
        brief = await _prepared_brief(session, campaign, owner_id)
        first, second = (await campaigns.draw_arms(session, campaign.id)).arms
        assert brief.environment_id is not None
        comparison = Comparison(
            id=new_id(),
            campaign_id=campaign.id,
            brief_id=brief.id,
            owner_id=owner_id,
            environment_id=brief.environment_id,
            rubric_version_id=await campaigns.current_rubric_version_id(session, campaign.id),
            arm_a_id=first.id,
            arm_b_id=second.id,
            draw={},
            terms=campaigns.terms_snapshot(campaign) | terms,
            status="to_rate",
        )
        session.add(comparison)
        await session.flush()
        await _add_turn(session, comparison, 1, "Fix the import.", status="ready")
    return comparison.id


async def add_turn(database: Database, comparison_id: UUID, *, prompt: str, status: str = "ready") -> None:
    """The next turn of a comparison, as if its follow-up had been sent and both arms had stopped."""
    async with database.transaction() as session:
        comparison = await session.get_one(Comparison, comparison_id)
        numbers = (
            (await session.execute(select(Turn.number).where(Turn.comparison_id == comparison_id))).scalars().all()
        )
        await _add_turn(session, comparison, max(numbers) + 1, prompt, status=status)
        comparison.status = {"ready": "to_rate", "running": "running", "queued": "running"}.get(status, "failed")


async def set_turn_status(database: Database, comparison_id: UUID, status: str) -> None:
    """Put the last turn into another state."""
    async with database.transaction() as session:
        statement = select(Turn).where(Turn.comparison_id == comparison_id).order_by(Turn.number.desc()).limit(1)
        (await session.execute(statement)).scalar_one().status = status


async def _prepared_brief(session: AsyncSession, campaign: Campaign, owner_id: UUID) -> Brief:
    environment = Environment(
        id=new_id(),
        key=new_id().hex,
        repository="repository",
        base_commit="0" * 40,
        set_up_command="",
        base_image=campaign.base_images[0],
        status="ready",
    )
    session.add(environment)
    await session.flush()
    brief = Brief(
        id=new_id(),
        campaign_id=campaign.id,
        owner_id=owner_id,
        title="Fix the import",
        prompt="Fix the import.",
        category="bug_fix",
        status="used",
        base_image=campaign.base_images[0],
        environment_id=environment.id,
        base_commit="0" * 40,
    )
    session.add(brief)
    await session.flush()
    return brief


async def _add_turn(session: AsyncSession, comparison: Comparison, number: int, prompt: str, *, status: str) -> None:
    turn = Turn(
        id=new_id(),
        comparison_id=comparison.id,
        number=number,
        prompt=prompt,
        continued_from=None if number == 1 else "A",
        continuation="first" if number == 1 else comparison.terms["continuation"],
        status=status,
        job_id=new_id().hex,
        ready_at=now() if status == "ready" else None,
    )
    session.add(turn)
    await session.flush()
    for side, arm_id in (("A", comparison.arm_a_id), ("B", comparison.arm_b_id)):
        session.add(
            Rollout(
                id=new_id(),
                turn_id=turn.id,
                arm_id=arm_id,
                side=side,
                start={"commit": "0" * 40},
                status="finished" if status == "ready" else "working",
                outcome="completed" if status == "ready" else None,
                attempt=1,
            )
        )
    await session.flush()


def answers(**changes: Any) -> dict[str, Any]:
    """A good rating that prefers A, with changes."""
    whole: dict[str, Any] = {
        "axes": {"correctness": -2, "security": 0, "reliability": -1, "maintainability": 1},
        "overall": -2,
        "verdict": "preference",
        "key_axis": "correctness",
        "strengths_a": "Handles the empty file and says which line was wrong.",
        "weaknesses_a": "One helper too many.",
        "strengths_b": "Shorter.",
        "weaknesses_b": "Drops the last row without a newline.",
        "justification": (
            "A keeps the last row when the file ends without a newline, which import_rows() of B drops; "
            "the check `rows survive` shows it."
        ),
    }
    return whole | changes


async def arms_of(database: Database, campaign_id: UUID) -> list[Arm]:
    """A campaign's arms."""
    async with database.transaction() as session:
        return list(await campaigns.list_arms(session, campaign_id))
