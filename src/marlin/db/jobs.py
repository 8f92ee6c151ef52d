"""Durable jobs, by DBOS Transact on Marlin's own database. DBOS is imported here and in ``job_*`` alone.

A job is a workflow: an asynchronous function ``(id, payload)`` that calls steps. A step that has finished is never
repeated; what was in progress when its worker died starts again, on whichever worker takes the job over. So the body of
a workflow calls steps and nothing else that matters, and a step first clears away what an earlier attempt left.

A row and its job are committed in one transaction::

    session.add(turn)
    await jobs.enqueue(session, "comparisons.run_turn", turn.id, queue="turns", payload={}, partition=str(campaign_id))

Results and payloads are JSON (never pickle): they can be read by anything, and survive a change of code.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, ParamSpec, TypeVar, cast
from uuid import UUID

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions, StepOptions
from dbos import error as dbos_errors
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.db import guard, pacing
from marlin.db.engine import current_database
from marlin.db.errors import DatabaseUnavailableError, JobConflictError, UnknownWorkflowError
from marlin.db.ids import new_id
from marlin.db.job_queues import APPLICATION, QUEUES, Queue, register_queues
from marlin.db.job_records import FINISHED, STATES, Job, State, job_record
from marlin.db.types import clean_json, clean_text
from marlin.logging import get
from marlin.settings import Settings

__all__ = [
    "QUEUES",
    "Job",
    "JobCancelledError",
    "Queue",
    "State",
    "cancel",
    "close_clients",
    "current_executor",
    "enqueue",
    "fence",
    "launch",
    "list_jobs",
    "migrate",
    "prune",
    "shutdown",
    "status",
    "step",
    "workflow",
]

P = ParamSpec("P")
R = TypeVar("R")
WorkflowFunction = Callable[[str, dict[str, Any]], Awaitable[Any]]

JobCancelledError = dbos_errors.DBOSWorkflowCancelledError
"""Raised out of a step, as a BaseException, when its job was cancelled. Clean up, do not swallow it."""

_VERSION = "marlin-1"  # constant: a worker of the next release goes on with the jobs of this one
_TELL = text("SELECT pg_notify(:channel, :queue)")
_log = get(__name__)


class _Runtime:
    """What a process that runs jobs holds."""

    def __init__(self, dbos: DBOS, watcher: guard.Guard, executor: str, idle: float) -> None:
        self.dbos = dbos
        self.guard = watcher
        self.executor = executor
        self.running: dict[str, asyncio.Task[Any]] = {}
        self.ended = 0.0
        self.pace = pacing.Pace(busy=self.is_busy, idle=idle)
        for event in dbos.background_thread_stop_events:  # the threads of the queues wait on one of them
            self.pace.govern(event)
        self.listening = asyncio.create_task(pacing.listen(current_database().url, self.pace), name="marlin-jobs")

    def is_busy(self) -> bool:
        """Whether jobs run, or ended so lately that the engine may not have noted it: then the next may have room."""
        return bool(self.running) or time.monotonic() - self.ended < 2.0


_workflows: dict[str, WorkflowFunction] = {}
_clients: dict[URL, DBOSClient] = {}
_runtime: _Runtime | None = None


def workflow(name: str) -> Callable[[WorkflowFunction], WorkflowFunction]:
    """Register an asynchronous function ``(id, payload)`` as the workflow ``name`` (``"<context>.<verb>"``).

    :raises ValueError: if the name is taken.
    """

    def register(function: WorkflowFunction) -> WorkflowFunction:
        known = _workflows.get(name)
        if known is not None and (known.__module__, known.__qualname__) != (function.__module__, function.__qualname__):
            raise ValueError(f"the workflow {name} is registered by {known.__module__}.{known.__qualname__}")
        _workflows[name] = function
        return function

    return register


def step(function: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Make an asynchronous function a step: called by a workflow it runs to its end once, and its result is kept.

    The result must be JSON. Steps may run side by side (``asyncio.gather(a(), b())``): a step's place in the workflow
    is drawn when it is called. A cancelled job cancels the steps in progress (``asyncio.CancelledError`` inside, within
    about a second). A step that fails because the database is away is repeated until it is back. Any other exception
    is kept as the step's outcome and, after a recovery, raised again as another type with the same text: expected
    failures are better returned. Called outside a workflow, or by another step, it is an ordinary function.
    """
    options: StepOptions = {
        "name": f"{function.__module__}.{function.__qualname__}",
        "preemptible": True,
        "retries_allowed": True,
        "should_retry": _is_database_away,
        "max_attempts": 30,
        "interval_seconds": 0.5,
        "backoff_rate": 1.3,
    }

    @functools.wraps(function)
    async def storable(*args: P.args, **kwargs: P.kwargs) -> Any:
        return await _storable(function(*args, **kwargs))

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, R]:
        if DBOS.workflow_id is None or DBOS.step_id is not None:
            return function(*args, **kwargs)
        reservation = DBOS.reserve_step()
        return cast("Coroutine[Any, Any, R]", reservation.run_async(options, storable, *args, **kwargs))

    return call


