"""HTTP: comparisons, their turns, results and files."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status

from marlin.accounts import Person, Role
from marlin.accounts.guards import current_person, require
from marlin.comparisons import drafting, queries, service, views
from marlin.comparisons.errors import TurnRunningError
from marlin.comparisons.schemas import (
    Amount,
    ComparisonOut,
    ComparisonRow,
    ComparisonStatus,
    EarningsOut,
    Expectation,
    FollowUp,
    FollowUpDraftIn,
    FollowUpDraftOut,
    TurnOut,
)
from marlin.errors import NotFoundError
from marlin.http.paging import Paged, Search
from marlin.http.sessions import Session
from marlin.tasks import Code, current_code

router = APIRouter(prefix="/comparisons", tags=["comparisons"])

Contributor = Annotated[Person, Depends(require(Role.CONTRIBUTOR))]
Anyone = Annotated[Person, Depends(current_person)]
Repositories = Annotated[Code, Depends(current_code)]


@router.get("")
async def list_comparisons(
    session: Session,
    person: Contributor,
    paging: Paged,
    search: Search = None,
    status: Annotated[list[ComparisonStatus] | None, Query(description="Only these; repeat it for several.")] = None,
) -> list[ComparisonRow]:
    """My comparisons, last changed first."""
    page = await queries.comparisons_of(session, person.id, paging.window, statuses=status or (), search=search)
    return [
        ComparisonRow(
            id=comparison.id,
            title=title,
            campaign_title=comparison.terms["title"],
            status=comparison.status,
            turns=turns,
            created_at=comparison.created_at,
            updated_at=comparison.updated_at,
        )
        for comparison, title, turns in paging.rows(page)
    ]


@router.get("/earnings")
async def read_earnings(session: Session, person: Contributor) -> EarningsOut:
    """How many of my comparisons are accepted, in review, returned to me or under way, and what each come to."""
    totals = await queries.totals_of(session, person.id)

    def sum_of(*statuses: str) -> Amount:
        found = [totals[status] for status in statuses if status in totals]
        return Amount(count=sum(count for count, _ in found), cents=sum(cents for _, cents in found))

    return EarningsOut(
        accepted=sum_of("accepted"),
        in_review=sum_of("submitted", "disputed"),
        returned=sum_of("returned"),
        under_way=sum_of("running", "to_rate", "rated", "failed"),
    )


@router.get("/{comparison_id}")
async def get_comparison(comparison_id: UUID, session: Session, person: Anyone) -> ComparisonOut:
    """A comparison: my own, a submitted one as a reviewer, any as an operator. Blinded for all."""
    comparison = await queries.visible_comparison(session, comparison_id, person)
    return await views.comparison_out(session, comparison, person)


async def _fresh(session: Session, comparison_id: UUID, person: Person) -> ComparisonOut:
    await session.flush()
    comparison = await queries.visible_comparison(session, comparison_id, person)
    return await views.comparison_out(session, comparison, person)


@router.post("/{comparison_id}/turns", status_code=status.HTTP_201_CREATED)
async def follow_up(comparison_id: UUID, wish: FollowUp, session: Session, person: Contributor) -> TurnOut:
    """Send the next prompt. It continues from the preferred side."""
    await service.follow_up(session, person.id, comparison_id, prompt=wish.prompt, wished=wish.continue_from)
    return (await _fresh(session, comparison_id, person)).turns[-1]


@router.put("/{comparison_id}/turns/{number}/follow-up/draft")
async def save_follow_up_draft(
    comparison_id: UUID, number: int, wish: FollowUpDraftIn, session: Session, person: Contributor
) -> FollowUpDraftOut:
    """Save what the contributor has typed of the prompt that follows this turn. 409 with the newer draft if
    ``revision`` is an older one, or once the prompt was sent."""
    draft = await drafting.save_draft(
        session,
        person.id,
        comparison_id,
        number,
        revision=wish.revision,
        prompt=wish.prompt,
        continue_from=wish.continue_from,
    )
    return FollowUpDraftOut.model_validate(draft)


@router.get("/{comparison_id}/turns/{number}/follow-up/draft")
async def read_follow_up_draft(
    comparison_id: UUID, number: int, session: Session, person: Contributor
) -> FollowUpDraftOut:
    """The contributor's own draft of the prompt that follows this turn; revision 0 if there is none yet."""
    await queries.visible_comparison(session, comparison_id, person)
    comparison = await queries.get_comparison(session, comparison_id, owner_id=person.id)
    draft = await drafting.find_draft(session, queries.turn_of(comparison, number).id)
    return FollowUpDraftOut.model_validate(draft) if draft else FollowUpDraftOut()


@router.put("/{comparison_id}/turns/{number}/expectation", status_code=status.HTTP_204_NO_CONTENT)
async def set_expectation(
    comparison_id: UUID, number: int, wish: Expectation, session: Session, person: Contributor
) -> None:
    """Save what a strong senior engineer would do, in the contributor's words. 409 with what it says now, if that is
    not what ``before`` says."""
    await service.set_expectation(session, person.id, comparison_id, number, wish.text, before=wish.before)


@router.post("/{comparison_id}/turns/{number}/cancel")
async def cancel_turn(comparison_id: UUID, number: int, session: Session, person: Contributor) -> TurnOut:
    """Stop both arms."""
    await service.cancel_turn(session, person.id, comparison_id, number)
    return (await _fresh(session, comparison_id, person)).turns[-1]


@router.post("/{comparison_id}/turns/{number}/retry")
async def retry_turn(comparison_id: UUID, number: int, session: Session, person: Contributor) -> TurnOut:
    """Run a cancelled turn, or one that failed on both sides, again."""
    await service.retry_turn(session, person.id, comparison_id, number)
    return (await _fresh(session, comparison_id, person)).turns[-1]


@router.get("/{comparison_id}/checks/{check_id}/log", response_class=Response)
async def check_log(
    comparison_id: UUID, check_id: UUID, session: Session, person: Anyone, code: Repositories
) -> Response:
    """What a check printed."""
    comparison = await queries.visible_comparison(session, comparison_id, person)
    turn, check = queries.find_check(comparison, check_id)
    if not queries.checks_shown(comparison, turn):
        raise TurnRunningError("The checks are still running.", hint="Wait until those of both sides are done.")
    if check.log is None:
        raise NotFoundError("This check printed nothing.", hint="Its summary says how it ended.")
    text = (await asyncio.to_thread(code.durable.get, check.log)).decode(errors="replace")
    return Response(text, media_type="text/plain; charset=utf-8")
