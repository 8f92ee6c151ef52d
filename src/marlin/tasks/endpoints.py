"""HTTP: briefs, their lints, their preparation and the files of their base."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status

from marlin.accounts import Person, Role
from marlin.accounts.guards import require
from marlin.db import events
from marlin.http.paging import Paged, Search
from marlin.http.raw_files import raw_file
from marlin.http.sessions import Session
from marlin.tasks import queries, service
from marlin.tasks.code import Code, current_code
from marlin.tasks.errors import BriefNotReadyError
from marlin.tasks.lints import lint
from marlin.tasks.models import BaseCheck, Brief
from marlin.tasks.schemas import (
    BaseCheckOut,
    BriefCreate,
    BriefEdit,
    BriefOut,
    LintOut,
    LintRequest,
    LintsOut,
    PreparationOut,
    TreeEntryOut,
    TreeOut,
)
from marlin.workspaces import TreeEntry

router = APIRouter(prefix="/briefs", tags=["briefs"])

Contributor = Annotated[Person, Depends(require(Role.CONTRIBUTOR))]
Repositories = Annotated[Code, Depends(current_code)]


async def _out(session: Session, brief: Brief) -> BriefOut:
    check = await session.get(BaseCheck, brief.base_check_id) if brief.base_check_id else None
    preparation = PreparationOut.model_validate(
        {
            "status": brief.preparation_status,
            "message": brief.preparation_message,
            "hint": brief.preparation_hint,
            "base_commit": brief.base_commit,
            "resolved_title": brief.resolved_title,
            "warnings": brief.warnings,
            "environment_id": brief.environment_id,
            "base_check": BaseCheckOut.model_validate(check) if check else BaseCheckOut(status="none"),
            "started_at": brief.preparation_started_at,
            "finished_at": brief.preparation_finished_at,
        }
    )
    fields = {name: getattr(brief, name) for name in BriefOut.model_fields if name != "preparation"}
    return BriefOut.model_validate({**fields, "preparation": preparation})


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_brief(wish: BriefCreate, session: Session, person: Contributor) -> BriefOut:
    """Start a brief, empty or from one of the campaign's examples."""
    return await _out(session, await service.create_brief(session, person.id, wish))


@router.get("")
async def list_briefs(session: Session, person: Contributor, paging: Paged, search: Search = None) -> list[BriefOut]:
    """My briefs that no comparison uses yet, last edited first. ``search`` looks at titles and repositories."""
    page = await queries.briefs_of(session, person.id, paging.window, search=search)
    return [await _out(session, brief) for (brief,) in paging.rows(page)]


@router.post("/lint")
async def lint_brief(text: LintRequest, person: Contributor) -> LintsOut:
    """Remarks about a brief's text; nothing is saved."""
    return LintsOut(lints=[LintOut.model_validate(remark) for remark in lint(**text.model_dump())])


@router.get("/{brief_id}")
async def get_brief(brief_id: UUID, session: Session, person: Contributor) -> BriefOut:
    """One of my briefs, with how far its preparation has come."""
    return await _out(session, await queries.get_brief(session, brief_id, owner_id=person.id))


@router.patch("/{brief_id}")
async def edit_brief(brief_id: UUID, edit: BriefEdit, session: Session, person: Contributor) -> BriefOut:
    """Save an edit. 409 when it was edited elsewhere meanwhile."""
    return await _out(session, await service.edit_brief(session, person.id, brief_id, edit))


@router.delete("/{brief_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_brief(brief_id: UUID, session: Session, person: Contributor) -> None:
    """Throw a draft away."""
    await service.delete_brief(session, person.id, brief_id)


@router.post("/{brief_id}/prepare", status_code=status.HTTP_202_ACCEPTED)
async def prepare_brief(brief_id: UUID, session: Session, person: Contributor) -> BriefOut:
    """Fetch the repository, run set-up, test the base. Poll the brief for progress."""
    return await _out(session, await service.prepare_brief(session, person.id, brief_id))


@router.get("/{brief_id}/preparation/log")
async def preparation_log(
    brief_id: UUID, session: Session, person: Contributor, offset: Annotated[int, Query(ge=0)] = 0
) -> Response:
    """What fetching, set-up and tests printed, from character ``offset`` on."""
    brief = await queries.get_brief(session, brief_id, owner_id=person.id)
    text = ""
    if brief.preparation_id is not None:
        chunks = await events.read(session, brief.preparation_id, after=0, limit=100_000)
        text = "".join(event.data["text"] for event in chunks if event.kind == "log")
    return Response(
        text[offset:], media_type="text/plain; charset=utf-8", headers={"X-Next-Offset": str(max(offset, len(text)))}
    )


def _base(brief: Brief) -> tuple[str, str]:
    if brief.repository is None or brief.base_commit is None:
        raise BriefNotReadyError("The repository was not fetched yet.", hint="Prepare the brief first.")
    return brief.repository, brief.base_commit


@router.get("/{brief_id}/tree")
async def tree(brief_id: UUID, session: Session, person: Contributor, code: Repositories, path: str = "") -> TreeOut:
    """One folder of the base commit."""
    repository, commit = _base(await queries.get_brief(session, brief_id, owner_id=person.id))
    return TreeOut(entries=[_entry_out(entry) for entry in await code.list_tree(repository, commit, path)])


def _entry_out(entry: TreeEntry) -> TreeEntryOut:
    types: dict[str, Literal["file", "dir", "link", "submodule"]] = {"tree": "dir", "commit": "submodule"}
    kind = types.get(entry.kind, "link" if entry.mode == "120000" else "file")
    return TreeEntryOut(name=entry.path.rsplit("/", 1)[-1], path=entry.path, type=kind, size=entry.size)


@router.get("/{brief_id}/blob")
async def blob(brief_id: UUID, session: Session, person: Contributor, code: Repositories, path: str) -> Response:
    """One file of the base commit, as it is."""
    repository, commit = _base(await queries.get_brief(session, brief_id, owner_id=person.id))
    return raw_file(await code.read_blob(repository, commit, path))
