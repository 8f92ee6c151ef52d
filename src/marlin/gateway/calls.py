"""One call: passed on to the upstream, its answer passed back as it comes, metered and recorded."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import structlog

from .apis import Endpoint, Refusal
from .asking import Asked
from .disguise import Disguise, redact, redact_headers
from .exchanges import Exchange, ExchangeSink, ExchangeState
from .headers import Headers, for_sandbox, for_upstream
from .runs import Run, RunState
from .sse import EventStream, EventTooLargeError
from .usage import Meter, Usage

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_RECORDED_BYTES = 2 * 1024**3
"""Of all bodies of one run. Calls that are refused cost no money, so no budget keeps a sandbox from sending them."""

MAX_ANSWER_BYTES = 256 * 1024 * 1024
"""An answer longer than this is cut: no model says as much."""

_log = structlog.get_logger(__name__)


class UpstreamProblem(Exception):
    """The upstream did not do its part.

    :ivar status: what the sandbox is told, if the answer has not begun.
    """

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem


class _Clock:
    """The time limit between two pieces of an answer, at the price of two assignments a piece.

    It runs only while the upstream is waited for: a sandbox that reads slowly is not the upstream's fault.
    """

    def __init__(self, timeout: asyncio.Timeout, idle: float, deadline: float) -> None:
        self._timeout = timeout
        self._idle = idle
        self._deadline = deadline
        self._loop = asyncio.get_running_loop()
        self._checks: asyncio.TimerHandle | None = None
        self._since: float | None = None

    def came(self) -> None:
        """A piece has come, and is passed on."""
        if self._checks is None:
            self._timeout.reschedule(self._deadline)
            self._checks = self._loop.call_later(self._idle, self._check)
        self._since = None

    def waits(self) -> None:
        """The next piece is waited for."""
        self._since = self._loop.time()

    def stop(self) -> None:
        """The answer is at its end."""
        if self._checks is not None:
            self._checks.cancel()

    def _check(self) -> None:
        now = self._loop.time()
        due = now if self._since is None else self._since
        if due + self._idle <= now:
            self._timeout.reschedule(now)
        else:
            self._checks = self._loop.call_at(due + self._idle, self._check)


@dataclass(slots=True)
class Received:
    """A request as it arrived, before anything is done with it."""

    endpoint: Endpoint
    headers: Headers
    body: bytes
    query: str = ""


@dataclass(slots=True)
class Call:
    """A call in flight. :meth:`run` does it all; afterwards it has been recorded, whatever happened.

    :ivar id: stands in for the upstream's request id.
    """

    id: str
    number: int
    run: Run
    received: Received
    asked: Asked
    client: httpx.AsyncClient
    sink: ExchangeSink
    queue: contextlib.AbstractAsyncContextManager[Any]
    answered: bool = False
    """Everything was sent: the sandbox going away now interrupts nothing."""
    _meter: Meter = field(init=False)
    _disguise: Disguise = field(init=False)
    _raw: list[bytes] = field(default_factory=list)
    _size: int = 0
    _status: int | None = None
    _headers: Headers = field(default_factory=list)
    _began: datetime = field(default_factory=lambda: datetime.now(UTC))
    _arrived: float = field(default_factory=time.perf_counter)
    _started: float | None = None
    _first_byte: float | None = None
    _head_sent: bool = False

    def __post_init__(self) -> None:
        asked, model = self.asked.requested_model, self.asked.target.model
        self._meter = Meter(self.received.endpoint.api)
        self._disguise = Disguise(self.run, asked=asked, model=model, call=self.id)

    async def answer(self, send: Send, refuse: Callable[[Refusal], Awaitable[None]]) -> None:
        """Do the call.

        The caller has counted it in ``run.in_flight``; it is taken off here.

        :param refuse: sends an error of the gateway's own, if nothing has been sent yet.
        """
        state: ExchangeState = "interrupted"
        problem: str | None = "the sandbox or Marlin broke off"
        failure: UpstreamProblem | None = None
        try:
            await self._pass_on(send)
            state, problem = "completed", None
        except UpstreamProblem as caught:
            failure = caught
            state, problem = "failed", caught.problem
        finally:
            # Accounted before the agent can know that its answer is whole, and ask again.
            self.run.in_flight -= self.received.endpoint.generates
            exchange = self._account(state, problem)
            try:
                if failure is not None and not self._head_sent:
                    message = "The model took too long." if failure.status == 504 else "The model can't be reached."
                    await refuse(Refusal(failure.status, "api_error", "upstream_error", message))
                elif state == "completed":
                    self.answered = True
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                # Else the connection is cut, as the upstream's was: the server sees an answer that does not end.
            finally:
                await record(self.sink, self.run, exchange)

    # --- the upstream ------------------------------------------------------------------------------------------------

    async def _pass_on(self, send: Send) -> None:
        async with self.queue:
            self._started = time.perf_counter()
            limits = self.run.limits
            loop = asyncio.get_running_loop()
            deadline = loop.time() + limits.total
            try:
                async with asyncio.timeout(min(limits.first_byte, limits.total)) as timeout:
                    clock = _Clock(timeout, limits.idle, deadline)
                    try:
                        async with self._upstream() as response:
                            self._status = response.status_code
                            self._headers = response.headers.multi_items()
                            await self._pass_back(response, self._chunks(response, clock), send)
                    finally:
                        clock.stop()
            except TimeoutError:
                raise self._too_slow(loop.time() >= deadline) from None
            except httpx.ConnectTimeout:
                raise UpstreamProblem(504, f"no connection within {limits.connect:g} s") from None
            except httpx.ConnectError as error:
                raise UpstreamProblem(502, f"no connection: {error}") from None
            except (httpx.TransportError, httpx.DecodingError) as error:
                raise UpstreamProblem(502, f"the upstream broke off: {error}") from None
            except EventTooLargeError:
                raise UpstreamProblem(502, "an event of the stream does not end") from None

    def _too_slow(self, total: bool) -> UpstreamProblem:
        limits = self.run.limits
        if total:
            return UpstreamProblem(504, f"the answer took longer than {limits.total:g} s")
        if self._first_byte is None:
            return UpstreamProblem(504, f"no first byte within {limits.first_byte:g} s")
        return UpstreamProblem(504, f"nothing came for {limits.idle:g} s")

    @contextlib.asynccontextmanager
    async def _upstream(self) -> AsyncIterator[httpx.Response]:
        endpoint, upstream, limits = self.received.endpoint, self.run.upstream, self.run.limits
        url = upstream.url(endpoint.path) + ("?" + self.received.query if self.received.query else "")
        request = self.client.build_request(
            "POST",
            url,
            headers=for_upstream(self.received.headers, upstream, endpoint.api),
            content=self.asked.body,
            timeout=httpx.Timeout(None, connect=limits.connect, write=limits.idle),
        )
        response = await self.client.send(request, stream=True)
        try:
            yield response
        finally:
            await response.aclose()

    async def _chunks(self, response: httpx.Response, clock: _Clock) -> AsyncIterator[bytes]:
        encoded = "content-encoding" in response.headers
        async for chunk in response.aiter_bytes() if encoded else response.aiter_raw():
            if self._first_byte is None:
                self._first_byte = time.perf_counter()
            clock.came()
            self._raw.append(chunk)
            self._size += len(chunk)
            if self._size > MAX_ANSWER_BYTES:
                raise UpstreamProblem(502, f"the answer exceeds {MAX_ANSWER_BYTES // 1024**2} MiB")
            yield chunk
            clock.waits()

    # --- back to the sandbox -----------------------------------------------------------------------------------------

    async def _pass_back(self, response: httpx.Response, chunks: AsyncIterator[bytes], send: Send) -> None:
        kind = response.headers.get("content-type", "")
        if response.status_code == 200 and kind.startswith("text/event-stream"):
            await self._stream(response, chunks, send)
            return
        async for _ in chunks:
            pass
        body = b"".join(self._raw)
        if response.is_success:
            body = self._whole(body)
            headers = for_sandbox(response.headers.items())
        elif response.status_code >= 400:
            disguised = self._disguise.error_body(body)
            if disguised is None:  # a page of somebody's proxy: not the API's shape, and it names its maker
                raise UpstreamProblem(response.status_code, f"status {response.status_code} with {kind or 'no type'}")
            body, headers = disguised, for_sandbox(response.headers.items())
        else:
            raise UpstreamProblem(502, f"the upstream redirects (status {response.status_code}): check its base URL")
        await self._send_head(send, response.status_code, [*headers, (b"content-length", b"%d" % len(body))])
        await send({"type": "http.response.body", "body": body, "more_body": True})

    async def _stream(self, response: httpx.Response, chunks: AsyncIterator[bytes], send: Send) -> None:
        await self._send_head(send, response.status_code, for_sandbox(response.headers.items()))
        stream = EventStream(self._disguise, self._meter)
        try:
            async for chunk in chunks:
                if out := stream.feed(chunk):
                    await send({"type": "http.response.body", "body": out, "more_body": True})
                stream.tap()
        finally:
            rest = stream.finish()
            stream.tap()
            if rest:  # what came before a break is passed on, as it would have been without the gateway
                with contextlib.suppress(OSError):
                    await send({"type": "http.response.body", "body": rest, "more_body": True})

    async def _send_head(self, send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self._head_sent = True
        await send({"type": "http.response.start", "status": status, "headers": headers})

    def _whole(self, body: bytes) -> bytes:
        text, parsed = self._disguise.event(body.decode(errors="surrogateescape"))
        if parsed is None:
            raise UpstreamProblem(502, "the answer is not JSON")
        self._meter.whole(parsed)
        return text.encode(errors="surrogateescape")

    # --- accounts ----------------------------------------------------------------------------------------------------

    def _account(self, state: ExchangeState, problem: str | None) -> Exchange:
        now = time.perf_counter()
        started = self._started if self._started is not None else now
        if state == "interrupted" and self._meter.complete:
            state, problem = "completed", None  # agents hang up after the last event without waiting for the end
        usage, cost = self._usage()
        spent = self.run.spent
        if usage is not None:
            spent.add(usage, cost)
            spent.auxiliary_calls += self.asked.auxiliary is not None
        else:
            spent.failed_calls += self.received.endpoint.generates
        return self._exchange(state, problem, usage, cost, started, now)

    def _usage(self) -> tuple[Usage | None, Decimal | None]:
        if not self.received.endpoint.generates or self._status is None or self._status >= 300 or not self._raw:
            return None, None
        usage = self._meter.usage(len(self.received.body))
        pricing = self.asked.target.pricing
        return usage, pricing.cost(usage) if pricing else None

    def _exchange(
        self,
        state: ExchangeState,
        problem: str | None,
        usage: Usage | None,
        cost: Decimal | None,
        started: float,
        now: float,
    ) -> Exchange:
        secrets = (self.run.upstream.api_key, self.run.token)
        return Exchange(
            id=self.id,
            run_id=self.run.id,
            number=self.number,
            api=self.received.endpoint.api,
            path=self.received.endpoint.path,
            generates=self.received.endpoint.generates,
            requested_model=self.asked.requested_model,
            model=self.asked.target.model,
            auxiliary=self.asked.auxiliary,
            streamed=self.asked.streamed,
            request_headers=redact_headers(self.received.headers),
            request_body=redact(self.received.body, secrets),
            status=self._status,
            response_headers=redact_headers(self._headers),
            response_body=redact(b"".join(self._raw), secrets),
            started_at=self._began,
            queued_seconds=started - self._arrived,
            first_byte_seconds=None if self._first_byte is None else self._first_byte - started,
            seconds=now - started,
            usage=usage,
            cost_usd=cost,
            state=state,
            problem=problem,
        )


def refused_exchange(
    received: Received, run: Run, refusal: Refusal, answer: bytes, *, call: str, number: int, model: str, streamed: bool
) -> Exchange:
    """The record of a call that the gateway answered with an error of its own."""
    return Exchange(
        id=call,
        run_id=run.id,
        number=number,
        api=received.endpoint.api,
        path=received.endpoint.path,
        generates=received.endpoint.generates,
        requested_model=model,
        model=None,
        auxiliary="denied" if refusal.code == "model_not_found" else None,
        streamed=streamed,
        request_headers=redact_headers(received.headers),
        request_body=redact(received.body, (run.upstream.api_key, run.token)),
        status=refusal.status,
        response_headers=[],
        response_body=answer,
        started_at=datetime.now(UTC),
        queued_seconds=0.0,
        first_byte_seconds=None,
        seconds=0.0,
        usage=None,
        cost_usd=None,
        state="refused",
        problem=refusal.message,
    )


async def record(sink: ExchangeSink, run: Run, exchange: Exchange) -> None:
    """Store ``exchange``; if that fails, the run may not call any more, and the operator is told why."""
    _log.info("model call", **_summary(exchange))
    run.recorded_bytes += len(exchange.request_body) + len(exchange.response_body)
    if run.recorded_bytes > MAX_RECORDED_BYTES and run.state is RunState.ACTIVE:
        run.state = RunState.UNRECORDED
        run.problem = f"its calls hold more than {MAX_RECORDED_BYTES // 1024**2} MiB"
        _log.warning("run ended: its records would fill the disk", run=run.id)
    try:
        await sink.record(exchange)
    except Exception as error:
        run.state = RunState.UNRECORDED
        run.problem = str(error)
        _log.error("exchange not recorded", run=run.id, call=exchange.id, problem=str(error))


def _summary(exchange: Exchange) -> Mapping[str, Any]:
    usage = exchange.usage
    return {
        "run": exchange.run_id,
        "call": exchange.id,
        "state": exchange.state,
        "status": exchange.status,
        "problem": exchange.problem,
        "seconds": round(exchange.seconds, 3),
        "first_byte_seconds": exchange.first_byte_seconds and round(exchange.first_byte_seconds, 3),
        "input": usage and usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens,
        "output": usage and usage.output_tokens,
    }
