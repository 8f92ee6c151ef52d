"""The review queue and reviews: /api/v1."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from marlin import campaigns, comparisons
from marlin.accounts import CurrentPerson, Operator, Reviewer
from marlin.db import Session
from marlin.http.paging import Paged, Search
from marlin.reviews import adjudicating, disagreements, drafting, queries, service
from marlin.reviews.adjudication_schemas import (
    AdjudicationBody,
    AdjudicationOut,
    DisagreementOut,
    JudgementOut,
    JudgementsOut,
)
from marlin.reviews.schemas import QueueEntry, ReviewBody, ReviewDraftBody, ReviewDraftOut, ReviewOut
from marlin.tasks import get_brief

router = APIRouter(tags=["reviews"])


@router.get("/reviews/queue")
async def review_queue(
    person: Reviewer, session: Session, paging: Paged, search: Search = None, comparison: UUID | None = None
) -> list[QueueEntry]:
    """Submissions that wait for a review, the oldest first; never the reviewer's own.

    ``comparison`` asks whether that one is among them.
    """
    page = await comparisons.submitted_comparisons(
        session, paging.window, not_owner_id=person.id, search=search, only=comparison
    )
    return [
        QueueEntry(
            comparison_id=comparison.id,
            title=title,
            campaign_title=comparison.terms["title"],
            submitted_at=comparison.submitted_at,
            turns=len(comparison.turns),
        )
        for comparison, title in paging.rows(page)
    ]


@router.post("/comparisons/{comparison_id}/reviews", status_code=201)
async def create_review(comparison_id: UUID, body: ReviewBody, person: Reviewer, session: Session) -> ReviewOut:
    """Accept a submission, or return it with comments and remarks on answers. 403 for one's own work, 409 if it waits
    for no review, 422 for a remark on nothing."""
    review = await service.review(
        session, person, comparison_id, decision=body.decision, comments=body.comments, remarks=body.remarks
    )
    comparison = await comparisons.visible_comparison(session, comparison_id, person)
    says = await queries.answers_now(session, comparison)
    return ReviewOut.of(review, caller_id=person.id, says=says)


@router.put("/comparisons/{comparison_id}/reviews/draft")
async def save_review_draft(
    comparison_id: UUID, body: ReviewDraftBody, person: Reviewer, session: Session
) -> ReviewDraftOut:
    """Save what the reviewer has typed so far. 409 with the newer draft if ``revision`` is an older one."""
    draft = await drafting.save_draft(
        session, person, comparison_id, revision=body.revision, comments=body.comments, remarks=body.remarks
    )
    return ReviewDraftOut.of(draft)


@router.get("/comparisons/{comparison_id}/reviews/draft")
async def read_review_draft(comparison_id: UUID, person: Reviewer, session: Session) -> ReviewDraftOut:
    """The reviewer's own draft; revision 0 if there is none yet."""
    await drafting.to_review(session, person, comparison_id)
    draft = await queries.find_draft(session, comparison_id, person.id)
    return ReviewDraftOut.of(draft) if draft else ReviewDraftOut()


@router.get("/comparisons/{comparison_id}/reviews")
async def list_reviews(comparison_id: UUID, person: CurrentPerson, session: Session) -> list[ReviewOut]:
    """A comparison's reviews, the latest first, for whoever may see the comparison. A remark is resolved once its
    answer says something else."""
    comparison = await comparisons.visible_comparison(session, comparison_id, person)
    says = await queries.answers_now(session, comparison)
    return [
        ReviewOut.of(review, caller_id=person.id, says=says)
        for review in await queries.reviews_of(session, comparison.id)
    ]


@router.get("/campaigns/{campaign_id}/disagreements")
async def list_disagreements(campaign_id: UUID, operator: Operator, session: Session) -> list[DisagreementOut]:
    """Results that people judged differently: those without a label of record first, then the furthest apart."""
    await campaigns.get_campaign(session, campaign_id)
    found = await disagreements.disagreements(session, campaign_id)
    return [DisagreementOut.of(one) for one in found]


@router.get("/comparisons/{comparison_id}/judgements")
async def list_judgements(comparison_id: UUID, operator: Operator, session: Session) -> JudgementsOut:
    """All judgements of the same two results, turned to the same sides, without names or arms."""
    return await _judgements(session, comparison_id)


@router.post("/comparisons/{comparison_id}/adjudication")
async def adjudicate(
    comparison_id: UUID, body: AdjudicationBody, operator: Operator, session: Session
) -> JudgementsOut:
    """Decide the label of record, or send one judgement back. 409 where people say the same, or it was accepted."""
    if body.send_back is not None:
        await adjudicating.send_back(session, operator, comparison_id, judgement_id=body.send_back, reason=body.reason)
    else:
        said = body.said
        side = said if said in ("A", "B") else None
        verdict = "preference" if side is not None else str(said)
        await adjudicating.label(session, operator, comparison_id, verdict=verdict, preferred=side, reason=body.reason)
    await session.flush()
    return await _judgements(session, comparison_id)


async def _judgements(session: Session, comparison_id: UUID) -> JudgementsOut:
    item, said = await adjudicating.item_of(session, comparison_id)
    turn = comparisons.turn_of(item, 1)
    rubric = (await campaigns.load_rubric(session, item.rubric_version_id)).rubric
    brief = await get_brief(session, item.brief_id, owner_id=None)
    side_a = comparisons.by_side(turn)["A"].id
    return JudgementsOut(
        comparison_id=item.id,
        title=brief.title or brief.resolved_title,
        prompt=turn.prompt,
        axes=[axis.name for axis in rubric.axes],
        judgements=[JudgementOut.of(one) for one in said],
        adjudications=[
            AdjudicationOut.of(row, side_a) for row in await disagreements.adjudications_of(session, item.id)
        ],
    )
