"""Drafts, ratings, the submission checker: /api/v1/comparisons/{id}/…"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from fastapi import APIRouter, Response

from marlin import campaigns, comparisons
from marlin.accounts import Person
from marlin.accounts.guards import Contributor, CurrentPerson
from marlin.comparisons import Comparison
from marlin.errors import MarlinError, NotFoundError
from marlin.http.sessions import Session
from marlin.ratings import queries, service
from marlin.ratings.checker import TEXTS, Problem
from marlin.ratings.models import Rating
from marlin.ratings.schemas import (
    DraftBody,
    DraftOut,
    DraftSaved,
    FollowUpText,
    ProblemOut,
    ProblemsOut,
    RatingAction,
    RatingActions,
    RatingAnswers,
    RatingOut,
    RatingsOut,
    SubmitBody,
    SubmittedOut,
    TurnRating,
)

router = APIRouter(prefix="/comparisons/{comparison_id}", tags=["ratings"])


@router.put("/turns/{number}/rating/draft")
async def save_draft(
    comparison_id: UUID, number: int, body: DraftBody, person: Contributor, session: Session
) -> DraftSaved:
    """Save what the contributor has typed so far. 409 with the newer draft if ``revision`` is an older one."""
    draft = await service.save_draft(
        session, person, comparison_id, number, revision=body.revision, answers=body.answers
    )
    return DraftSaved(revision=draft.revision, saved_at=draft.saved_at)


@router.get("/turns/{number}/rating/draft")
async def read_draft(comparison_id: UUID, number: int, person: Contributor, session: Session) -> DraftOut:
    """The contributor's own draft. 404 if there is none yet."""
    await comparisons.visible_comparison(session, comparison_id, person)
    turn = await queries.own_turn(session, comparison_id, number, person)
    draft = await queries.find_draft(session, turn.turn_id)
    if draft is None:
        raise NotFoundError(f"Turn {number} has no draft yet.", hint="Save one with revision 0.")
    return DraftOut.of(draft)


@router.post("/turns/{number}/rating", status_code=201)
async def submit_rating(
    comparison_id: UUID, number: int, body: RatingAnswers, person: Contributor, session: Session
) -> RatingOut:
    """Rate a turn. 404 someone else's, 409 running or already rated, 422 answers that don't fit the rubric."""
    rating, version = await service.submit_rating(session, person, comparison_id, number, body)
    return RatingOut.of(rating, version)


@router.delete("/turns/{number}/rating", status_code=204)
async def undo_rating(comparison_id: UUID, number: int, person: Contributor, session: Session) -> Response:
    """Take a rating back; until the next prompt is sent, or the comparison is submitted."""
    await service.undo_rating(session, person, comparison_id, number)
    return Response(status_code=204)


@router.get("/ratings")
async def read_ratings(comparison_id: UUID, person: CurrentPerson, session: Session) -> RatingsOut:
    """All ratings of a comparison the caller may see; drafts and actions for its contributor only."""
    comparison = await comparisons.visible_comparison(session, comparison_id, person)
    version = (await campaigns.load_rubric(session, comparison.rubric_version_id)).number
    ratings = await queries.current_ratings(session, comparison.id)
    mine = comparison.owner_id == person.id
    drafts = await queries.drafts(session, comparison) if mine else {}
    turns = {
        str(turn.number): TurnRating(
            rating=RatingOut.of(ratings[turn.number], version) if turn.number in ratings else None,
            draft=DraftOut.of(drafts[turn.number]) if turn.number in drafts else None,
        )
        for turn in comparison.turns
    }
    return RatingsOut(turns=turns, actions=await _actions(session, comparison, person, ratings))


@router.post("/turns/{number}/rating/check")
async def check_draft(
    comparison_id: UUID, number: int, body: RatingAnswers, person: Contributor, session: Session
) -> ProblemsOut:
    """What the checker finds in answers as they stand, complete or not. Nothing is saved."""
    comparison = await comparisons.visible_comparison(session, comparison_id, person)
    queries.require_mine(comparison, person)
    problems = await queries.draft_problems(session, comparison, number, body)
    unread = await queries.unread({name: getattr(body, name) for name in TEXTS})
    return ProblemsOut(problems=await _shown(session, person, problems), unread=unread)


