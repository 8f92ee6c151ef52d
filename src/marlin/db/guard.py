"""The guard: what open-source DBOS lacks, noticing that a worker died and handing its jobs to a live one.

Each worker process runs one guard thread. It keeps a heartbeat in the table ``worker`` and judges the others:

- a worker that was silent for longer than the limit has its jobs put back into their queues, and its row deleted;
- a worker of the same machine whose process is gone is treated so at once;
- jobs that claim to run on a worker without a row are put back, too (a thawed process may take jobs before it notices);
- a process whose own row is gone was declared dead while it was frozen. It ends itself at once: its jobs run elsewhere.

Silence is counted only from when it could have been broken: from the last start of the database, and from when this
guard itself was last away (a suspended laptop finds every heartbeat old). Times are the database's, never a host's.

Handing over is idempotent: DBOS puts back only jobs that still belong to the dead executor, and the row is deleted in
the transaction that surrounds this, so a guard that dies half-way leaves the work to the next one.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import select
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.db.errors import DatabaseUnavailableError, LostExecutorError
from marlin.db.models import Worker
from marlin.logging import get

EXIT_LOST = 75
"""Exit status of a process that was declared dead (EX_TEMPFAIL of sysexits.h): its supervisor starts it again."""

_log = get(__name__)

_BEAT = "UPDATE worker SET seen_at = clock_timestamp() WHERE id = %s RETURNING seen_at"
_SILENT = """
SELECT id, extract(epoch FROM clock_timestamp() - seen_at) AS silence FROM worker
WHERE id <> %(me)s
  AND clock_timestamp() - greatest(seen_at, pg_postmaster_start_time(), %(attentive_since)s) > %(limit)s
FOR UPDATE SKIP LOCKED
"""
_NEIGHBOURS = "SELECT id, pid, started FROM worker WHERE id <> %s AND machine = %s FOR UPDATE SKIP LOCKED"
_ORPHANED = """
SELECT DISTINCT executor_id FROM dbos.workflow_status
WHERE status = 'PENDING' AND executor_id IS NOT NULL AND executor_id NOT IN (SELECT id FROM worker)
"""
_DELETE = "DELETE FROM worker WHERE id = ANY(%s)"
_INSERT = """
INSERT INTO worker (id, machine, pid, started, since, seen_at)
VALUES (%s, %s, %s, %s, clock_timestamp(), clock_timestamp()) RETURNING seen_at
"""


class Guard:
    """The heartbeat of this process, and its eye on the others.

    :param url: the database.
    :param executor: this process's executor id.
    :param limit: seconds of silence after which a worker counts as dead.
    :param hand_over: puts the jobs of the executors named back into their queues; idempotent.
    :param on_lost: called in the guard's thread when this process was declared dead. It must not return.
    """

    def __init__(
        self,
        url: URL,
        executor: str,
        *,
        limit: float,
        hand_over: Callable[[list[str]], object],
        on_lost: Callable[[], object] | None = None,
    ) -> None:
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._executor = executor
        self._limit = timedelta(seconds=limit)
        self._interval = max(limit / 6, 0.1)
        self._hand_over = hand_over
        self._on_lost = on_lost or _end_process
        self._machine = machine_id()
        self._attentive_since: datetime | None = None
        self._last_beat: datetime | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="marlin-guard", daemon=True)

    def register(self) -> None:
        """Write this process's row; call it before jobs can be taken.

        :raises DatabaseUnavailableError: if the database does not answer.
        """
        try:
            with self._connect() as connection:
                row = connection.execute(
                    _INSERT, (self._executor, self._machine, os.getpid(), process_start(os.getpid()))
                ).fetchone()
                assert row is not None
                self._attentive_since = self._last_beat = row[0]
        except psycopg.OperationalError as error:
            raise DatabaseUnavailableError(f"The database is not available: {error}") from error

    def start(self) -> None:
        """Start beating and watching; call it once jobs can be handed over."""
        self._thread.start()

    def retire(self) -> None:
        """Stop, hand over what this process still holds, and take its row away."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(10)
        try:
            with self._connect() as connection:
                connection.execute("SELECT 1 FROM worker WHERE id = %s FOR UPDATE", (self._executor,))
                self._hand_over([self._executor])
                connection.execute(_DELETE, ([self._executor],))
        except psycopg.OperationalError as error:
            _log.warning("the database is away: another worker will take over after the limit", reason=str(error))

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._dsn, connect_timeout=5, options="-c timezone=UTC", application_name="marlin guard")

    def _run(self) -> None:
        connection: psycopg.Connection[Any] | None = None
        while not self._stop.wait(self._interval):
            try:
                if connection is None or connection.closed:
                    connection = self._connect()
                    connection.autocommit = True
                if not self._beat(connection):
                    self._on_lost()
                    return
                self._judge(connection)
            except psycopg.Error as error:
                _log.warning("the guard lost the database and tries again", reason=str(error).strip())
                _close(connection)
                connection = None
            except Exception:
                _log.exception("the guard could not hand over jobs and tries again")
        _close(connection)

    def _beat(self, connection: psycopg.Connection[Any]) -> bool:
        row = connection.execute(_BEAT, (self._executor,)).fetchone()
        if row is None:
            return False
        seen: datetime = row[0]
        if self._last_beat is None or seen - self._last_beat > self._limit / 2:
            self._attentive_since = seen  # we were away ourselves: what we missed is no one's silence
        self._last_beat = seen
        return True

    def _judge(self, connection: psycopg.Connection[Any]) -> None:
        with connection.transaction():
            values = {"me": self._executor, "attentive_since": self._attentive_since, "limit": self._limit}
            dead = {row[0]: f"silent for {row[1]:.1f} s" for row in connection.execute(_SILENT, values)}
            for executor, pid, started in connection.execute(_NEIGHBOURS, (self._executor, self._machine)):
                if process_start(pid) != started:
                    dead.setdefault(executor, f"process {pid} is gone")
            for (executor,) in connection.execute(_ORPHANED):
                dead.setdefault(executor, "not registered")
            if not dead:
                return
            self._hand_over(list(dead))
            connection.execute(_DELETE, (list(dead),))
        for executor, reason in dead.items():
            _log.warning("took over the jobs of a dead worker", executor=executor, reason=reason)


async def fence(session: AsyncSession, executor: str | None) -> None:
    """Make sure, within the session's transaction, that ``executor`` has not been declared dead.

    Call it before writing what only the present attempt of a job may write. The row stays locked until the commit, so
    a take-over happens before (and this raises) or after. Without an executor, outside workers, it does nothing.

    :raises LostExecutorError: if it was declared dead; its jobs run elsewhere.
    """
    if executor is None:
        return
    found = await session.scalar(select(Worker.id).where(Worker.id == executor).with_for_update(read=True))
    if found is None:
        raise LostExecutorError("This worker was declared dead, and its jobs run elsewhere.", hint="Start it again.")


def machine_id() -> str:
    """What processes share that can see each other: boot id and process-id namespace (namespaces(7))."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}/{os.readlink('/proc/self/ns/pid')}"


def process_start(pid: int) -> str:
    """Start time of a process (proc_pid_stat(5), field 22), or "" when it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def _close(connection: psycopg.Connection[Any] | None) -> None:
    if connection is not None:
        with contextlib.suppress(psycopg.Error):
            connection.close()


def _end_process() -> None:
    _log.error("this worker was declared dead while it was silent; its jobs run elsewhere, so it ends now")
    os._exit(EXIT_LOST)
