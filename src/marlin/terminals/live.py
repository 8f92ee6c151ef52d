"""One live terminal on its worker: a shell's output to whoever looks on, and their keys to the shell.

Output flows only as fast as the browser says it has drawn it, so that endless output fills no memory between here and
there; with nobody looking, it flows into the recent output and out of it again. Between two reads there is a pause: a
shell that never stops printing takes its share of the worker's event loop and no more.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from marlin.sandboxes import Pty
from marlin.terminals.frames import Frame, Kind, control, number, read_frame
from marlin.terminals.schemas import Reason, bounded
from marlin.terminals.scrollback import Scrollback

SCROLLBACK = 192 << 10
WINDOW = 256 << 10
"""Bytes under way to a browser that it has not drawn yet."""
KEYS = 256 << 10
"""Bytes typed, or pasted, that the shell has not taken yet; further ones are dropped, and the page says so."""
CHUNK = 8 << 10
PAUSE = 0.005
NOTICE = 120.0
"""Seconds before an end at which the page begins to count them."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a terminal ended."""

    reason: Reason
    exit_code: int | None = None
    message: str = ""


class Viewer:
    """The one who looks on: a connection from a web service."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.unacknowledged = 0

    def send(self, frame: Frame) -> None:
        """Send it, without waiting: what is under way is bounded by the window."""
        if self._writer.is_closing():
            return
        if frame.kind is Kind.OUTPUT:
            self.unacknowledged += len(frame.data)
        self._writer.write(frame.encode())

    async def close(self) -> None:
        """Send what is left, and hang up."""
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(5):
                await self._writer.drain()
        self._writer.close()


class LiveTerminal:
    """A shell on its pseudo terminal.

    :param idle: seconds without a key after which it ends.
    :param longest: seconds after which it ends whatever happens.
    """

    def __init__(self, pty: Pty, *, idle: float, longest: float) -> None:
        self._pty = pty
        self._idle, self._longest = idle, longest
        self._scrollback = Scrollback(SCROLLBACK)
        self._viewer: Viewer | None = None
        self._room = asyncio.Event()
        self._room.set()
        self._keys = bytearray()
        self._typed = asyncio.Event()
        self._told: Frame | None = None
        loop = asyncio.get_running_loop()
        self._began = self._last_key = loop.time()
        self._ending: asyncio.Future[Ending] = loop.create_future()
        self.gone = asyncio.Event()
        """Set by its host when all is said and written."""

    def end(self, ending: Ending) -> None:
        """End it; the first word stands."""
        if not self._ending.done():
            self._ending.set_result(ending)

    async def run(self) -> Ending:
        """Keep it until it ends; then nothing runs on it any more."""
        tasks = [asyncio.create_task(part()) for part in (self._show, self._type, self._watch_clock)]
        for task in tasks:
            task.add_done_callback(self._failed)
        try:
            return await self._ending
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._pty.close()

    def _failed(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None and not self._ending.done():
            self._ending.set_exception(error)

    async def _show(self) -> None:
        while True:
            await self._room.wait()
            data = await self._pty.read(CHUNK)
            if not data:
                break
            self._scrollback.add(data)
            if self._viewer is not None:
                self._viewer.send(Frame(Kind.OUTPUT, data))
                self._weigh()
            await asyncio.sleep(PAUSE)
        self.end(Ending("exited", await self._pty.wait()))

    async def _type(self) -> None:
        while True:
            await self._typed.wait()
            part = bytes(self._keys[:CHUNK])
            await self._pty.write(part)
            del self._keys[: len(part)]
            if not self._keys:
                self._typed.clear()

    async def _watch_clock(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            lefts: list[tuple[float, Reason]] = [
                (self._last_key + self._idle - now, "idle"),
                (self._began + self._longest - now, "longest"),
            ]
            left, reason = min(lefts)
            if left <= 0:
                self.end(Ending(reason))
                return
            if left <= NOTICE and self._told is None:
                self._tell(control("ending", reason=reason, seconds=round(left)))
            await asyncio.sleep(min(1.0, max(left, 0.01)))

    def _tell(self, notice: Frame | None) -> None:
        """Begin to count down on the page, or (None) stop it."""
        self._told = notice
        if self._viewer is not None:
            self._viewer.send(notice or control("ending", reason=None, seconds=None))

    def _weigh(self) -> None:
        """Let output flow while the viewer keeps up, or when nobody looks."""
        if self._viewer is None or self._viewer.unacknowledged < WINDOW:
            self._room.set()
        else:
            self._room.clear()

    async def attach(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a viewer until it goes. Whoever looked on before is told that it was replaced."""
        viewer, before = Viewer(writer), self._viewer
        self._viewer = viewer
        recent = self._scrollback.bytes()
        viewer.send(control("attached", replay=len(recent)))
        if recent:
            viewer.send(Frame(Kind.OUTPUT, recent))
        if self._told is not None:
            self._told = None  # counted anew, for this viewer
        self._weigh()
        try:
            if before is not None:
                before.send(control("replaced"))
                await before.close()
            while (frame := await read_frame(reader)) is not None:
                self._heard(viewer, frame)
        finally:
            if self._viewer is viewer:
                self._viewer = None
                self._weigh()
            await viewer.close()

    def _heard(self, viewer: Viewer, frame: Frame) -> None:
        if self._viewer is not viewer:
            return
        if frame.kind is Kind.INPUT:
            self._press(viewer, frame.data)
            return
        said = frame.control()
        if said.get("type") == "resize":
            columns, rows = bounded(number(said, "columns"), number(said, "rows"))
            self._pty.resize(columns=columns, rows=rows)
        elif said.get("type") == "ack":
            viewer.unacknowledged = max(0, viewer.unacknowledged - max(0, number(said, "bytes")))
            self._weigh()

    def _press(self, viewer: Viewer, data: bytes) -> None:
        self._last_key = asyncio.get_running_loop().time()
        if self._told is not None and b'"idle"' in self._told.data:
            self._tell(None)
        if len(self._keys) + len(data) > KEYS:
            viewer.send(control("dropped", bytes=len(data)))
            return
        self._keys += data
        self._typed.set()

    async def farewell(self, ending: Ending) -> None:
        """Tell the viewer how it ended, and hang up."""
        if self._viewer is not None:
            viewer, self._viewer = self._viewer, None
            viewer.send(ended(ending))
            await viewer.close()


def ended(ending: Ending) -> Frame:
    """What a page is told at the end."""
    return control("ended", reason=ending.reason, exit_code=ending.exit_code, message=ending.message)


async def while_open(live: LiveTerminal, look: Callable[[], Awaitable[Ending | None]], *, every: float = 1.0) -> None:
    """Ask ``look`` now and then whether the terminal should end."""
    while True:
        await asyncio.sleep(every)
        if (ending := await look()) is not None:
            live.end(ending)
            return
