"""A worker that keeps terminals, in a process of its own that a test can kill: ``DATABASE_URL HOME`` on the way in."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from marlin.db import opened
from marlin.settings import Settings
from marlin.worker import working


async def main() -> None:
    url, home = sys.argv[1:]
    settings = Settings(database_url=url, home=Path(home), queue_poll=0.05, heartbeat_limit=2)
    async with opened(url), working(settings, demo=True):
        print("ready", flush=True)
        await asyncio.Event().wait()


asyncio.run(main())
