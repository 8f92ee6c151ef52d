"""A comparison says when nobody works on it: "at work" would be a lie while every worker is gone."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text, update
from tests.factories.judgement import ready_comparison
from tests.factories.people import town_on

from marlin.accounts import Role
from marlin.comparisons.models import Comparison
from marlin.db import Database, Worker, now


async def test_work_that_no_worker_does_is_told_until_one_shows_itself(database: Database) -> None:
    async with town_on(database) as town:
        contributor = await town.enter(Role.CONTRIBUTOR)
        comparison = await ready_comparison(database, contributor.person.id)

        async def away() -> bool:
            found: bool = (await contributor.get(f"/comparisons/{comparison}")).json()["worker_away"]
            return found

        assert not await away(), "there is nothing to do"
        async with database.transaction() as session:
            await session.execute(
                update(Comparison).where(Comparison.id == UUID(str(comparison))).values(status="running")
            )
        assert await away()
        async with database.transaction() as session:
            session.add(Worker(id="one", machine="m", pid=1, started="0", since=now(), seen_at=now()))
        assert not await away()
        async with database.transaction() as session:
            await session.execute(text("UPDATE worker SET seen_at = clock_timestamp() - interval '1 minute'"))
        assert await away()
