"""Writing terminals: open, close, and what their workers tell."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import comparisons
from marlin.accounts import Person
from marlin.comparisons import Side
from marlin.db import jobs, new_id, now, transaction
from marlin.terminals import queries
from marlin.terminals.errors import TooManyTerminalsError
from marlin.terminals.models import Terminal
from marlin.terminals.schemas import Reason, TerminalCreate, bounded

RUN_TERMINAL = "terminals.run_terminal"
"""Name of the job."""

TICKET_SECONDS = 30
"""How long a ticket is good for: it is used at once, by the web service that made it."""

LOST = "The worker that kept this terminal was lost, and the copy with it. The result itself is as it was."


async def open_terminal(
    session: AsyncSession, person: Person, comparison_id: UUID, number: int, wish: TerminalCreate, *, most: int
) -> Terminal:
    """Ask for a terminal into a copy of a side's result. Row and job commit together.

    :param most: terminals that one person may have open.
    :raises ComparisonNotFoundError: the person may not see the comparison.
    :raises TurnRunningError: its results are withheld. :raises NotFoundError: the side left none.
    :raises TooManyTerminalsError: the person has ``most`` already.
    """
    comparison = await comparisons.visible_comparison(session, comparison_id, person)
    side: Side = wish.side
    result = comparisons.side_result(comparison, number, side)
    # Two requests at once count one after the other.
    await session.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
    if await queries.count_open(session, person.id) >= most:
        raise TooManyTerminalsError(
            f"You have {most} terminals open, and that is how many one person may have.",
            hint="Close one: its tab has a cross. Terminals of other comparisons count, too.",
        )
    columns, rows = bounded(wish.columns, wish.rows)
    terminal = Terminal(
        id=new_id(),
        comparison_id=comparison_id,
        rollout_id=result.rollout_id,
        person_id=person.id,
        turn=number,
        side=side,
        columns=columns,
        rows=rows,
    )
    session.add(terminal)
    await session.flush()
    await jobs.enqueue(session, RUN_TERMINAL, terminal.id, queue="terminals", payload={"terminal_id": str(terminal.id)})
    return terminal


async def close_terminal(session: AsyncSession, person: Person, terminal_id: UUID) -> None:
    """End a terminal of mine: at once when no worker has it, else the worker sees the row within a second.

    :raises TerminalNotFoundError: it does not exist or is someone else's.
    """
    await queries.own_terminal(session, terminal_id, person.id)
    terminal = await queries.locked(session, terminal_id)
    if terminal.status == "open":
        terminal.status = "ending"
    elif terminal.status == "waiting":
        end(terminal, "closed")


def end(terminal: Terminal, reason: Reason, *, exit_code: int | None = None, message: str = "") -> None:
    """Write down how a terminal ended; the first word stands."""
    if terminal.status == "ended":
        return
    terminal.status, terminal.reason, terminal.ended_at = "ended", reason, now()
    terminal.exit_code, terminal.message = exit_code, message
    terminal.ticket = None


async def make_ticket(session: AsyncSession, terminal_id: UUID) -> str:
    """What the web service presents to the worker to reach a terminal: good once, and only for a moment.

    The database keeps its hash, so that reading the database opens nobody's terminal.
    """
    ticket = secrets.token_urlsafe(32)
    await session.execute(
        update(Terminal).where(Terminal.id == terminal_id).values(ticket=_hash(ticket), ticket_at=now())
    )
    return ticket


async def take_ticket(session: AsyncSession, terminal_id: UUID, ticket: str, executor: str | None) -> bool:
    """Whether ``ticket`` opens this terminal of this worker; it does so once."""
    found = await session.execute(
        update(Terminal)
        .where(
            Terminal.id == terminal_id,
            Terminal.ticket == _hash(ticket),
            Terminal.ticket_at > now() - timedelta(seconds=TICKET_SECONDS),
            Terminal.status == "open",
            Terminal.executor == executor,
        )
        .values(ticket=None)
        .returning(Terminal.id)
    )
    return found.scalar_one_or_none() is not None


def _hash(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode(errors="surrogatepass")).digest()


async def prune_terminals(older_than: timedelta) -> int:
    """Forget terminals that ended longer ago than this.

    :returns: how many.
    """
    ended = (Terminal.status == "ended", func.coalesce(Terminal.ended_at, Terminal.created_at) < now() - older_than)
    async with transaction() as session:
        gone = await session.execute(delete(Terminal).where(*ended))
        return int(gone.rowcount)  # type: ignore[attr-defined]
