"""The people of a test, and a worker's stores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.factories.people import Town, town_on

from marlin.db import Database
from marlin.settings import Settings
from marlin.tasks import Code


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    """People with browsers on this test's database."""
    async with town_on(database) as town:
        yield town


@pytest.fixture
def code(tmp_path: Path) -> Code:
    """Repositories and raw traffic of this test."""
    return Code(Settings(home=tmp_path / "home"))
