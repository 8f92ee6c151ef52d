"""Fixtures over :mod:`tests.factories.agents`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tests.factories.agents import Lab

from marlin.sandboxes import host_view, open_backend
from marlin.settings import Settings


@pytest.fixture(scope="session")
def sandbox_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("agents-home")


@pytest.fixture
async def lab(sandbox_home: Path, tmp_path: Path) -> AsyncIterator[Lab]:
    backend = open_backend(sandbox_home, demo=True)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(backend.close)
        # Real agents are large: they are kept where Marlin keeps them.
        yield Lab(backend, host_view(backend.store), tmp_path, Settings().home / "agents", stack)
