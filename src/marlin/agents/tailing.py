"""Live output of a running command, for agents that report it over ACP only when the command has ended.

Such an agent writes the output to a file in the sandbox; this follows that file and appends what is new to the call
that is open. When the call ends, the agent's own text adds only what was not shown.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from marlin.errors import MarlinError
from marlin.sandboxes import Sandbox

from .events import AgentEvent
from .normalise import Normaliser

_INTERVAL = 1.0
_LIMIT = 256 * 1024
"""Bytes of one file that are followed."""


class OutputTail:
    """Made by :meth:`start`; does nothing when the spec names no files."""

    def __init__(
        self,
        sandbox: Sandbox,
        pattern: str | None,
        normaliser: Normaliser,
        emit: Callable[[list[AgentEvent]], Awaitable[None]],
    ) -> None:
        self._sandbox = sandbox
        self._pattern = pattern
        self._normaliser = normaliser
        self._emit = emit
        self._call: str | None = None
        self._file = ""
        self._used: set[str] = set()
        self._shown = 0
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def start(
        cls,
        sandbox: Sandbox,
        pattern: str | None,
        normaliser: Normaliser,
        emit: Callable[[list[AgentEvent]], Awaitable[None]],
    ) -> OutputTail:
        """Begin to follow the files that match ``pattern`` (a shell glob in the sandbox)."""
        tail = cls(sandbox, pattern, normaliser, emit)
        if pattern:
            tail._task = asyncio.create_task(tail._follow())
        return tail

    async def stop(self) -> None:
        """Stop following; harmless when repeated."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(_INTERVAL)
            running = self._normaliser.open_calls()
            if len(running) != 1:
                continue  # with several calls open nobody can tell whose output it is
            if running[0] != self._call:
                self._used.add(self._file)  # the file of the call before may stay the newest for a while
                self._call, self._file, self._shown = running[0], "", 0
            # A view for eyes: when it fails the output still comes at the end of the call.
            with contextlib.suppress(MarlinError):
                await self._look()

    async def _look(self) -> None:
        if self._shown >= _LIMIT:
            return
        script = (
            f'f=$(ls -t {self._pattern} 2>/dev/null | head -n 1); [ -n "$f" ] || exit 0; printf "%s\\n" "$f"; '
            f'from=1; [ "$f" = "$1" ] && from={self._shown + 1}; tail -c "+$from" -- "$f" | head -c {_LIMIT}'
        )
        argv = ["sh", "-c", script, "sh", self._file]
        result = await self._sandbox.exec(argv, timeout=5.0, output_limit=2 * _LIMIT)
        name, _, data = result.stdout.partition(b"\n")
        file = name.decode("utf-8", "replace")
        if not file or file in self._used:
            return
        if file != self._file:
            self._file, self._shown = file, 0
        self._shown += len(data)
        if data and self._call:
            await self._emit(self._normaliser.append_output(self._call, data.decode("utf-8", "replace")))
