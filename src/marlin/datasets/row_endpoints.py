"""HTTP for operators: the rows of a dataset, one by one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import comparisons
from marlin.accounts.guards import Operator
from marlin.dataset_files import Split
from marlin.datasets import browsing, row_viewing
from marlin.datasets.browsing import Among
from marlin.datasets.row_schemas import Part, RowMessagesOut, RowOut, RowsOut
from marlin.http.sessions import Session

router = APIRouter()

Where = Annotated[
    list[str] | None,
    Query(max_length=200, description="`facet=value`, several times: of each facet one of the values named."),
]
Words = Annotated[str, Query(max_length=500, description="What the request or a justification has to say.")]
RowId = Annotated[str, Query(max_length=200, description="The id of a canonical row.")]


@router.get("/{dataset_id}/rows")
async def browse_rows(
    dataset_id: str,
    request: Request,
    person: Operator,
    where: Where = None,
    q: Words = "",
    start: Annotated[int, Query(ge=0, le=100_000_000)] = 0,
    count: Annotated[int, Query(ge=0, le=100)] = 25,
) -> RowsOut:
    """Canonical rows that match, and how they are distributed. The first time every row is read once: `state` is
    `reading` until then, and `done` says how far that is."""
    among = Among.of(where or [], q)
    return await asyncio.to_thread(browsing.browse, _home(request), dataset_id, among, start, count)


@router.get("/{dataset_id}/row")
async def get_row(
    dataset_id: str,
    request: Request,
    person: Operator,
    session: Session,
    row: Annotated[
        str | None, Query(max_length=200, description="Its id; else `split` and `number` say which.")
    ] = None,
    split: Split = "train",
    number: Annotated[int, Query(ge=1, le=100_000_000)] = 1,
    where: Where = None,
    q: Words = "",
) -> RowOut:
    """A canonical row as a comparison: what was judged, how and why, where it comes from, and the rows around it."""
    wanted = row_viewing.Wanted(row, split, number)
    among = Among.of(where or [], q)
    found = await asyncio.to_thread(row_viewing.row_of, _home(request), dataset_id, wanted, among)
    return found.model_copy(update={"here": await _is_here(session, found.comparison_id)})


@router.get("/{dataset_id}/row/patch", response_class=PlainTextResponse)
async def get_row_patch(
    dataset_id: str, request: Request, person: Operator, row: RowId, side: Literal["a", "b"]
) -> PlainTextResponse:
    """What a side of a row changed, as git prints it."""
    patch = await asyncio.to_thread(row_viewing.patch_of, _home(request), dataset_id, row, side)
    return PlainTextResponse(patch)


@router.get("/{dataset_id}/row/messages")
async def get_row_messages(
    dataset_id: str,
    request: Request,
    person: Operator,
    row: RowId,
    part: Part,
    start: Annotated[int, Query(ge=0, le=100_000_000)] = 0,
) -> RowMessagesOut:
    """What was said before both sides of a row, or by one of them: from a message on, about a million characters."""
    return await asyncio.to_thread(row_viewing.messages_of, _home(request), dataset_id, row, part, start)


@router.get("/{dataset_id}/row/json", response_class=Response)
async def get_row_json(dataset_id: str, request: Request, person: Operator, row: RowId) -> Response:
    """A row's line, as it lies in the file."""
    line = await asyncio.to_thread(row_viewing.line_of, _home(request), dataset_id, row)
    return Response(line, media_type="application/json")


async def _is_here(session: AsyncSession, comparison_id: str) -> bool:
    """Whether this installation has a comparison: a dataset may have been pulled."""
    try:
        known = UUID(comparison_id)
    except ValueError:
        return False
    return bool(await comparisons.comparisons_by_id(session, {known}))


def _home(request: Request) -> Path:
    home: Path = request.app.state.settings.home
    return home
