"""``marlin worker``: run jobs for a service that runs elsewhere; apart from ``up``, which loads the web service."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from marlin.settings import get_settings
from marlin.worker import run_worker, stop_signals

HostView = Annotated[
    bool,
    typer.Option("--demo", help="Allow a view of this machine's /usr as a base image: for the demo and for tests."),
]


def worker(demo: HostView = False) -> None:
    """Run jobs on this machine for a Marlin that runs elsewhere; DATABASE_URL and MARLIN_STORAGE_URL say where.

    Start as many as you need, on as many machines. SIGTERM or Ctrl-C lets turns in progress finish within
    MARLIN_DRAIN_LIMIT seconds; what is left then other workers take over.
    """

    async def run() -> None:
        stop, hurry = stop_signals()
        await run_worker(get_settings(), stop, hurry, demo=demo)

    asyncio.run(run())
