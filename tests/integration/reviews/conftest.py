"""The people of a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from tests.factories.assigning import finished
from tests.factories.judgement import open_campaign
from tests.factories.people import Browser, Town, town_on

from marlin.accounts import Role
from marlin.campaigns import Campaign
from marlin.db import Database


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    """People with browsers on this test's database."""
    async with town_on(database) as town:
        yield town


@pytest.fixture
async def campaign(town: Town) -> Campaign:
    return await open_campaign(town.database)


@pytest.fixture
async def contributor(town: Town) -> Browser:
    return await town.enter(Role.CONTRIBUTOR)


@pytest.fixture
async def reviewer(town: Town) -> Browser:
    return await town.enter(Role.REVIEWER)


@pytest.fixture
async def comparison(town: Town, campaign: Campaign, contributor: Browser) -> UUID:
    """Submitted."""
    return await finished(town, campaign, who=contributor)
