"""Comments on lines and steps: kept while they are written, changed by revision, deleted so that it can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import comparisons
from marlin.accounts import Person, Role
from marlin.comparisons import Comparison
from marlin.db import clean_text, now
from marlin.errors import NotFoundError
from marlin.ratings import queries
from marlin.ratings.errors import CommentOutdatedError, RatingsClosedError, TooManyCommentsError
from marlin.ratings.models import Comment
from marlin.ratings.schemas import CommentBody, CommentOut

MOST_COMMENTS = 500
"""In one comparison."""

MOST_KEPT = 10 * MOST_COMMENTS
"""In one comparison with those that were deleted, which are kept so that they can be restored."""


async def list_comments(session: AsyncSession, comparison: Comparison, person: Person) -> Sequence[Comment]:
    """The comments that ``person`` may see, by turn, then in the order they were begun.

    The contributor's own, drafts too; a reviewer's and an operator's view begins when the comparison is submitted, and
    is without drafts.
    """
    statement = select(Comment).where(Comment.comparison_id == comparison.id, Comment.deleted_at.is_(None))
    if comparison.owner_id != person.id:
        shown = comparison.submitted_at is not None and person.has((Role.REVIEWER, Role.OPERATOR))
        if not shown:
            return []
        statement = statement.where(Comment.draft.is_(False))
    return (await session.execute(statement.order_by(Comment.turn_number, Comment.created_at))).scalars().all()


async def save_comment(
    session: AsyncSession, person: Person, comparison_id: UUID, comment_id: UUID, body: CommentBody
) -> Comment:
    """Write a comment, or change it. Sending the same twice does no harm.

    :raises NotFoundError: if the comparison or its turn does not exist, or the comment is another comparison's.
    :raises RatingsClosedError: if the comparison was submitted.
    :raises CommentOutdatedError: if it was changed elsewhere; that version is in the error's details.
    :raises TooManyCommentsError: if there is no room for another.
    """
    turn = await queries.own_turn(session, comparison_id, body.turn, person)
    _require_open(turn.comparison_status)
    if await session.get(Comment, comment_id) is None:  # whatever revision is claimed for it
        await _require_room(session, comparison_id)
    written = {
        "text": clean_text(body.text),
        "draft": body.draft,
        "revision": body.revision + 1,
        "updated_at": now(),
    }
    statement = insert(Comment).values(
        id=comment_id,
        comparison_id=comparison_id,
        turn_id=turn.turn_id,
        turn_number=body.turn,
        person_id=person.id,
        quote=clean_text(body.quote),
        **body.anchor.columns(),
        **written,
    )
    statement = statement.on_conflict_do_update(
        index_elements=["id"],
        set_=written,
        where=(Comment.revision == body.revision)
        & (Comment.comparison_id == comparison_id)
        & Comment.deleted_at.is_(None),
    )
    result = await session.execute(statement.returning(Comment), execution_options={"populate_existing": True})
    saved = result.scalar_one_or_none()
    if saved is not None:
        return saved
    newer = await _own_comment(session, comparison_id, comment_id)
    if newer.deleted_at is None and (newer.text, newer.draft) == (written["text"], body.draft):
        return newer
    where = "deleted" if newer.deleted_at else "changed"
    raise CommentOutdatedError(
        f"This comment was {where} elsewhere.",
        hint="Look at the other version, then save yours with its revision.",
        comment=CommentOut.of(newer).model_dump(mode="json"),
    )


async def delete_comment(session: AsyncSession, person: Person, comparison_id: UUID, comment_id: UUID) -> None:
    """Take a comment away; :func:`restore_comment` brings it back. Deleting twice does no harm.

    :raises NotFoundError: if the comparison is someone else's, or has no such comment.
    :raises RatingsClosedError: if the comparison was submitted.
    """
    comment = await _to_change(session, person, comparison_id, comment_id)
    if comment.deleted_at is None:
        comment.deleted_at = now()
        comment.revision += 1


async def restore_comment(session: AsyncSession, person: Person, comparison_id: UUID, comment_id: UUID) -> Comment:
    """Undo a deletion. Doing it twice does no harm.

    :raises NotFoundError: if the comparison is someone else's, or has no such comment.
    :raises RatingsClosedError: if the comparison was submitted.
    :raises TooManyCommentsError: if there is no room for it.
    """
    comment = await _to_change(session, person, comparison_id, comment_id)
    if comment.deleted_at is not None:
        await _require_room(session, comparison_id)
        comment.deleted_at = None
        comment.revision += 1
    return comment


async def _to_change(session: AsyncSession, person: Person, comparison_id: UUID, comment_id: UUID) -> Comment:
    comparison = await comparisons.require_owner(session, comparison_id, person)
    _require_open(comparison.status)
    return await _own_comment(session, comparison_id, comment_id)


async def _own_comment(session: AsyncSession, comparison_id: UUID, comment_id: UUID) -> Comment:
    statement = select(Comment).where(Comment.id == comment_id, Comment.comparison_id == comparison_id)
    found = await session.scalar(statement.with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise NotFoundError("There is no such comment.", hint="Reload the page.")
    return found


async def _require_room(session: AsyncSession, comparison_id: UUID) -> None:
    count = select(func.count(), func.count().filter(Comment.deleted_at.is_(None)))
    kept, shown = (await session.execute(count.where(Comment.comparison_id == comparison_id))).one()
    if kept >= MOST_KEPT:
        raise TooManyCommentsError(
            f"The comparison has had {MOST_KEPT} comments, deleted ones among them.", hint="Change one that is there."
        )
    if shown >= MOST_COMMENTS:
        raise TooManyCommentsError(
            f"The comparison has {MOST_COMMENTS} comments.", hint="Delete some that you no longer need."
        )


def _require_open(status: str) -> None:
    if status not in comparisons.OPEN:
        raise RatingsClosedError(
            "The comparison was submitted; its comments can't change.", hint="A reviewer may return it to you."
        )
