"""The WebSocket of a terminal: binary messages are keys and output as they are, text messages are JSON with a ``type``.

The page sends ``resize`` (columns, rows) and ``ack`` (bytes that it has drawn); it gets ``state`` (waiting, with the
number of terminals ahead, and whether a worker has taken it; unreachable), ``attached`` (replay: how many of the next
bytes are old), ``ending`` (seconds left, or null), ``dropped``, ``replaced`` and ``ended`` (reason, exit_code,
message).

This process holds nothing of a terminal: when it is started again, or another one answers, the page is attached to the
same shell by the same row.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from enum import IntEnum
from typing import Any
from uuid import UUID

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from marlin.accounts import NotSignedInError, TermsNotAcceptedError
from marlin.accounts.guards import current_person, signed_in_caller
from marlin.comparisons import visible_comparison
from marlin.db import DatabaseUnavailableError, transaction
from marlin.errors import InvalidInputError, NotFoundError
from marlin.logging import get
from marlin.terminals import queries, service
from marlin.terminals.errors import WorkerUnreachableError
from marlin.terminals.frames import Frame, Kind, control, control_object, read_frame
from marlin.terminals.live import Ending, ended
from marlin.terminals.models import Terminal

router = APIRouter()

STILL_ALLOWED_SECONDS = 60.0
"""Between two looks whether the person is still signed in and may still see the comparison."""
CONNECT_SECONDS = 3.0
LARGEST_MESSAGE = 64 << 10
BREATH = 0.002
"""Seconds between two messages of a page: who sends more of them in a second than fingers and windows do waits, and
takes no more than a share of the loops that serve everybody, here and in the worker."""
SOCKETS_PER_PERSON = 16
_sockets: Counter[UUID] = Counter()
_log = get(__name__)


class Close(IntEnum):
    """Why the server closes a socket (RFC 6455, section 7.4.2: private use)."""

    NOT_SIGNED_IN = 4401
    NOT_FOUND = 4404
    REPLACED = 4409
    TOO_LARGE = 4413
    TOO_MANY = 4429
    AWAY = 4503


@router.websocket("/terminals/{terminal_id}/socket")
async def terminal_socket(websocket: WebSocket, terminal_id: UUID) -> None:
    """Attach to a terminal of mine."""
    await websocket.accept()  # first: a refused handshake could not say why
    person_id: UUID | None = None
    try:
        person_id = (await _admitted(websocket, terminal_id)).person_id
        _sockets[person_id] += 1
        if _sockets[person_id] > SOCKETS_PER_PERSON:
            await websocket.close(Close.TOO_MANY, "too many connections at a time")
            return
        await _Attachment(websocket, terminal_id).serve()
    except (NotSignedInError, TermsNotAcceptedError):
        await _close(websocket, Close.NOT_SIGNED_IN, "not signed in")
    except NotFoundError:
        await _close(websocket, Close.NOT_FOUND, "no such terminal")
    except InvalidInputError:
        await _close(websocket, Close.TOO_LARGE, "a message too large, or none of ours")
    except DatabaseUnavailableError:
        await _close(websocket, Close.AWAY, "the database is away")
    except WebSocketDisconnect:
        pass
    finally:
        if person_id is not None:
            _sockets[person_id] -= 1
            if not _sockets[person_id]:
                del _sockets[person_id]


async def _admitted(websocket: WebSocket, terminal_id: UUID) -> Terminal:
    """The caller's terminal, on a comparison that they may still see.

    :raises NotSignedInError: nobody we know. :raises NotFoundError: not theirs, or no longer.
    """
    async with transaction() as session:
        person = await current_person(await signed_in_caller(websocket, session))
        terminal = await queries.own_terminal(session, terminal_id, person.id)
        await visible_comparison(session, terminal.comparison_id, person)
        return terminal


async def _close(websocket: WebSocket, code: int, reason: str) -> None:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # it is closed already
        await websocket.close(code, reason)


class _Attachment:
    """One page at one terminal."""

    def __init__(self, websocket: WebSocket, terminal_id: UUID) -> None:
        self._websocket = websocket
        self._terminal_id = terminal_id
        self._said = ""
        self._size: dict[str, Any] | None = None

    async def serve(self) -> None:
        """Until the terminal has ended, the page goes, or the person may no longer see it."""
        pause = 0.1
        while True:
            async with transaction() as session:
                terminal = await session.get(Terminal, self._terminal_id)
                if terminal is None:
                    raise NotFoundError("There is no such terminal.", hint="Open a new one.")
                ahead = await queries.count_ahead(session, terminal) if terminal.status == "waiting" else 0
            if terminal.status == "ended":
                ending = Ending(terminal.reason or "lost", terminal.exit_code, terminal.message)  # type: ignore[arg-type]
                await self._tell(ended(ending))
                await self._websocket.close()
                return
            if terminal.status == "open" and await self._relayed(terminal):
                return
            if terminal.status == "waiting":
                await self._state("waiting", ahead=ahead, taken=terminal.executor is not None)
            await self._pause(pause)
            pause = min(pause * 1.5, 1.0)

    async def _tell(self, frame: Frame) -> None:
        await self._websocket.send_text(frame.data.decode())

    async def _state(self, state: str, **fields: Any) -> None:
        frame = control("state", state=state, **fields)
        if frame.data.decode() != self._said:
            self._said = frame.data.decode()
            await self._tell(frame)

    async def _pause(self, seconds: float) -> None:
        """Wait; what the page says meanwhile is its size, or that it goes."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    frame = _frame(await self._websocket.receive())
                    if frame.control().get("type") == "resize":
                        self._size = frame.control()
                    await asyncio.sleep(BREATH)

    async def _relayed(self, terminal: Terminal) -> bool:
        """Carry bytes to and from the worker; whether all is said that is to be said."""
        try:
            reader, writer = await self._connect(terminal)
        except WorkerUnreachableError:
            await self._unreachable(terminal)
            return False
        self._said = ""
        try:
            if self._size is not None:
                writer.write(Frame(Kind.CONTROL, json.dumps(self._size).encode()).encode())
            return await self._carry(reader, writer)
        finally:
            writer.close()

    async def _connect(self, terminal: Terminal) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, _, port = (terminal.address or ":0").rpartition(":")
        async with transaction() as session:
            ticket = await service.make_ticket(session, terminal.id)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 17)
        except (OSError, TimeoutError) as error:
            raise WorkerUnreachableError(
                "The worker that keeps the terminal does not answer.", hint="Open a new terminal."
            ) from error
        writer.write(control("hello", terminal=str(terminal.id), ticket=ticket).encode())
        return reader, writer

    async def _unreachable(self, terminal: Terminal) -> None:
        async with transaction() as session:
            row = await queries.locked(session, terminal.id)
            if row.executor == terminal.executor and not await queries.worker_lives(
                session, row.executor, silent=self._websocket.app.state.settings.heartbeat_limit
            ):
                service.end(row, "lost", message=service.LOST)
                return
        _log.warning("a terminal's worker can't be reached", terminal=str(terminal.id), address=terminal.address)
        await self._state("unreachable")

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        down = asyncio.create_task(self._down(reader))
        parts = {down, asyncio.create_task(self._up(writer)), asyncio.create_task(self._still_allowed())}
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
            return down in done and down.result()
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)

    async def _down(self, reader: asyncio.StreamReader) -> bool:
        while (frame := await read_frame(reader)) is not None:
            if frame.kind is Kind.OUTPUT:
                await self._websocket.send_bytes(frame.data)
                continue
            await self._tell(frame)
            kind = frame.control().get("type")
            if kind in ("ended", "replaced"):
                await self._websocket.close(1000 if kind == "ended" else Close.REPLACED, kind)
                return True
        return False

    async def _up(self, writer: asyncio.StreamWriter) -> None:
        while True:
            frame = _frame(await self._websocket.receive())
            if frame.control().get("type") == "resize":
                self._size = frame.control()
            writer.write(frame.encode())
            with contextlib.suppress(ConnectionError):  # the other direction notices, and says so
                await writer.drain()
            await asyncio.sleep(BREATH)

    async def _still_allowed(self) -> None:
        while True:
            await asyncio.sleep(STILL_ALLOWED_SECONDS)
            with contextlib.suppress(DatabaseUnavailableError):
                await _admitted(self._websocket, self._terminal_id)


def _frame(message: Any) -> Frame:
    """A page's message as a frame.

    :raises WebSocketDisconnect: the page is gone. :raises InvalidInputError: too large, or text that is no control.
    """
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    data, text = message.get("bytes"), message.get("text")
    if data is not None and len(data) <= LARGEST_MESSAGE:
        return Frame(Kind.INPUT, data)
    if text is not None and len(text) <= 1000 and (found := control_object(text)):
        return Frame(Kind.CONTROL, json.dumps(found).encode())
    raise InvalidInputError("Not a message of a terminal's page.", hint="Reload the page.")
