"""Drafts, ratings, undo, submission. Nothing that a person typed is ever lost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Integer, Table, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from marlin import assignments, campaigns, comparisons
from marlin.accounts import Person, record_audit
from marlin.campaigns import Answers
from marlin.comparisons import Comparison, Turn
from marlin.db import clean_json, events, new_id, now
from marlin.ratings import cited, copying, queries
from marlin.ratings.accepting import accept
from marlin.ratings.checker import Problem
from marlin.ratings.errors import (
    DraftOutdatedError,
    RatingIncompleteError,
    RatingNotFoundError,
    RatingsClosedError,
    SubmissionRefusedError,
)
from marlin.ratings.models import Rating, RatingDraft, Submission
from marlin.ratings.schemas import ProblemOut


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """What the database now has.

    :ivar revision: the next save names it.
    """

    revision: int
    saved_at: datetime


def _save_draft() -> ReturningInsert[int, datetime]:
    """Who may save, and the saving, in one statement: drafts are saved every few seconds by everyone who types."""
    own_turn = (
        select(
            Turn.id,
            bindparam("revision", type_=Integer),
            bindparam("answers", type_=RatingDraft.answers.type),
            bindparam("saved_at", type_=RatingDraft.saved_at.type),
        )
        .join(Comparison, Comparison.id == Turn.comparison_id)
        .where(
            Comparison.id == bindparam("comparison_id"),
            Comparison.owner_id == bindparam("owner_id"),
            Comparison.status.in_(comparisons.OPEN),
            Turn.number == bindparam("number"),
        )
    )
    statement = insert(cast("Table", RatingDraft.__table__)).from_select(
        ["turn_id", "revision", "answers", "saved_at"], own_turn
    )
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["turn_id"],
        set_={"revision": new.revision, "answers": new.answers, "saved_at": new.saved_at},
        where=RatingDraft.revision == bindparam("edited", type_=Integer),
    ).returning(RatingDraft.revision, RatingDraft.saved_at)


_SAVE_DRAFT = _save_draft()


async def save_draft(
    session: AsyncSession, person: Person, comparison_id: UUID, number: int, *, revision: int, answers: Answers
) -> SavedDraft:
    """Keep what the person has typed so far. Sending the same twice does no harm.

    :param revision: of the draft that was edited; 0 when there was none.
    :raises NotFoundError: if the comparison does not exist or is someone else's.
    :raises RatingsClosedError: if it was submitted.
    :raises DraftOutdatedError: if a newer draft was saved elsewhere; it is in the error's details.
    """
    stored = _stored(answers)
    if 0 < number < queries.MAX_NUMBER:
        values = {"revision": revision + 1, "answers": stored, "saved_at": now(), "edited": revision}
        of = {"comparison_id": comparison_id, "number": number, "owner_id": person.id}
        saved = (await session.execute(_SAVE_DRAFT, values | of)).one_or_none()
        if saved is not None:
            return SavedDraft(saved.revision, saved.saved_at)
    turn = await queries.own_turn(session, comparison_id, number, person)
    if turn.comparison_status not in comparisons.OPEN:
        raise RatingsClosedError(
            "The comparison was submitted; its ratings can't change.", hint="A reviewer may return it to you."
        )
    newer = await queries.find_draft(session, turn.turn_id)
    assert newer is not None
    if newer.answers == stored:
        return SavedDraft(newer.revision, newer.saved_at)
    raise DraftOutdatedError(
        f"This turn's draft was changed elsewhere (revision {newer.revision}).",
        hint="Compare it with yours, then save again with its revision.",
        draft={"revision": newer.revision, "answers": newer.answers, "saved_at": newer.saved_at.isoformat()},
    )


async def submit_rating(
    session: AsyncSession, person: Person, comparison_id: UUID, number: int, answers: Answers
) -> tuple[Rating, int]:
    """Rate a turn. Sending the same rating twice does no harm.

    On a comparison that a reviewer returned, another rating takes the place of the one before, which is kept.

    :return: the rating, and the number of the rubric's version.
    :raises ComparisonNotFoundError: if the comparison does not exist or is someone else's.
    :raises TurnRunningError: if an arm is still at work.
    :raises AlreadyRatedError: if the turn has another rating.
    :raises RatingIncompleteError: if the answers don't fit the rubric.
    """
    answers = campaigns.rubric.complete(answers)
    stored = _stored(answers)
    accepted = await accept(session, person, comparison_id, number, answers, stored)
    if accepted is not None:
        version = await campaigns.load_rubric(session, accepted.rubric_version_id)
        _require_complete(version.rubric, answers)
        return accepted, version.number
    return await _rate_with_care(session, person, comparison_id, number, answers, stored)


async def _rate_with_care(
    session: AsyncSession, person: Person, comparison_id: UUID, number: int, answers: Answers, stored: dict[str, Any]
) -> tuple[Rating, int]:
    """Rate a turn that is not simply ready to be rated: say why it can't be, repeat, or replace a rating."""
    comparison = await queries.lock_to_rate(session, comparison_id, person)
    version = await campaigns.load_rubric(session, comparison.rubric_version_id)
    turn = comparisons.turn_of(comparison, number)
    replaced: Rating | None = None
    if turn.rated_at is not None:
        before = (await queries.current_ratings(session, comparison.id))[number]
        if before.answers == stored:
            return before, version.number
        if comparison.status == "returned":
            replaced = before
            comparisons.mark_unrated(comparison, number)
    to_rate = await comparisons.turn_to_rate(session, comparison, number)
    _require_complete(version.rubric, answers)
    if replaced is not None:
        replaced.ended, replaced.ended_at = "replaced", now()
        await session.flush()
    rating = Rating(
        id=new_id(),
        comparison_id=comparison.id,
        turn_id=to_rate.turn_id,
        turn_number=number,
        person_id=person.id,
        rubric_version_id=to_rate.rubric_version_id,
        guidelines_version=int(comparison.terms["guidelines_version"]),
        answers=stored,
        citations=cited.stored(cited.cited_in(answers, number)),
        preferred=answers.preferred,
        verdict=answers.verdict,
        strength=answers.strength,
        arm_a_id=to_rate.sides["A"].arm_id,
        arm_b_id=to_rate.sides["B"].arm_id,
        rollout_a_id=to_rate.sides["A"].rollout_id,
        rollout_b_id=to_rate.sides["B"].rollout_id,
        created_at=now(),
    )
    session.add(rating)
    assert answers.verdict is not None
    comparisons.mark_rated(comparison, number, preferred=answers.preferred, verdict=answers.verdict)
    if comparison.repeats_id is not None:
        await assignments.record_rating(session, comparison.id, answers)
    action = "rating.replaced" if replaced else "rating.given"
    record_audit(session, person, action, f"comparison:{comparison.id}", {"turn": number, "rating": str(rating.id)})
    await session.flush()
    await events.append(session, comparison.id, "rating", {"turn": number, "rated": True})
    return rating, version.number