@router.post("/follow-up/check")
async def check_follow_up(
    comparison_id: UUID, body: FollowUpText, person: Contributor, session: Session
) -> ProblemsOut:
    """What the checker finds in a follow-up. Nothing is sent or saved."""
    comparison = await comparisons.visible_comparison(session, comparison_id, person)
    queries.require_mine(comparison, person)
    problems = await queries.follow_up_problems(session, comparison, body.prompt)
    unread = await queries.unread({"prompt": body.prompt})
    return ProblemsOut(problems=await _shown(session, person, problems), unread=unread)


@router.get("/submission/problems")
async def submission_problems(comparison_id: UUID, person: CurrentPerson, session: Session) -> ProblemsOut:
    """What to mend or acknowledge before submitting; afterwards, for the review, what of it was acknowledged."""
    comparison = await comparisons.visible_comparison(session, comparison_id, person)
    problems = await queries.submission_problems(session, comparison)
    submission = await queries.last_submission(session, comparison_id)
    acknowledged = submission.acknowledged if submission else []
    return ProblemsOut(problems=await _shown(session, person, problems, acknowledged))


async def _shown(
    session: Session, person: Person, problems: Sequence[Problem], acknowledged: Collection[str] = ()
) -> list[ProblemOut]:
    """Problems with the other comparisons that they are about, as far as the caller may see those."""
    titles = await queries.titles_for(session, person, problems)
    return [ProblemOut.of(problem, acknowledged, titles) for problem in problems]


@router.post("/submit")
async def submit(comparison_id: UUID, body: SubmitBody, person: Contributor, session: Session) -> SubmittedOut:
    """Submit the comparison for review. 409 if a turn is unfinished, 422 if the checker's findings stand."""
    comparison = await service.submit(session, person, comparison_id, acknowledged=body.acknowledged)
    return SubmittedOut(id=comparison.id, status=comparison.status, submitted_at=comparison.submitted_at)


async def _actions(
    session: Session, comparison: Comparison, person: Person, ratings: dict[int, Rating]
) -> RatingActions:
    if comparison.owner_id != person.id:
        no = RatingAction(allowed=False, reason="Only the contributor of this comparison can do this.")
        return RatingActions(rate=no, undo_rating=no, submit=no)
    last = comparison.turns[-1]
    return RatingActions(
        rate=await _can_rate(session, comparison, last.number),
        undo_rating=_can_undo(comparison, last.number in ratings),
        submit=await _can_submit(comparison, ratings),
    )


async def _can_rate(session: Session, comparison: Comparison, number: int) -> RatingAction:
    if comparison.status == "returned":
        return RatingAction(allowed=True)
    try:
        await comparisons.turn_to_rate(session, comparison, number)
    except MarlinError as error:
        return RatingAction(allowed=False, reason=error.message)
    return RatingAction(allowed=True)


def _can_undo(comparison: Comparison, rated: bool) -> RatingAction:
    if comparison.status not in comparisons.OPEN:
        return RatingAction(allowed=False, reason="The comparison was submitted; its ratings can't change.")
    if not rated:
        return RatingAction(allowed=False, reason="The last turn has no rating to undo.")
    return RatingAction(allowed=True)


async def _can_submit(comparison: Comparison, ratings: dict[int, Rating]) -> RatingAction:
    if comparison.status not in ("rated", "returned", "failed"):
        closed = comparison.status in ("submitted", "accepted", "rejected", "disputed")
        reason = "The comparison was submitted." if closed else "The last turn has to be rated first."
        return RatingAction(allowed=False, reason=reason)
    errors = [each for each in await queries.problems_of(comparison, ratings) if each.severity == "error"]
    return RatingAction(allowed=not errors, reason=errors[0].message if errors else None)
