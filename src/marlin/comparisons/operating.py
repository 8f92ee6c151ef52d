"""HTTP for operators: a campaign's comparisons, which arm was which, what it cost, and the trajectories."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from marlin import campaigns
from marlin.accounts import record_audit
from marlin.accounts.guards import Operator
from marlin.agents import to_atif, to_messages
from marlin.comparisons import queries
from marlin.comparisons.blinding import Side
from marlin.comparisons.models import Attempt
from marlin.comparisons.schemas import ComparisonStatus
from marlin.comparisons.trajectories import last_attempt, load_trajectory, rollout_of
from marlin.comparisons.unblinding import TRAJECTORY_READ, UNBLINDED
from marlin.http.paging import Paged, Search
from marlin.http.sessions import Session
from marlin.tasks import Code, current_code

router = APIRouter(prefix="/comparisons", tags=["operators"])
campaign_router = APIRouter(prefix="/campaigns", tags=["operators"])


class AttemptOut(BaseModel):
    """One try at a rollout, with what it cost."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    status: str
    outcome: str | None
    usage: dict[str, Any]
    timings: dict[str, Any]
    provenance: dict[str, Any]
    redactions: dict[str, Any]
    started_at: datetime
    finished_at: datetime | None


class SideOut(BaseModel):
    """One side of one turn, unblinded."""

    turn: int
    side: Side
    commit: str | None
    attempts: list[AttemptOut]


class OperatorView(BaseModel):
    """What only operators may see of a comparison."""

    comparison_id: UUID
    arms: dict[Side, str]
    aa: bool
    """An A/A control: the arm meets itself."""
    repeats_id: UUID | None
    """The comparison whose results are judged again here; the attempts shown are that one's."""
    draw: dict[str, Any]
    terms: dict[str, Any]
    prompt_skew_ms: dict[int, float | None]
    sides: list[SideOut]


class CampaignRow(BaseModel):
    """A comparison in a campaign's list. Which arm is which is not in it: that is a look of its own, and recorded."""

    id: UUID
    title: str
    contributor: str
    status: str
    turns: int
    repeats: bool
    """Another contributor's results are judged again here."""
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None


@campaign_router.get("/{campaign_id}/comparisons")
async def campaign_comparisons(
    campaign_id: UUID,
    session: Session,
    _: Operator,
    paging: Paged,
    search: Search = None,
    status: Annotated[list[ComparisonStatus] | None, Query(description="Only these; repeat it for several.")] = None,
) -> list[CampaignRow]:
    """A campaign's comparisons by whomever, last changed first."""
    await campaigns.get_campaign(session, campaign_id)
    page = await queries.comparisons_in(session, campaign_id, paging.window, statuses=status or (), search=search)
    return [
        CampaignRow(
            id=comparison.id,
            title=title,
            contributor=contributor,
            status=comparison.status,
            turns=turns,
            repeats=comparison.repeats_id is not None,
            created_at=comparison.created_at,
            updated_at=comparison.updated_at,
            submitted_at=comparison.submitted_at,
        )
        for comparison, title, contributor, turns in paging.rows(page)
    ]


@router.get("/{comparison_id}/operator")
async def operator_view(comparison_id: UUID, session: Session, person: Operator) -> OperatorView:
    """Arms by side, attempts, usage, cost and provenance. Looking is recorded in the audit log."""
    comparison = await queries.get_comparison(session, comparison_id, owner_id=None)
    record_audit(session, person, UNBLINDED, str(comparison_id), {})
    arms: dict[Side, str] = {
        "A": (await campaigns.get_arm(session, comparison.arm_a_id)).name,
        "B": (await campaigns.get_arm(session, comparison.arm_b_id)).name,
    }
    sides = []
    for turn in comparison.turns:
        for side, rollout in queries.by_side(turn).items():
            rows = await session.scalars(
                select(Attempt).where(Attempt.rollout_id == (rollout.repeats_id or rollout.id)).order_by(Attempt.number)
            )
            attempts = [AttemptOut.model_validate(row) for row in rows]
            sides.append(SideOut(turn=turn.number, side=side, commit=rollout.commit, attempts=attempts))
    return OperatorView(
        comparison_id=comparison.id,
        arms=arms,
        aa=comparison.arm_a_id == comparison.arm_b_id,
        repeats_id=comparison.repeats_id,
        draw=comparison.draw,
        terms=comparison.terms,
        prompt_skew_ms={turn.number: turn.prompt_skew_ms for turn in comparison.turns},
        sides=sides,
    )


@router.get("/{comparison_id}/turns/{number}/trajectory")
async def trajectory(
    comparison_id: UUID,
    number: int,
    side: Side,
    session: Session,
    person: Operator,
    code: Annotated[Code, Depends(current_code)],
    layout: Literal["atif", "openai"] = "atif",
) -> Any:
    """One side's trajectory: ATIF 1.8, or OpenAI-style messages with tools."""
    rollout = await rollout_of(session, comparison_id, number, side)
    record_audit(session, person, TRAJECTORY_READ, str(comparison_id), {"turn": number, "side": side})
    attempt = await last_attempt(session, rollout)
    found = await load_trajectory(code, attempt.raw)
    if layout == "openai":
        return to_messages(found)
    agent = attempt.provenance.get("agent", {})
    arm = await campaigns.get_arm(session, rollout.arm_id)
    return to_atif(
        found,
        agent=str(agent.get("name", "unknown")),
        version=str(agent.get("version", "unknown")),
        trajectory_id=str(rollout.id),
        model=arm.model,
        extra={"commit": rollout.commit, "outcome": rollout.outcome, "turn": number},
    )
