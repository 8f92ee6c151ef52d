"""HTTP: terminals into copies of results. What is typed and printed crosses the WebSocket of ``socket``."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, status

from marlin import comparisons
from marlin.accounts.guards import CurrentPerson
from marlin.http.sessions import Session
from marlin.terminals import queries, service
from marlin.terminals.schemas import TerminalCreate, TerminalOut

router = APIRouter(tags=["terminals"])


@router.post("/comparisons/{comparison_id}/turns/{number}/terminals", status_code=status.HTTP_201_CREATED)
async def open_terminal(
    comparison_id: UUID, number: int, wish: TerminalCreate, request: Request, session: Session, person: CurrentPerson
) -> TerminalOut:
    """Open a terminal into a fresh copy of a side's result; the result itself never changes."""
    most = request.app.state.settings.terminals_per_person
    terminal = await service.open_terminal(session, person, comparison_id, number, wish, most=most)
    return TerminalOut.model_validate(terminal)


@router.get("/comparisons/{comparison_id}/terminals")
async def list_terminals(comparison_id: UUID, session: Session, person: CurrentPerson) -> list[TerminalOut]:
    """My terminals on a comparison that have not ended: for coming back to them after a reload."""
    await comparisons.visible_comparison(session, comparison_id, person)
    found = await queries.terminals_of(session, comparison_id, person.id)
    return [TerminalOut.model_validate(terminal) for terminal in found]


@router.delete("/terminals/{terminal_id}", status_code=status.HTTP_204_NO_CONTENT)
async def close_terminal(terminal_id: UUID, session: Session, person: CurrentPerson) -> None:
    """End a terminal of mine, and everything that runs in it."""
    await service.close_terminal(session, person, terminal_id)
