"""Marlin's side of the keeper: starting it, asking it, and following the commands it runs."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from marlin import logging
from marlin.errors import InvalidInputError
from marlin.sandboxes.errors import (
    CommandNotFoundError,
    DiskFullError,
    SandboxError,
    SandboxGoneError,
    UnsupportedHostError,
)

_MAX_PACKET = 1 << 16
_START_SECONDS = 20.0
_BURIAL_SECONDS = 30.0
_log = logging.get(__name__)


class Keeper:
    """The running keeper of one backend."""

    def __init__(self, control: socket.socket, process: subprocess.Popen[bytes]) -> None:
        self._control = control
        self._process = process

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    @classmethod
    def start(cls, folder: Path) -> Keeper:
        """Start a keeper that mounts below ``folder`` (in its own view of the file system). Blocks for about 50 ms.

        :raises UnsupportedHostError: this machine does not let it.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            control = theirs.fileno()
            try:
                process = subprocess.Popen(
                    [sys.executable, "-I", "-S", str(Path(__file__).parent / "keeper"), str(folder), str(control)],
                    env={},
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    pass_fds=[control],
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise UnsupportedHostError(f"the keeper does not start: {error}") from error
        ours.settimeout(_START_SECONDS)
        try:
            ready = ours.recv(64)
        except OSError:
            ready = b""
        if ready != b"ready":
            ours.close()
            process.kill()
            said = process.communicate()[1].decode(errors="replace").strip().splitlines()
            raise UnsupportedHostError(
                f"this machine does not let Marlin make mounts: {said[-1] if said else 'the keeper died'}",
                hint="run Marlin as root (in a container: with CAP_SYS_ADMIN)",
            )
        assert process.stderr is not None
        process.stderr.close()
        ours.setblocking(False)
        return cls(ours, process)

    def stop(self) -> None:
        """End the keeper; everything that runs in its sandboxes dies with it."""
        self._control.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    async def ask(self, action: str, **request: Any) -> tuple[dict[str, Any], list[int]]:
        """Send one request; its answer and the descriptors that came with it.

        :raises SandboxError: the keeper could not do it (subclasses say more).
        """
        channel = await self.send(action, request, [])
        try:
            return await channel.receive()
        except FileNotFoundError as error:
            if action == "open":
                raise SandboxError(
                    f"the sandbox can't be prepared: {error}",
                    hint="an earlier layer replaced a folder that is needed, or a layer or mount is gone",
                ) from None
            raise SandboxGoneError(f"the sandbox is gone: {error}") from None
        finally:
            channel.close()

    async def send(self, action: str, request: dict[str, Any], fds: Sequence[int]) -> Channel:
        """Send one request with descriptors; the channel its answers come through."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, memory_file(json.dumps({"action": action, **request}).encode()) as payload:
            packet = b"run" if action == "run" else b"ask"
            await self._send_packet(packet, [payload.fileno(), theirs.fileno(), *fds])
        ours.setblocking(False)
        return Channel(ours)

    async def _send_packet(self, data: bytes, fds: list[int]) -> None:
        while True:
            try:
                socket.send_fds(self._control, [data], fds)
                return
            except BlockingIOError:
                await asyncio.sleep(0.002)
            except OSError as error:
                raise SandboxGoneError(
                    "the process that keeps the sandboxes died", hint="start the worker again"
                ) from error


class Channel:
    """Answers of the keeper to one request."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    async def receive(self) -> tuple[dict[str, Any], list[int]]:
        """The next answer; an error among them is raised.

        :raises FileNotFoundError: something that the request needs does not exist.
        """
        while True:
            try:
                data, fds, _, _ = socket.recv_fds(self._end, _MAX_PACKET, 4)
                break
            except BlockingIOError:
                await _readable(self._end.fileno())
            except ConnectionError:
                data, fds = b"", []
                break
        for fd in fds:
            os.set_inheritable(fd, False)
        if not data:
            raise SandboxGoneError("the process that keeps the sandboxes died", hint="start the worker again")
        answer: dict[str, Any] = json.loads(data)
        if "error" in answer:
            raise _error(answer)
        return answer, fds

    def close(self) -> None:
        """Stop listening."""
        self._end.close()


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(descriptor, _settle, ready)
    try:
        await ready
    finally:
        loop.remove_reader(descriptor)


def _error(answer: dict[str, Any]) -> Exception:
    kind, message = answer["error"], answer["message"]
    if kind == "not-found":
        return CommandNotFoundError(message, hint="install it in the environment's set-up, or correct the command")
    if kind == "no-folder":
        return SandboxError(f"no such working folder: {message}")
    if kind == "bad-argument":
        return InvalidInputError(message, hint="no program can be given one: remove it")
    if kind == "port-taken":
        return SandboxError(message, hint="choose another port")
    if kind == "os" and answer.get("errno") in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(f"no room for the sandbox: {message}", hint="free space on Marlin's disk")
    if kind == "os" and answer.get("errno") == errno.ENOENT:
        return FileNotFoundError(message)
    return SandboxError(f"the sandbox failed: {message}")


def memory_file(data: bytes) -> BinaryIO:
    """An open, anonymous file that holds ``data``, at its start."""
    file = os.fdopen(os.memfd_create("marlin", os.MFD_CLOEXEC), "w+b")
    file.write(data)
    file.flush()
    file.seek(0)
    return file


def _parent_of(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


class Running:
    """A command that the keeper runs: bubblewrap, and in it the command itself."""

    def __init__(self, channel: Channel, pid: int, pidfd: int, status_pipe: int, owns: Callable[[int], bool]) -> None:
        self._channel = channel
        self._owns = owns
        self._pid = pid
        self._pidfd = pidfd
        self._status_pipe = status_pipe
        self._said = b""
        self._done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._watcher = asyncio.create_task(self._watch())
        self.ran = False
        """Whether bubblewrap got as far as executing the command (known when it ended)."""

    @classmethod
    async def start(cls, channel: Channel, status_pipe: int, owns: Callable[[int], bool]) -> Running:
        """Follow a command that was sent to the keeper, from its start.

        :param owns: whether a process belongs to the sandbox.
        :raises MarlinError: whatever the keeper says against it.
        """
        starting = asyncio.create_task(cls._start(channel, status_pipe, owns))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):
                (await starting).kill()
            raise

    @classmethod
    async def _start(cls, channel: Channel, status_pipe: int, owns: Callable[[int], bool]) -> Running:
        pid, pidfd, executing = 0, -1, False
        try:
            # The keeper says the process id, and the process itself that it is about to execute bubblewrap.
            while not (pid and executing):
                answer, fds = await channel.receive()
                if "pid" in answer:
                    pid, pidfd = answer["pid"], fds[0]
                executing = executing or "executing" in answer
                if "status" in answer:
                    raise SandboxError("a command could not be started: the keeper ran out of memory or processes")
        except BaseException as error:
            channel.close()
            os.close(status_pipe)
            if pidfd >= 0:
                os.close(pidfd)
            if isinstance(error, FileNotFoundError):
                raise SandboxGoneError(f"the sandbox is gone: {error}") from None
            raise
        return cls(channel, pid, pidfd, status_pipe, owns)

    @property
    def returncode(self) -> int | None:
        """None while it runs."""
        return self._done.result() if self._done.done() and not self._done.cancelled() else None

    async def _watch(self) -> None:
        try:
            answer, _ = await self._channel.receive()
            raw = int(answer["status"])
        except Exception:
            raw = -signal.SIGKILL
        finally:
            self._channel.close()
        said = self._read_status()
        for document in said:
            if "child-pid" in document:
                await self._bury(document["child-pid"])
        reported = [document["exit-code"] for document in said if "exit-code" in document]
        self.ran = bool(reported)
        code = reported[-1] if reported else (128 - raw if raw < 0 else raw)
        os.close(self._status_pipe)
        self._status_pipe = -1
        os.close(self._pidfd)
        self._pidfd = -1
        self._done.set_result(code)

    async def _bury(self, pid: int) -> None:
        """Wait until the command's pid 1 is dead, and with it everything that the command left in the background.

        Bubblewrap reports the end as soon as the command itself ended, and its pid 1 is killed only then.
        """
        try:
            descriptor = os.pidfd_open(pid)
        except OSError:
            return
        try:
            ours = await asyncio.to_thread(self._owns, pid)
            if ours:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            # A dying pid 1 leaves its control group before it kills the others (do_exit in the kernel).
            if ours or await asyncio.to_thread(_is_first_of_a_namespace, pid):
                async with asyncio.timeout(_BURIAL_SECONDS):
                    await _readable(descriptor)
        except TimeoutError:
            _log.warning("processes of a command do not die", pid=pid)
        finally:
            os.close(descriptor)

    def _read_status(self) -> list[dict[str, int]]:
        """What bubblewrap wrote about the command: one JSON document a line."""
        if self._status_pipe >= 0:
            with contextlib.suppress(BlockingIOError):
                while data := os.read(self._status_pipe, 4096):
                    self._said += data
        return [json.loads(line) for line in self._said.splitlines() if line.endswith(b"}")]

    def inner_pid(self) -> int | None:
        """Host id of the sandbox's pid 1 for this command, once bubblewrap has said it."""
        for document in self._read_status():
            if "child-pid" in document and _parent_of(document["child-pid"]) == self._pid:
                return document["child-pid"]
        return None

    async def wait(self) -> int:
        """The exit code: the command's, or 128 + signal."""
        return await asyncio.shield(self._done)

    def signal_group(self, number: int) -> None:
        """Send a signal to the command and its process group. Pid 1 of the sandbox ignores all but SIGKILL."""
        pid = self.inner_pid()
        if pid is not None and self._pidfd >= 0:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, number)

    def kill(self) -> None:
        """Kill the command with everything it started."""
        pid = self.inner_pid()
        if self._pidfd < 0:
            return
        if pid is not None:
            # Killing pid 1 empties its pid namespace before bubblewrap can report the end.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)


def _is_first_of_a_namespace(pid: int) -> bool:
    """Whether the process is pid 1 of a namespace below the host's, dying or not."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    ids = next((line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:")), [])
    return len(ids) > 1 and ids[-1] == "1"
