"""HTTP: comments on the lines and steps of a comparison."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from marlin import comparisons
from marlin.accounts.guards import Contributor, CurrentPerson
from marlin.http.sessions import Session
from marlin.ratings import comments
from marlin.ratings.schemas import CommentBody, CommentOut

router = APIRouter(prefix="/comparisons/{comparison_id}/comments", tags=["comments"])


@router.get("")
async def list_comments(comparison_id: UUID, person: CurrentPerson, session: Session) -> list[CommentOut]:
    """The contributor's comments: their own at any time; for reviewers once it is submitted, without drafts."""
    comparison = await comparisons.visible_comparison(session, comparison_id, person)
    return [CommentOut.of(comment) for comment in await comments.list_comments(session, comparison, person)]


@router.put("/{comment_id}")
async def save_comment(
    comparison_id: UUID, comment_id: UUID, body: CommentBody, person: Contributor, session: Session
) -> CommentOut:
    """Write a comment under an id of the caller's choice, or change it. 409 if it was changed elsewhere."""
    return CommentOut.of(await comments.save_comment(session, person, comparison_id, comment_id, body))


@router.delete("/{comment_id}", status_code=204)
async def delete_comment(comparison_id: UUID, comment_id: UUID, person: Contributor, session: Session) -> Response:
    """Take a comment away. It can be restored until the comparison is submitted."""
    await comments.delete_comment(session, person, comparison_id, comment_id)
    return Response(status_code=204)


@router.post("/{comment_id}/restore")
async def restore_comment(comparison_id: UUID, comment_id: UUID, person: Contributor, session: Session) -> CommentOut:
    """Undo a deletion."""
    return CommentOut.of(await comments.restore_comment(session, person, comparison_id, comment_id))
