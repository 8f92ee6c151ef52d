"""Reads of terminals."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.db import Worker
from marlin.terminals.errors import TerminalNotFoundError
from marlin.terminals.models import Terminal


async def own_terminal(session: AsyncSession, terminal_id: UUID, person_id: UUID) -> Terminal:
    """A person's terminal. Nobody has a use for another's, whatever their role.

    :raises TerminalNotFoundError: it does not exist or is someone else's.
    """
    terminal = await session.get(Terminal, terminal_id)
    if terminal is None or terminal.person_id != person_id:
        raise TerminalNotFoundError("There is no such terminal.", hint="Open a new one on the comparison's page.")
    return terminal


async def locked(session: AsyncSession, terminal_id: UUID) -> Terminal:
    """A terminal for the worker that keeps it, its row locked.

    :raises TerminalNotFoundError: it does not exist.
    """
    terminal = await session.get(Terminal, terminal_id, with_for_update=True, populate_existing=True)
    if terminal is None:
        raise TerminalNotFoundError("There is no such terminal.", hint="Open a new one.")
    return terminal


async def terminals_of(session: AsyncSession, comparison_id: UUID, person_id: UUID) -> list[Terminal]:
    """A person's terminals on a comparison that have not ended, oldest first."""
    query = (
        select(Terminal)
        .where(Terminal.comparison_id == comparison_id, Terminal.person_id == person_id, Terminal.status != "ended")
        .order_by(Terminal.created_at)
    )
    return list((await session.scalars(query)).all())


async def count_open(session: AsyncSession, person_id: UUID) -> int:
    """How many terminals of a person have not ended."""
    query = select(func.count()).where(Terminal.person_id == person_id, Terminal.status != "ended")
    return int(await session.scalar(query) or 0)


async def count_ahead(session: AsyncSession, terminal: Terminal) -> int:
    """How many terminals wait for a worker longer than this one."""
    query = select(func.count()).where(Terminal.status == "waiting", Terminal.created_at < terminal.created_at)
    return int(await session.scalar(query) or 0)


async def worker_lives(session: AsyncSession, executor: str | None, *, silent: float) -> bool:
    """Whether a terminal's worker has shown itself within ``silent`` seconds, by the database's clock."""
    query = select(Worker.id).where(
        Worker.id == executor, Worker.seen_at > func.clock_timestamp() - timedelta(seconds=silent)
    )
    return await session.scalar(query) is not None
