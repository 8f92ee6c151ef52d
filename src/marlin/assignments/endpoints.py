"""HTTP: what a contributor does next, gold tasks, and what operators see of both: /api/v1."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, status

from marlin import campaigns, comparisons
from marlin.accounts.guards import Contributor, Operator
from marlin.assignments import gold, queries, service
from marlin.assignments.models import Assignment
from marlin.assignments.schemas import (
    AssignmentOut,
    AssignmentsOut,
    CurrentOut,
    GoldBody,
    GoldOut,
    HeldOut,
    RefusalOut,
    SkipBody,
)
from marlin.campaigns import policy_of
from marlin.comparisons import ComparisonCreate, ComparisonOut
from marlin.http.sessions import Session
from marlin.tasks import get_brief

router = APIRouter(tags=["assignments"])


@router.post("/comparisons", status_code=status.HTTP_201_CREATED)
async def create_comparison(wish: ComparisonCreate, session: Session, person: Contributor) -> ComparisonOut:
    """Start a comparison from a prepared brief; both arms begin with its prompt. 409 where the campaign's policy asks
    for an assignment first, or a cap is reached."""
    created = await service.start_comparison(session, person, wish.brief_id)
    await session.flush()
    comparison = await comparisons.visible_comparison(session, created.id, person)
    return await comparisons.comparison_out(session, comparison, person)


@router.post("/campaigns/{campaign_id}/assignment")
async def ask(campaign_id: UUID, person: Contributor, session: Session) -> AssignmentOut:
    """What should I do next? One assignment, held for two hours; asking again gives the same one. 409 or 403 with the
    reason when there is nothing."""
    return await _show(session, await service.ask(session, person, campaign_id))


@router.get("/campaigns/{campaign_id}/assignment")
async def look(campaign_id: UUID, person: Contributor, session: Session) -> CurrentOut:
    """What I hold, or why nothing would be assigned to me. Nothing is handed out."""
    campaign = await campaigns.get_campaign(session, campaign_id)
    found, refusal = await service.look(session, person, campaign_id)
    policy = policy_of(campaign.assignment)
    judging = policy.overlap_price_cents
    return CurrentOut(
        assignment=await _show(session, found) if found else None,
        refusal=RefusalOut.of(refusal) if refusal else None,
        own_price_cents=campaign.price_cents,
        required=policy.required,
        judge_price_cents=campaign.price_cents if judging is None else judging,
    )


@router.post("/assignments/{assignment_id}/begin")
async def begin(assignment_id: UUID, person: Contributor, session: Session) -> AssignmentOut:
    """Begin to judge results that are there already: the answer names the comparison, ready to be rated."""
    return await _show(session, await service.begin(session, person, assignment_id))


@router.post("/assignments/{assignment_id}/skip")
async def skip(assignment_id: UUID, body: SkipBody, person: Contributor, session: Session) -> AssignmentOut:
    """Give an assignment back, with a reason; also results that I began to judge and have not submitted."""
    return await _show(session, await service.skip(session, person, assignment_id, reason=body.reason))


@router.post("/assignments/{assignment_id}/release")
async def release(assignment_id: UUID, body: SkipBody, operator: Operator, session: Session) -> AssignmentOut:
    """Take somebody's assignment back, so that somebody else gets it."""
    return await _show(session, await service.release(session, operator, assignment_id, reason=body.reason))


@router.get("/campaigns/{campaign_id}/assignments")
async def list_assignments(campaign_id: UUID, operator: Operator, session: Session) -> AssignmentsOut:
    """The campaign's policy, how much overlap there is, its gold tasks with their results, and who holds what."""
    campaign = await campaigns.get_campaign(session, campaign_id)
    standing = await queries.standing(session, campaign_id, operator.id)
    return AssignmentsOut(
        policy=policy_of(campaign.assignment),
        originals=standing.originals,
        repeats=standing.repeats,
        total=standing.total,
        gold=[GoldOut.of(entry) for entry in await queries.gold_standings(session, campaign_id)],
        assignments=[HeldOut.of(entry) for entry in await queries.recent(session, campaign_id)],
    )


@router.put("/comparisons/{comparison_id}/gold", status_code=status.HTTP_204_NO_CONTENT)
async def mark_gold(comparison_id: UUID, body: GoldBody, operator: Operator, session: Session) -> None:
    """Make an accepted comparison's first turn a gold task, with the known answer and why it is known."""
    await gold.mark(
        session,
        operator,
        comparison_id,
        expected=body.expected,
        min_strength=body.min_strength,
        axis=body.axis,
        reason=body.reason,
    )


@router.delete("/comparisons/{comparison_id}/gold", status_code=status.HTTP_204_NO_CONTENT)
async def revoke_gold(comparison_id: UUID, operator: Operator, session: Session) -> None:
    """Offer it as a gold task no more. What people answered stays."""
    await gold.revoke(session, operator, comparison_id)


async def _show(session: Session, assignment: Assignment) -> AssignmentOut:
    if assignment.source_id is None:
        return AssignmentOut.of(assignment, title="", category="")
    source = await comparisons.get_comparison(session, assignment.source_id, owner_id=None)
    brief = await get_brief(session, source.brief_id, owner_id=None)
    return AssignmentOut.of(assignment, title=brief.title or brief.resolved_title, category=brief.category)
