"""Commands with pipes and on terminals, on top of what the keeper runs."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import struct
import termios
from collections.abc import Callable

from marlin.sandboxes.client import Running

_CHUNK = 1 << 16


class Pipes:
    """A command with stdin, stdout and stderr as asyncio streams (a ``Process`` of the Protocol)."""

    def __init__(
        self,
        running: Running,
        stdin: asyncio.StreamWriter,
        stdout: asyncio.StreamReader,
        stderr: asyncio.StreamReader,
        transports: list[asyncio.BaseTransport],
    ) -> None:
        self.running = running
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self._transports = transports

    @property
    def returncode(self) -> int | None:
        """None while it runs."""
        return self.running.returncode

    async def wait(self) -> int:
        """The exit code (128 + signal)."""
        return await self.running.wait()

    async def terminate(self, *, grace: float = 3.0) -> int:
        """SIGTERM to the command's process group, SIGKILL after ``grace`` seconds; the exit code."""
        self.running.signal_group(signal.SIGTERM)
        try:
            return await asyncio.wait_for(self.wait(), grace)
        except TimeoutError:
            self.running.kill()
            return await self.wait()

    def close(self) -> None:
        """Let go of the pipes."""
        for transport in self._transports:
            transport.close()


async def reader(fd: int, *, limit: int = 1 << 20) -> tuple[asyncio.StreamReader, asyncio.BaseTransport]:
    """An asyncio stream that reads a pipe; the descriptor is the stream's from now on."""
    loop = asyncio.get_running_loop()
    stream = asyncio.StreamReader(limit=limit, loop=loop)
    file = os.fdopen(fd, "rb", buffering=0)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream, loop=loop), file)
    return stream, transport


async def writer(fd: int) -> asyncio.StreamWriter:
    """An asyncio stream that writes to a pipe; the descriptor is the stream's from now on."""
    loop = asyncio.get_running_loop()
    file = os.fdopen(fd, "wb", buffering=0)
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.streams.FlowControlMixin(loop=loop),
        file,
    )
    return asyncio.StreamWriter(transport, protocol, None, loop)


class Gathered:
    """Output up to a limit: the beginning and the end are kept, what lies between is counted."""

    def __init__(self, limit: int) -> None:
        self._head_limit = limit - limit // 2
        self._tail_limit = limit // 2
        self._head = bytearray()
        self._tail = bytearray()
        self.dropped = 0

    def add(self, data: bytes) -> None:
        """Take more output."""
        room = self._head_limit - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        if data:
            self._tail += data
            if len(self._tail) > 2 * self._tail_limit + _CHUNK:
                self._trim()

    def _trim(self) -> None:
        excess = len(self._tail) - self._tail_limit
        if excess > 0:
            self.dropped += excess
            del self._tail[:excess]

    def bytes(self) -> bytes:
        """What was kept."""
        self._trim()
        return bytes(self._head + self._tail)


async def gather(stream: asyncio.StreamReader, into: Gathered) -> None:
    """Read a stream to its end."""
    while data := await stream.read(_CHUNK):
        into.add(data)


async def feed(stream: asyncio.StreamWriter, data: bytes) -> None:
    """Write all of ``data`` and close; a reader that goes away early is no error."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        if data:
            stream.write(data)
            await stream.drain()
    stream.close()


class Terminal:
    """A command on a pseudo terminal (a ``Pty`` of the Protocol)."""

    def __init__(self, running: Running, master: int) -> None:
        self._running = running
        self._master = master
        os.set_blocking(master, False)

    async def read(self, limit: int = 65536) -> bytes:
        """Next output; empty at the end."""
        while self._master >= 0:
            try:
                return os.read(self._master, limit)
            except BlockingIOError:
                await self._ready(asyncio.get_running_loop().add_reader, asyncio.get_running_loop().remove_reader)
            except OSError:  # EIO: nobody holds the other side any more
                return b""
        return b""

    async def write(self, data: bytes) -> None:
        """Type ``data``."""
        while data and self._master >= 0:
            try:
                data = data[os.write(self._master, data) :]
            except BlockingIOError:
                await self._ready(asyncio.get_running_loop().add_writer, asyncio.get_running_loop().remove_writer)
            except OSError:
                return

    async def _ready(self, add: Callable[..., object], remove: Callable[[int], object]) -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        master = self._master
        add(master, _settle, ready)
        ended = asyncio.create_task(self._ended(ready))
        try:
            await ready
        finally:
            ended.cancel()
            if self._master == master:
                remove(master)

    async def _ended(self, ready: asyncio.Future[None]) -> None:
        await self._running.wait()
        _settle(ready)

    def resize(self, *, columns: int, rows: int) -> None:
        """Tell the terminal its new size."""
        if self._master >= 0:
            set_size(self._master, columns, rows)

    async def wait(self) -> int:
        """The exit code (128 + signal)."""
        return await self._running.wait()

    async def close(self) -> None:
        """Hang up and kill what still runs on it."""
        self._running.kill()
        await self._running.wait()
        if self._master >= 0:
            master, self._master = self._master, -1
            os.close(master)


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


def set_size(terminal: int, columns: int, rows: int) -> None:
    """Set a terminal's size in characters."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
