"""The review queue, reviews, disputes, adjudication: /api/v1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from marlin import campaigns, comparisons
from marlin.accounts import Person, Role
from marlin.accounts.guards import Contributor, CurrentPerson, Operator, Reviewer, require
from marlin.comparisons import Comparison
from marlin.http.paging import Paged, Search
from marlin.http.sessions import Session
from marlin.reviews import (
    adjudicating,
    decided,
    disagreements,
    drafting,
    queries,
    rejecting,
    rejections,
    service,
    undoing,
)
from marlin.reviews.adjudication_schemas import (
    AdjudicationBody,
    AdjudicationOut,
    DisagreementOut,
    JudgementOut,
    JudgementsOut,
    UndecidableOut,
)
from marlin.reviews.models import Review
from marlin.reviews.schemas import (
    Became,
    DecidedCampaign,
    DecidedEntry,
    Decision,
    DisputeBody,
    QueueEntry,
    RejectionCount,
    RejectionOut,
    ReopenBody,
    ReviewBody,
    ReviewDraftBody,
    ReviewDraftOut,
    ReviewOut,
    WaitingDisputes,
)
from marlin.tasks import get_brief

router = APIRouter(tags=["reviews"])

Decider = Annotated[Person, Depends(require(Role.REVIEWER, Role.OPERATOR))]
"""An endpoint's caller: a reviewer, or an operator, who decides on disputes."""


@router.get("/reviews/queue")
async def review_queue(
    person: Reviewer, session: Session, paging: Paged, search: Search = None, comparison: UUID | None = None
) -> list[QueueEntry]:
    """Submissions that wait for a review, the oldest first; never the reviewer's own, nor disputes of what they
    rejected.

    ``comparison`` asks whether that one is among them.
    """
    page = await comparisons.submitted_comparisons(
        session,
        paging.window,
        not_owner_id=person.id,
        without=queries.disputed_of(person.id),
        search=search,
        only=comparison,
    )
    return [
        QueueEntry(
            comparison_id=comparison.id,
            title=title,
            campaign_title=comparison.terms["title"],
            submitted_at=comparison.submitted_at,
            turns=len(comparison.turns),
            disputed=comparison.status == "disputed",
        )
        for comparison, title in paging.rows(page)
    ]


@router.get("/reviews/decided")
async def list_decided(
    person: Reviewer,
    session: Session,
    paging: Paged,
    search: Search = None,
    decision: Annotated[list[Decision] | None, Query(description="Only these; repeat it for several.")] = None,
    campaign: UUID | None = None,
) -> list[DecidedEntry]:
    """What the caller has decided as a reviewer, the newest first: what became of it, and whether it can be taken back.
    ``search`` looks at titles, campaigns and the caller's own comments."""
    page = await decided.decided(
        session, person, paging.window, decisions=decision or (), campaign_id=campaign, search=search
    )
    found = []
    for review, comparison, title, became in paging.rows(page):
        refused = await undoing.refusal(session, comparison, review, person) if became == "stands" else None
        found.append(DecidedEntry.of(review, comparison, title, became, refused))
    return found


@router.get("/reviews/decided/campaigns")
async def list_decided_campaigns(person: Reviewer, session: Session) -> list[DecidedCampaign]:
    """The campaigns in which the caller has decided anything."""
    found = await decided.campaigns_decided_in(session, person)
    return [DecidedCampaign(id=id_, title=title) for id_, title in found]


@router.post("/comparisons/{comparison_id}/reviews", status_code=201)
async def create_review(comparison_id: UUID, body: ReviewBody, person: Decider, session: Session) -> ReviewOut:
    """Accept a submission, return it with comments and remarks on answers, or reject it with a reason; where its
    rejection is disputed, decide on that. 403 for one's own work and for a dispute of one's own rejection, 409 if
    somebody else decided first, 422 for a remark on nothing."""
    review = await service.review(
        session,
        person,
        comparison_id,
        decision=body.decision,
        comments=body.comments,
        remarks=body.remarks,
        reason=body.reason,
    )
    return await _shown(session, person, review)


@router.post("/comparisons/{comparison_id}/dispute", status_code=201)
async def dispute_rejection(comparison_id: UUID, body: DisputeBody, person: Contributor, session: Session) -> ReviewOut:
    """Say, once, why the rejection of my comparison is wrong: somebody other than who rejected it decides, and their
    word is final. The answer is the rejection. 409 where nothing is rejected, or it was decided on before."""
    return await _shown(session, person, await rejecting.dispute(session, person, comparison_id, text=body.text))


@router.post("/comparisons/{comparison_id}/reviews/reopen", status_code=201)
async def reopen(comparison_id: UUID, body: ReopenBody, person: Decider, session: Session) -> ReviewOut:
    """Take the last decision back: the comparison waits for a review again. Whoever decided can: a rejection until it
    is disputed, a return until the contributor works on it again, an acceptance for a day and until it is counted or
    exported. An operator can take a rejection back, too, with a reason. 403 for somebody else's decision, 409 where
    there is none, or something rests on it: the message says what."""
    review = await undoing.reopen(session, person, comparison_id, comments=body.comments)
    return await _shown(session, person, review)


@router.put("/comparisons/{comparison_id}/reviews/draft")
async def save_review_draft(
    comparison_id: UUID, body: ReviewDraftBody, person: Decider, session: Session
) -> ReviewDraftOut:
    """Save what the reviewer has typed so far. 409 with the newer draft if ``revision`` is an older one."""
    draft = await drafting.save_draft(
        session, person, comparison_id, revision=body.revision, comments=body.comments, remarks=body.remarks
    )
    return ReviewDraftOut.of(draft)


