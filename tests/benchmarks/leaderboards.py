"""From 20,000 accepted comparisons in the database to what an operator sees, in one process.

``MARLIN_BENCH_COMPARISONS=100000`` measures so many instead.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from tests.benchmarks.installed import installed
from tests.benchmarks.laps import Row, quick, tell
from tests.factories.judgement import AXES, open_campaign, ready_comparison
from tests.factories.people import Town, app_on

from marlin import campaigns
from marlin.accounts import Role
from marlin.campaigns import Campaign
from marlin.comparisons import Comparison, Rollout, Turn
from marlin.comparisons.models import CheckResult
from marlin.db import Database, new_id, now, opened
from marlin.leaderboards import service
from marlin.leaderboards.question_schemas import QuestionWish
from marlin.leaderboards.questions import register_question
from marlin.leaderboards.reading import Shelf, load_ballots
from marlin.ratings import Rating
from marlin.reviews import Review
from marlin.tasks import Brief

PEOPLE = 200
_BATCH = 500


def run() -> list[Row]:
    """Read, rank, decide."""
    return asyncio.run(_run(int(os.environ.get("MARLIN_BENCH_COMPARISONS") or (2_000 if quick() else 20_000))))


@asynccontextmanager
async def place() -> AsyncIterator[tuple[Path, str, Database]]:
    """A folder, with the address of an embedded database in it, and the database with its tables."""
    with ExitStack() as stack:
        url, folder = await asyncio.to_thread(stack.enter_context, installed({"fsync": "off"}))
        async with opened(url) as database:
            yield folder, url, database


async def _run(size: int) -> list[Row]:
    async with place() as (_, _, database):
        campaign = await furnish(database, size)
        return await _measure(database, campaign.id, size)


async def _measure(database: Database, campaign_id: UUID, size: int) -> list[Row]:
    rows = []
    work: Callable[..., Awaitable[Any]]
    for name, work in (
        ("read the votes and sizes for the first time", load_ballots),
        ("read the votes anew, after a change", partial(load_ballots, shelf=Shelf())),
        ("read the votes when nothing has changed", load_ballots),
        ("leaderboard, all of it", service.leaderboard),
        ("decision", service.decision),
        ("agreement", service.agreement),
        ("what changed", partial(service.changes, since=now() - timedelta(minutes=1))),
        ("the report, all of it", service.full_report),
    ):
        tell(f"{name}, {size:,} comparisons")
        async with database.transaction() as session:
            started, computed = time.perf_counter(), time.process_time()
            await work(session, campaign_id)
            took, computing = time.perf_counter() - started, time.process_time() - computed
            label = f"{size:,} accepted comparisons: {name}"
            rows.append(_row(label, took * 1000, "ms"))
            rows.append(_row(f"{label}: CPU of the process", computing * 1000, "ms"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows.append(_row(f"{size:,} accepted comparisons: most memory, furnishing included", peak, "MiB"))
    return rows


def _row(name: str, value: float, unit: str) -> Row:
    return {"name": name, "value": value, "unit": unit, "target": None, "ratio": None, "against": None}


async def furnish(database: Database, size: int) -> Campaign:
    """A campaign of six arms with so many accepted comparisons."""
    town = Town(database, app_on(database))
    arms = [{"name": f"arm-{number}", "agent": "scripted", "settings": {"script": "careful"}} for number in range(6)]
    campaign = await open_campaign(database, arms=arms)
    people = [(await town.person(Role.CONTRIBUTOR)).id for _ in range(PEOPLE)]
    reviewer = (await town.person(Role.REVIEWER)).id
    pattern = await ready_comparison(database, people[0], campaign=campaign)
    async with database.transaction() as session:
        one = await session.get_one(Comparison, pattern)
        brief = await session.get_one(Brief, one.brief_id)
        known = [arm.id for arm in await campaigns.list_arms(session, campaign.id)]
        await register_question(
            session, campaign, QuestionWish(arms=["arm-0", "arm-1"], contributors=PEOPLE), actor=None
        )
        base = {name: getattr(one, name) for name in ("environment_id", "rubric_version_id", "draw", "terms")}
        about = {"owner_id": brief.owner_id, "base_image": brief.base_image, "environment_id": brief.environment_id}
    rnd = random.Random(7)
    for start in range(0, size, _BATCH):
        tables: dict[Any, list[dict[str, Any]]] = {
            table: [] for table in (Brief, Comparison, Turn, Rollout, CheckResult, Rating, Review)
        }
        for _ in range(min(_BATCH, size - start)):
            _add(tables, rnd, campaign.id, known, rnd.choice(people), reviewer, base, about)
        async with database.transaction() as session:
            for table, values in tables.items():
                await session.execute(insert(table), values)
        tell(f"furnished {start + _BATCH:,} of {size:,}")
    return campaign


def _add(
    tables: dict[Any, list[dict[str, Any]]],
    rnd: random.Random,
    campaign_id: UUID,
    arms: list[UUID],
    owner: UUID,
    reviewer: UUID,
    base: dict[str, Any],
    about: dict[str, Any],
) -> None:
    first, second = rnd.sample(range(len(arms)), 2)
    brief, comparison, turn, at = new_id(), new_id(), new_id(), now()
    rollouts = {"A": new_id(), "B": new_id()}
    sides = {"A": arms[first], "B": arms[second]}
    overall = max(-3, min(3, round(rnd.gauss((second - first) * 0.2, 1.6))))
    tables[Brief].append(
        {"id": brief, "campaign_id": campaign_id, "category": rnd.choice(["bug_fix", "feature"]), "status": "used"}
        | about
    )
    tables[Comparison].append(
        {"id": comparison, "campaign_id": campaign_id, "brief_id": brief, "owner_id": owner, "status": "accepted"}
        | {"arm_a_id": sides["A"], "arm_b_id": sides["B"]}
        | base
    )
    tables[Turn].append(
        {"id": turn, "comparison_id": comparison, "number": 1, "prompt": "Fix it.", "continuation": "first"}
        | {"status": "ready", "job_id": turn.hex}
    )
    for side, rollout in rollouts.items():
        files = [
            {"path": f"src/part{number}.py", "additions": rnd.randint(1, 80), "deletions": rnd.randint(0, 30)}
            for number in range(rnd.randint(1, 12))
        ]
        tables[Rollout].append(
            {"id": rollout, "turn_id": turn, "arm_id": sides[side], "side": side, "start": {}, "status": "finished"}
            | {"attempt": 1, "files": files}
        )
        size = {"complexity": rnd.randint(-3, 20), "duplicated_lines": 0, "new_dependencies": []}
        tables[CheckResult].append(
            {"rollout_id": rollout, "attempt": 1, "position": 1, "kind": "size", "name": "size", "status": "passed"}
            | {"against_base": "unknown", "summary": "", "seconds": 0.1, "data": size}
        )
    said: dict[str, Any] = {"axes": dict.fromkeys(AXES, overall), "key_axis": AXES[0], "overall": overall}
    tables[Rating].append(
        {"comparison_id": comparison, "turn_id": turn, "turn_number": 1, "person_id": owner, "guidelines_version": 1}
        | {"rubric_version_id": base["rubric_version_id"], "answers": said, "strength": abs(overall)}
        | {"preferred": "A" if overall < 0 else "B" if overall else None}
        | {"verdict": "preference" if overall else "equal"}
        | {"arm_a_id": sides["A"], "arm_b_id": sides["B"]}
        | {"rollout_a_id": rollouts["A"], "rollout_b_id": rollouts["B"]}
    )
    tables[Review].append(
        {"comparison_id": comparison, "reviewer_id": reviewer, "decision": "accept", "comments": "", "created_at": at}
    )
