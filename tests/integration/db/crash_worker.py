"""A worker process for the kill tests: ``python crash_worker.py DATABASE_URL HEARTBEAT_LIMIT``. Ends on SIGTERM."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

from sqlalchemy import text

from marlin import logging
from marlin.db import jobs, opened, transaction
from marlin.settings import Settings

TABLE = "CREATE TABLE note (at timestamptz DEFAULT clock_timestamp(), job text, what text, pid int)"


async def note(job_id: str, what: str) -> None:
    async with transaction() as session:
        await session.execute(
            text("INSERT INTO note (job, what, pid) VALUES (:job, :what, :pid)"),
            {"job": job_id, "what": what, "pid": os.getpid()},
        )
        await jobs.fence(session)


@jobs.step
async def first(job_id: str) -> str:
    await note(job_id, "first")
    return "done once"


@jobs.step
async def slow(job_id: str, seconds: float) -> None:
    await note(job_id, "begun")
    async with transaction() as session:
        attempts = await session.scalar(
            text("SELECT count(*) FROM note WHERE job = :job AND what = 'begun'"), {"job": job_id}
        )
    if attempts == 1:  # the first attempt is the one to be killed; later ones are quick
        await asyncio.sleep(seconds)
    await note(job_id, "ended")


@jobs.workflow("crash.work")
async def work(job_id: str, payload: dict[str, Any]) -> str:
    before = await first(job_id)
    await slow(job_id, payload["seconds"])
    return before


async def main(url: str, limit: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with opened(url):
        await jobs.launch(
            Settings(heartbeat_limit=limit, queue_poll=0.1, worker_concurrency=8, campaign_concurrency=50)
        )
        print("running", flush=True)
        await stop.wait()
        await jobs.shutdown()


if __name__ == "__main__":
    logging.configure(level="WARNING", as_json=True)
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
