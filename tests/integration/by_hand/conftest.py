"""A whole Marlin in the test's own process: a web service on a port, and a worker whose sandboxes are real."""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.factories.people import Town, town_on
from tests.factories.place import Start, place
from tests.factories.real_results import RealResults, bench_on, real_results

from marlin import tasks
from marlin.db import Database
from marlin.tasks import Workbench


@pytest.fixture(scope="session")
def bench_home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="marlin-terminals-"))
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
async def bench(bench_home: Path) -> AsyncIterator[Workbench]:
    async with bench_on(bench_home) as bench:
        yield bench
    tasks.use_code(None)  # tests here read results in this process; no later test may go on with their repositories


_made: dict[Path, RealResults] = {}


@pytest.fixture
async def real(bench: Workbench, bench_home: Path) -> RealResults:
    """Two results, made once: their layers and commits rest under the bench's home."""
    if bench_home not in _made:
        _made[bench_home] = await real_results(bench, bench_home / "repository")
    return _made[bench_home]


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    """People with browsers on this test's database."""
    async with town_on(database) as town:
        yield town


@pytest.fixture
def start(database: Database, town: Town, bench: Workbench, real: RealResults) -> Start:
    """Start everything, with settings changed."""
    return functools.partial(place, database, town, bench, real)
