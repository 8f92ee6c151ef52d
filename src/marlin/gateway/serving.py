"""Serving an application on sockets that were made elsewhere: many listeners in a process, no signal handlers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import stat
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from .errors import ListenError

_KEEP_ALIVE_SECONDS = 3600
"""Agents keep a connection while they run commands. Closing it first would race with their next call."""

_MOST_CONNECTIONS = 64
"""Of one listener: what is behind it is not trusted."""


class Serving:
    """A listener that serves until it is closed. An asynchronous context manager."""

    def __init__(self, server: uvicorn.Server, *, path: Path | None = None) -> None:
        self._server = server
        self._path = path

    async def close(self, *, grace: float = 2.0) -> None:
        """Accept no more, let answers in flight end for ``grace`` seconds, then cut them. Harmless when repeated."""
        state = self._server.server_state
        for server in self._server.servers:
            server.close()
        for connection in list(state.connections):
            connection.shutdown()  # an idle one closes now, a busy one after its answer
        if state.tasks:
            await asyncio.wait(set(state.tasks), timeout=grace)
        for connection in list(state.connections):
            transport = connection.transport
            if transport is not None:
                transport.abort()  # the application sees that the client is gone, and ends its call
        if state.tasks:
            _, stuck = await asyncio.wait(set(state.tasks), timeout=grace)
            for task in stuck:
                task.cancel()
            await asyncio.gather(*stuck, return_exceptions=True)
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None

    async def __aenter__(self) -> Serving:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def serve(app: ASGIApp, listener: socket.socket) -> Serving:
    """Serve ``app`` on a listening stream socket, also one of another network namespace; it is closed with the serving.

    :raises ListenError: it is not a listening socket.
    """
    if listener.type != socket.SOCK_STREAM or not listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        raise ListenError("The gateway was given a socket that does not listen.", hint="Call listen() on it first.")
    listener.setblocking(False)
    if listener.family in (socket.AF_INET, socket.AF_INET6):
        # Accepted connections inherit it. asyncio does this itself only for sockets whose protocol number is spelt out;
        # else a chunk waits up to 40 ms for the acknowledgement of the one before.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return await _start(_config(app), listener)


async def serve_unix(app: ASGIApp, path: Path) -> Serving:
    """Serve ``app`` on a new Unix socket at ``path``; a socket that a dead process left there is replaced.

    :raises ListenError: there is something else, or a living server, at ``path``; or it is too long (about 100 bytes).
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_dead_socket(path)
        listener.bind(os.fspath(path))
        listener.listen(128)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise ListenError(
            f"The gateway can't listen at {path}: {error.strerror or error}.",
            hint="Use a short path, in a folder that Marlin may write to, at which there is nothing.",
        ) from error
    return await _start(_config(app), listener, path=path)


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        limit_concurrency=_MOST_CONNECTIONS,
    )


async def _start(config: uvicorn.Config, listener: socket.socket, *, path: Path | None = None) -> Serving:
    # Server.serve() would take over the process's signals and wake up ten times a second; its parts don't.
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    return Serving(server, path=path)


def _remove_dead_socket(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            return  # bind() will say that the path is taken
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(os.fspath(path))
            except ConnectionRefusedError:
                path.unlink()
