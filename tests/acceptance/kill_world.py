"""Marlins that are there to be killed: real processes, each in a data folder of its own, and what they leave behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar

import psycopg
from psycopg.rows import namedtuple_row

from marlin.accounts import Role
from marlin.cli.demo_data import prepare_demo
from marlin.db import opened
from marlin.db.guard import process_start
from marlin.sandboxes.records import Record
from marlin.settings import Settings
from marlin.visiting import Visitor

T = TypeVar("T")
MARLIN = str(Path(sys.executable).with_name("marlin"))
PATIENCE = 180.0
"""Seconds that anything may take: on a busy machine everything is slow, and none of this is a measurement."""
HEARTBEAT_LIMIT = 4.0
"""Seconds of silence after which a worker counts as dead; thirty for users, few here so that this is quick."""


class Failure(AssertionError):
    """Something was lost, repeated, or left behind."""


def until(what: str, look: Callable[[], T], *, patience: float = PATIENCE, pause: float = 0.005) -> T:
    """The first true answer of ``look``."""
    deadline = time.monotonic() + patience
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise Failure(f"waited {patience:g} s in vain: {what}")
        time.sleep(pause)


class Program:
    """One running ``marlin`` command and its log."""

    def __init__(self, name: str, arguments: list[str], env: dict[str, str], log: Path, ready: str) -> None:
        self.name = name
        self.home = Path(env["MARLIN_HOME"])
        self._arguments, self._env, self._log, self._ready = arguments, env, log, ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended, None while it runs."""
        return None if self._process is None else self._process.poll()

    @property
    def log(self) -> str:
        """What it said."""
        return self._log.read_text(errors="replace")

    def start(self) -> Program:
        """Start it (again) and wait until it is ready."""
        offset = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([MARLIN, *self._arguments], env=self._env, stdout=log, stderr=log)

        def ready() -> bool:
            if self.returncode is not None:
                raise Failure(f"{self.name} ended with {self.returncode}:\n{self.log[offset:][-3000:]}")
            return self._ready.encode() in self._log.read_bytes()[offset:]

        until(f"{self.name} to be ready", ready, pause=0.05)
        return self

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """SIGTERM twice (do not wait for jobs), and SIGKILL when that does not help."""
        if self._process is None or self._process.poll() is not None:
            return
        for number in (signal.SIGCONT, signal.SIGTERM, signal.SIGTERM):
            self._process.send_signal(number)
            time.sleep(0.1)
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def keeper(self) -> int:
        """The process that keeps its sandboxes."""
        return until(f"{self.name} to have a keeper", lambda: _child(self.pid, b"sandboxes/keeper"))


