"""Results on the base are recorded once, however many briefs are prepared on it at the same time."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from marlin.db import Database, new_id
from marlin.tasks import BaseCheck, Environment
from marlin.tasks.service import record_base_check


async def test_the_first_result_stands_when_two_are_recorded_at_once(database: Database) -> None:
    async with database.transaction() as session:
        facts = {"repository": "r", "base_commit": "b" * 40, "base_image": "debian", "set_up_command": ""}
        environment = Environment(id=new_id(), key="k", status="ready", **facts)
        session.add(environment)

    async def record(exit_code: int) -> int | None:
        async with database.transaction() as session:
            check = BaseCheck(
                environment_id=environment.id,
                kind="acceptance",
                name="counted",
                command="true",
                status="passed",
                exit_code=exit_code,
                seconds=0.1,
                summary="",
                log="",
            )
            kept = await record_base_check(session, check)
            await asyncio.sleep(0.05)  # both are under way before either commits
            return kept.exit_code

    told = await asyncio.gather(*(record(number) for number in range(4)))
    async with database.transaction() as session:
        rows = list(await session.scalars(select(BaseCheck)))
    assert len(rows) == 1
    assert set(told) == {rows[0].exit_code}
