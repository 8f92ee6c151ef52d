"""Requests that may be sent twice: the ``Idempotency-Key`` header.

The first request with a key claims it; its answer is kept and given again to every repetition. The claim is marked as
carried out in the same transaction as the request's work (``marlin.before_commit``), so that after a crash Marlin knows
whether the work was done: then it says so, instead of doing it again. Only successful answers are kept: after any other
nothing was stored, and the key is free again.

After draft-ietf-httpapi-idempotency-key-header: another request under the same key is refused (422), a repetition while
the first is in progress, too (409).
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi.responses import Response
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from marlin.db import DatabaseUnavailableError, current_database, now
from marlin.db.models import IdempotentRequest
from marlin.errors import ConflictError, InvalidInputError, MarlinError
from marlin.http.middleware import SAFE_METHODS
from marlin.http.problems import marlin_problem
from marlin.logging import get

HEADER = "idempotency-key"
NOT_KEPT = "marlin.answer_not_kept"
"""Key in the ASGI scope that an endpoint sets when its answer holds a secret: then it is not kept for repetitions."""
IN_PROGRESS_LIMIT = timedelta(seconds=60)
"""After this long without an answer or a commit, the process that carried the request out is taken for dead."""
_LONGEST_KEY = 200
_REPEAT = "Send it again in a second, with the same key: it gets the first one's answer."
_LARGEST_ANSWER = 1 << 20
_log = get(__name__)


class KeyReusedError(InvalidInputError):
    """The key was used for another request."""

    code = "idempotency-key-reused"


class InProgressError(ConflictError):
    """The first request with this key has not been answered yet."""

    code = "in-progress"


class AnswerLostError(ConflictError):
    """The request was carried out, but Marlin was interrupted before it could keep the answer."""

    code = "answer-lost"


class ClaimLostError(ConflictError):
    """A repetition took the claim over, because this request took too long."""

    code = "claim-lost"


@dataclass
class _Claim:
    id: int
    at: datetime

    async def mark(self, session: AsyncSession) -> None:
        """Note within the request's transaction that its work is done.

        :raises ClaimLostError: if a repetition has taken over; the transaction must not be committed.
        """
        done = await session.execute(
            update(IdempotentRequest)
            .where(IdempotentRequest.id == self.id, IdempotentRequest.at == self.at)
            .values(committed=True)
        )
        if done.rowcount != 1:  # type: ignore[attr-defined]
            raise ClaimLostError(
                "The request took too long, and a repetition of it took over.",
                hint="Nothing is lost: look at the present state.",
            )


class Idempotency:
    """The middleware. Looks only at unsafe requests under ``/api/`` that have the header and credentials.

    :param admit: raises if the credentials of a request are good no longer: then nobody gets a kept answer by them.
    """

    def __init__(self, app: ASGIApp, *, admit: Callable[[Request], Awaitable[None]]) -> None:
        self.app = app
        self._admit = admit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        key = headers.get(HEADER)
        credentials = headers.get("authorization") or headers.get("cookie")
        if not key or not credentials or scope["method"] in SAFE_METHODS or not scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
            return
        try:
            if len(key) > _LONGEST_KEY:
                raise InvalidInputError(
                    f"An Idempotency-Key has at most {_LONGEST_KEY} characters.", hint="Use a UUID."
                )
            body = await _read(receive)
            found = await _claim(hashlib.sha256(credentials.encode()).hexdigest(), key, _digest(scope, body))
            if not isinstance(found, _Claim):
                await self._admit(Request(scope))
        except MarlinError as error:
            await marlin_problem(error, scope.get("marlin.request_id"))(scope, receive, send)
            return
        if isinstance(found, _Claim):
            await self._carry_out(found, body, scope, receive, send)
        else:
            await found(scope, receive, send)

    async def _carry_out(self, claim: _Claim, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("marlin.before_commit", []).append(claim.mark)
        delivered = False
        start: Message = {}
        chunks: list[bytes] = []

        async def receive_again() -> Message:
            nonlocal delivered
            if delivered:
                return await receive()
            delivered = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send_kept(message: Message) -> None:
            # held back until it is stored: a client that has its answer can count on getting the same again
            if message["type"] == "http.response.start":
                start.update(message)
                return
            chunks.append(message.get("body", b""))
            if not message.get("more_body"):
                await _settle(claim, start, b"".join(chunks), secret=scope.get(NOT_KEPT, False))
                await send(start)
                await send({"type": "http.response.body", "body": b"".join(chunks)})

        try:
            await self.app(scope, receive_again, send_kept)
        except BaseException:
            if not start:
                await _release(claim)
            raise


async def _claim(caller: str, key: str, digest: bytes) -> _Claim | Response:
    """Claim ``key``, or give the answer of the request that has it.

    :raises MarlinError: if it was used for another request, is in progress, or its answer was lost.
    """
    async with current_database().transaction() as session:
        at = now()
        inserted = await session.scalar(
            insert(IdempotentRequest)
            .values(caller=caller, key=key, digest=digest, at=at, headers={}, committed=False)
            .on_conflict_do_nothing(index_elements=["caller", "key"])
            .returning(IdempotentRequest.id)
        )
        if inserted is not None:
            return _Claim(inserted, at)
        known = await session.scalar(
            select(IdempotentRequest)
            .where(IdempotentRequest.caller == caller, IdempotentRequest.key == key)
            .with_for_update()
        )
        if known is None:
            raise InProgressError(
                "The first request with this Idempotency-Key is just ending.", hint=_REPEAT, retry_after=1
            )
        if known.digest != digest:
            raise KeyReusedError(
                "This Idempotency-Key was used for another request.", hint="Use a new key for each new request."
            )
        if known.status is not None:
            return _replay(known)
        stale = known.at < at - IN_PROGRESS_LIMIT
        if known.committed and stale:
            raise AnswerLostError(
                "The request was carried out, but its answer was lost when Marlin was interrupted.",
                hint="Look at the present state; do not send it again under another key.",
            )
        if not stale:
            raise InProgressError(
                "The first request with this Idempotency-Key is in progress.", hint=_REPEAT, retry_after=1
            )
        known.at = at
        return _Claim(known.id, at)


async def _settle(claim: _Claim, start: Message, body: bytes, *, secret: bool) -> None:
    """Keep the answer if it is one to keep, else free the key. Secrets are shown once and never stored in clear."""
    headers = Headers(raw=start["headers"])
    keep = 200 <= start["status"] < 400 and len(body) <= _LARGEST_ANSWER and "set-cookie" not in headers and not secret
    if not keep:
        await _release(claim)
        return
    values = {"status": start["status"], "headers": dict(headers), "body": body}
    try:
        async with current_database().transaction() as session:
            await session.execute(
                update(IdempotentRequest)
                .where(IdempotentRequest.id == claim.id, IdempotentRequest.at == claim.at)
                .values(values)
            )
    except DatabaseUnavailableError as error:
        _log.warning("an answer could not be kept for repetitions", reason=error.message)


async def _release(claim: _Claim) -> None:
    try:
        async with current_database().transaction() as session:
            await session.execute(
                delete(IdempotentRequest).where(IdempotentRequest.id == claim.id, IdempotentRequest.at == claim.at)
            )
    except DatabaseUnavailableError as error:
        _log.warning("an Idempotency-Key stays claimed for a minute", reason=error.message)


def _replay(known: IdempotentRequest) -> Response:
    assert known.status is not None
    answer = Response(known.body or b"", status_code=known.status)
    kept: dict[str, Any] = {**known.headers, "idempotent-replay": "true"}
    answer.raw_headers = [(name.encode("latin-1"), str(value).encode("latin-1")) for name, value in kept.items()]
    return answer


async def _read(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConflictError("The client left before the request was complete.", hint="Send it again.")
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def _digest(scope: Scope, body: bytes) -> bytes:
    parts = (scope["method"].encode(), scope["path"].encode(), scope.get("query_string", b""), body)
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).digest()
