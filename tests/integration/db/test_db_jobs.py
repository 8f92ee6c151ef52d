"""Jobs in one process: what contexts may rely on. Contract tests for the behaviour of DBOS that we build on, too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from marlin.db import (
    Database,
    JobConflictError,
    LostExecutorError,
    UnknownWorkflowError,
    jobs,
    new_id,
    transaction,
)
from marlin.settings import Settings

ran: list[tuple[str, str]] = []
gate = asyncio.Event()


@jobs.step
async def note(job_id: str, what: str) -> dict[str, str]:
    ran.append((job_id, what))
    return {"noted": what}


@jobs.step
async def wait(job_id: str) -> None:
    ran.append((job_id, "waiting"))
    try:
        await asyncio.sleep(60)
    finally:
        ran.append((job_id, "cleaned up"))


@jobs.step
async def odd(job_id: str) -> str:
    return "a\x00b\ud800"


@jobs.workflow("test.simple")
async def simple(job_id: str, payload: dict[str, Any]) -> Any:
    first, second = await asyncio.gather(note(job_id, "left"), note(job_id, "right"))
    return [payload, first, second, await odd(job_id)]


@jobs.workflow("test.waiting")
async def waiting(job_id: str, payload: dict[str, Any]) -> None:
    await wait(job_id)


@jobs.workflow("test.failing")
async def failing(job_id: str, payload: dict[str, Any]) -> None:
    raise ValueError("broken \x00 beyond repair")


@pytest.fixture
async def running(database: Database) -> AsyncIterator[None]:
    ran.clear()
    await jobs.launch(Settings(queue_poll=0.05, heartbeat_limit=3, campaign_concurrency=2, worker_concurrency=8))
    yield
    await jobs.shutdown()


async def finished(job_id: UUID, *, state: str = "done", within: float = 60) -> jobs.Job:
    async with asyncio.timeout(within):
        while True:
            job = await jobs.status(job_id)
            if job is not None and job.state == state:
                return job
            await asyncio.sleep(0.05)


async def until(condition: Any, within: float = 10) -> None:
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.02)


async def put(name: str, queue: jobs.Queue = "environments", **more: Any) -> UUID:
    job_id = new_id()
    async with transaction() as session:
        await jobs.enqueue(session, name, job_id, queue, **more)
    return job_id


async def test_a_job_runs_and_each_of_its_steps_once(running: None) -> None:
    job_id = await put("test.simple", payload={"x": [1, "\x00"]})
    job = await finished(job_id)
    assert sorted(ran) == [(str(job_id), "left"), (str(job_id), "right")]
    assert (job.workflow, job.queue, job.starts, job.executor) == (
        "test.simple",
        "environments",
        1,
        jobs.current_executor(),
    )


async def test_a_job_and_its_row_are_committed_together_or_not_at_all(database: Database, running: None) -> None:
    job_id = new_id()

    async def fail() -> None:
        async with transaction() as session:
            await jobs.enqueue(session, "test.simple", job_id, "environments")
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    await asyncio.sleep(0.3)
    assert await jobs.status(job_id) is None
    assert ran == []


async def test_the_same_id_again_is_harmless_and_with_another_workflow_refused(running: None) -> None:
    job_id = await put("test.simple", payload={"first": True})
    await finished(job_id)
    async with transaction() as session:
        await jobs.enqueue(session, "test.simple", job_id, "environments", {"first": False})
    await asyncio.sleep(0.3)
    assert len(ran) == 2

    async def other() -> None:
        async with transaction() as session:
            await jobs.enqueue(session, "test.waiting", job_id, "environments")

    with pytest.raises(JobConflictError):
        await other()


async def test_an_unknown_workflow_and_a_missing_partition_are_refused(database: Database) -> None:
    async with transaction() as session:
        with pytest.raises(UnknownWorkflowError, match=r"test\.nothing"):
            await jobs.enqueue(session, "test.nothing", new_id(), "environments")
        with pytest.raises(UnknownWorkflowError, match="partition"):
            await jobs.enqueue(session, "test.simple", new_id(), "turns")


async def test_a_cancelled_job_stops_and_its_step_cleans_up(running: None) -> None:
    job_id = await put("test.waiting")
    await until(lambda: (str(job_id), "waiting") in ran)
    await jobs.cancel(job_id)
    await until(lambda: (str(job_id), "cleaned up") in ran)
    assert (await finished(job_id, state="cancelled")).state == "cancelled"


async def test_a_cancelled_job_that_is_queued_never_runs(database: Database) -> None:
    ran.clear()
    job_id = await put("test.simple")
    await jobs.cancel(job_id)
    await jobs.cancel(new_id())  # unknown: left alone
    await jobs.launch(Settings(queue_poll=0.05, heartbeat_limit=3))
    await asyncio.sleep(0.4)
    await jobs.shutdown()
    assert ran == []


async def test_a_failed_job_tells_why(running: None) -> None:
    job = await finished(await put("test.failing"), state="failed")
    assert "broken \ufffd beyond repair" in (job.error or "")
    assert [one.id for one in await jobs.list_jobs(states=["failed"])] == [job.id]
    assert await jobs.list_jobs(states=["running", "queued"]) == []


async def test_the_limit_of_a_campaign_holds_and_leaves_others_alone(running: None) -> None:
    first = [await put("test.waiting", "turns", partition="first") for _ in range(4)]
    second = await put("test.waiting", "turns", partition="second")
    await until(lambda: (str(second), "waiting") in ran)
    await until(lambda: len(ran) == 3)
    await asyncio.sleep(0.3)
    assert len(ran) == 3
    started = [job_id for job_id in first if (str(job_id), "waiting") in ran]
    await jobs.cancel(started[0])
    await until(lambda: sum(what == "waiting" for _, what in ran) == 4)
    assert len(await jobs.list_jobs(states=["running"], queue="turns")) == 3


async def test_shutdown_lets_jobs_finish_or_hands_them_over(database: Database) -> None:
    ran.clear()
    settings = Settings(queue_poll=0.05, heartbeat_limit=3)
    await jobs.launch(settings)
    first = jobs.current_executor()
    job_id = await put("test.waiting")
    await until(lambda: (str(job_id), "waiting") in ran)
    await jobs.shutdown(drain=0.2)
    assert (str(job_id), "cleaned up") in ran
    job = await jobs.status(job_id)
    assert job is not None
    assert job.state == "queued"
    async with transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM worker")) == 0
    await jobs.launch(settings)
    await until(lambda: sum(what == "waiting" for _, what in ran) == 2)
    job = await jobs.status(job_id)
    assert job is not None
    assert (job.state, job.starts) == ("running", 2)
    assert job.executor == jobs.current_executor() != first
    await jobs.shutdown()


async def test_finished_jobs_are_forgotten_and_others_kept(running: None) -> None:
    done, busy = await put("test.simple"), await put("test.waiting")
    await finished(done)
    assert await jobs.prune(timedelta(days=1)) == 0
    await asyncio.sleep(0.01)
    assert await jobs.prune(timedelta(0)) == 1
    assert await jobs.status(done) is None
    assert await jobs.status(busy) is not None


async def test_writes_of_a_worker_that_was_declared_dead_are_fenced_off(database: Database) -> None:
    async with transaction() as session:
        await jobs.fence(session)  # no worker here: nothing to check
    await jobs.launch(Settings(queue_poll=0.05, heartbeat_limit=60))
    async with transaction() as session:
        await jobs.fence(session)
    async with transaction() as session:
        await session.execute(text("DELETE FROM worker"))

    async def write() -> None:
        async with transaction() as session:
            await jobs.fence(session)

    with pytest.raises(LostExecutorError):
        await write()
    await jobs.shutdown()


async def test_handing_over_is_idempotent_and_leaves_other_executors_alone(database: Database) -> None:
    """The contract of DBOS's private ``_recover_pending_workflows``, which the guard stands on."""
    from dbos import DBOS

    ran.clear()
    await jobs.launch(Settings(queue_poll=0.05, heartbeat_limit=60))
    job_id = await put("test.waiting")
    await until(lambda: (str(job_id), "waiting") in ran)
    assert await asyncio.to_thread(DBOS._recover_pending_workflows, ["someone-else"]) == []
    job = await jobs.status(job_id)
    assert job is not None
    assert (job.state, job.starts) == ("running", 1)

    async with transaction() as session:  # as if a worker that is gone had held it
        await session.execute(text("UPDATE dbos.workflow_status SET executor_id = 'gone'"))
    assert len(await asyncio.to_thread(DBOS._recover_pending_workflows, ["gone"])) == 1
    assert await asyncio.to_thread(DBOS._recover_pending_workflows, ["gone"]) == []
    await until(lambda: sum(what == "waiting" for _, what in ran) == 2)
    job = await jobs.status(job_id)
    assert job is not None
    assert (job.queue, job.starts, job.executor) == ("environments", 2, jobs.current_executor())
    await jobs.shutdown()


async def test_an_idle_worker_hardly_looks_and_is_told_of_a_job(database: Database) -> None:
    ran.clear()
    await jobs.launch(Settings(queue_poll=0.05, heartbeat_limit=60), idle=3600)
    try:
        await asyncio.sleep(1)  # every queue's thread has had its first look, and waits for an hour now
        for number in range(3):  # the second and third come right after one has ended, or while one runs
            job_id = new_id()
            async with transaction() as session:
                await jobs.enqueue(session, "test.simple", job_id, "environments", {"n": number})
            await finished(job_id)
    finally:
        await jobs.shutdown()


async def test_a_job_that_waits_for_room_begins_when_there_is_some(database: Database) -> None:
    ran.clear()
    await jobs.launch(Settings(queue_poll=0.05, heartbeat_limit=60, campaign_concurrency=1), idle=3600)
    try:
        ids = [new_id() for _ in range(4)]
        async with transaction() as session:
            for job_id in ids:
                await jobs.enqueue(session, "test.simple", job_id, "turns", {}, partition="campaign")
        for job_id in ids:
            await finished(job_id)
    finally:
        await jobs.shutdown()
