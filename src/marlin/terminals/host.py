"""The worker's side of terminals: it opens the copies, keeps the shells, and takes the web services' connections.

A terminal is a row and a job. The job opens a fresh sandbox on the sealed layers of the result (so the result itself
can't change), notes in the row where this worker listens, and stays until the shell ends. A web service that wants to
reach it writes the hash of a ticket into the row and presents the ticket here: what can't read and write the database
can't open a terminal, and what reads it finds nothing to open one with.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from uuid import UUID

from marlin import comparisons, tasks
from marlin.db import DatabaseUnavailableError, LostExecutorError, jobs, now, transaction
from marlin.errors import MarlinError, UnavailableError
from marlin.logging import get
from marlin.sandboxes import HOME, WORKSPACE, Mount, Sandbox, SandboxGoneError
from marlin.settings import Settings
from marlin.tasks import Environment, Workbench
from marlin.terminals import queries, service
from marlin.terminals.frames import read_frame
from marlin.terminals.live import Ending, LiveTerminal, while_open
from marlin.terminals.models import Terminal

HELLO_SECONDS = 5.0
STRANGERS = 64
"""Connections that have not yet shown a ticket, at a time."""

ONE_TIME = 20_000
"""Most files and folders that get one time."""

BASE_GIT = PurePosixPath("/opt/marlin/base.git")
"""Where the base's own repository is mounted."""

_EVERYWHERE = ("", "0.0.0.0", "::", "*")  # noqa: S104 (refused)

SHELL = ("sh", "-c", "if command -v bash >/dev/null; then exec bash -i; else exec sh -i; fi")
_log = get(__name__)


@dataclass(frozen=True, slots=True)
class _Work:
    terminal: Terminal
    environment: Environment
    result: comparisons.SideResult


