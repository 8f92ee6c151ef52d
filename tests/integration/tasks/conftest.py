"""The people of a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.factories.people import Town, town_on

from marlin import tasks
from marlin.db import Database
from marlin.settings import Settings


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> AsyncIterator[Town]:
    """People with browsers on this test's database."""
    tasks.use_code(tasks.Code(Settings(home=tmp_path)))
    async with town_on(database) as town:
        yield town
    tasks.use_code(None)
