"""Forgetting the answers that :mod:`marlin.http.idempotency` keeps. Workers do it, which serve no requests."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from marlin.db import current_database, now
from marlin.db.models import IdempotentRequest

KEEP = timedelta(days=1)
"""For this long a request can be repeated under its key."""


async def prune_idempotent_requests() -> int:
    """Forget requests older than a day.

    :returns: how many.
    """
    async with current_database().transaction() as session:
        gone = await session.execute(delete(IdempotentRequest).where(IdempotentRequest.at < now() - KEEP))
        return int(gone.rowcount)  # type: ignore[attr-defined]
