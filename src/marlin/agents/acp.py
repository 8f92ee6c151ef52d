"""A client's end of the Agent Client Protocol, version 1: JSON-RPC 2.0, one message a line, over a process's pipes.

It works on raw dicts on purpose: the typed layer of the public SDK drops update kinds that it does not know and raises
on an unknown stop reason. Every line, also what is no message at all, goes to a :class:`RawSink` before it is acted on.

Source: https://agentclientprotocol.com/protocol/overview
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from marlin import logging
from marlin.sandboxes import MIB, Process

from .errors import AgentCrashedError, AgentError, AgentFloodError, AgentGarbageError, AgentRequestError
from .json_text import read_json

log = logging.get(__name__)

Json = dict[str, Any]
Direction = Literal["from_agent", "to_agent"]

METHOD_NOT_FOUND = -32601
INTERNAL_ERROR = -32603


class RawSink(Protocol):
    """Keeps the raw conversation, both ways, in order."""

    async def record(self, direction: Direction, at: float, line: bytes) -> None:
        """Keep one line.

        :param at: Unix time in seconds.
        :param line: the bytes as they crossed the pipe, without the line feed; perhaps not JSON.
        """


@dataclass(frozen=True, slots=True)
class WireLimits:
    """What an agent may write on stdout before it is stopped."""

    line_bytes: int = 32 * MIB
    """Longest line."""
    bytes_per_second: int = 16 * MIB
    """Above this rate Marlin reads more slowly, so that the agent's writes block."""
    total_bytes: int = 1024 * MIB
    """Everything in one session."""
    garbage_lines: int = 200
    """Lines that are not JSON-RPC."""
    garbage_bytes: int = 1 * MIB
    """Their size together."""
    stderr_bytes: int = 64 * 1024
    """How much of the end of stderr is kept."""


