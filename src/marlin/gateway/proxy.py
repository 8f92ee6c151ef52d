"""The gateway as an ASGI application: who calls, what for, and whether they may."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import structlog
from starlette.types import ASGIApp, Receive, Scope

from .apis import ENDPOINTS, MODELS_PATH, Api, Refusal, error_body, guess_api, model_body, models_body
from .asking import MAX_REQUEST_BYTES, Parsed, ask, check_state, decompress, out_of_budget, parse, too_large
from .calls import Call, Received, Send, record, refused_exchange
from .exchanges import ExchangeSink
from .headers import Headers, presented_tokens
from .runs import Run, RunState, RunTable, Spent, Upstream, same_token

MAX_HELD_BYTES = 4 * MAX_REQUEST_BYTES
"""Of request bodies of one run in memory at a time."""

_log = structlog.get_logger(__name__)


def make_client() -> httpx.AsyncClient:
    """The HTTP client for upstreams: HTTP/1.1, connections kept alive, small writes sent at once.

    It honours the operator's proxy and certificate variables, but reaches loopback directly.
    """
    options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=256, keepalive_expiry=30.0)
    certificates = httpx.create_ssl_context()  # once: reading them takes longer than all the rest
    direct = httpx.AsyncHTTPTransport(verify=certificates, limits=limits, socket_options=options)
    # Upstreams set cookies; kept, they would tie together the calls of different runs.
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(
        verify=certificates,
        cookies=no_cookies,
        limits=limits,
        follow_redirects=False,
        timeout=httpx.Timeout(None, connect=10.0),
        mounts={"all://127.0.0.1": direct, "all://localhost": direct, "all://[::1]": direct},
    )


class ClientGone(Exception):
    """The sandbox closed its connection while it was sending."""


@dataclass(slots=True)
class _Request:
    """One HTTP request, and how to answer it."""

    scope: Scope
    receive: Receive
    send: Send
    path: str
    method: str
    headers: Headers
    api: Api
    id: str = field(default_factory=lambda: "req_" + secrets.token_hex(12))
    held: int = 0
    """Bytes of its body in memory."""

    @property
    def anthropic(self) -> bool:
        return self.api is Api.ANTHROPIC

    async def reply(self, status: int, body: bytes, *, stop: bool = False) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        if stop:
            headers.append((b"x-should-retry", b"false"))  # the vendors' own client libraries heed it
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        sent = b"" if self.method == "HEAD" else body
        await self.send({"type": "http.response.body", "body": sent, "more_body": False})

    async def refuse(self, refusal: Refusal) -> bytes:
        body = error_body(self.api, refusal, call=self.id)
        await self.reply(refusal.status, body, stop=refusal.status < 500)
        return body


class Gateway:
    """Passes model calls of sandboxes on to upstreams. An ASGI application for all its runs; see also :meth:`for_run`.

    :param sink: where each call's exchange is kept.
    :param runs: the table; by default a new one.
    :param client: for the upstreams; by default :func:`make_client`.
    """

    def __init__(
        self, sink: ExchangeSink, *, runs: RunTable | None = None, client: httpx.AsyncClient | None = None
    ) -> None:
        self.runs = RunTable() if runs is None else runs
        self._sink = sink
        self._client = client or make_client()
        self._numbers: Counter[str] = Counter()
        self._held: Counter[str] = Counter()
        self._calls: dict[str, set[asyncio.Task[None]]] = {}
        self._queues: dict[tuple[str, str], asyncio.Semaphore] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve any run of the table."""
        await self._serve(scope, receive, send, None)

    def for_run(self, run: Run) -> ASGIApp:
        """The application for one run's listener: there, another run's token is worth nothing."""

        async def app(
            scope: Scope, receive: Receive, send: Callable[[MutableMapping[str, Any]], Awaitable[None]]
        ) -> None:
            await self._serve(scope, receive, send, run)

        return app

    async def finish(self, run: Run, *, grace: float = 2.0) -> Spent:
        """End ``run``: no new calls; those in flight get ``grace`` seconds, then they are interrupted.

        :returns: what it used. When this returns, every exchange has been recorded.
        """
        self.runs.remove(run)
        tasks = self._calls.pop(run.id, set())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._numbers.pop(run.id, None)
        self._held.pop(run.id, None)
        return run.spent

    async def aclose(self) -> None:
        """End all runs and close the connections to upstreams."""
        await asyncio.gather(*(self.finish(run, grace=0.0) for run in self.runs))
        await self._client.aclose()

    # --- one request -------------------------------------------------------------------------------------------------

    async def _serve(self, scope: Scope, receive: Receive, send: Send, bound: Run | None) -> None:
        if scope["type"] != "http":
            return
        headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        path = scope["path"]
        api = guess_api(path, dict(headers))
        request = _Request(scope, receive, send, path, scope["method"], headers, api)
        try:
            await self._route(request, self._authenticate(request, bound))
        except Refusal as refusal:
            await request.refuse(refusal)
        except ClientGone:
            return
        except Exception:
            _log.exception("the gateway failed", call=request.id)
            with contextlib.suppress(Exception):  # the answer may have begun
                await request.refuse(Refusal(500, "api_error", "internal_error", "The gateway failed."))

    def _authenticate(self, request: _Request, bound: Run | None) -> Run:
        for token in presented_tokens(request.headers):
            run = self.runs.get(token)
            if run is not None and (bound is None or run is bound):
                return run
            if bound is not None and bound.state is not RunState.ACTIVE and same_token(bound, token):
                check_state(bound, request.api)  # its own sandbox learns why there is no more
        raise Refusal(401, "authentication_error", "invalid_api_key", "The API key is not valid here.")

    async def _route(self, request: _Request, run: Run) -> None:
        endpoint = ENDPOINTS.get(request.path)
        if request.path == MODELS_PATH and request.method in ("GET", "HEAD"):
            await request.reply(200, models_body(run.requested_model, anthropic=request.anthropic))
        elif request.path == f"{MODELS_PATH}/{run.requested_model}" and request.method in ("GET", "HEAD"):
            await request.reply(200, model_body(run.requested_model, anthropic=request.anthropic))
        elif endpoint is None:
            raise Refusal(404, "not_found_error", "not_found", "There is nothing at this path.")
        elif request.method != "POST":
            raise Refusal(405, "invalid_request_error", "method_not_allowed", "Use POST.")
        else:
            check_state(run, endpoint.api)
            try:
                body = await self._body(request, run)
                await self._call(request, run, Received(endpoint, request.headers, body, _query(request.scope)))
            finally:
                self._held[run.id] -= request.held

    async def _call(self, request: _Request, run: Run, received: Received) -> None:
        self._numbers[run.id] += 1
        number = self._numbers[run.id]
        parsed: Parsed | None = None
        try:
            parsed = parse(received.body)
            asked = ask(run, received.endpoint, parsed)
            if received.endpoint.generates and not run.may_call():
                raise out_of_budget()
            run.in_flight += received.endpoint.generates
        except Refusal as refusal:
            run.spent.refused_calls += 1
            answer = error_body(request.api, refusal, call=request.id)
            exchange = refused_exchange(
                received,
                run,
                refusal,
                answer,
                call=request.id,
                number=number,
                model=parsed.model if parsed else "",
                streamed=parsed is not None and parsed.fields.get("stream") is True,
            )
            await record(self._sink, run, exchange)
            raise
        queue = self._queue(run.upstream, asked.target.model)
        call = Call(request.id, number, run, received, asked, self._client, self._sink, queue)
        await self._attend(request, run, call)

    async def _attend(self, request: _Request, run: Run, call: Call) -> None:
        """Run the call to its end, or until the sandbox goes away: then the upstream is let go."""

        async def refuse(refusal: Refusal) -> None:
            await request.refuse(refusal)

        task = asyncio.create_task(call.answer(request.send, refuse))
        gone = asyncio.create_task(_gone(request.receive))
        tasks = self._calls.setdefault(run.id, set())
        tasks.add(task)
        try:
            await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
            if gone.done() and call.answered:
                await asyncio.wait((task,))
        finally:
            gone.cancel()
            if not task.done():
                task.cancel()
            await asyncio.gather(task, gone, return_exceptions=True)
            tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error

    async def _body(self, request: _Request, run: Run) -> bytes:
        parts: list[bytes] = []
        more = True
        while more:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            parts.append(message.get("body", b""))
            request.held += len(parts[-1])
            self._held[run.id] += len(parts[-1])
            # All requests of a run together: what is in the sandbox is not trusted with the host's memory.
            if request.held > MAX_REQUEST_BYTES or self._held[run.id] > MAX_HELD_BYTES:
                raise too_large()
            more = message.get("more_body", False)
        encoding = dict(request.headers).get("content-encoding", "").strip().lower()
        return decompress(b"".join(parts), encoding)

    def _queue(self, upstream: Upstream, model: str) -> contextlib.AbstractAsyncContextManager[Any]:
        if upstream.max_concurrent is None:
            return contextlib.nullcontext()
        key = (upstream.name, model)
        if key not in self._queues:
            self._queues[key] = asyncio.Semaphore(upstream.max_concurrent)
        return self._queues[key]


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _query(scope: Scope) -> str:
    """``beta=true`` is part of Anthropic's own addresses; nothing else passes, because it could steer the upstream."""
    pairs = parse_qsl(scope.get("query_string", b"").decode("latin-1"))
    return urlencode([(name, value) for name, value in pairs if name == "beta"])
