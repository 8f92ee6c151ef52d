"""A review while it is written: kept on every device until it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import comparisons
from marlin.accounts import Person, Role, is_simulated
from marlin.comparisons import Comparison
from marlin.db import clean_json, clean_text, now
from marlin.errors import ConflictError
from marlin.reviews import queries
from marlin.reviews.errors import (
    DisputesOnlyError,
    OwnRejectionError,
    OwnWorkError,
    ReviewDraftOutdatedError,
    SimulatedReviewerError,
    UnblindedError,
)
from marlin.reviews.models import ReviewDraft
from marlin.reviews.remarks import DraftRemark
from marlin.reviews.schemas import ReviewDraftOut


async def save_draft(
    session: AsyncSession,
    reviewer: Person,
    comparison_id: UUID,
    *,
    revision: int,
    comments: str,
    remarks: Sequence[DraftRemark],
) -> ReviewDraft:
    """Keep what was typed so far. Sending the same twice does no harm.

    :param revision: of the draft that was edited; 0 when there was none.
    :raises NotFoundError: if there is no such comparison, or the reviewer may not see it.
    :raises OwnWorkError: if it is the reviewer's own.
    :raises ConflictError: if it does not wait for a review any more.
    :raises ReviewDraftOutdatedError: a newer draft was saved elsewhere; it is in the error's details.
    """
    comparison = await to_review(session, reviewer, comparison_id)
    if comparison.status not in comparisons.WAITING:
        raise ConflictError("It waits for no review any more.", hint="Reload the page to see where it stands.")
    typed = {
        "comments": clean_text(comments),
        "remarks": clean_json([remark.model_dump() for remark in remarks]),
    }
    values = {**typed, "revision": revision + 1, "saved_at": now()}
    statement = insert(ReviewDraft).values(comparison_id=comparison_id, reviewer_id=reviewer.id, **values)
    statement = statement.on_conflict_do_update(
        index_elements=["comparison_id", "reviewer_id"], set_=values, where=ReviewDraft.revision == revision
    )
    result = await session.execute(statement.returning(ReviewDraft), execution_options={"populate_existing": True})
    saved = result.scalar_one_or_none()
    if saved is not None:
        return saved
    newer = await queries.find_draft(session, comparison_id, reviewer.id)
    assert newer is not None
    if {"comments": newer.comments, "remarks": newer.remarks} == typed:
        return newer
    raise ReviewDraftOutdatedError(
        f"This review was changed elsewhere (revision {newer.revision}).",
        hint="Compare it with yours, then save again with its revision.",
        draft=ReviewDraftOut.of(newer).model_dump(mode="json"),
    )


async def forget_draft(session: AsyncSession, reviewer: Person, comparison_id: UUID) -> None:
    """Its review was sent, with all that it says."""
    mine = (ReviewDraft.comparison_id == comparison_id) & (ReviewDraft.reviewer_id == reviewer.id)
    await session.execute(delete(ReviewDraft).where(mine))


async def to_review(session: AsyncSession, reviewer: Person, comparison_id: UUID) -> Comparison:
    """A comparison that this person may decide on: neither their own work, nor a dispute of their own rejection.

    :param reviewer: or an operator, who decides on disputes alone.
    :raises NotFoundError: if there is no such comparison, or the reviewer may not see it.
    :raises UnblindedError: they have looked at its arms, or at what a side's model was asked and answered.
    :raises OwnWorkError: if it is theirs, or they judged the same results. :raises OwnRejectionError: they rejected it,
        and it is disputed. :raises DisputesOnlyError: an operator who is no reviewer, and nothing is disputed.
    :raises SimulatedReviewerError: a simulated person, in a real campaign.
    """
    comparison = await comparisons.visible_comparison(session, comparison_id, reviewer)
    if comparison.owner_id == reviewer.id:
        raise OwnWorkError("This is your own work.", hint="Another reviewer will look at it.")
    if await comparisons.judged_by(session, comparison, reviewer.id):
        raise OwnWorkError("You judge the same results yourself.", hint="Another reviewer will look at it.")
    if await comparisons.has_looked(session, comparison, reviewer.id):
        raise UnblindedError.looked()
    disputed = comparison.status == "disputed"
    if not disputed and not reviewer.has([Role.REVIEWER]):
        raise DisputesOnlyError(
            "You are no reviewer: you decide on disputes alone, and this is not disputed.",
            hint="Leave it to a reviewer, or take a wrong rejection back.",
        )
    if disputed:
        rejection = await queries.latest_review(session, comparison_id)
        if rejection is not None and rejection.reviewer_id == reviewer.id:
            raise OwnRejectionError(
                "You rejected this, and the contributor disputes it: somebody else decides.",
                hint="Another reviewer or an operator will look at it.",
            )
    if is_simulated(reviewer.email) and not comparison.terms.get("synthetic"):
        raise SimulatedReviewerError(
            "Simulated reviewers decide in synthetic campaigns alone.", hint="Sign in as somebody who is real."
        )
    return comparison
