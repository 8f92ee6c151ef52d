"""The kill matrix of the engine: a worker killed, frozen, the database killed, everything killed. All of it for real.

Whatever dies, every job finishes, what had finished is not repeated, and a process that was declared dead writes no
more.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import crash_worker  # registers the workflow here, too, so that this process may enqueue it
import psycopg
import pytest
from sqlalchemy import text

from marlin.db import Database, DatabaseUnavailableError, EmbeddedPostgres, jobs, new_id, transaction, use_database
from marlin.db.engine import parse_url
from marlin.db.guard import EXIT_LOST
from marlin.db.migrating import upgrade

LIMIT = 3.0
"""Seconds of silence; thirty for users, few here so that the tests are quick."""
PATIENCE = 90.0
"""Seconds the tests wait: on a busy machine everything is slow, and none of this is a measurement."""

OWN_PIDS = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL"]
"""Runs a worker as if on another machine: the others can't see its process, only its heartbeat."""


class Workers:
    """Worker processes of one test."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.all: list[subprocess.Popen[str]] = []

    def start(self, *, elsewhere: bool = False) -> subprocess.Popen[str]:
        command = [sys.executable, crash_worker.__file__, self._url, str(LIMIT)]
        worker = subprocess.Popen([*(OWN_PIDS if elsewhere else []), *command], stdout=subprocess.PIPE, text=True)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "running\n"
        self.all.append(worker)
        return worker

    def kill(self) -> None:
        for worker in self.all:
            worker.send_signal(signal.SIGCONT)
            worker.kill()
            worker.wait()
            assert worker.stdout is not None
            worker.stdout.close()
        self.all.clear()


@pytest.fixture
async def workers(database: Database, database_url: str) -> AsyncIterator[Workers]:
    await make_table()
    made = Workers(database_url)
    yield made
    made.kill()


async def make_table() -> None:
    async with transaction() as session:
        await session.execute(text(crash_worker.TABLE))


async def put(seconds: float, count: int = 1) -> list[UUID]:
    """Jobs whose first attempt takes this long; later attempts are quick."""
    made = [new_id() for _ in range(count)]
    async with transaction() as session:
        for job_id in made:
            await jobs.enqueue(session, "crash.work", job_id, "turns", {"seconds": seconds}, partition="campaign")
    return made


async def notes(what: str) -> list[tuple[str, int]]:
    """Job and process of each note of this kind; none while the database is away."""
    try:
        async with transaction() as session:
            rows = await session.execute(
                text("SELECT job, pid FROM note WHERE what = :what ORDER BY at"), {"what": what}
            )
            return [(row.job, row.pid) for row in rows]
    except DatabaseUnavailableError:
        return []


async def noted(what: str, count: int) -> list[tuple[str, int]]:
    async with asyncio.timeout(PATIENCE):
        while len(found := await notes(what)) < count:
            await asyncio.sleep(0.05)
    return found


async def done(made: list[UUID]) -> None:
    async with asyncio.timeout(PATIENCE):
        for job_id in made:
            while (job := await jobs.status(job_id)) is None or job.state != "done":
                assert job is None or job.state in ("queued", "running"), job
                await asyncio.sleep(0.1)


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same machine", "another machine"])
async def test_jobs_of_a_worker_that_was_killed_run_on_another_one(workers: Workers, elsewhere: bool) -> None:
    victim = workers.start(elsewhere=elsewhere)
    made = await put(300.0, count=3)
    begun = await noted("begun", 3)
    workers.start()
    victim.kill()
    await done(made)
    assert Counter(job for job, _ in await notes("first")) == {str(job_id): 1 for job_id in made}
    assert Counter(job for job, _ in await notes("ended")) == {str(job_id): 1 for job_id in made}
    again = (await notes("begun"))[3:]
    assert len(again) == 3
    assert {pid for _, pid in again}.isdisjoint({pid for _, pid in begun})


async def test_a_frozen_worker_is_replaced_and_ends_itself_when_thawed(workers: Workers) -> None:
    frozen = workers.start()
    made = await put(5.0)
    await noted("begun", 1)
    frozen.send_signal(signal.SIGSTOP)
    other = workers.start()
    await done(made)
    frozen.send_signal(signal.SIGCONT)
    assert await asyncio.to_thread(frozen.wait, PATIENCE) == EXIT_LOST
    assert other.poll() is None
    assert len(await notes("first")) == 1
    assert [pid for _, pid in await notes("ended")] == [other.pid]
    job = await jobs.status(made[0])
    assert job is not None
    assert job.starts == 2


async def test_a_worker_that_is_told_to_stop_hands_its_jobs_over_at_once(workers: Workers) -> None:
    leaving = workers.start(elsewhere=False)
    made = await put(300.0)
    await noted("begun", 1)
    staying = workers.start()
    leaving.terminate()
    assert await asyncio.to_thread(leaving.wait, PATIENCE) == 0
    await done(made)
    assert [pid for _, pid in await notes("ended")] == [staying.pid]


@pytest.fixture(scope="module")
def own_server() -> Iterator[EmbeddedPostgres]:
    """A server of this module alone, which may be killed; with fsync, as users have it."""
    folder = Path(tempfile.mkdtemp(prefix="marlin-kill-"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    upgrade(parse_url(server.url()))
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
async def doomed(own_server: EmbeddedPostgres) -> AsyncIterator[Workers]:
    """Workers on a database whose server will be killed."""
    name = f"kill_{new_id().hex}"
    with psycopg.connect(own_server.url("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE marlin')  # type: ignore[call-overload]
    database = Database(own_server.url(name), pool_size=3)
    use_database(database)
    await make_table()
    made = Workers(own_server.url(name))
    yield made
    made.kill()
    use_database(None)
    jobs.close_clients()
    await database.close()


async def kill(server: EmbeddedPostgres) -> None:
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while server.pid is not None:
        await asyncio.sleep(0.01)


async def test_workers_survive_the_death_of_the_database(doomed: Workers, own_server: EmbeddedPostgres) -> None:
    doomed.start()
    doomed.start(elsewhere=True)
    made = await put(4.0, count=6)
    await noted("begun", 6)
    await kill(own_server)
    await asyncio.sleep(LIMIT + 1)  # away for longer than anybody may be silent, and nobody is declared dead for it
    await asyncio.to_thread(own_server.ensure)
    await done(made)
    assert Counter(job for job, _ in await notes("first")) == {str(job_id): 1 for job_id in made}
    assert Counter(job for job, _ in await notes("ended")) == {str(job_id): 1 for job_id in made}
    more = await put(0.0, count=2)
    await done(more)
    assert [worker.poll() for worker in doomed.all] == [None, None]


async def test_everything_is_killed_and_started_again(doomed: Workers, own_server: EmbeddedPostgres) -> None:
    doomed.start()
    doomed.start()
    made = await put(300.0, count=8)
    await noted("begun", 8)
    queued = await put(0.0, count=20)
    await kill(own_server)
    doomed.kill()
    await asyncio.to_thread(own_server.ensure)
    doomed.start()
    await done([*made, *queued])
    assert Counter(job for job, _ in await notes("first")) == {str(job_id): 1 for job_id in (*made, *queued)}
    assert {job for job, _ in await notes("ended")} == {str(job_id) for job_id in (*made, *queued)}