async def enqueue(
    session: AsyncSession,
    workflow: str,
    job_id: UUID | str,
    queue: Queue,
    payload: Mapping[str, Any] | None = None,
    partition: str | None = None,
    *,
    delay: float | None = None,
) -> None:
    """Put a job into a queue within the session's transaction: it exists if and when that commits.

    :param job_id: the job's id, e.g. the turn's. A job with this id that exists already is left alone.
    :param partition: what the queue's limit is counted by; ``turns`` needs it (the campaign).
    :param delay: seconds before which it is not started.
    :raises UnknownWorkflowError: if no imported module registered ``workflow``.
    :raises JobConflictError: if the id is taken by a job of another workflow.
    """
    if workflow not in _workflows:
        raise UnknownWorkflowError(f"There is no workflow {workflow!r}.", hint=f"Known are: {', '.join(_workflows)}.")
    if (queue == "turns") != (partition is not None):
        raise UnknownWorkflowError(f"The queue {queue} {'needs a' if queue == 'turns' else 'has no'} partition.")
    options: EnqueueOptions = {"workflow_name": workflow, "queue_name": queue, "workflow_id": str(job_id)}
    if partition is not None:
        options["queue_partition_key"] = partition
    if delay is not None:
        options["delay_seconds"] = delay
    connection = await session.connection()
    client = _client(connection.engine.url)
    arguments = (str(job_id), clean_json(dict(payload or {})))
    try:
        await connection.run_sync(lambda sync: client.enqueue_in_transaction(sync, options, *arguments))
    except dbos_errors.DBOSConflictingWorkflowError as error:
        raise JobConflictError(f"The id {job_id} belongs to another job: {error.message}") from error
    await connection.execute(_TELL, {"channel": pacing.CHANNEL, "queue": queue})


async def cancel(job_id: UUID | str) -> None:
    """Cancel a job that is queued or running; one that has finished, or does not exist, is left alone.

    Its steps in progress are cancelled within about a second, on whichever worker they run.
    """
    await asyncio.to_thread(_client().cancel_workflow, str(job_id), cancel_children=True)


async def status(job_id: UUID | str) -> Job | None:
    """The job with this id, or None. Finished jobs are forgotten after a while (see :func:`prune`)."""
    found = await asyncio.to_thread(
        _client().list_workflows, workflow_ids=[str(job_id)], load_input=False, load_output=True
    )
    return job_record(found[0]) if found else None


async def list_jobs(*, states: Sequence[State] = (), queue: Queue | None = None, limit: int = 100) -> list[Job]:
    """The newest jobs, of these states if any are named."""
    wanted = [name for name, state in STATES.items() if state in states] or None
    found = await asyncio.to_thread(
        _client().list_workflows, status=wanted, queue_name=queue, limit=limit, sort_desc=True, load_input=False
    )
    return [job_record(one) for one in found]


async def prune(older_than: timedelta) -> int:
    """Forget jobs that finished longer ago than this.

    :returns: how many.
    """
    before = (datetime.now(UTC) - older_than).isoformat()
    total = 0
    while True:
        found = await asyncio.to_thread(
            functools.partial(
                _client().list_workflows,
                status=FINISHED,
                completed_before=before,
                limit=500,
                load_input=False,
                load_output=False,
            )
        )
        if not found:
            return total
        await asyncio.to_thread(_client().delete_workflows, [one.workflow_id for one in found])
        total += len(found)


def current_executor() -> str | None:
    """The executor id of this process, if it runs jobs. Contexts note it with an attempt."""
    return _runtime.executor if _runtime else None


async def fence(session: AsyncSession) -> None:
    """Make sure, within this transaction, that this worker was not declared dead; see :func:`marlin.db.guard.fence`."""
    await guard.fence(session, current_executor())


def migrate(url: URL) -> None:
    """Create or update the job engine's tables (schema ``dbos``)."""
    _quiet()
    DBOS.migrate(url.render_as_string(hide_password=False))


