"""What was decided on held values is in the files if and only if the audit log has it, whatever fails in between."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from tests.factories.people import Town
from tests.integration.datasets.test_datasets_building import spring

from marlin.accounts import list_audit
from marlin.campaigns import Campaign
from marlin.datasets import HeldStore, Said, decide_and_record, decisions_for, held_values, note_dataset, settle
from marlin.datasets.errors import HeldFileError
from marlin.db import DatabaseUnavailableError

KEY, OTHER = "0" * 12, "1" * 12
DECIDE = """
import asyncio, os, sys
from pathlib import Path
from sqlalchemy import event
from marlin import campaigns
from marlin.datasets import Said, decide_and_record
from marlin.db import opened

async def main():
    async with opened(sys.argv[1]) as database, database.transaction() as session:
        event.listen(session.sync_session, sys.argv[3], lambda _: os._exit(9))
        campaign = await campaigns.find_campaign(session, "spring")
        said = {"0" * 12: Said("keep"), "1" * 12: Said("redact")}
        await decide_and_record(session, Path(sys.argv[2]), campaign, said, by="jo", actor=None)

asyncio.run(main())
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """KEY is held in the data folder and on a shelf, OTHER on the shelf alone."""
    one = {"name": "KEY", "shown": "abc… (12 characters)", "rows": ["r-1"], "count": 1}
    HeldStore(tmp_path / "home" / "datasets", "spring").note({KEY: one})
    HeldStore(tmp_path / "shelf", "spring").note({KEY: one, OTHER: one})
    note_dataset(tmp_path / "home", tmp_path / "shelf" / "spring-1")
    return tmp_path / "home"


async def decide(town: Town, home: Path, campaign: Campaign, then: Callable[[AsyncSession], Awaitable[None]]) -> None:
    """Keep KEY, and do something else in the same transaction."""
    async with town.database.transaction() as session:
        await decide_and_record(session, home, campaign, {KEY: Said("keep")}, by="jo", actor=None)
        await then(session)


async def recorded(town: Town, campaign: Campaign) -> Sequence[dict[str, object]]:
    async with town.database.transaction() as session:
        entries = await list_audit(session, subject=f"campaign:{campaign.id}")
    return [entry.data for entry in entries if entry.action == "dataset.held_decided"]


def lefts(home: Path) -> list[str]:
    folders = (home / "datasets", home.parent / "shelf")
    return [path.name for one in folders for path in one.iterdir() if path.suffix == ".new" or "deciding" in path.name]


async def test_a_decision_is_shown_when_it_is_committed_and_not_before(town: Town, home: Path) -> None:
    campaign = await spring(town)
    async with town.database.transaction() as session:
        changed = await decide_and_record(session, home, campaign, {KEY: Said("keep")}, by="jo", actor=None)
        assert (changed[KEY].decision, changed[KEY].by) == ("keep", "jo")
        assert decisions_for(home, "spring", home / "datasets") == {}
    assert decisions_for(home, "spring", home / "datasets") == {KEY: "keep"}
    assert held_values(home, "spring")[0][KEY] == changed[KEY]
    assert [(one["kept"], one["redacted"]) for one in await recorded(town, campaign)] == [([KEY], [])]
    assert lefts(home) == []


async def test_what_is_rolled_back_was_never_decided(town: Town, home: Path) -> None:
    campaign = await spring(town)

    class Failed(Exception):
        pass

    async def fail(_: AsyncSession) -> None:
        raise Failed

    with pytest.raises(Failed):
        await decide(town, home, campaign, fail)
    assert (decisions_for(home, "spring", home), await recorded(town, campaign), lefts(home)) == ({}, [], [])
    async with town.database.transaction() as session:  # nobody holds the files any more
        await decide_and_record(session, home, campaign, {KEY: Said("redact")}, by="al", actor=None)
    assert decisions_for(home, "spring", home) == {KEY: "redact"}


async def test_a_commit_that_fails_decides_nothing(town: Town, home: Path) -> None:
    campaign = await spring(town)

    async def end_the_connection(session: AsyncSession) -> None:
        await session.flush()
        server = await session.scalar(text("SELECT pg_backend_pid()"))
        async with town.database.transaction() as other:
            await other.execute(text("SELECT pg_terminate_backend(:server, 10000)"), {"server": server})

    with pytest.raises(DatabaseUnavailableError):
        await decide(town, home, campaign, end_the_connection)
    assert decisions_for(home, "spring", home) == {}
    await settle(home, campaign)
    assert (decisions_for(home, "spring", home), await recorded(town, campaign), lefts(home)) == ({}, [], [])


@pytest.mark.parametrize(
    ("moment", "decided"), [("before_commit", {}), ("after_commit", {KEY: "keep", OTHER: "redact"})]
)
async def test_a_death_on_either_side_of_the_commit_is_made_good(
    town: Town, home: Path, database_url: str, moment: str, decided: dict[str, str]
) -> None:
    campaign = await spring(town)
    command = [sys.executable, "-c", DECIDE, database_url, str(home), moment]
    assert subprocess.run(command, check=False).returncode == 9
    assert decisions_for(home, "spring", home) == {}
    later = {"name": "NEW", "shown": "xyz… (12 characters)", "rows": ["r-2"], "count": 1}
    HeldStore(home.parent / "shelf", "spring").note({"2" * 12: later})  # a build, meanwhile
    await settle(home, campaign)
    assert decisions_for(home, "spring", home) == decided
    assert len(await recorded(town, campaign)) == bool(decided)
    assert set(held_values(home, "spring")[0]) == {KEY, OTHER, "2" * 12}
    assert [name for name in lefts(home) if "deciding" in name] == []
    await settle(home, campaign)
    assert {one.by for one in held_values(home, "spring")[0].values() if one.decision} == ({"jo"} if decided else set())


async def test_a_full_disk_decides_nothing_and_a_torn_intent_is_none(town: Town, tmp_path: Path) -> None:
    campaign = await spring(town)
    home = tmp_path / "home"
    (home / "datasets").mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(home / "datasets")], check=True)
    try:
        one = {"name": "KEY" * 700, "shown": "abc… (12 characters)", "rows": ["r-1"], "count": 1}
        HeldStore(home / "datasets", "spring").note({KEY: one, OTHER: one})
        before = (home / "datasets" / ".held-spring.json").read_bytes()
        (home / "datasets" / "filler").write_bytes(b"x" * 4096)

        async def nothing(_: AsyncSession) -> None:
            return None

        with pytest.raises(HeldFileError, match="No space left"):
            await decide(town, home, campaign, nothing)
        assert await recorded(town, campaign) == []
        assert (home / "datasets" / ".held-spring.json").read_bytes() == before
        torn = home / "datasets" / ".deciding-spring.x.json"
        torn.write_text('{"number": "x", "fil')
        os.utime(torn, (1, 1))
        await settle(home, campaign)
        assert {path.name for path in (home / "datasets").iterdir()} == {
            ".held-spring.json",
            ".held-spring.lock",
            "filler",
        }
    finally:
        subprocess.run(["umount", str(home / "datasets")], check=True)
