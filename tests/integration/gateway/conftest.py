"""Fixtures over :mod:`tests.factories.gateway`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from tests.factories.gateway import KEY, SCENARIO, SNAPSHOT, Bench
from tests.factories.model_server import ScriptedModelServer


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with ScriptedModelServer(SCENARIO, api_key=KEY, reported_model=SNAPSHOT) as upstream:
        bench = Bench(upstream)
        try:
            yield bench
        finally:
            await bench.close()


@pytest.fixture
def direct(bench: Bench) -> Callable[[], httpx.AsyncClient]:
    """Clients that call the upstream without the gateway, to compare."""
    return lambda: httpx.AsyncClient(base_url=bench.upstream.base_url, headers={"x-api-key": KEY}, timeout=30)