class AcpConnection:
    """One agent process, and the requests under way to and from it.

    :param on_update: called with the params of each ``session/update``, in order; reading waits for it, which is the
        backpressure.
    :param on_request: called with the method and params of a request by the agent; returns the result, or None when the
        method is unknown.
    :param secrets: strings that must not appear in :attr:`stderr_tail`.
    """

    def __init__(
        self,
        process: Process,
        *,
        on_update: Callable[[Json], Awaitable[None]],
        on_request: Callable[[str, Json], Awaitable[Json | None]],
        sink: RawSink,
        limits: WireLimits | None = None,
        secrets: tuple[str, ...] = (),
    ) -> None:
        self._secrets = secrets
        self._process = process
        self._on_update = on_update
        self._on_request = on_request
        self._sink = sink
        self._limits = limits or WireLimits()
        self._pending: dict[int, asyncio.Future[Json]] = {}
        self._next_id = 0
        self._stderr = bytearray()
        self._garbage = (0, 0)
        self._failure: AgentError | None = None
        self._closing = False
        self._write_lock = asyncio.Lock()
        self._stderr_task = asyncio.create_task(self._read_stderr())
        self._read_task = asyncio.create_task(self._read_stdout())

    @property
    def failure(self) -> AgentError | None:
        """Why the connection is dead; None while it lives."""
        return self._failure

    @property
    def stderr_tail(self) -> str:
        """The end of what the agent wrote to stderr, without secrets."""
        text = self._stderr.decode("utf-8", "replace")
        for secret in self._secrets:
            text = text.replace(secret, "[redacted]")
        return text

    async def request(self, method: str, params: Json) -> Json:
        """Send a request and wait for its answer.

        :raises AgentRequestError: the agent answered with an error.
        :raises AgentError: the agent died, or was stopped for flooding or garbage.
        """
        if self._failure:
            raise self._failure
        self._next_id += 1
        request_id = self._next_id
        future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._pending[request_id] = future
        try:
            await self._send({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params})
            answer = await future
        finally:
            self._pending.pop(request_id, None)
        if "error" in answer:
            error = answer["error"] if isinstance(answer["error"], dict) else {"message": str(answer["error"])}
            code = error.get("code")
            raise AgentRequestError(
                method,
                code if isinstance(code, int) else INTERNAL_ERROR,
                str(error.get("message", "")),
                error.get("data"),
            )
        result = answer.get("result")
        return result if isinstance(result, dict) else {}

    async def notify(self, method: str, params: Json) -> None:
        """Send a notification."""
        await self._send({"jsonrpc": "2.0", "method": method, "params": params})

    async def close(self, *, sigterm: bool = False, grace: float = 3.0) -> int:
        """End the agent: close its stdin, then SIGTERM, then SIGKILL; the exit code.

        :param sigterm: don't wait for it to notice the end of stdin.
        :param grace: seconds for each step.
        """
        self._closing = True
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        if not sigterm and self._process.returncode is None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), grace)
        code = self._process.returncode
        if code is None:
            code = await self._process.terminate(grace=grace)
        for task in (self._read_task, self._stderr_task):
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(task, grace)
        self._fail(AgentCrashedError("The agent was stopped.", stderr=self.stderr_tail, exit_code=code))
        return code

    async def _send(self, message: Json) -> None:
        line = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        async with self._write_lock:
            await self._sink.record("to_agent", time.time(), line)
            try:
                self._process.stdin.write(line + b"\n")
                await self._process.stdin.drain()
            except (OSError, RuntimeError):
                # The reader sees the end of the process, too, and knows its exit code: let it say why.
                if asyncio.current_task() is not self._read_task:
                    await asyncio.wait({self._read_task}, timeout=5)
                raise self._failure or AgentCrashedError("The agent closed its stdin.") from None

    async def _read_stderr(self) -> None:
        keep = self._limits.stderr_bytes
        while chunk := await self._process.stderr.read(65536):
            self._stderr += chunk
            del self._stderr[:-keep]

    async def _read_stdout(self) -> None:
        try:
            await self._read_lines()
        except AgentError as error:
            self._fail(error)
            with contextlib.suppress(Exception):
                await self._process.terminate(grace=1.0)
            return
        except Exception as error:  # a consumer's defect must not leave requests waiting for ever
            log.exception("acp reader failed")
            self._fail(AgentError(f"Reading from the agent failed: {error}", hint="This is a defect: report it."))
            return
        if self._closing:
            return
        code = await self._process.wait()
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(asyncio.shield(self._stderr_task), 1.0)
        self._fail(
            AgentCrashedError(f"The agent's process ended with code {code}.", stderr=self.stderr_tail, exit_code=code)
        )

    async def _read_lines(self) -> None:
        limits = self._limits
        buffer = bytearray()
        total = 0
        window_start, window_bytes = time.monotonic(), 0
        while chunk := await self._process.stdout.read(65536):
            total += len(chunk)
            window_bytes += len(chunk)
            if total > limits.total_bytes:
                raise AgentFloodError(
                    f"The agent wrote more than {limits.total_bytes // MIB} MiB.", hint="Start the rollout again."
                )
            start = 0
            while (end := chunk.find(b"\n", start)) >= 0:
                buffer += chunk[start:end]
                await self._on_line(bytes(buffer))
                await asyncio.sleep(0)  # a chunk may hold thousands of lines: let the others live
                buffer.clear()
                start = end + 1
            buffer += chunk[start:]
            if len(buffer) > limits.line_bytes:
                await self._sink.record("from_agent", time.time(), bytes(buffer[: 64 * 1024]))
                raise AgentFloodError(
                    f"The agent wrote a line longer than {limits.line_bytes // MIB} MiB.",
                    hint="Start the rollout again; if it happens each time the agent is broken.",
                )
            elapsed = time.monotonic() - window_start
            ahead = window_bytes / limits.bytes_per_second - elapsed
            if ahead > 0.05:
                await asyncio.sleep(ahead)
            elif elapsed > 1.0:
                window_start, window_bytes = time.monotonic(), 0
        if buffer.strip():
            await self._on_line(bytes(buffer))

    async def _on_line(self, line: bytes) -> None:
        line = line.rstrip(b"\r")
        if not line.strip():
            return
        await self._sink.record("from_agent", time.time(), line)
        try:
            message = read_json(line)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict) or not ("method" in message or "id" in message):
            self._count_garbage(line)
            return
        if isinstance(message.get("method"), str):
            params = message.get("params")
            await self._on_call(message["method"], params if isinstance(params, dict) else {}, message)
        else:
            future = self._pending.get(message["id"]) if isinstance(message["id"], int) else None
            if future and not future.done():
                future.set_result(message)

    async def _on_call(self, method: str, params: Json, message: Json) -> None:
        if "id" not in message:
            if method == "session/update":
                await self._on_update(params)
            return
        result = await self._on_request(method, params)
        reply: Json = {"jsonrpc": "2.0", "id": message["id"]}
        if result is None:
            reply["error"] = {"code": METHOD_NOT_FOUND, "message": f"Method not found: {method}"}
        else:
            reply["result"] = result
        await self._send(reply)

    def _count_garbage(self, line: bytes) -> None:
        lines, size = self._garbage[0] + 1, self._garbage[1] + len(line)
        self._garbage = (lines, size)
        if lines > self._limits.garbage_lines or size > self._limits.garbage_bytes:
            sample = line[:200].decode("utf-8", "replace")
            raise AgentGarbageError(
                f"The agent writes text on stdout that is not JSON-RPC ({lines} lines), such as {sample!r}.",
                hint="Its logs must go to stderr: correct `argv` or `env` in the agent's spec.",
            )

    def _fail(self, error: AgentError) -> None:
        if self._failure is None:
            self._failure = error
        for future in self._pending.values():
            if not future.done():
                future.set_exception(self._failure)
