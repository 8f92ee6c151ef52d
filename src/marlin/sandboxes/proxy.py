"""The proxy that a sandbox with egress reaches the allowed hosts through: CONNECT, and plain GET for apt.

It runs on the host and listens inside the sandbox's network namespace. A name is resolved here, its addresses are
checked, and exactly the checked address is connected to: a name that changes its address between check and connection
gains nothing. On a machine that itself reaches the world through a proxy, connections go through that one: to the
checked address as well, unless the rules name the host, since that proxy's name server may be told something else.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from marlin import logging
from marlin.sandboxes.egress import EgressLog, is_listed, is_named, is_trusted, normal_host, usable
from marlin.sandboxes.protocol import Egress

PORT = 3128
_HEAD_LIMIT = 32 << 10
_CHUNK = 1 << 16
_CONNECT_SECONDS = 20.0
_IDLE_SECONDS = 300.0
_HEAD_SECONDS = 30.0
_MAX_CONNECTIONS = 128
_HOP_HEADERS = (b"connection", b"proxy-connection", b"proxy-authorization", b"keep-alive", b"host", b"upgrade", b"te")
_log = logging.get(__name__)


class _RefusedError(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class UpstreamProxy:
    """The proxy that this machine itself must use."""

    host: str
    port: int
    authorization: str | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], host: str) -> UpstreamProxy | None:
        """The one that ``http_proxy``, ``https_proxy`` and ``no_proxy`` say for ``host``; None: connect directly.

        :raises ValueError: it is not an ``http://`` address (nothing else is understood here).
        """
        lowered = {name.lower(): value for name, value in environ.items()}
        url = lowered.get("https_proxy") or lowered.get("http_proxy") or lowered.get("all_proxy")
        if not url or _is_exempt(host, lowered.get("no_proxy", "")):
            return None
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"this machine's proxy is no http:// address: {parts.scheme}://{parts.hostname}")
        authorization = None
        if parts.username:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            authorization = "Basic " + base64.b64encode(pair.encode()).decode()
        return cls(parts.hostname, parts.port or 3128, authorization)


def _is_exempt(host: str, no_proxy: str) -> bool:
    for entry in (part.strip().lower() for part in no_proxy.split(",")):
        if entry == "*" or (entry and (host == entry.lstrip(".*") or host.endswith("." + entry.lstrip(".*")))):
            return True
    return False


class EgressProxy:
    """One sandbox's way out."""

    def __init__(self, listener: socket.socket, egress: Egress, *, environ: Mapping[str, str] | None = None) -> None:
        self._listener = listener
        self._egress = egress
        self._environ = dict(os.environ if environ is None else environ)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.log = EgressLog()

    async def start(self) -> None:
        """Begin to serve."""
        self._server = await asyncio.start_server(self._accept, sock=self._listener, limit=_HEAD_LIMIT)

    async def stop(self) -> None:
        """End all connections."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if len(self._tasks) > _MAX_CONNECTIONS:
                await _answer(writer, 503, "too many connections from this sandbox")
                return
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError, OSError, asyncio.CancelledError):
            pass  # the end of a connection, whoever ended it, is no news
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            await _answer(writer, 431, "the request's head is too long")
            return
        line, *headers = head[:-4].split(b"\r\n")
        try:
            method, target, _ = line.decode("ascii").split(" ")
            host, port = _destination(method, target)
        except (ValueError, UnicodeDecodeError):
            await _answer(writer, 400, "only CONNECT host:port and GET http://… are understood here")
            return
        try:
            upstream = await self._connect(host, port)
        except _RefusedError as refusal:
            self.log.add(host, port, allowed=False, reason=str(refusal))
            _log.info("egress refused", host=host, port=port, reason=str(refusal))
            await _answer(writer, refusal.status, f"{host}:{port} refused: {refusal}")
            return
        try:
            await self._relay(method, target, headers, (reader, writer), upstream)
        finally:
            upstream[1].close()

    async def _relay(
        self,
        method: str,
        target: str,
        headers: list[bytes],
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        reader, writer = client
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(_copy(reader, upstream[1]))
                    group.create_task(_copy(upstream[0], writer))
            except* (OSError, TimeoutError):
                pass  # either side hung up: the other's connection is closed too
            return
        # Nothing that follows the head is passed on: a second request could name another host.
        upstream[1].write(_origin_request(method, target, headers))
        await upstream[1].drain()
        await _copy(upstream[0], writer)

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to an allowed host, at an address that was checked.

        :raises _RefusedError: the rules say no, or it can't be reached.
        """
        if not is_named(host, port, self._egress):
            raise _RefusedError(403, "not on the list of allowed hosts and ports")
        trusted = is_trusted(host, port, self._egress)
        try:
            via = UpstreamProxy.from_environment(self._environ, host)
            async with asyncio.timeout(_CONNECT_SECONDS):
                addresses = await self._resolve(host, port)
                allowed = usable(addresses, trusted=trusted)
                if addresses and not allowed:
                    raise _RefusedError(403, f"it resolves to {addresses[0]}, which is not a public address")
                if via is not None:
                    connection = await _through(via, self._via_target(host, port, allowed), port)
                    self.log.add(host, port, allowed=True, reason="through this machine's proxy")
                    return connection
                return await self._connect_first(host, port, allowed)
        except ValueError as error:
            raise _RefusedError(502, str(error)) from error
        except TimeoutError:
            raise _RefusedError(504, f"no answer within {_CONNECT_SECONDS:g} s") from None

    def _via_target(self, host: str, port: int, checked: list[str]) -> str:
        """What this machine's proxy is asked to connect to.

        :raises _RefusedError: a host of somebody's choice that is unknown here: nobody could say where it leads.
        """
        if is_listed(host, port, self._egress):
            return host
        if not checked:
            raise _RefusedError(403, "its name is unknown here, so that its address can't be checked")
        return checked[0]

    async def _resolve(self, host: str, port: int) -> list[str]:
        """All addresses of a name; none when it is unknown."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return []
        return list(dict.fromkeys(str(info[4][0]) for info in found))

    async def _connect_first(
        self, host: str, port: int, addresses: list[str]
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reason = "its name is unknown"
        for address in addresses:
            try:
                connection = await asyncio.open_connection(address, port, limit=_CHUNK)
            except OSError as error:
                reason = error.strerror or str(error)
                continue
            self.log.add(host, port, allowed=True, reason=address)
            return connection
        raise _RefusedError(502, f"it can't be reached: {reason}")


def _destination(method: str, target: str) -> tuple[str, int]:
    if method == "CONNECT":
        host, separator, port = target.rpartition(":")
        if not separator or not host:
            raise ValueError(target)
        return normal_host(host), int(port)
    parts = urlsplit(target)
    if method not in ("GET", "HEAD") or parts.scheme != "http" or not parts.hostname or parts.username:
        raise ValueError(target)
    return normal_host(parts.hostname), parts.port or 80


def _origin_request(method: str, target: str, headers: list[bytes]) -> bytes:
    parts = urlsplit(target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kept = [h for h in headers if h.partition(b":")[0].strip().lower() not in _HOP_HEADERS and not h[:1].isspace()]
    lines = [f"{method} {path} HTTP/1.1".encode(), b"Host: " + parts.netloc.encode(), *kept, b"Connection: close"]
    return b"\r\n".join(lines) + b"\r\n\r\n"


async def _through(via: UpstreamProxy, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        reader, writer = await asyncio.open_connection(via.host, via.port, limit=_HEAD_LIMIT)
    except OSError as error:
        raise _RefusedError(502, f"this machine's proxy can't be reached: {error}") from error
    name = f"[{host}]" if ":" in host else host
    lines = [f"CONNECT {name}:{port} HTTP/1.1", f"Host: {name}:{port}"]
    if via.authorization is not None:
        lines.append(f"Proxy-Authorization: {via.authorization}")
    writer.write("\r\n".join([*lines, "", ""]).encode())
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    status = head.split(b" ", 2)[1:2]
    if status != [b"200"]:
        writer.close()
        raise _RefusedError(502, f"this machine's proxy answered {head.splitlines()[0].decode(errors='replace')}")
    return reader, writer


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on until their end, then tell the other side of it."""
    while True:
        async with asyncio.timeout(_IDLE_SECONDS):
            data = await reader.read(_CHUNK)
            if not data:
                break
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        if writer.can_write_eof():
            writer.write_eof()


async def _answer(writer: asyncio.StreamWriter, status: int, text: str) -> None:
    body = f"{text}\n".encode()
    head = f"HTTP/1.1 {status} Refused\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
    await writer.drain()
