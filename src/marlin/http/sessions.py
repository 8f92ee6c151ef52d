"""The transaction of a request, as endpoints take it: their parameter ``session: Session``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from marlin.db import current_database


async def _request_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with current_database().transaction() as session:
        yield session
        for mark in connection.scope.get("marlin.before_commit", ()):
            await mark(session)  # e.g. that the request with this Idempotency-Key was carried out


Session = Annotated[AsyncSession, Depends(_request_session, scope="function")]
"""An endpoint's transaction. ``scope="function"``: it is committed before the first byte of the answer is sent, so that
what a client was told is in the database."""
