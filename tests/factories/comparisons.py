"""Campaigns, prepared briefs and turns with results, for tests that start in the middle of the story."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marlin import campaigns, examples
from marlin.campaigns import parse_campaign
from marlin.comparisons import Comparison, Side
from marlin.comparisons import lifecycle as life
from marlin.comparisons import service as comparisons
from marlin.comparisons.continuation import Result
from marlin.comparisons.queries import get_comparison
from marlin.db import Database, new_id
from marlin.tasks import Brief, Environment
from marlin.workspaces import StoredLayer

BASE_COMMIT = "b" * 40


async def open_campaign(database: Database, **changes: Any) -> campaigns.Campaign:
    """The demo's campaign, with changes to its file."""
    wish = parse_campaign(examples.load_campaign_text("demo"))
    async with database.transaction() as session:
        return await campaigns.create_campaign(session, wish.model_copy(update=changes), actor=None)


async def ready_brief(database: Database, campaign: campaigns.Campaign, owner_id: UUID, **changes: Any) -> Brief:
    """A brief as preparation leaves it."""
    environment = Environment(
        id=new_id(),
        key=new_id().hex,
        repository="r" * 32,
        base_commit=BASE_COMMIT,
        set_up_command="",
        base_image="host-view",
        status="ready",
        provenance={},
    )
    fields: dict[str, Any] = {
        "source": "https://git.example.org/shop.git",
        "category": "bug_fix",
        "title": "Totals are wrong",
        "prompt": "The total ignores the last item. Find out why and fix it.",
        "acceptance_criteria": "The total includes every item.",
        "warnings": [],
        "status": "ready",
        "preparation_status": "ready",
        "repository": environment.repository,
        "base_commit": BASE_COMMIT,
        "base_image": environment.base_image,
    }
    async with database.transaction() as session:
        session.add(environment)
        await session.flush()
        brief = Brief(
            id=new_id(),
            campaign_id=campaign.id,
            owner_id=owner_id,
            environment_id=environment.id,
            **(fields | changes),
        )
        session.add(brief)
    return brief


async def started(database: Database, campaign: campaigns.Campaign, owner_id: UUID) -> Comparison:
    """A comparison whose first turn is queued."""
    brief = await ready_brief(database, campaign, owner_id)
    async with database.transaction() as session:
        return await comparisons.create_comparison(session, owner_id, brief.id)


def result_of(side: Side, turn: int) -> Result:
    """What a side left, by name only."""
    digit = "a" if side == "A" else "c"
    return Result(
        commit=f"{turn}{digit * 39}",
        files=StoredLayer(f"files-{side}-{turn}", digit * 64),
        home=StoredLayer(f"home-{side}-{turn}", digit * 64),
        session=f"session-{side}-{turn}",
    )


async def run_side(work: life.Assignment, *, outcome: str = "completed") -> None:
    """Do what a worker does with one side, without a sandbox."""
    await capture_side(work, outcome=outcome)
    await life.finish_rollout(work, [])


async def capture_side(work: life.Assignment, *, outcome: str = "completed") -> None:
    """The first part of it: what the side left is captured, its checks have not run."""
    failed = outcome == "platform_error"
    await life.record_result(
        work,
        result=None if failed else result_of(work.side, work.turn_number),
        files=[{"path": "shop.py", "old_path": None, "status": "M", "additions": 3, "deletions": 1, "binary": False}],
        left_out=[],
        outcome=outcome,
        outcome_message="The agent finished.",
        final_message="Done.",
        attempt={"usage": {"usd": "0.12"}},
    )


async def run_turn(database: Database, comparison_id: UUID, *, outcomes: dict[Side, str] | None = None) -> Comparison:
    """Run the comparison's last turn to its end, without a sandbox."""
    async with database.transaction() as session:
        comparison = await get_comparison(session, comparison_id, owner_id=None)
        turn = comparison.turns[-1]
    assert await life.begin_turn(turn.id, turn.job_id) is not None
    sides: tuple[Side, Side] = ("A", "B")
    for side in sides:
        work = await life.begin_attempt(turn.id, side, turn.job_id)
        assert work is not None
        await run_side(work, outcome=(outcomes or {}).get(side, "completed"))
    await life.finish_turn(turn.id, turn.job_id)
    async with database.transaction() as session:
        return await get_comparison(session, comparison_id, owner_id=None)
