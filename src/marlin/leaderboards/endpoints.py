"""HTTP for operators: questions, leaderboards, agreement, decisions: /api/v1. Nobody else may see any of it, because
standings would sway those who still judge."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from marlin import campaigns
from marlin.accounts import record_audit
from marlin.accounts.guards import Operator
from marlin.db import now, transaction
from marlin.http.sessions import Session
from marlin.http.streams import apart
from marlin.leaderboards import exporting, questions, service
from marlin.leaderboards.agreement_schemas import AgreementOut
from marlin.leaderboards.ballots import OVERALL, Slice
from marlin.leaderboards.question_schemas import QuestionOut, QuestionWish
from marlin.leaderboards.schemas import AllocationOut, ChangesOut, DecisionOut, LeaderboardOut, PlanOut
from marlin.leaderboards.votes_csv import votes_as_csv

router = APIRouter(prefix="/campaigns/{campaign_id}", tags=["leaderboards"])


def _slice(
    category: Annotated[str | None, Query(max_length=100)] = None,
    language: Annotated[str | None, Query(max_length=100)] = None,
    agent: Annotated[str | None, Query(max_length=500)] = None,
    turn: Literal["first", "later"] | None = None,
    before: AwareDatetime | None = None,
) -> Slice:
    return Slice(category, language, agent, turn, before)


Chosen = Annotated[Slice, Depends(_slice)]
Axis = Annotated[str, Query(max_length=40, description="overall, or an axis of the rubric")]


@router.get("/leaderboard")
async def read_leaderboard(
    campaign_id: UUID, session: Session, person: Operator, wish: Chosen, axis: Axis = OVERALL
) -> LeaderboardOut:
    """Scores with intervals, pairings, axes, sizes. Looking is recorded in the audit log."""
    record_audit(session, person, "leaderboard.read", f"campaign:{campaign_id}", {"axis": axis})
    return await service.leaderboard(session, campaign_id, axis=axis, wish=wish)


@router.get("/agreement")
async def read_agreement(campaign_id: UUID, session: Session, person: Operator) -> AgreementOut:
    """How far people agree with each other and with themselves, and whose votes stand out."""
    record_audit(session, person, "agreement.read", f"campaign:{campaign_id}", {})
    return await service.agreement(session, campaign_id)


@router.get("/decision")
async def read_decision(campaign_id: UUID, session: Session, person: Operator) -> DecisionOut | None:
    """Where the registered question stands; null before one is registered: then nothing was looked at."""
    await campaigns.get_campaign(session, campaign_id)
    if await questions.current_question(session, campaign_id) is None:
        return None
    record_audit(session, person, "decision.read", f"campaign:{campaign_id}", {})
    return await service.decision(session, campaign_id)


@router.get("/changes")
async def read_changes(
    campaign_id: UUID, session: Session, person: Operator, days: Annotated[int, Query(ge=1, le=3650)] = 7
) -> ChangesOut:
    """What changed in the last ``days`` days, from the votes accepted before then and those of now."""
    record_audit(session, person, "changes.read", f"campaign:{campaign_id}", {"days": days})
    return await service.changes(session, campaign_id, since=now() - timedelta(days=days))


@router.get("/questions")
async def list_questions(campaign_id: UUID, session: Session, _: Operator) -> list[QuestionOut]:
    """Every version of the campaign's question, the latest first."""
    await campaigns.get_campaign(session, campaign_id)
    return await questions.questions_of(session, campaign_id)


@router.post("/questions", status_code=201)
async def register_question(campaign_id: UUID, body: QuestionWish, session: Session, operator: Operator) -> QuestionOut:
    """Register what the campaign wants to know. Where there is a question, the body names the version that it
    `amends`, and the reason: 409 `question-registered` without them, `question-changed` if there is a newer version."""
    campaign = await campaigns.get_campaign(session, campaign_id)
    return await questions.register_question(session, campaign, body, actor=operator)


@router.post("/plan")
async def plan_question(campaign_id: UUID, body: QuestionWish, session: Session, _: Operator) -> PlanOut:
    """What a question would cost and find, before it is registered: nothing is kept. 422 if it can't be registered."""
    campaign = await campaigns.get_campaign(session, campaign_id)
    return await service.plan(session, campaign, body)


@router.get("/allocation")
async def read_allocation(
    campaign_id: UUID,
    session: Session,
    person: Operator,
    budget_usd: Annotated[float, Query(gt=0, le=10_000_000)],
    axis: Axis = OVERALL,
) -> AllocationOut:
    """Which pairs of arms the next dollars should go to, by information per dollar."""
    record_audit(session, person, "allocation.read", f"campaign:{campaign_id}", {"axis": axis, "usd": budget_usd})
    return await service.allocation(session, campaign_id, axis=axis, budget_usd=budget_usd)


@router.get("/leaderboard.csv", response_class=Response)
async def download_leaderboard(
    campaign_id: UUID, session: Session, person: Operator, wish: Chosen, axis: Axis = OVERALL
) -> Response:
    """The leaderboard as CSV."""
    record_audit(session, person, "leaderboard.downloaded", f"campaign:{campaign_id}", {"axis": axis})
    board = await service.leaderboard(session, campaign_id, axis=axis, wish=wish)
    return _download(exporting.to_csv(board), "text/csv; charset=utf-8", f"{board.campaign}-leaderboard.csv")


@router.get("/votes.csv", response_class=StreamingResponse)
async def download_votes(campaign_id: UUID, session: Session, person: Operator) -> StreamingResponse:
    """Every accepted vote as CSV, as it is read, with arms, and with why rankings leave it out where they do."""
    campaign = await campaigns.get_campaign(session, campaign_id)
    record_audit(session, person, "votes.downloaded", f"campaign:{campaign_id}", {})

    async def pieces() -> AsyncGenerator[str]:
        async with transaction() as reading:
            async for text, _ in votes_as_csv(reading, campaign_id):
                yield text

    headers = {"Content-Disposition": f'attachment; filename="{campaign.slug}-votes.csv"'}
    return StreamingResponse(apart(pieces()), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/report.html", response_class=Response)
async def download_report(
    campaign_id: UUID, session: Session, person: Operator, wish: Chosen, axis: Axis = OVERALL
) -> Response:
    """Everything in one HTML file that needs nothing else; its leaderboard counts the votes and the axis chosen."""
    record_audit(session, person, "report.downloaded", f"campaign:{campaign_id}", {"axis": axis})
    report = await service.full_report(session, campaign_id, axis=axis, wish=wish)
    return _download(exporting.to_html(report), "text/html; charset=utf-8", f"{report.leaderboard.campaign}.html")


def _download(text: str, media_type: str, name: str) -> Response:
    return Response(text, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
