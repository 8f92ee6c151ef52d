"""Votes are read once for as long as nothing changes in them, and at once when anything does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from tests.factories.accepted import accept
from tests.factories.judgement import open_campaign
from tests.factories.people import Town

from marlin.accounts import Role
from marlin.assignments import Assignment
from marlin.campaigns import Campaign
from marlin.db import Database, now
from marlin.leaderboards.ballots import Ballots
from marlin.leaderboards.reading import Shelf, load_ballots

OF_ONE = "(SELECT min(id::text)::uuid FROM comparison WHERE campaign_id = :campaign)"
CHANGES = {
    "a vote is another one": f"UPDATE rating SET strength = 1 WHERE comparison_id = {OF_ONE}",
    "a rating is withdrawn": f"UPDATE rating SET ended = 'undone', ended_at = now() WHERE comparison_id = {OF_ONE}",
    "a submission is returned": f"UPDATE comparison SET status = 'returned' WHERE id = {OF_ONE}",
    "a submission is rejected": f"UPDATE comparison SET status = 'rejected' WHERE id = {OF_ONE}",
    "a task's category is another one": "UPDATE brief SET category = 'security' WHERE id = "
    f"(SELECT brief_id FROM comparison WHERE id = {OF_ONE})",
    "a vote is no longer counted": f'UPDATE assignment SET draw = \'{{"item": {{"by": "evidence"}}}}\' '
    f"WHERE comparison_id = {OF_ONE}",
}


@pytest.fixture
async def campaign(town: Town) -> Campaign:
    return await furnished(town, 4)


async def furnished(town: Town, votes: int) -> Campaign:
    campaign = await open_campaign(town.database)
    owner, reviewer = await town.enter(Role.CONTRIBUTOR), await town.enter(Role.REVIEWER)
    for _ in range(votes):
        comparison = await accept(town.database, campaign, owner.person.id, reviewer.person.id, 3)
        async with town.database.transaction() as session:
            session.add(
                Assignment(
                    campaign_id=campaign.id,
                    person_id=owner.person.id,
                    kind="own",
                    status="begun",
                    comparison_id=comparison,
                    price_cents=28_000,
                    draw={},
                    expires_at=now(),
                )
            )
    return campaign


async def read(database: Database, campaign: Campaign, shelf: Shelf) -> Ballots:
    async with database.transaction() as session:
        return await load_ballots(session, campaign.id, shelf=shelf)


async def fresh(session: AsyncSession, campaign: Campaign) -> list[Any]:
    return [row.vote for row in (await load_ballots(session, campaign.id, shelf=Shelf())).rows]


async def test_readers_at_once_and_afterwards_share_one_reading(database: Database, campaign: Campaign) -> None:
    shelf = Shelf()
    found = await asyncio.gather(*(read(database, campaign, shelf) for _ in range(6)))
    again = await read(database, campaign, shelf)
    assert shelf.reads == 1
    assert all(one.rows is again.rows for one in found)
    assert len(again.rows) == 4


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_is_seen_at_once(database: Database, campaign: Campaign, change: str) -> None:
    shelf = Shelf()
    before = await read(database, campaign, shelf)
    async with database.transaction() as session:
        changed = await session.execute(text(CHANGES[change]), {"campaign": campaign.id})
        assert changed.rowcount == 1  # type: ignore[attr-defined]
        # nobody else sees it before it is committed
        assert (await read(database, campaign, shelf)).rows is before.rows
        assert [row.vote for row in (await load_ballots(session, campaign.id, shelf=shelf)).rows] == await fresh(
            session, campaign
        )
    after = await read(database, campaign, shelf)
    async with database.transaction() as session:
        assert [row.vote for row in after.rows] == await fresh(session, campaign)
    assert [row.vote for row in after.rows] != [row.vote for row in before.rows]


async def test_changes_of_one_transaction_are_told_apart_and_undone_ones_are_gone(
    database: Database, campaign: Campaign
) -> None:
    shelf, strength = Shelf(), text("UPDATE rating SET strength = :strength")

    async def strengths(session: AsyncSession) -> set[int]:
        return {abs(row.vote.overall) for row in (await load_ballots(session, campaign.id, shelf=shelf)).rows}

    seen = []
    async with database.sessions() as session:
        for value in (1, 2, 1):
            await session.execute(strength, {"strength": value})
            seen.append(await strengths(session))
        point = await session.begin_nested()
        await session.execute(strength, {"strength": 3})
        seen.append(await strengths(session))
        await point.rollback()
        seen.append(await strengths(session))
        await session.execute(strength, {"strength": 1})
        seen.append(await strengths(session))
        await session.rollback()
        seen.append(await strengths(session))
    assert seen == [{1}, {2}, {1}, {3}, {1}, {1}, {3}]


async def test_what_is_kept_has_an_end(town: Town, campaign: Campaign) -> None:
    shelf = Shelf(most=5)
    other, large = await furnished(town, 2), await furnished(town, 6)
    for one in (campaign, other):
        await read(town.database, one, shelf)
    assert shelf.votes == 2, "the campaign that was read longest ago gave way"
    assert len((await read(town.database, large, shelf)).rows) == 6
    assert (shelf.votes, shelf.reads) == (2, 3)
    await read(town.database, other, shelf)
    assert shelf.reads == 3
