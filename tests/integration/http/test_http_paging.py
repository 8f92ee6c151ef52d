"""Long lists in pages, through the public API: every list, while rows are added, and cursors nobody gave out."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import pytest
from sqlalchemy import update
from tests.factories.comparisons import open_campaign, ready_brief, started
from tests.factories.people import Browser, Town, town_on

from marlin.accounts import Role
from marlin.campaigns import Campaign
from marlin.comparisons import Comparison
from marlin.db import Database
from marlin.tasks import Brief

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
LISTS = ("/comparisons", "/briefs", "/reviews/queue", "/people", "/campaigns", "/invitations")
_numbers = itertools.count(1)


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    async with town_on(database) as town:
        yield town


@pytest.fixture
async def everyone(town: Town) -> Browser:
    """Somebody with every role."""
    return await town.enter(Role.CONTRIBUTOR, Role.REVIEWER, Role.OPERATOR, name="Zoë Everyone")


class Rows:
    """Adds rows to every list of somebody's."""

    def __init__(self, town: Town, reader: Browser) -> None:
        self.town, self.reader = town, reader
        self.campaign: Campaign | None = None

    async def add(self, path: str, count: int) -> None:
        """So many more rows in the list at ``path``; two of each three were made in the same instant."""
        database = self.town.database
        if path == "/invitations":
            for _ in range(count):
                body = {"roles": ["contributor"], "expires_in_days": 1}
                assert (await self.reader.post("/invitations", body)).status_code == 201
            return
        if path == "/people":
            for index in range(count):
                await self.town.person(Role.CONTRIBUTOR, name="ada"[: 1 + index % 3].title())
            return
        if path == "/campaigns":
            for _ in range(count):
                await open_campaign(database, slug=f"more-{next(_numbers)}")
            return
        if self.campaign is None:
            self.campaign = await open_campaign(database, slug=f"paged-{next(_numbers)}")
        owner = self.reader.person.id
        if path == "/reviews/queue":
            owner = (await self.town.person(Role.CONTRIBUTOR)).id
        for index in range(count):
            at = AT + timedelta(minutes=index // 3)
            if path == "/briefs":
                brief = await ready_brief(database, self.campaign, owner)
                change = update(Brief).where(Brief.id == brief.id).values(updated_at=at)
            else:
                comparison = await started(database, self.campaign, owner)
                values: dict[str, Any] = {"updated_at": at}
                if path == "/reviews/queue":
                    values |= {"status": "submitted", "submitted_at": at}
                change = update(Comparison).where(Comparison.id == comparison.id).values(**values)
            async with database.transaction() as session:
                await session.execute(change)


def key(row: dict[str, Any]) -> str:
    return str(row.get("id") or row["comparison_id"])


async def test_walking_a_list_gives_each_row_once_also_while_rows_are_added(town: Town, everyone: Browser) -> None:
    rows = Rows(town, everyone)
    for path in LISTS:
        await rows.add(path, 7)
        whole = [key(row) for row in (await everyone.get(path, params={"limit": 200})).json()]
        for limit in (1, 3):
            address, seen = f"{path}?limit={limit}", list[str]()
            while True:
                answer = await everyone.get(address)
                assert answer.status_code == 200, answer.text
                page = [key(row) for row in answer.json()]
                assert 0 < len(page) <= limit, path
                seen += page
                if "next" not in answer.links:
                    break
                address = urljoin(str(answer.url), answer.links["next"]["url"])
                if len(seen) == limit:  # behind the first page, more rows arrive
                    await rows.add(path, 2)
            assert len(seen) == len(set(seen)), f"{path}: a row came twice"
            assert [row for row in seen if row in set(whole)] == whole, f"{path}: a row was missed or out of order"
            whole = [key(row) for row in (await everyone.get(path, params={"limit": 200})).json()]


async def test_a_cursor_that_a_list_never_gave_out_is_refused(town: Town, everyone: Browser) -> None:
    def cursor(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    bad = ["", "x", "é", "\x00", "[" * 2000, *map(cursor, (None, {}, [], ["x"], [1, 2], ["x", "y"], [AT.isoformat()]))]
    bad += [cursor(["\x00", "y"]), cursor(["\ud800", str(everyone.person.id)])]
    for path in LISTS:
        zoneless = cursor(["2026-11-02T09:00:00", str(everyone.person.id)])
        for text in bad if path == "/people" else [*bad, zoneless]:  # of a person it might be the name
            answer = await everyone.get(path, params={"cursor": text})
            assert answer.status_code == 422, (path, text)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == "bad-cursor", (path, text)
            assert "Link header" in answer.json()["hint"]
    for limit in ("0", "201", "many"):
        assert (await everyone.get("/people", params={"limit": limit})).status_code == 422


async def test_lists_are_filtered_and_the_next_page_keeps_the_filter(town: Town, everyone: Browser) -> None:
    for name in ("Grace Hopper", "Grace O'Malley", "100% Grace", "Alan Turing"):
        await town.person(Role.REVIEWER if name.startswith("Grace") else Role.CONTRIBUTOR, name=name)
    first = await everyone.get("/people", params={"search": " gRaCe ", "role": "reviewer", "limit": 1})
    assert [row["name"] for row in first.json()] == ["Grace Hopper"]
    second = await everyone.get(urljoin(str(first.url), first.links["next"]["url"]))
    assert [row["name"] for row in second.json()] == ["Grace O'Malley"]
    assert "next" not in second.links
    assert [row["name"] for row in (await everyone.get("/people?search=%25")).json()] == ["100% Grace"]
    assert [row["name"] for row in (await everyone.get("/people?search=_")).json()] == []
    for path in LISTS[:5]:
        found_nothing = await everyone.get(path, params={"search": "\x00"})
        assert (found_nothing.status_code, found_nothing.json()) == (200, []), path

    campaign = await open_campaign(town.database, title="Fixes that hold")
    one, other = [await started(town.database, campaign, everyone.person.id) for _ in range(2)]
    async with town.database.transaction() as session:
        await session.execute(update(Comparison).where(Comparison.id == one.id).values(status="to_rate"))

    async def found(query: str) -> set[str]:
        return {key(row) for row in (await everyone.get(f"/comparisons?{query}")).json()}

    assert await found("status=to_rate") == {str(one.id)}
    assert await found("status=to_rate&status=running&search=totals") == {str(one.id), str(other.id)}
    assert await found("search=THAT hold") == {str(one.id), str(other.id)}
    assert await found("search=nothing of the kind") == set()
    assert (await everyone.get("/comparisons?status=odd")).status_code == 422
    assert [row["slug"] for row in (await everyone.get("/campaigns?search=that hold")).json()] == [campaign.slug]
    assert (await everyone.get("/campaigns?status=paused")).json() == []
