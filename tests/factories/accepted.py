"""Accepted comparisons with their ratings, written straight into the tables: for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from tests.factories.judgement import AXES, ready_comparison

from marlin import campaigns, comparisons
from marlin.assignments.models import Assignment, GoldTask
from marlin.campaigns import Campaign
from marlin.comparisons import Comparison, Rollout, Turn
from marlin.comparisons.models import Attempt, CheckResult
from marlin.db import Database, new_id, now
from marlin.ratings import Rating
from marlin.reviews import Review


async def accept(
    database: Database,
    campaign: Campaign,
    owner_id: UUID,
    reviewer_id: UUID,
    towards: int,
    *,
    verdict: str = "preference",
    arms: Sequence[str] = ("careful", "hasty"),
    changed: Sequence[int] = (10, 40),
) -> UUID:
    """An accepted comparison of one turn.

    :param towards: −3 the first of ``arms`` is much better … +3 the second is, whatever sides they stood on.
    :param changed: changed lines of either.
    """
    comparison_id = await ready_comparison(database, owner_id, campaign=campaign)
    async with database.transaction() as session:
        comparison = await session.get_one(Comparison, comparison_id)
        names = {arm.id: arm.name for arm in await campaigns.list_arms(session, campaign.id)}
        for rollout in (await _rollouts(session, comparison_id)).values():
            lines = changed[arms.index(names[rollout.arm_id])]
            rollout.commit = "a" * 40
            rollout.files = [{"path": "shop.py", "additions": lines, "deletions": 0}]
            session.add(Attempt(rollout_id=rollout.id, number=1, executor="test", usage={"calls": 3, "usd": "0.5"}))
            session.add(
                CheckResult(
                    rollout_id=rollout.id,
                    attempt=1,
                    position=1,
                    kind="size",
                    name="size",
                    status="passed",
                    against_base="unknown",
                    summary="",
                    seconds=0.1,
                    data={"complexity": 1, "duplicated_lines": 0, "new_dependencies": []},
                )
            )
        overall = towards if names[comparison.arm_a_id] == arms[0] else -towards
        await _rate(session, comparison, owner_id, reviewer_id, overall, verdict)
    return comparison_id


async def accept_repeat(
    database: Database,
    source_id: UUID,
    owner_id: UUID,
    reviewer_id: UUID,
    towards: int,
    *,
    kind: str,
    marked_by: UUID,
    arms: Sequence[str] = ("careful", "hasty"),
) -> UUID:
    """Another accepted vote on the same results.

    :param kind: overlap; gold, with the first of ``arms`` as the known answer; or again, by who judged them before.
    """
    async with database.transaction() as session:
        comparison = await comparisons.repeat_comparison(
            session, owner_id, source_id, price_cents=9000, again=kind == "again"
        )
        names = {arm.id: arm.name for arm in await campaigns.list_arms(session, comparison.campaign_id)}
        task = None
        if kind == "gold":
            made = await _rollouts(session, source_id)
            best = next(rollout.id for rollout in made.values() if names[rollout.arm_id] == arms[0])
            task = GoldTask(
                id=new_id(),
                comparison_id=source_id,
                expected_rollout_id=best,
                min_strength=1,
                reason="Known.",
                created_by_id=marked_by,
            )
            session.add(task)
            await session.flush()
        session.add(
            Assignment(
                campaign_id=comparison.campaign_id,
                person_id=owner_id,
                kind=kind,
                status="begun",
                source_id=source_id,
                gold_id=task.id if task else None,
                comparison_id=comparison.id,
                price_cents=9000,
                draw={},
                agreed=towards < 0 if task else None,
                expires_at=now(),
            )
        )
        overall = towards if names[comparison.arm_a_id] == arms[0] else -towards
        await _rate(session, comparison, owner_id, reviewer_id, overall, "preference")
    return comparison.id


async def _rollouts(session: AsyncSession, comparison_id: UUID) -> dict[str, Rollout]:
    statement = select(Rollout).join(Turn, Turn.id == Rollout.turn_id).where(Turn.comparison_id == comparison_id)
    return {rollout.side: rollout for rollout in await session.scalars(statement)}


async def _rate(
    session: AsyncSession, comparison: Comparison, owner_id: UUID, reviewer_id: UUID, overall: int, verdict: str
) -> None:
    rollouts = await _rollouts(session, comparison.id)
    turn = (await session.scalars(select(Turn).where(Turn.comparison_id == comparison.id))).one()
    said: dict[str, Any] = {"axes": dict.fromkeys(AXES, overall), "key_axis": AXES[0], "overall": overall}
    session.add(
        Rating(
            id=new_id(),
            comparison_id=comparison.id,
            turn_id=turn.id,
            turn_number=1,
            person_id=owner_id,
            rubric_version_id=comparison.rubric_version_id,
            guidelines_version=1,
            answers=said | {"verdict": verdict},
            preferred=None if not overall else "A" if overall < 0 else "B",
            verdict=verdict,
            strength=abs(overall),
            arm_a_id=comparison.arm_a_id,
            arm_b_id=comparison.arm_b_id,
            rollout_a_id=rollouts["A"].id,
            rollout_b_id=rollouts["B"].id,
        )
    )
    session.add(Review(comparison_id=comparison.id, reviewer_id=reviewer_id, decision="accept", comments=""))
    comparison.status, comparison.submitted_at = "accepted", now()
    turn.rated_at, turn.verdict = now(), verdict
    turn.preferred = None if not overall or verdict != "preference" else "A" if overall < 0 else "B"
