"""ASGI middleware: request ids and log lines, security headers, the size of bodies, a browser's origin."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from marlin.db import new_id
from marlin.http.problems import problem, unexpected
from marlin.logging import get

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
# The worker that colours code is the one place where WebAssembly may run: it reads what agents wrote, and reaches
# nothing.
COLOUR_WORKER = re.compile(r"/assets/colour-worker-[\w-]+\.js")
COLOUR_WORKER_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_log = get(__name__)


class RequestFrame:
    """The outermost layer: gives each request an id, logs it, adds the security headers, catches what escaped.

    :param secure: whether people reach Marlin by https, so that browsers may be told to insist on it.
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self._headers = dict(_HEADERS)
        if secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = new_id().hex
        scope["marlin.request_id"] = request_id
        began, status = time.perf_counter(), 0

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(raw=message["headers"])
                if COLOUR_WORKER.fullmatch(scope["path"]):
                    headers["Content-Security-Policy"] = COLOUR_WORKER_POLICY
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers["X-Request-ID"] = request_id
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
                message["headers"] = headers.raw
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_framed)
            except Exception as error:
                answer = unexpected(error, request_id)
                if status:  # the answer has begun: all that is left is to break it off
                    raise
                await answer(scope, receive, send_framed)
            finally:
                milliseconds = round((time.perf_counter() - began) * 1000, 1)
                level = _log.debug if status < 400 and scope["method"] in SAFE_METHODS else _log.info
                level("request", method=scope["method"], path=scope["path"], status=status, milliseconds=milliseconds)


class BodyLimit:
    """Refuses bodies that are too large, before or while they are read: 413.

    :param limit: most bytes of a body.
    :param by_prefix: other limits, by the beginning of the path.
    """

    def __init__(self, app: ASGIApp, *, limit: int, by_prefix: Mapping[str, int] | None = None) -> None:
        self.app = app
        self._limit = limit
        self._by_prefix = dict(by_prefix or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = next(
            (most for prefix, most in self._by_prefix.items() if scope["path"].startswith(prefix)), self._limit
        )
        length = Headers(scope=scope).get("content-length")
        if length is not None and (not length.isdigit() or int(length) > limit):
            await self._refuse(limit, scope, receive, send)
            return
        read, answered, refused = 0, False, False

        async def receive_limited() -> Message:
            nonlocal read, refused
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                if read > limit and not answered:
                    # answered here: an exception would come back as the application's idea of a bad body
                    refused = True
                    await self._refuse(limit, scope, receive, send)
                    return {"type": "http.disconnect"}
            return message

        async def send_unless_refused(message: Message) -> None:
            nonlocal answered
            if not refused:
                answered = True
                await send(message)

        try:
            await self.app(scope, receive_limited, send_unless_refused)
        except Exception:
            if not refused:
                raise

    @staticmethod
    async def _refuse(limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        answer = problem(
            413,
            "too-large",
            f"The request's body is larger than {limit} bytes.",
            hint="Send less at a time; large things belong into the repository or an archive.",
            request_id=scope.get("marlin.request_id"),
            headers={"Connection": "close"},
        )
        await answer(scope, receive, send)


class OriginCheck:
    """Refuses what a browser sends from another site's page with the user's cookie: 403.

    Unsafe requests and WebSockets that carry a cookie must come from one of our own origins, by the Origin header or,
    without one, by Sec-Fetch-Site (OWASP, Cross-Site Request Forgery Prevention Cheat Sheet). Programs send neither;
    the token that endpoints ask for covers them, and bearer tokens need no check since no browser adds them by itself.

    :param origins: ours, like ``http://127.0.0.1:8420``.
    """

    def __init__(self, app: ASGIApp, *, origins: frozenset[str]) -> None:
        self.app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._is_ours(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4403, "reason": "another origin"})
        else:
            answer = problem(
                403,
                "cross-origin",
                "The request comes from another site's page.",
                hint=f"Open Marlin at {' or '.join(sorted(self._origins))}; behind a proxy set MARLIN_PUBLIC_URL.",
                request_id=scope.get("marlin.request_id"),
            )
            await answer(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        if scope["type"] not in ("http", "websocket"):
            return True
        if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
            return True
        headers = Headers(scope=scope)
        if "cookie" not in headers or "authorization" in headers:
            return True
        origin = headers.get("origin")
        if origin is not None:
            return origin.lower() in self._origins
        return headers.get("sec-fetch-site") in (None, "same-origin", "none")


def own_origins(base_url: str, host: str, port: int) -> frozenset[str]:
    """The origins under which people open Marlin: its public address, and on loopback each of loopback's names."""
    parts = urlsplit(base_url)
    origins = {f"{parts.scheme}://{parts.netloc}".lower()}
    if host in ("127.0.0.1", "localhost", "::1"):
        origins |= {f"http://{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
    return frozenset(origins)