def _require_complete(rubric: campaigns.Rubric, answers: Answers) -> None:
    problems = campaigns.rubric.check(rubric, answers)
    if problems:
        raise RatingIncompleteError(
            "The rating is not complete: " + problems[0].message,
            hint="Mend the fields named in errors, then send it again; your draft is kept.",
            errors=[{"field": problem.field, "message": problem.message} for problem in problems],
        )


async def undo_rating(session: AsyncSession, person: Person, comparison_id: UUID, number: int) -> None:
    """Take a rating back, until the next prompt is sent. Its answers become the draft again; the rating is kept.

    :raises RatingNotFoundError: if the turn has none.
    :raises ComparisonClosedError: if a later prompt was sent, or the comparison was submitted.
    """
    comparison = await comparisons.require_owner(session, comparison_id, person)
    comparisons.turn_of(comparison, number)
    rating = (await queries.current_ratings(session, comparison.id)).get(number)
    if rating is None:
        raise RatingNotFoundError(f"Turn {number} has no rating to undo.", hint="Reload the page.")
    comparisons.mark_unrated(comparison, number)
    if comparison.repeats_id is not None:
        await assignments.record_rating(session, comparison.id, None)
    rating.ended, rating.ended_at = "undone", now()
    values = {"answers": rating.answers, "saved_at": now()}
    statement = insert(RatingDraft).values(turn_id=rating.turn_id, revision=1, **values)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["turn_id"],
            set_={**values, "revision": RatingDraft.revision + 1},
            where=RatingDraft.answers != statement.excluded.answers,
        ),
        execution_options={"synchronize_session": False},
    )
    subject = f"comparison:{comparison.id}"
    record_audit(session, person, "rating.undone", subject, {"turn": number, "rating": str(rating.id)})
    await session.flush()
    await events.append(session, comparison.id, "rating", {"turn": number, "rated": False})


async def submit(
    session: AsyncSession, person: Person, comparison_id: UUID, *, acknowledged: Collection[str]
) -> Comparison:
    """Say that the comparison is finished. Submitting twice does no harm.

    :param acknowledged: codes of the checker's warnings that the person has read and stands by.
    :raises ConflictError: if a turn is running or unrated, or there are fewer than the campaign asks for.
    :raises SubmissionRefusedError: if the checker finds errors, or warnings that are not acknowledged.
    """
    comparison = await comparisons.require_owner(session, comparison_id, person)
    if comparison.status == "submitted":
        return comparison
    comparisons.mark_submitted(comparison)
    ratings = await queries.current_ratings(session, comparison.id)
    facts = await queries.facts_of(session, comparison, ratings)
    texts = copying.texts_of(comparison, ratings)
    copies = await copying.copies(session, comparison, texts)
    problems = await queries.problems_of(comparison, ratings, facts, copies)
    open_problems = [p for p in problems if p.severity == "error" or p.code not in acknowledged]
    if open_problems:
        raise _refused(open_problems)
    for number, rating in ratings.items():
        written = cited.cited_in(Answers.model_validate(rating.answers), number)
        rating.citations = cited.stored(cited.looked_up(written, facts[number]))
    await copying.remember(session, comparison, texts)
    warnings = sorted({problem.code for problem in problems})
    session.add(Submission(comparison_id=comparison.id, person_id=person.id, acknowledged=warnings))
    record_audit(session, person, "comparison.submitted", f"comparison:{comparison.id}", {"acknowledged": warnings})
    await session.flush()
    await events.append(session, comparison.id, "comparison_status", {"status": comparison.status})
    return comparison


def _refused(problems: list[Problem]) -> SubmissionRefusedError:
    errors = [problem for problem in problems if problem.severity == "error"]
    first = (errors or problems)[0]
    return SubmissionRefusedError(
        first.message if errors else f"Read and acknowledge before submitting: {first.message}",
        hint=first.hint if errors else "Mend it, or send the codes of the warnings you stand by in acknowledged.",
        problems=[ProblemOut.of(problem).model_dump() for problem in problems],
    )


def _stored(answers: Answers) -> dict[str, Any]:
    """The answers as the database gives them back, so that a repeated request is recognised."""
    stored: dict[str, Any] = clean_json(answers.model_dump())
    return stored
