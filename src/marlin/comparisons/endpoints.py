"""HTTP: comparisons, their turns, results and files."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status

from marlin.accounts import Person, Role, current_person, require
from marlin.comparisons import drafting, queries, service, views
from marlin.comparisons.blinding import Side
from marlin.comparisons.errors import TurnRunningError
from marlin.comparisons.models import Comparison, Turn
from marlin.comparisons.schemas import (
    ComparisonCreate,
    ComparisonOut,
    ComparisonRow,
    Expectation,
    FilesOut,
    FollowUp,
    FollowUpDraftIn,
    FollowUpDraftOut,
    TurnOut,
)
from marlin.db import Session
from marlin.errors import NotFoundError
from marlin.tasks import Code, current_code, get_brief, raw_file

router = APIRouter(prefix="/comparisons", tags=["comparisons"])

Contributor = Annotated[Person, Depends(require(Role.CONTRIBUTOR))]
Anyone = Annotated[Person, Depends(current_person)]
Repositories = Annotated[Code, Depends(current_code)]
Point = Literal["base", "start", "A", "B"]
"""base: the brief's commit. start: what the turn began from. A, B: a side's result."""


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_comparison(wish: ComparisonCreate, session: Session, person: Contributor) -> ComparisonOut:
    """Start a comparison from a prepared brief; both arms begin with its prompt."""
    comparison = await service.create_comparison(session, person.id, wish.brief_id)
    return await _fresh(session, comparison.id, person)


@router.get("")
async def list_comparisons(session: Session, person: Contributor) -> list[ComparisonRow]:
    """My comparisons, last changed first."""
    return [
        ComparisonRow(
            id=comparison.id,
            title=title,
            campaign_title=comparison.terms["title"],
            status=comparison.status,
            turns=turns,
            created_at=comparison.created_at,
            updated_at=comparison.updated_at,
        )
        for comparison, title, turns in await queries.comparisons_of(session, person.id)
    ]


@router.get("/{comparison_id}")
async def get_comparison(comparison_id: UUID, session: Session, person: Anyone) -> ComparisonOut:
    """A comparison: my own, a submitted one as a reviewer, any as an operator. Blinded for all."""
    comparison = await queries.visible_comparison(session, comparison_id, person)
    return await views.comparison_out(session, comparison, person)


async def _fresh(session: Session, comparison_id: UUID, person: Person) -> ComparisonOut:
    await session.flush()
    comparison = await queries.visible_comparison(session, comparison_id, person)
    return await views.comparison_out(session, comparison, person)


@router.post("/{comparison_id}/turns", status_code=status.HTTP_201_CREATED)
async def follow_up(comparison_id: UUID, wish: FollowUp, session: Session, person: Contributor) -> TurnOut:
    """Send the next prompt. It continues from the preferred side."""
    await service.follow_up(session, person.id, comparison_id, prompt=wish.prompt, wished=wish.continue_from)
    return (await _fresh(session, comparison_id, person)).turns[-1]


@router.put("/{comparison_id}/turns/{number}/follow-up/draft")
async def save_follow_up_draft(
    comparison_id: UUID, number: int, wish: FollowUpDraftIn, session: Session, person: Contributor
) -> FollowUpDraftOut:
    """Save what the contributor has typed of the prompt that follows this turn. 409 with the newer draft if
    ``revision`` is an older one, or once the prompt was sent."""
    draft = await drafting.save_draft(
        session,
        person.id,
        comparison_id,
        number,
        revision=wish.revision,
        prompt=wish.prompt,
        continue_from=wish.continue_from,
    )
    return FollowUpDraftOut.model_validate(draft)


@router.get("/{comparison_id}/turns/{number}/follow-up/draft")
async def read_follow_up_draft(
    comparison_id: UUID, number: int, session: Session, person: Contributor
) -> FollowUpDraftOut:
    """The contributor's own draft of the prompt that follows this turn; revision 0 if there is none yet."""
    comparison = await queries.get_comparison(session, comparison_id, owner_id=person.id)
    draft = await drafting.find_draft(session, queries.turn_of(comparison, number).id)
    return FollowUpDraftOut.model_validate(draft) if draft else FollowUpDraftOut()


@router.put("/{comparison_id}/turns/{number}/expectation", status_code=status.HTTP_204_NO_CONTENT)
async def set_expectation(
    comparison_id: UUID, number: int, wish: Expectation, session: Session, person: Contributor
) -> None:
    """Save what a strong senior engineer would do, in the contributor's words."""
    await service.set_expectation(session, person.id, comparison_id, number, wish.text)