class TerminalHost:
    """All terminals of one worker."""

    def __init__(self, settings: Settings, bench: Workbench) -> None:
        self._settings = settings
        self._bench = bench
        self._live: dict[UUID, LiveTerminal] = {}
        self._ended: dict[UUID, Ending] = {}
        self._strangers = 0
        self._server: asyncio.Server | None = None
        self._stopping = False

    @property
    def address(self) -> str:
        """Where web services reach this worker."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return f"{self._settings.terminal_host}:{port}"

    async def open(self) -> None:
        """Begin to listen.

        :raises UnavailableError: the address is not this machine's, is taken, or names no single address.
        """
        host, port = self._settings.terminal_host, self._settings.terminal_port
        if host in _EVERYWHERE:
            raise UnavailableError(
                f"Terminals can't be reached at {host!r}: it is no address of this machine.",
                hint="Set MARLIN_TERMINAL_HOST to an address at which the web services reach this worker.",
            )
        try:
            self._server = await asyncio.start_server(self._connected, host, port, limit=1 << 17)
        except OSError as error:
            raise UnavailableError(
                f"Can't listen for terminals on {host}:{port}: {error.strerror or error}.",
                hint="Set MARLIN_TERMINAL_HOST and MARLIN_TERMINAL_PORT to a free address of this machine.",
            ) from error

    async def close(self) -> None:
        """End all terminals, and stop to listen. Their jobs end by themselves."""
        self._stopping = True
        for live in self._live.values():
            live.end(_stopped())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.gather(*(live.gone.wait() for live in self._live.values()))
        if self._server is not None:
            self._server.close()

    async def run(self, terminal_id: UUID) -> str:
        """The job of a terminal, from its copy's first file to its shell's end; the reason of the end.

        Entered again after its worker died it opens no second shell: what was in the first one is gone, and the person
        has to know.
        """
        found = await self._take(terminal_id)
        if isinstance(found, str):
            return found
        ending = await self._keep(found)
        self._ended[terminal_id] = ending
        return await self._finish(terminal_id)

    async def _take(self, terminal_id: UUID) -> _Work | str:
        if terminal_id in self._ended:
            return await self._finish(terminal_id)
        async with transaction() as session:
            await jobs.fence(session)
            terminal = await queries.locked(session, terminal_id)
            if terminal.status in ("open", "ending"):
                service.end(terminal, "lost", message=service.LOST)
            if terminal.status == "ended":
                return str(terminal.reason)
            terminal.executor = jobs.current_executor()
            comparison = await comparisons.get_comparison(session, terminal.comparison_id, owner_id=None)
            side: comparisons.Side = "A" if terminal.side == "A" else "B"
            try:
                result = comparisons.side_result(comparison, terminal.turn, side)
            except MarlinError as error:  # the turn was started again while this one waited
                service.end(terminal, "failed", message=error.message)
                return "failed"
            environment = await tasks.get_environment(session, result.environment_id)
            return _Work(terminal, environment, result)

    async def _keep(self, work: _Work) -> Ending:
        place = work.environment
        try:
            base = await self._bench.workspaces.base_layer(place.repository, place.base_commit)
            sandbox = await self._bench.open_sandbox(
                place,
                sandbox_id=comparisons.opaque_id(work.terminal.id, 0, "terminal"),
                files=work.result.files,
                mounts=[Mount(base.path / str(WORKSPACE).lstrip("/") / ".git", BASE_GIT)],
                limits=work.result.limits,
            )
        except (DatabaseUnavailableError, LostExecutorError):
            raise
        except MarlinError as error:  # names layers and paths: for the operator's log, not for the page
            _log.warning("a terminal's copy could not be opened", terminal=str(work.terminal.id), error=error.message)
            message = f"The copy could not be opened ({error.code}). The operator's log says why."
            return Ending("failed", message=message)
        try:
            return await self._keep_shell(work, sandbox)
        except SandboxGoneError:
            return Ending("lost", message=service.LOST)
        finally:
            await sandbox.destroy()

    async def _keep_shell(self, work: _Work, sandbox: Sandbox) -> Ending:
        await sandbox.write_file(HOME / ".bashrc", _rc(work.terminal.side).encode())
        if not await _fresh_repository(sandbox):
            return Ending("failed", message="The copy's repository could not be made. The operator's log says why.")
        await _blind_to_speed(sandbox, work.result.started_at)
        pty = await sandbox.pty(
            SHELL,
            columns=work.terminal.columns,
            rows=work.terminal.rows,
            cwd=WORKSPACE,
            env={"COLORTERM": "truecolor", "ENV": str(HOME / ".bashrc")},
        )
        live = LiveTerminal(pty, idle=self._settings.terminal_idle, longest=self._settings.terminal_longest)
        terminal_id = work.terminal.id
        self._live[terminal_id] = live
        watching = asyncio.create_task(while_open(live, lambda: self._wanted_end(terminal_id)))
        try:
            if self._stopping:
                live.end(_stopped())
            await self._note_open(terminal_id)
            ending = await live.run()
            if ending.reason == "exited":
                ending = await _explained(sandbox, ending)
            with contextlib.suppress(DatabaseUnavailableError):  # the page hears of it; the row when there is one again
                await self._write_end(terminal_id, ending)
            await live.farewell(ending)
            return ending
        finally:
            watching.cancel()
            await pty.close()
            del self._live[terminal_id]
            live.gone.set()

    async def _note_open(self, terminal_id: UUID) -> None:
        async with transaction() as session:
            await jobs.fence(session)
            terminal = await queries.locked(session, terminal_id)
            if terminal.status == "waiting":
                terminal.status, terminal.opened_at, terminal.address = "open", now(), self.address
            elif terminal.status == "ended":
                self._live[terminal_id].end(Ending("closed"))

    async def _wanted_end(self, terminal_id: UUID) -> Ending | None:
        with contextlib.suppress(DatabaseUnavailableError):
            async with transaction() as session:
                terminal = await session.get(Terminal, terminal_id)
                if terminal is None or terminal.status in ("ending", "ended"):
                    return Ending("closed")
        return None

    async def _finish(self, terminal_id: UUID) -> str:
        await self._write_end(terminal_id, self._ended[terminal_id])
        return self._ended.pop(terminal_id).reason

    async def _write_end(self, terminal_id: UUID, ending: Ending) -> None:
        async with transaction() as session:
            await jobs.fence(session)
            terminal = await queries.locked(session, terminal_id)
            service.end(terminal, ending.reason, exit_code=ending.exit_code, message=ending.message)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            live = await self._admit(reader) if self._strangers < STRANGERS else None
            if live is not None:
                await live.attach(reader, writer)
        except (MarlinError, ConnectionError, TimeoutError) as error:
            _log.debug("a terminal's connection ended", reason=str(error))
        finally:
            writer.close()

    async def _admit(self, reader: asyncio.StreamReader) -> LiveTerminal | None:
        self._strangers += 1
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                frame = await read_frame(reader)
                hello = frame.control() if frame else {}
                terminal_id, ticket = _uuid(hello.get("terminal")), hello.get("ticket")
                if terminal_id is None or not isinstance(ticket, str) or terminal_id not in self._live:
                    return None
                async with transaction() as session:
                    if not await service.take_ticket(session, terminal_id, ticket, jobs.current_executor()):
                        return None
            return self._live.get(terminal_id)
        finally:
            self._strangers -= 1


_FRESH = """
set -e
if [ -d .git ] && [ ! -L .git ]; then find .git -type d ! -perm -700 -exec chmod u+rwx {} \\;; fi
rm -rf .git
mkdir -p .git/objects/info .git/refs
cd "$1"
for each in HEAD config index info refs shallow; do [ ! -e "$each" ] || cp -r "$each" "$OLDPWD/.git/"; done
chmod -R u+w "$OLDPWD/.git"
printf '%s/objects\\n' "$1" > "$OLDPWD/.git/objects/info/alternates"
"""


async def _fresh_repository(sandbox: Sandbox) -> bool:
    """Put the base's own repository in the place of the one that the side left behind; whether that went well.

    What a harness commits says its name (authors, trailers), and when; so do reflogs and the index. In the fresh one
    the result is a change of the base that nobody has committed, for both sides alike.
    """
    done = await sandbox.exec(["sh", "-c", _FRESH, "sh", str(BASE_GIT)], cwd=WORKSPACE, timeout=60, output_limit=2000)
    if done.exit_code != 0:
        _log.warning("a terminal's repository was not made", said=done.stderr.decode(errors="replace")[:500])
    return done.exit_code == 0


async def _blind_to_speed(sandbox: Sandbox, since: datetime) -> None:
    """Give what the side wrote one time, that of the copy: else the files' times say which side was faster.

    A file's time can't change without the file being copied, so very large files, and more than very many, keep theirs.
    """
    command = (
        'find . -xdev -newermt "@$1" ! -size +8192 -print0 | head -z -n "$2" | xargs -0 -r touch -h -c -d "@$3" --'
    )
    arguments = [str(int(since.timestamp())), str(ONE_TIME), str(int(now().timestamp()))]
    done = await sandbox.exec(["sh", "-c", command, "sh", *arguments], cwd=WORKSPACE, timeout=60, output_limit=2000)
    if done.exit_code != 0:
        _log.warning("files in a terminal kept their times", said=done.stderr.decode(errors="replace")[:500])


async def _explained(sandbox: Sandbox, ending: Ending) -> Ending:
    usage = await sandbox.usage()
    if usage.out_of_memory_kills and ending.exit_code:
        return Ending("exited", ending.exit_code, "Something in it ran out of the memory that a sandbox may use.")
    return ending


def _stopped() -> Ending:
    return Ending("worker_stopped", message="The worker that kept this terminal was stopped. Start it again.")


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _rc(side: str) -> str:
    return f"""\
PS1='\\[\\e[1m\\]{side}\\[\\e[0m\\]:\\w\\$ '
alias ls='ls --color=auto' ll='ls -l' grep='grep --color=auto'
unset HISTFILE
"""


_host: TerminalHost | None = None


def use_host(host: TerminalHost | None) -> None:
    """Make ``host`` the one of this worker."""
    global _host
    _host = host


def current_host() -> TerminalHost:
    """This worker's terminals.

    :raises UnavailableError: the process is no worker.
    """
    if _host is None:
        raise UnavailableError("This process keeps no terminals.", hint="Start Marlin with `marlin worker`.")
    return _host