async def launch(settings: Settings, *, listen: Sequence[Queue] = QUEUES, idle: float = pacing.IDLE) -> None:
    """Start to run jobs of these queues in this process and event loop, on the process's database.

    :param idle: seconds between two looks into a queue while there is nothing to do.
    :raises DatabaseUnavailableError: if the database does not answer.
    """
    global _runtime
    if _runtime is not None:
        raise RuntimeError("jobs are running in this process already")
    _quiet()
    database = current_database()
    await database.ping()  # DBOS would wait for it silently, and block the loop
    executor = str(new_id())
    await asyncio.to_thread(register_queues, _client(database.url), settings)
    for name, function in _workflows.items():
        DBOS.workflow(name=name)(_runner(function))
    dbos = DBOS(
        config={
            "name": APPLICATION,
            "system_database_url": database.url.render_as_string(hide_password=False),
            "application_version": _VERSION,
            "executor_id": executor,
            "serializer": DBOSPortableJSONSerializer(),
            "sys_db_pool_size": 8,
            "notification_coalesce_sec": 0.25,  # of messages between jobs, which Marlin's don't send
            "max_executor_threads": 64,
            "log_level": "WARNING",
            "run_migrations": False,
            "enable_otlp": False,
        }
    )

    def hand_over(executors: list[str]) -> None:
        DBOS._recover_pending_workflows(executors)
        if _runtime is not None:
            _runtime.pace.look()

    watcher = guard.Guard(database.url, executor, limit=settings.heartbeat_limit, hand_over=hand_over)
    await asyncio.to_thread(watcher.register)
    DBOS.listen_queues(list(listen))
    DBOS.launch()  # on this thread: DBOS adopts the loop that runs in it, and no job begins before the next await
    _runtime = _Runtime(dbos, watcher, executor, idle)
    watcher.start()
    _log.info("jobs are running", executor=executor, queues=list(listen))


async def shutdown(*, drain: float = 0.0, hurry: asyncio.Event | None = None) -> None:
    """Stop to run jobs: take no new ones, give those in progress ``drain`` seconds, then hand them to other workers.

    :param hurry: set it to end the wait early.
    """
    global _runtime
    runtime = _runtime
    if runtime is None:
        return
    for event in runtime.dbos.background_thread_stop_events:
        event.set()
    runtime.listening.cancel()
    await asyncio.gather(runtime.listening, return_exceptions=True)
    tasks = set(runtime.running.values())
    if tasks and drain > 0:
        _log.info("waiting for jobs in progress", jobs=sorted(runtime.running), seconds=drain)
        await _drain(tasks, drain, hurry or asyncio.Event())
    tasks = {task for task in runtime.running.values() if not task.done()}
    logging.getLogger("dbos").setLevel("ERROR")  # it warns of every step that is cancelled here on purpose
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=30)
    await asyncio.to_thread(runtime.guard.retire)
    await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
    # DBOS had made its own threads the loop's; they are gone now, and asyncio.to_thread needs some
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(thread_name_prefix="asyncio"))
    _runtime = None
    _log.info("jobs are stopped", handed_over=len(tasks))


async def _drain(tasks: set[asyncio.Task[Any]], seconds: float, hurry: asyncio.Event) -> None:
    finished = asyncio.ensure_future(asyncio.wait(tasks))
    hurried = asyncio.ensure_future(hurry.wait())
    await asyncio.wait({finished, hurried}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for waiting in (finished, hurried):
        waiting.cancel()
    await asyncio.gather(finished, hurried, return_exceptions=True)


def close_clients() -> None:
    """Close the connections that :func:`status`, :func:`cancel` and the like hold."""
    for client in _clients.values():
        client.destroy()
    _clients.clear()


def _runner(function: WorkflowFunction) -> Callable[[str, dict[str, Any]], Coroutine[Any, Any, Any]]:
    @functools.wraps(function)
    async def run(job_id: str, payload: dict[str, Any]) -> Any:
        runtime, task = _runtime, asyncio.current_task()
        assert runtime is not None
        assert task is not None
        runtime.running[job_id] = task
        try:
            return await _storable(function(job_id, payload))
        finally:
            if runtime.running.get(job_id) is task:
                del runtime.running[job_id]
                runtime.ended = time.monotonic()

    return run


async def _storable(work: Awaitable[Any]) -> Any:
    """The result of ``work`` as JSON that PostgreSQL can store; likewise the text of its exception."""
    try:
        return clean_json(await work)
    except Exception as error:
        said = str(error)
        if clean_text(said) == said:
            raise
        raise RuntimeError(f"{type(error).__name__}: {clean_text(said)}") from error


def _is_database_away(error: BaseException) -> bool:
    return isinstance(error, DatabaseUnavailableError)


def _client(url: URL | None = None) -> DBOSClient:
    """A client on the database at ``url`` (default: the process's). It connects when it first asks something itself."""
    url = url or current_database().url
    if url not in _clients:
        _quiet()
        _clients[url] = DBOSClient(
            system_database_url=url.render_as_string(hide_password=False),
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            system_database_pool_size=2,
            lazy=True,
            retry_connection_errors=False,
        )
    return _clients[url]


def _quiet() -> None:
    """Let DBOS log through Marlin's handlers, warnings and worse only; it would install its own handler otherwise."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.propagate = True
    logger.setLevel("WARNING")
