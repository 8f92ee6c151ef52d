"""HTTP: the files of a comparison. Differences, whole files, listings and a search, at a point of a turn."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response, status

from marlin.accounts import Person
from marlin.accounts.guards import current_person
from marlin.comparisons import queries, viewing, views
from marlin.comparisons.blinding import Side
from marlin.comparisons.errors import TurnRunningError
from marlin.comparisons.models import Comparison, Turn
from marlin.comparisons.patches import PatchWish, patches
from marlin.comparisons.schemas import (
    FileEntry,
    FileListing,
    FilesOut,
    FoundLineOut,
    SearchOut,
    ViewedMark,
    ViewedMarks,
)
from marlin.errors import NotFoundError
from marlin.http.packing import coding_for
from marlin.http.raw_files import raw_file
from marlin.http.sessions import Session
from marlin.tasks import Brief, Code, current_code, get_brief

router = APIRouter(prefix="/comparisons", tags=["comparisons"])

Anyone = Annotated[Person, Depends(current_person)]
Repositories = Annotated[Code, Depends(current_code)]
Point = Literal["base", "start", "A", "B"]
"""base: the brief's commit. start: what the turn began from. A, B: a side's result."""


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


async def _visible_turn(
    session: Session, comparison_id: UUID, number: int, person: Person, *points: Point
) -> tuple[Comparison, Turn]:
    """A turn, if what lies at ``points`` may be seen: base and start always, results once they are revealed."""
    comparison = await queries.visible_comparison(session, comparison_id, person)
    turn = queries.turn_of(comparison, number)
    if {"A", "B"}.intersection(points) and not queries.revealed(comparison, turn):
        raise TurnRunningError(
            f"Turn {number} is still running; both results are shown together.", hint="Wait until both have stopped."
        )
    return comparison, turn


async def _place(
    session: Session, comparison_id: UUID, number: int, person: Person, at: Point, side: Side
) -> tuple[str, str]:
    """Repository and commit of one point."""
    comparison, turn = await _visible_turn(session, comparison_id, number, person, at)
    brief = await get_brief(session, comparison.brief_id, owner_id=None)
    repository, base = _source(brief)
    return repository, _commit(turn, at, base=base, preferred_start=side)


def _source(brief: Brief) -> tuple[str, str]:
    if brief.repository is None or brief.base_commit is None:
        raise NotFoundError("The repository of this brief was not fetched.", hint="Prepare the brief first.")
    return brief.repository, brief.base_commit


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
    accept_encoding: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """The difference between two points of a turn, as ``git diff`` prints it."""
    comparison, turn = await _visible_turn(session, comparison_id, number, person, start, to)
    repository, old, new = await _ends(session, comparison, turn, start, to)
    wish = PatchWish(repository, old, new, path=path, ignore_whitespace=whitespace == "ignore", context=context)
    return await _sent(code, wish, accept_encoding)


@router.get("/{comparison_id}/opening/patch", response_class=Response)
async def opening_patch(
    request: Request,
    comparison_id: UUID,
    session: Session,
    person: Anyone,
    code: Repositories,
    to: Side,
    turn: Annotated[int | None, Query()] = None,
    whitespace: Literal["show", "ignore"] = "show",
    accept_encoding: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """What a comparison's page shows of a side when it is opened, asked for before its turns are known.

    It is the patch of ``turn``, else of the last turn for the owner and of the first for everybody else; against the
    base in the first turn, against the turn's start later. ``Content-Location`` (RFC 9110, section 8.7) names it.
    No content: the side has left no result yet, or none that may be seen.
    """
    comparison = await queries.visible_comparison(session, comparison_id, person)
    shown = queries.opening_turn(comparison, turn, person)
    if not queries.revealed(comparison, shown) or queries.by_side(shown)[to].commit is None:
        return Response(status_code=status.HTTP_204_NO_CONTENT)
    start: Point = "base" if shown.number == 1 else "start"
    repository, old, new = await _ends(session, comparison, shown, start, to)
    wish = PatchWish(repository, old, new, ignore_whitespace=whitespace == "ignore")
    answer = await _sent(code, wish, accept_encoding)
    named = {"from": start, "to": to} | ({"whitespace": "ignore"} if whitespace == "ignore" else {})
    own = request.url.path.removesuffix("opening/patch")
    answer.headers["Content-Location"] = f"{own}turns/{shown.number}/patch?{urlencode(named)}"
    return answer


async def _ends(session: Session, comparison: Comparison, turn: Turn, start: Point, to: Point) -> tuple[str, str, str]:
    """The repository, and the commits at both ends of a difference."""
    repository, base = _source(await get_brief(session, comparison.brief_id, owner_id=None))
    side: Side = "B" if "B" in (start, to) and "A" not in (start, to) else "A"
    old, new = (_commit(turn, point, base=base, preferred_start=side) for point in (start, to))
    return repository, old, new


async def _sent(code: Code, wish: PatchWish, accept_encoding: str) -> Response:
    sent = await patches.get(code, wish, coding_for(accept_encoding))
    headers = {"ETag": f'"{wish.old[:12]}{wish.new[:12]}"', "Vary": "Accept-Encoding"}
    if sent.coding is not None:
        headers["Content-Encoding"] = sent.coding
    return Response(sent.body, media_type="text/x-diff; charset=utf-8", headers=headers)


@router.get("/{comparison_id}/turns/{number}/blob", response_class=Response)
async def blob(
    comparison_id: UUID,
    number: int,
    session: Session,
    person: Anyone,
    code: Repositories,
    at: Point,
    path: str,
    side: Side = "A",
) -> Response:
    """One whole file at a point of a turn. ``side``: whose start ``start`` means, where each began from its own."""
    repository, commit = await _place(session, comparison_id, number, person, at, side)
    return raw_file(await code.read_blob(repository, commit, path))


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
    _, turn = await _visible_turn(session, comparison_id, number, person, side)
    return views.files_out(queries.by_side(turn)[side], after=after, limit=limit)


@router.get("/{comparison_id}/turns/{number}/tree")
async def tree(
    comparison_id: UUID,
    number: int,
    session: Session,
    person: Anyone,
    code: Repositories,
    at: Point,
    side: Side = "A",
) -> FileListing:
    """Every file at a point of a turn: at most 50,000, ``complete`` says whether that is all."""
    repository, commit = await _place(session, comparison_id, number, person, at, side)
    entries, complete = await code.list_files(repository, commit)
    return FileListing(
        files=[FileEntry(path=each.path, mode=each.mode, size=each.size, id=each.object_id) for each in entries],
        complete=complete,
    )


@router.get("/{comparison_id}/turns/{number}/search")
async def search(
    comparison_id: UUID,
    number: int,
    session: Session,
    person: Anyone,
    code: Repositories,
    at: Point,
    text: Annotated[str, Query(min_length=1, max_length=200)],
    case: Literal["match", "ignore"] = "ignore",
    words: bool = False,
    side: Side = "A",
) -> SearchOut:
    """Lines that hold ``text`` (fixed text, no pattern) in the files at a point: at most 500, within 10 seconds."""
    repository, commit = await _place(session, comparison_id, number, person, at, side)
    found = await code.search(repository, commit, text, ignore_case=case == "ignore", whole_words=words)
    return SearchOut(
        lines=[FoundLineOut(path=each.path, line=each.line, text=each.text) for each in found.lines],
        complete=found.complete,
    )


@router.get("/{comparison_id}/viewed")
async def viewed(comparison_id: UUID, session: Session, person: Anyone) -> list[ViewedMark]:
    """The files that I marked as viewed."""
    await queries.visible_comparison(session, comparison_id, person)
    return [
        ViewedMark(side=mark.side, path=mark.path, content=mark.content)
        for mark in await viewing.marks_of(session, comparison_id, person.id)
    ]


@router.put("/{comparison_id}/viewed", status_code=status.HTTP_204_NO_CONTENT)
async def mark_viewed(comparison_id: UUID, wish: ViewedMarks, session: Session, person: Anyone) -> None:
    """Mark files as viewed, or take the marks back. A mark holds for one content of a file."""
    comparison = await queries.visible_comparison(session, comparison_id, person)
    turn = queries.turn_of(comparison, wish.turn)
    marks = [(mark.side, mark.path, mark.content) for mark in wish.marks]
    if wish.viewed:
        await viewing.mark(session, comparison.id, person.id, turn.number, marks)
    else:
        await viewing.unmark(session, comparison.id, person.id, marks)
