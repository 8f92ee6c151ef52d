"""What the comparison's page does at a terminal's socket, without a browser."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.factories.people import Browser
from tests.factories.place import Place
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PATIENCE = 90.0


class Page:
    """One attachment: it draws at once, and says so, unless it is told not to."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.drawn = b""
        self.told: list[dict[str, Any]] = []
        self.draws = True

    async def hear(self) -> None:
        """Take the next message."""
        message = await self._socket.recv()
        if isinstance(message, bytes):
            self.drawn += message
            if self.draws:
                with contextlib.suppress(ConnectionClosed):  # it was closed behind messages that are still to be heard
                    await self.say("ack", bytes=len(message))
        else:
            self.told.append(json.loads(message))

    async def say(self, kind: str, **fields: Any) -> None:
        await self._socket.send(json.dumps({"type": kind, **fields}))

    async def type(self, keys: str | bytes) -> None:
        """Press keys, once there is a shell to take them."""
        await self.hears("attached")
        await self._socket.send(keys.encode() if isinstance(keys, str) else keys)

    async def sees(self, words: bytes) -> None:
        """Wait until it is drawn."""
        async with asyncio.timeout(PATIENCE):
            while words not in self.drawn:
                await self.hear()

    async def hears(self, kind: str) -> dict[str, Any]:
        """The first control message of a kind."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for told in self.told:
                    if told["type"] == kind:
                        return told
                await self.hear()

    async def closed(self) -> int | None:
        """Listen until the socket is closed; its code."""
        async with asyncio.timeout(PATIENCE):
            try:
                while True:
                    await self.hear()
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else None


@asynccontextmanager
async def at(place: Place, terminal_id: str, *, who: Browser | None = None, origin: str = "") -> AsyncIterator[Page]:
    """A page at a terminal, signed in as its owner."""
    headers = {
        "Cookie": place.cookie(who or place.owner),
        "Origin": origin or f"http://127.0.0.1:{place.port}",
    }
    async with connect(place.socket_url(terminal_id), additional_headers=headers, max_size=None) as socket:
        yield Page(socket)