@router.post("/{comparison_id}/turns/{number}/cancel")
async def cancel_turn(comparison_id: UUID, number: int, session: Session, person: Contributor) -> TurnOut:
    """Stop both arms."""
    await service.cancel_turn(session, person.id, comparison_id, number)
    return (await _fresh(session, comparison_id, person)).turns[-1]


@router.post("/{comparison_id}/turns/{number}/retry")
async def retry_turn(comparison_id: UUID, number: int, session: Session, person: Contributor) -> TurnOut:
    """Run a cancelled turn, or one that failed on both sides, again."""
    await service.retry_turn(session, person.id, comparison_id, number)
    return (await _fresh(session, comparison_id, person)).turns[-1]


def _commit(turn: Turn, point: Point, *, base: str, preferred_start: Side = "A") -> str:
    rollouts = queries.by_side(turn)
    if point == "base":
        return base
    if point == "start":
        return str(rollouts[preferred_start].start["commit"])
    commit = rollouts[point].commit
    if commit is None:
        raise NotFoundError(f"Side {point} left no result in this turn.", hint="Compare with the other side.")
    return commit


async def _visible_turn(session: Session, comparison_id: UUID, number: int, person: Person) -> tuple[Comparison, Turn]:
    comparison = await queries.visible_comparison(session, comparison_id, person)
    turn = queries.turn_of(comparison, number)
    if not queries.revealed(comparison, turn):
        raise TurnRunningError(
            f"Turn {number} is still running; both results are shown together.", hint="Wait until both have stopped."
        )
    return comparison, turn


@router.get("/{comparison_id}/turns/{number}/files")
async def files(
    comparison_id: UUID,
    number: int,
    session: Session,
    person: Anyone,
    side: Side,
    after: Annotated[int, Query(ge=0, le=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=5000)] = 2000,
) -> FilesOut:
    """The files that a side changed against the base, in pages; a comparison itself lists the first of them only."""
    _, turn = await _visible_turn(session, comparison_id, number, person)
    return views.files_out(queries.by_side(turn)[side], after=after, limit=limit)


@router.get("/{comparison_id}/turns/{number}/patch", response_class=Response)
async def patch(
    comparison_id: UUID,
    number: int,
    session: Session,
    person: Anyone,
    code: Repositories,
    to: Annotated[Point, Query()],
    start: Annotated[Point, Query(alias="from")] = "base",
    path: str | None = None,
    whitespace: Literal["show", "ignore"] = "show",
    context: Annotated[int, Query(ge=0, le=10_000)] = 3,
) -> Response:
    """The difference between two points of a turn, as ``git diff`` prints it."""
    comparison, turn = await _visible_turn(session, comparison_id, number, person)
    brief = await get_brief(session, comparison.brief_id, owner_id=None)
    base = brief.base_commit or ""
    side: Side = "B" if "B" in (start, to) and "A" not in (start, to) else "A"
    old, new = (_commit(turn, point, base=base, preferred_start=side) for point in (start, to))
    text = await code.diff(
        brief.repository or "", old, new, path=path, ignore_whitespace=whitespace == "ignore", context=context
    )
    return Response(text, media_type="text/x-diff; charset=utf-8", headers={"ETag": f'"{old[:12]}{new[:12]}"'})


@router.get("/{comparison_id}/turns/{number}/blob", response_class=Response)
async def blob(
    comparison_id: UUID, number: int, session: Session, person: Anyone, code: Repositories, at: Point, path: str
) -> Response:
    """One whole file at a point of a turn."""
    comparison, turn = await _visible_turn(session, comparison_id, number, person)
    brief = await get_brief(session, comparison.brief_id, owner_id=None)
    commit = _commit(turn, at, base=brief.base_commit or "")
    return raw_file(await code.read_blob(brief.repository or "", commit, path))


@router.get("/{comparison_id}/checks/{check_id}/log", response_class=Response)
async def check_log(
    comparison_id: UUID, check_id: UUID, session: Session, person: Anyone, code: Repositories
) -> Response:
    """What a check printed."""
    comparison = await queries.visible_comparison(session, comparison_id, person)
    turn, check = queries.find_check(comparison, check_id)
    if not queries.checks_shown(comparison, turn):
        raise TurnRunningError("The checks are still running.", hint="Wait until those of both sides are done.")
    if check.log is None:
        raise NotFoundError("This check printed nothing.")
    text = (await asyncio.to_thread(code.durable.get, check.log)).decode(errors="replace")
    return Response(text, media_type="text/plain; charset=utf-8")
