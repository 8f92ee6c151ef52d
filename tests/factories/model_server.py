"""A scripted model upstream on loopback: Anthropic Messages, OpenAI Chat Completions and OpenAI Responses.

Real agents can be driven by it, through the gateway or directly::

    scenario = Scenario([Turn([[Text("Let me look."), Shell("ls")], [Text("Done.")]])])
    async with ScriptedModelServer(scenario) as server:
        ...  # ANTHROPIC_BASE_URL=server.base_url, OPENAI_BASE_URL=server.base_url + "/v1"
        server.requests[0].body["messages"]

It fails on demand (:class:`Fault`, in a step or by :meth:`ScriptedModelServer.fail_next`), and it is as indiscreet as
real upstreams are: organisation, request id and rate-limit headers, and error messages that quote the key.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from .model_faults import anthropic_error, openai_error
from .model_scenario import (
    Action,
    Conversation,
    EditFile,
    Fault,
    ReadFile,
    Refusal,
    Scenario,
    Shell,
    Text,
    Thinking,
    Tool,
    ToolCall,
    Turn,
    WriteFile,
    as_tool_call,
    choose,
)
from .model_wire import (
    Answer,
    Counted,
    Said,
    chat_events,
    chat_whole,
    messages_events,
    messages_whole,
    read_chat,
    read_messages,
    read_responses,
    responses_events,
    responses_whole,
)

__all__ = [
    "Action",
    "Conversation",
    "Counted",
    "EditFile",
    "Fault",
    "ReadFile",
    "Received",
    "Refusal",
    "Scenario",
    "ScriptedModelServer",
    "Shell",
    "Text",
    "Thinking",
    "Tool",
    "ToolCall",
    "Turn",
    "WriteFile",
]

_DIALECTS: Mapping[str, tuple[Callable[..., Conversation], Callable[..., Any], Callable[..., Iterator[bytes]]]] = {
    "/v1/messages": (read_messages, messages_whole, messages_events),
    "/v1/chat/completions": (read_chat, chat_whole, chat_events),
    "/v1/responses": (read_responses, responses_whole, responses_events),
}

_INDISCREET = (
    ("server", "cloudflare"),
    ("cf-ray", "8f00ba4-VIE"),
    ("request-id", "req_sentinel_request"),
    ("x-request-id", "req_sentinel_request"),
    ("anthropic-organization-id", "org-sentinel-organisation"),
    ("openai-organization", "org-sentinel-organisation"),
    ("openai-processing-ms", "12"),
    ("anthropic-ratelimit-requests-remaining", "4999"),
    ("x-ratelimit-remaining-tokens", "149984"),
    ("set-cookie", "__cf_bm=sentinel-cookie; path=/"),
)


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes
    body: Any
    """Parsed JSON, or None."""


class _Reset(Exception):
    """Cut the connection."""


@dataclass
class ScriptedModelServer:
    """A model that says what a scenario says; an asynchronous context manager.

    :ivar scenario: may be replaced while it runs.
    :ivar api_key: the only key it accepts; None accepts any.
    :ivar reported_model: the model named in answers, such as a dated snapshot; None repeats the requested one.
    :ivar pace: seconds between streamed events.
    """

    scenario: Scenario = field(default_factory=lambda: Scenario([Turn([[Text("Hello.")]])]))
    api_key: str | None = None
    reported_model: str | None = None
    pace: float = 0.0
    requests: list[Received] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    """What each answered call claimed to have used."""
    aborted: int = 0
    """Calls whose client went away before the answer was sent."""
    _faults: deque[Fault] = field(default_factory=deque)
    _fired: Counter[tuple[int, int]] = field(default_factory=Counter)
    _server: asyncio.Server | None = None
    _connections: dict[asyncio.Task[Any], asyncio.StreamWriter] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; by default on a free port."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=1 << 20)

    async def close(self) -> None:
        """Stop listening and cut all connections."""
        if self._server is not None:
            self._server.close()
            for writer in self._connections.values():
                writer.transport.abort()
            while self._connections:
                await asyncio.wait(list(self._connections))
            await self._server.wait_closed()
            self._server = None

    @property
    def base_url(self) -> str:
        """``http://127.0.0.1:<port>``, without ``/v1``."""
        if self._server is None:
            raise RuntimeError("the server is not running")
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def fail_next(self, *faults: Fault) -> None:
        """Fail the next model calls in this order, whatever the scenario says."""
        self._faults.extend(faults)

    # --- HTTP/1.1, no more than needed -------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = writer
        try:
            while (received := await _read_request(reader)) is not None:
                self.requests.append(received)
                await self._while_connected(reader, self._answer(received, writer))
        except _Reset:
            writer.transport.abort()
        except (ConnectionError, asyncio.IncompleteReadError):
            self.aborted += 1
        finally:
            del self._connections[task]
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _while_connected(self, reader: asyncio.StreamReader, answer: Any) -> None:
        """Run ``answer``, unless the client goes away: real servers stop generating then."""
        task = asyncio.ensure_future(answer)
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=0.02)
                if reader.at_eof() and not task.done():
                    raise ConnectionResetError("the client went away")
            task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})

    async def _answer(self, received: Received, writer: asyncio.StreamWriter) -> None:
        path = received.path.partition("?")[0]
        if self.api_key is not None and self.api_key not in (
            received.headers.get("x-api-key"),
            received.headers.get("authorization", "").removeprefix("Bearer "),
        ):
            await self._fail(Fault("unauthorized"), received, writer)
        elif received.method == "POST" and path == "/v1/messages/count_tokens":
            await _send(writer, 200, {"input_tokens": max(1, len(received.raw) // 4)})
        elif received.method == "POST" and path in _DIALECTS and isinstance(received.body, dict):
            await self._generate(received, writer, *_DIALECTS[path])
        else:
            await _send(writer, 404, {"error": {"type": "not_found_error", "message": f"no such path: {path}"}})

    async def _generate(
        self,
        received: Received,
        writer: asyncio.StreamWriter,
        read: Callable[..., Conversation],
        whole: Callable[..., Any],
        events: Callable[..., Iterator[bytes]],
    ) -> None:
        conversation = read(received.body)
        key, step = choose(self.scenario, conversation)
        fault = self._fault(key, step)
        if fault and not fault.kind.endswith(("first_byte", "mid_stream")):
            await self._fail(fault, received, writer)
            return
        if fault and fault.kind == "slow_first_byte":
            await asyncio.sleep(fault.seconds)
        said: list[Said] = []
        for action in step:
            if isinstance(action, Text | Thinking | Refusal):
                said.append(action)
            elif not isinstance(action, Fault):
                said.append(as_tool_call(action, conversation.tools))
        stream = bool(received.body.get("stream"))
        asked = (received.body.get("stream_options") or {}).get("include_usage")
        counted = _count(received, said)
        self.counted.append(counted)
        model = self.reported_model or str(received.body.get("model"))
        answer = Answer(len(self.counted), model, said, counted, include_usage=bool(asked))
        if stream:
            await self._stream(writer, list(events(answer)), fault)
        elif fault and fault.kind.endswith("mid_stream"):
            await self._cut_whole(writer, json.dumps(whole(answer)).encode(), fault)
        else:
            await _send(writer, 200, whole(answer))

    def _fault(self, key: tuple[int, int], step: Sequence[Action]) -> Fault | None:
        if self._faults:
            return self._faults.popleft()
        due = 0
        for action in step:
            if not isinstance(action, Fault):
                continue
            due += action.times or 0
            if action.times is None or self._fired[key] < due:
                self._fired[key] += 1
                return action
        return None

    async def _stream(self, writer: asyncio.StreamWriter, events: Sequence[bytes], fault: Fault | None) -> None:
        writer.write(_head(200, "text/event-stream; charset=utf-8", None))
        cut = len(events) // 2 if fault and fault.kind.endswith("mid_stream") else None
        for index, event in enumerate(events):
            if index == cut:
                await _interrupt(writer, fault)
            writer.write(b"%x\r\n%s\r\n" % (len(event), event))
            await writer.drain()
            if self.pace:
                await asyncio.sleep(self.pace)
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    async def _cut_whole(self, writer: asyncio.StreamWriter, body: bytes, fault: Fault) -> None:
        writer.write(_head(200, "application/json", len(body)) + body[: len(body) // 2])
        await writer.drain()
        await _interrupt(writer, fault)
        writer.write(body[len(body) // 2 :])
        await writer.drain()

    async def _fail(self, fault: Fault, received: Received, writer: asyncio.StreamWriter) -> None:
        path = received.path.partition("?")[0]
        model = self.reported_model or str((received.body or {}).get("model"))
        if fault.kind == "reset_before_response":
            raise _Reset
        if fault.kind == "html_error":
            await _send(writer, 502, b"<html><h1>502 Bad Gateway</h1>cloudflare sentinel-vendor</html>", "text/html")
            return
        key = received.headers.get("x-api-key") or received.headers.get("authorization", "").removeprefix("Bearer ")
        if fault.kind == "context_length" and path == "/v1/responses" and received.body.get("stream"):
            await self._stream(writer, _context_length_events(model), None)
            return
        make = anthropic_error if path.startswith("/v1/messages") else openai_error
        status, body = make(fault.kind, model, key)
        headers = [("retry-after", str(int(fault.seconds)))] if fault.kind == "rate_limited" else []
        await _send(writer, status, body, headers=headers)


async def _interrupt(writer: asyncio.StreamWriter, fault: Fault | None) -> None:
    await writer.drain()
    if fault and fault.kind == "stall_mid_stream":
        await asyncio.sleep(fault.seconds)
    else:
        await asyncio.sleep(0.02)  # let what was sent so far arrive, so that the cut is mid-stream
        raise _Reset


def _context_length_events(model: str) -> list[bytes]:
    """How the Responses API says it in a stream (status 200)."""
    error = {"code": "context_length_exceeded", "message": f"Your input exceeds the context window of {model}."}
    answer = Answer(0, model, (), Counted(0, 0, 0, 0, 0))
    created, *_ = responses_events(answer)
    failed = {**responses_whole(answer), "status": "failed", "error": error, "usage": None}
    data = json.dumps({"type": "response.failed", "sequence_number": 1, "response": failed})
    return [created, f"event: response.failed\ndata: {data}\n\n".encode()]


def _count(received: Received, said: Sequence[Said]) -> Counted:
    """Plausible figures: four bytes a token; a tenth of the prompt is read from a cache."""
    prompt = max(10, len(received.raw) // 4)
    sizes = [len(json.dumps(dict(part.arguments))) if isinstance(part, ToolCall) else len(part.text) for part in said]
    reasoning = sum(len(part.text) for part in said if isinstance(part, Thinking)) // 4
    cache_write = prompt // 20 if received.path.startswith("/v1/messages") else 0
    return Counted(prompt, prompt // 10, cache_write, 1 + sum(sizes) // 4, reasoning)


async def _read_request(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as end:
        if end.partial:
            raise
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name
    }
    raw = b""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        while size := int((await reader.readline()).split(b";")[0], 16):
            raw += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    elif length := int(headers.get("content-length", 0)):
        raw = await reader.readexactly(length)
    try:
        body = json.loads(raw) if raw else None
    except ValueError:
        body = None
    return Received(method, path, headers, raw, body)


def _head(status: int, content_type: str, length: int | None, headers: Sequence[tuple[str, str]] = ()) -> bytes:
    size = ("transfer-encoding", "chunked") if length is None else ("content-length", str(length))
    lines = [f"{name}: {value}" for name, value in (("content-type", content_type), size, *_INDISCREET, *headers)]
    return (f"HTTP/1.1 {status} Scripted\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode()


async def _send(
    writer: asyncio.StreamWriter,
    status: int,
    body: Mapping[str, Any] | bytes,
    content_type: str = "application/json",
    headers: Sequence[tuple[str, str]] = (),
) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    writer.write(_head(status, content_type, len(data), headers) + data)
    await writer.drain()
