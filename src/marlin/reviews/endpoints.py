"""The review queue and reviews: /api/v1."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from marlin import comparisons
from marlin.accounts import CurrentPerson, Reviewer
from marlin.db import Session
from marlin.reviews import queries, service
from marlin.reviews.schemas import QueueEntry, ReviewBody, ReviewOut

router = APIRouter(tags=["reviews"])


@router.get("/reviews/queue")
async def review_queue(person: Reviewer, session: Session) -> list[QueueEntry]:
    """Submissions that wait for a review, the oldest first; never the reviewer's own."""
    return [
        QueueEntry(
            comparison_id=comparison.id,
            title=title,
            campaign_title=comparison.terms["title"],
            submitted_at=comparison.submitted_at,
            turns=len(comparison.turns),
        )
        for comparison, title in await comparisons.submitted_comparisons(session, not_owner_id=person.id)
    ]


@router.post("/comparisons/{comparison_id}/reviews", status_code=201)
async def create_review(comparison_id: UUID, body: ReviewBody, person: Reviewer, session: Session) -> ReviewOut:
    """Accept a submission, or return it with comments. 403 for one's own work, 409 if it does not wait for a review."""
    review = await service.review(session, person, comparison_id, decision=body.decision, comments=body.comments)
    return ReviewOut.of(review, caller_id=person.id)


@router.get("/comparisons/{comparison_id}/reviews")
async def list_reviews(comparison_id: UUID, person: CurrentPerson, session: Session) -> list[ReviewOut]:
    """A comparison's reviews, the latest first, for whoever may see the comparison."""
    comparison = await comparisons.visible_comparison(session, comparison_id, person)
    return [ReviewOut.of(review, caller_id=person.id) for review in await queries.reviews_of(session, comparison.id)]
