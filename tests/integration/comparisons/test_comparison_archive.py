"""Logs of finished comparisons are moved into storage, and come back when they are asked for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from tests.factories.comparisons import open_campaign, run_turn, started
from tests.factories.people import Browser, Town

from marlin import tasks
from marlin.accounts import Role
from marlin.comparisons import archive
from marlin.comparisons.models import Comparison
from marlin.db import Database, events, now
from marlin.db.models import Event
from marlin.settings import Settings
from marlin.workspaces import ArchiveMissingError


async def finished(database: Database, town: Town) -> tuple[Browser, str]:
    """A contributor and a comparison that was accepted a hundred days ago."""
    contributor = await town.enter(Role.CONTRIBUTOR)
    comparison = await started(database, await open_campaign(database), contributor.person.id)
    await run_turn(database, comparison.id)
    async with database.transaction() as session:
        for number in range(20):
            data = {"message_id": "m1", "text": f"{number} é \u2028", "turn": 1, "side": "A", "attempt": 1}
            await events.append(session, comparison.id, "message", data)
        then = now() - timedelta(days=100)
        await session.execute(update(Comparison).values(status="accepted", updated_at=then))
    return contributor, str(comparison.id)


async def rows(database: Database) -> int:
    async with database.transaction() as session:
        return int(await session.scalar(select(func.count()).select_from(Event)) or 0)


async def read(browser: Browser, identifier: str) -> list[Any]:
    transcript = await browser.get(f"/comparisons/{identifier}/turns/1/transcript", params={"side": "A"})
    return [transcript.json(), (await browser.get(f"/comparisons/{identifier}/events")).json()]


async def test_a_log_is_moved_once_and_comes_back_as_it_was(database: Database, town: Town) -> None:
    contributor, identifier = await finished(database, town)
    code, before = await tasks.current_code(), await read(contributor, identifier)
    count = await rows(database)
    assert await archive.archive_finished(code, closed_for=timedelta(days=101)) == (0, 0), "not finished for so long"
    assert await archive.archive_finished(code, closed_for=timedelta(days=99)) == (1, count)
    assert await rows(database) == 0
    assert await archive.archive_finished(code, closed_for=timedelta(days=99)) == (0, 0)
    assert await read(contributor, identifier) == before
    assert await rows(database) == count
    assert await archive.archive_finished(code, closed_for=timedelta(days=99)) == (1, count)


async def test_numbers_go_on_after_an_archive(database: Database, town: Town) -> None:
    contributor, identifier = await finished(database, town)
    count = await rows(database)
    await archive.archive_finished(await tasks.current_code(), closed_for=timedelta(days=99))
    async with database.transaction() as session:
        (comparison,) = await session.scalars(select(Comparison))
        assert await events.append(session, comparison.id, "comparison_status", {"status": "accepted"}) == count + 1
    log = (await contributor.get(f"/comparisons/{identifier}/events")).json()["events"]
    assert [event["kind"] for event in log] == ["turn_status"] * 4 + ["comparison_status"]


async def test_comparisons_that_are_worked_on_keep_their_log(database: Database, town: Town) -> None:
    await finished(database, town)
    async with database.transaction() as session:
        await session.execute(update(Comparison).values(status="returned", updated_at=now() - timedelta(days=100)))
    assert await archive.archive_finished(await tasks.current_code(), closed_for=timedelta(days=99)) == (0, 0)


async def test_a_log_that_cannot_be_read_back_is_not_deleted(database: Database, town: Town, tmp_path: Path) -> None:
    await finished(database, town)
    count = await rows(database)
    code = tasks.Code(Settings(home=tmp_path))
    code.durable = Forgetful()  # type: ignore[assignment]
    with pytest.raises(ArchiveMissingError):
        await archive.archive_finished(code, closed_for=timedelta(days=99))
    assert await rows(database) == count


class Forgetful:
    """Storage that takes everything and gives nothing back."""

    def put(self, source: Any) -> str:
        source.read()
        return "0" * 64

    def open(self, key: str) -> Any:
        raise ArchiveMissingError(f"The durable store has no object {key}.")
