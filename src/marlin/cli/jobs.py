"""``marlin jobs``: look at the queue."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Column, Table

from marlin.cli.columns import folded, whole
from marlin.db import jobs, opened
from marlin.db.hosting import database
from marlin.errors import InvalidInputError, NotFoundError
from marlin.settings import get_settings

app = typer.Typer(no_args_is_help=True, help="Jobs: list what is queued, running and done; cancel.")
T = TypeVar("T")
_STATES: tuple[jobs.State, ...] = ("queued", "running", "done", "failed", "cancelled", "abandoned")


@app.command("list")
def list_(
    state: Annotated[list[str] | None, typer.Option(help=f"Only these: {', '.join(_STATES)}.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most this many, the newest first.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, one object per job.")] = False,
) -> None:
    """List jobs, the newest first."""
    unknown = sorted(set(state or ()) - set(_STATES))
    if unknown:
        raise InvalidInputError(f"There is no state {unknown[0]!r}.", hint=f"Known are: {', '.join(_STATES)}.")
    wanted = [known for known in _STATES if known in (state or ())]
    found = _on_database(lambda: jobs.list_jobs(states=wanted, limit=limit))
    if as_json:
        for job in found:
            typer.echo(json.dumps(asdict(job), default=str))
        return
    created = Column("created", min_width=len("2026-11-27"))
    others = map(folded, ("workflow", "queue", "state", "starts", "error"))
    table = Table(created, whole("id"), *others, box=None, pad_edge=False)
    for job in found:
        at = job.created_at.strftime("%Y-%m-%d %H:%M:%S")
        queue = f"{job.queue or ''}/{job.partition}" if job.partition else job.queue
        table.add_row(at, job.id, job.workflow, queue, job.state, str(job.starts), (job.error or "")[:80])
    Console().print(table if found else "There are no jobs.")


@app.command()
def cancel(job_id: Annotated[str, typer.Argument(help="Its id, as `marlin jobs list` shows it.")]) -> None:
    """Cancel a job that is queued or running. Stop turns in the web pages instead: they record who stopped them."""

    async def work() -> jobs.Job | None:
        await jobs.cancel(job_id)
        return await jobs.status(job_id)

    job = _on_database(work)
    if job is None:
        raise NotFoundError(f"There is no job {job_id}.", hint="`marlin jobs list` shows what there is.")
    typer.echo(f"{job.id}: {job.state}")


def _on_database(work: Callable[[], Awaitable[T]]) -> T:
    async def run() -> T:
        async with database(get_settings()) as settings:
            assert settings.database_url is not None
            async with opened(settings.database_url, pool_size=1):
                try:
                    return await work()
                finally:
                    jobs.close_clients()

    return asyncio.run(run())
