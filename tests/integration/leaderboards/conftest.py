"""The people of a test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.factories.people import Town, town_on

from marlin.db import Database


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    """People with browsers on this test's database."""
    async with town_on(database) as town:
        yield town
