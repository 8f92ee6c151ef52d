"""Campaigns with results that others can judge, made without running any arm."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from tests.factories.judgement import answers, open_campaign, ready_comparison
from tests.factories.people import Browser, Town

from marlin.accounts import Role
from marlin.campaigns import Campaign
from marlin.comparisons import Comparison, Rollout, Turn
from marlin.comparisons.models import CheckResult
from marlin.db import Database, events, new_id


async def campaign_with(database: Database, **policy: Any) -> Campaign:
    """A campaign with this policy for assignments."""
    return await open_campaign(database, assignment=policy)


async def finished(town: Town, campaign: Campaign, *, accepted: bool = False, who: Browser | None = None) -> UUID:
    """A comparison of somebody's own task, rated (A is better) and submitted; perhaps accepted."""
    owner = who or await town.enter(Role.CONTRIBUTOR)
    comparison = await ready_comparison(town.database, owner.person.id, campaign=campaign)
    await leave_traces(town.database, comparison)
    await judge(owner, comparison)
    if accepted:
        reviewer = await town.enter(Role.REVIEWER)
        answer = await reviewer.post(f"/comparisons/{comparison}/reviews", {"decision": "accept"})
        assert answer.status_code == 201, answer.text
    return comparison


async def judge(who: Browser, comparison: UUID | str, **changes: Any) -> None:
    """Rate the first turn, and submit."""
    rated = await who.post(f"/comparisons/{comparison}/turns/1/rating", answers(**changes))
    assert rated.status_code == 201, rated.text
    problems = (await who.get(f"/comparisons/{comparison}/submission/problems")).json()["problems"]
    sent = await who.post(f"/comparisons/{comparison}/submit", {"acknowledged": [each["code"] for each in problems]})
    assert sent.status_code == 200, sent.text


async def leave_traces(database: Database, comparison_id: UUID) -> None:
    """What both sides said and what their checks found, so that each side can be told from the other."""
    async with database.transaction() as session:
        statement = (
            select(Rollout)
            .join(Turn, Turn.id == Rollout.turn_id)
            .where(Turn.comparison_id == comparison_id)
            .order_by(Rollout.side)
        )
        for rollout in await session.scalars(statement):
            rollout.final_message = f"left by {rollout.side}"
            rollout.commit = ("a" if rollout.side == "A" else "b") * 40
            session.add(
                CheckResult(
                    id=new_id(),
                    rollout_id=rollout.id,
                    attempt=1,
                    position=0,
                    kind="test_command",
                    name="tests",
                    status="passed" if rollout.side == "A" else "failed",
                    against_base="same",
                    summary=f"checked {rollout.side}",
                    exit_code=0,
                    seconds=1.0,
                    log=None,
                )
            )
            place = {"turn": 1, "side": rollout.side, "attempt": 1}
            for attempt, text in ((1, f"said by {rollout.side}"), (0, "said in an attempt that was lost")):
                data = {**place, "attempt": attempt, "message_id": f"m{attempt}", "text": text}
                await events.append(session, comparison_id, "message", data)
        await events.append(session, comparison_id, "turn_status", {"turn": 1, "status": "ready"})


async def ask(who: Browser, campaign: Campaign) -> Any:
    """Ask what to do next; the assignment."""
    answer = await who.post(f"/campaigns/{campaign.id}/assignment")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def begin(who: Browser, assignment: dict[str, Any]) -> str:
    """Begin to judge; the comparison."""
    answer = await who.post(f"/assignments/{assignment['id']}/begin")
    assert answer.status_code == 200, answer.text
    comparison: str = answer.json()["comparison_id"]
    return comparison


async def arm_on(database: Database, comparison_id: UUID | str, side: str) -> UUID:
    """The arm behind a side."""
    async with database.transaction() as session:
        comparison = await session.get_one(Comparison, UUID(str(comparison_id)))
        return comparison.arm_a_id if side == "A" else comparison.arm_b_id