@router.get("/comparisons/{comparison_id}/reviews/draft")
async def read_review_draft(comparison_id: UUID, person: Decider, session: Session) -> ReviewDraftOut:
    """The reviewer's own draft; revision 0 if there is none yet."""
    await drafting.to_review(session, person, comparison_id)
    draft = await queries.find_draft(session, comparison_id, person.id)
    return ReviewDraftOut.of(draft) if draft else ReviewDraftOut()


@router.get("/comparisons/{comparison_id}/reviews")
async def list_reviews(comparison_id: UUID, person: CurrentPerson, session: Session) -> list[ReviewOut]:
    """A comparison's reviews, the latest first, for whoever may see the comparison. A remark is resolved once its
    answer says something else."""
    comparison = await comparisons.visible_comparison(session, comparison_id, person)
    return await _all_shown(session, person, comparison, await queries.reviews_of(session, comparison.id))


async def _shown(session: Session, person: Person, review: Review) -> ReviewOut:
    comparison = await comparisons.visible_comparison(session, review.comparison_id, person)
    (shown,) = await _all_shown(session, person, comparison, [review])
    return shown


async def _all_shown(
    session: Session, person: Person, comparison: Comparison, reviews: Sequence[Review]
) -> list[ReviewOut]:
    """Reviews of a comparison, the latest of which comes first if it is among them."""
    says = await queries.answers_now(session, comparison)
    disputes = await queries.disputes_of(session, comparison.id)
    latest = await queries.latest_review(session, comparison.id)
    refused = await undoing.refusal(session, comparison, latest, person) if latest in reviews else None
    told = latest is not None and latest.reviewer_id == person.id and latest.decision != "reopen"
    return [
        ReviewOut.of(
            review,
            caller_id=person.id,
            says=says,
            dispute=disputes.get(review.id),
            can_dispute=review is latest and rejecting.can_dispute(comparison, latest, person),
            can_reopen=review is latest and refused is None,
            kept_because=refused.message if review is latest and told and refused is not None else None,
        )
        for review in reviews
    ]


@router.get("/reviews/disputes")
async def waiting_disputes(operator: Operator, session: Session) -> list[WaitingDisputes]:
    """How many disputes nobody has decided on, by campaign, the longest waiting first; only campaigns with some."""
    found = await rejections.waiting_disputes(session)
    return [WaitingDisputes(campaign_id=c, campaign_title=t, count=n, since=s) for c, t, n, s in found]


@router.get("/campaigns/{campaign_id}/rejections")
async def list_rejections(
    campaign_id: UUID,
    operator: Operator,
    session: Session,
    paging: Paged,
    search: Search = None,
    became: Annotated[list[Became] | None, Query(description="Only these; repeat it for several.")] = None,
) -> list[RejectionOut]:
    """What was rejected in a campaign, by whom, why, and what became of it, the latest first."""
    await campaigns.get_campaign(session, campaign_id)
    page = await rejections.rejections(session, campaign_id, paging.window, became=became or (), search=search)
    return [RejectionOut.of(rejections.Rejection(*row)) for row in paging.rows(page)]


@router.get("/campaigns/{campaign_id}/rejections/counts")
async def count_rejections(campaign_id: UUID, operator: Operator, session: Session) -> list[RejectionCount]:
    """How often each reason was given in a campaign, and what became of it; only what there is."""
    await campaigns.get_campaign(session, campaign_id)
    found = await rejections.counts(session, campaign_id)
    return [RejectionCount.model_validate({"reason": r, "became": b, "count": n}) for r, b, n in found]


@router.get("/campaigns/{campaign_id}/disagreements")
async def list_disagreements(campaign_id: UUID, operator: Operator, session: Session) -> list[DisagreementOut]:
    """Results that people judged differently: those without a label of record first, then the furthest apart."""
    await campaigns.get_campaign(session, campaign_id)
    found = await disagreements.disagreements(session, campaign_id)
    return [DisagreementOut.of(one) for one in found]


@router.get("/comparisons/{comparison_id}/judgements")
async def list_judgements(comparison_id: UUID, operator: Operator, session: Session) -> JudgementsOut:
    """All judgements of the same two results, turned to the same sides, without names or arms."""
    return await _judgements(session, operator, comparison_id)


@router.post("/comparisons/{comparison_id}/adjudication")
async def adjudicate(
    comparison_id: UUID, body: AdjudicationBody, operator: Operator, session: Session
) -> JudgementsOut:
    """Decide the label of record, or send one judgement back. 409 where people say the same, or it was accepted; 403 to
    who judged here, or has looked at which arm is which."""
    if body.send_back is not None:
        await adjudicating.send_back(session, operator, comparison_id, judgement_id=body.send_back, reason=body.reason)
    else:
        said = body.said
        side = said if said in ("A", "B") else None
        verdict = "preference" if side is not None else str(said)
        await adjudicating.label(session, operator, comparison_id, verdict=verdict, preferred=side, reason=body.reason)
    await session.flush()
    return await _judgements(session, operator, comparison_id)


async def _judgements(session: Session, operator: Person, comparison_id: UUID) -> JudgementsOut:
    item, said = await adjudicating.item_of(session, comparison_id)
    refused = await adjudicating.refusal(session, operator, item, said)
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
        refusal=None if refused is None else UndecidableOut.of(refused),
    )
