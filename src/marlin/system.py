"""HTTP for operators: how the installation is doing. Part of the assembly, because it looks at everything."""

from __future__ import annotations

import asyncio
import shutil
from datetime import datetime
from pathlib import Path

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import select, text

from marlin import __version__
from marlin.accounts.guards import Operator
from marlin.db import Worker, jobs
from marlin.http.sessions import Session
from marlin.sandboxes import open_backend

router = APIRouter(prefix="/system", tags=["operators"])


class WorkerOut(BaseModel):
    """A process that runs jobs."""

    id: str
    host: str
    """Short name of the machine's boot, the same for workers that share one, and the process id."""
    last_seen: datetime
    queues: list[str]


class JobsOut(BaseModel):
    queued: int
    running: int
    failed: int


class HostCheckOut(BaseModel):
    name: str
    ok: bool
    detail: str
    fix: str | None
    required: bool


class DiskOut(BaseModel):
    """The disk that holds MARLIN_HOME, in bytes."""

    total: int
    free: int


class SystemOut(BaseModel):
    """What an operator wants to know at a glance."""

    version: str
    database: str
    workers: list[WorkerOut]
    jobs: JobsOut
    host_checks: list[HostCheckOut]
    disk: DiskOut


@router.get("")
async def system(request: Request, session: Session, person: Operator) -> SystemOut:
    """Version, database, workers, the queue, what this machine can isolate, and room on its disk."""
    home: Path = request.app.state.settings.home
    found = (await session.scalars(select(Worker).order_by(Worker.since))).all()
    server = await session.scalar(text("SHOW server_version"))
    counts = {state: len(await jobs.list_jobs(states=[state], limit=1000)) for state in _COUNTED}
    backend = open_backend(home)
    disk = await asyncio.to_thread(_disk, home)
    return SystemOut(
        version=__version__,
        database=f"PostgreSQL {server}",
        workers=[
            WorkerOut(
                id=worker.id,
                host=f"{worker.machine[:8]}, process {worker.pid}",
                last_seen=worker.seen_at,
                queues=list(jobs.QUEUES),
            )
            for worker in found
        ],
        jobs=JobsOut(**counts),
        host_checks=[
            HostCheckOut(name=check.name, ok=check.ok, detail=check.detail, fix=check.fix, required=check.required)
            for check in await backend.check_host()
        ],
        disk=disk,
    )


def _disk(home: Path) -> DiskOut:
    """Room on the disk that holds ``home``, or will."""
    usage = shutil.disk_usage(next(folder for folder in (home, *home.parents) if folder.exists()))
    return DiskOut(total=usage.total, free=usage.free)


_COUNTED: tuple[jobs.State, ...] = ("queued", "running", "failed")