class World:
    """A place for Marlins that share one database and one durable store."""

    def __init__(self, folder: Path, *, storage: str | None = None) -> None:
        self.folder = folder
        self.storage = storage or (folder / "storage").as_uri()
        self.home = folder / "main"
        self.port = free_port()
        self.programs: list[Program] = []
        self.records: dict[str, Record] = {}
        self.seen: dict[int, str] = {}
        """Processes of sandboxes (and keepers) that were seen, with the time each started."""
        self._links: dict[Role, str] = {}

    @property
    def base_url(self) -> str:
        """Address of the main web service."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        """The embedded database of the main home."""
        return f"postgresql://postgres@/marlin?host={self.home}/postgres/run"

    def up(self, name: str = "main", *, worker: bool = True, embedded: bool = True, port: int | None = None) -> Program:
        """``marlin up`` with a data folder called ``name``."""
        arguments = ["up", "--demo", "--port", str(port or self.port), *([] if worker else ["--no-worker"])]
        return self._add(name, arguments, "Marlin is ready", embedded=embedded)

    def worker(self, name: str) -> Program:
        """``marlin worker`` with a data folder called ``name``, on the main database."""
        return self._add(name, ["worker", "--demo"], "jobs are running", embedded=False)

    def _add(self, name: str, arguments: list[str], ready: str, *, embedded: bool) -> Program:
        home = self.folder / name
        home.mkdir(mode=0o711, exist_ok=True)
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("MARLIN_", "DATABASE_URL"))}
        env = clean | {
            "MARLIN_HOME": str(home),
            "MARLIN_STORAGE_URL": self.storage,
            "MARLIN_HEARTBEAT_LIMIT": str(HEARTBEAT_LIMIT),
            "MARLIN_DRAIN_LIMIT": "1",
        }
        if not embedded:
            env["DATABASE_URL"] = self.database_url
        label = f"{arguments[0]} ({name})"
        program = Program(label, arguments, env, self.folder / f"{name}-{arguments[0]}.log", ready)
        self.programs.append(program)
        return program

    def furnish(self) -> None:
        """The demo's campaign and people; the main web service must run."""

        async def prepare() -> None:
            settings = Settings(home=self.home, port=self.port)
            async with opened(self.database_url, pool_size=2):
                self._links = (await prepare_demo(settings)).links

        asyncio.run(prepare())

    def visitor(self, *, port: int | None = None, role: Role = Role.CONTRIBUTOR) -> Visitor:
        """Somebody new at a browser."""
        return Visitor.from_link(f"http://127.0.0.1:{port or self.port}", self._links[role])

    def rows(self, query: str, *values: Any) -> list[Any]:
        """Rows of the database; asks again while it is away."""

        def ask() -> tuple[list[Any]] | None:
            try:
                with psycopg.connect(self.database_url, connect_timeout=5, row_factory=namedtuple_row) as connection:
                    return (connection.execute(query, values).fetchall(),)
            except psycopg.OperationalError:
                return None

        return until("the database to answer", ask, pause=0.1)[0]

    @contextlib.contextmanager
    def polling(self) -> Iterator[Callable[..., Any]]:
        """Ask the database quickly, over one connection: moments pass in milliseconds."""
        with psycopg.connect(self.database_url, autocommit=True, row_factory=namedtuple_row) as connection:
            yield lambda query, *values: connection.execute(query, values).fetchone()

    @property
    def postmaster(self) -> int:
        """The main process of the embedded database."""
        return int((self.home / "postgres/data/postmaster.pid").read_text().splitlines()[0])

    def note(self) -> None:
        """Remember every sandbox of this world that exists now, and its processes."""
        for program in self.programs:
            for folder in _sandboxes(program.home):
                record = Record.read(folder)
                if record is not None:
                    self.records[folder.name] = record
                    self._remember(record.owner.pid)
                    for pid in members(record):
                        self._remember(pid)

    def _remember(self, pid: int) -> None:
        self.seen[pid] = process_start(pid)

    def leftovers(self, *, living: set[int] = frozenset()) -> list[str]:  # type: ignore[assignment]
        """What dead processes left on this machine: sandbox folders, control groups, processes, mounts, loop devices.

        :param living: keepers that are meant to live.
        """
        found = [str(folder) for program in self.programs for folder in _sandboxes(program.home)]
        for record in self.records.values():
            found += [path for path in record.cgroups.values() if Path(path).exists()]
        for pid, started in self.seen.items():
            if pid not in living and started and process_start(pid) == started:
                found.append(f"process {pid}")
        here = str(self.folder)
        found += [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if f"{here}/" in line]
        for backing in Path("/sys/block").glob("loop*/loop/backing_file"):
            with contextlib.suppress(OSError):
                found += [f"{backing}: {here}"] if here in backing.read_text() else []
        return found

    def require_clean(self) -> None:
        """Nothing is left of what died. Allow for the seconds in which the living tidy up."""
        left: list[str] = []

        def clean() -> bool:
            left[:] = self.leftovers(living={_child(p.pid, b"sandboxes/keeper") or 0 for p in self._alive()})
            return not left

        try:
            until("a tidy machine", clean, patience=30, pause=0.2)
        except Failure:
            raise Failure(f"left behind: {left}") from None

    def _alive(self) -> list[Program]:
        return [program for program in self.programs if program.returncode is None and program._process is not None]

    def close(self) -> None:
        """Stop everything, the database last."""
        for program in reversed(self.programs):
            program.stop()
        with contextlib.suppress(OSError, ValueError):
            pid = self.postmaster
            if b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGINT)
                until("the database to stop", lambda: not process_start(pid), patience=30, pause=0.05)


@contextlib.contextmanager
def world(*, storage: str | None = None) -> Iterator[World]:
    """A fresh folder that PostgreSQL's own user can pass, and a world in it."""
    folder = Path(tempfile.mkdtemp(prefix="marlin-kill-", dir="/var/tmp"))
    folder.chmod(0o711)
    made = World(folder, storage=storage)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)


def members(record: Record) -> list[int]:
    """Processes in a sandbox's control group."""
    for path in record.cgroups.values():
        with contextlib.suppress(OSError):
            return [int(pid) for pid in (Path(path) / "cgroup.procs").read_text().split() if int(pid) > 0]
    return []


def send(
    pids: list[int], number: Literal[signal.Signals.SIGKILL, signal.Signals.SIGSTOP, signal.Signals.SIGCONT]
) -> None:
    """Send a signal to processes, some of which may be gone."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _sandboxes(home: Path) -> list[Path]:
    folder = home / "sandboxes"
    return [path for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []


def _child(parent: int, command: bytes) -> int | None:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent and command in (path.parent / "cmdline").read_bytes():
                return int(path.parent.name)
    return None


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
