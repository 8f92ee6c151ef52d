"""Reviewing: accept a submission, or return it with comments."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from marlin import comparisons
from marlin.accounts import Person, record_audit
from marlin.db import events, new_id, now
from marlin.reviews import queries
from marlin.reviews.errors import CommentsMissingError, OwnWorkError
from marlin.reviews.models import Review


async def review(
    session: AsyncSession, reviewer: Person, comparison_id: UUID, *, decision: str, comments: str
) -> Review:
    """Decide on a submission. Sending the same decision twice does no harm.

    :param decision: accept or return.
    :raises NotFoundError: if there is no such comparison, or the reviewer may not see it.
    :raises OwnWorkError: if it is the reviewer's own.
    :raises CommentsMissingError: if it is returned without comments.
    :raises ComparisonClosedError: if it is not waiting for a review.
    """
    await comparisons.visible_comparison(session, comparison_id, reviewer)
    comparison = await comparisons.get_comparison(session, comparison_id, owner_id=None, lock=True)
    if comparison.owner_id == reviewer.id:
        raise OwnWorkError("This is your own work.", hint="Another reviewer will look at it.")
    comments = comments.strip()
    if decision == "return" and not comments:
        raise CommentsMissingError(
            "Say what has to be mended.",
            hint="Comments are what the contributor works from.",
            errors=[{"field": "comments", "message": "Say what has to be mended."}],
        )
    if comparison.status != "submitted":
        latest = next(iter(await queries.reviews_of(session, comparison_id)), None)
        same = latest and (latest.reviewer_id, latest.decision, latest.comments) == (reviewer.id, decision, comments)
        if latest and same:
            return latest
    comparisons.mark_reviewed(comparison, accepted=decision == "accept")
    row = Review(
        id=new_id(),
        comparison_id=comparison_id,
        reviewer_id=reviewer.id,
        decision=decision,
        comments=comments,
        created_at=now(),
    )
    session.add(row)
    verb = "accepted" if decision == "accept" else "returned"
    record_audit(session, reviewer, f"comparison.{verb}", f"comparison:{comparison_id}", {"review": str(row.id)})
    await session.flush()
    await events.append(session, comparison_id, "comparison_status", {"status": comparison.status})
    return row
