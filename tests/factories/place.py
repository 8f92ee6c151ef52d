"""A whole Marlin in the test's own process: a web service on a port, and a worker whose sandboxes are real."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import uvicorn
from tests.factories.people import Browser, Town
from tests.factories.real_results import RealResults, real_comparison

from marlin import terminals
from marlin.accounts import Role
from marlin.accounts.guards import COOKIE
from marlin.app import create_app
from marlin.db import Database, jobs
from marlin.settings import Settings
from marlin.tasks import Workbench
from marlin.terminals import TerminalHost

Start = Callable[..., AbstractAsyncContextManager["Place"]]


@dataclass
class Place:
    """A web service, the address of its pages, and who uses it.

    :ivar cookie: that of the owner's browser.
    """

    town: Town
    database: Database
    bench: Workbench
    real: RealResults
    port: int
    owner: Browser
    comparison: UUID

    def socket_url(self, terminal_id: str) -> str:
        return f"ws://127.0.0.1:{self.port}/api/v1/terminals/{terminal_id}/socket"

    def cookie(self, browser: Browser) -> str:
        return f"{COOKIE}={browser.http.cookies[COOKIE]}"

    async def open(self, side: str = "A", **size: int) -> dict[str, Any]:
        answer = await self.owner.post(f"/comparisons/{self.comparison}/turns/1/terminals", {"side": side, **size})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def ended(self, terminal_id: str) -> terminals.Terminal:
        """The terminal's row once it has ended."""
        while True:
            async with self.database.transaction() as session:
                row = await session.get_one(terminals.Terminal, UUID(terminal_id))
            if row.status == "ended":
                return row
            await asyncio.sleep(0.05)


def settings_of(database: Database, home: Path, port: int = 8420, **changes: Any) -> Settings:
    url = database.url.render_as_string(hide_password=False)
    return Settings(database_url=url, home=home, port=port, queue_poll=0.05, heartbeat_limit=5, **changes)


@asynccontextmanager
async def serving(settings: Settings, listening: socket.socket) -> AsyncIterator[None]:
    """The web service on a socket."""
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings), log_config=None, lifespan="off", ws_per_message_deflate=False)
    )
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = server.force_exit = True
        await task


@asynccontextmanager
async def working(settings: Settings, bench: Workbench) -> AsyncIterator[TerminalHost]:
    """A worker that keeps terminals alone."""
    host = TerminalHost(settings, bench)
    await host.open()
    terminals.use_host(host)
    await jobs.launch(settings, listen=["terminals"])
    try:
        yield host
    finally:
        await host.close()
        await jobs.shutdown()
        terminals.use_host(None)


@asynccontextmanager
async def place(
    database: Database, town: Town, bench: Workbench, real: RealResults, *, worker: bool = True, **changes: Any
) -> AsyncIterator[Place]:
    """Everything, with settings changed."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    settings = settings_of(database, bench.settings.home, port, **changes)
    town.app.state.settings = settings
    owner = await town.enter(Role.CONTRIBUTOR)
    comparison = await real_comparison(database, owner.person.id, real)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving(settings, listening))
        if worker:
            await stack.enter_async_context(working(settings, bench))
        yield Place(town, database, bench, real, port, owner, comparison)
