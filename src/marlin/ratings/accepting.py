"""Accepting a rating in one statement: the usual case, a turn that is ready to be rated.

Rating, turn, comparison, audit log and event are written together or not at all. Each round trip to the database costs
the web process about half a millisecond of its processor, and a campaign's contributors rate at the same time.
"""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from sqlalchemy import Integer, Select, Table, Text, Uuid, bindparam, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import accounts, assignments, comparisons
from marlin.accounts import Person
from marlin.campaigns import Answers
from marlin.db import Json, UtcDateTime, events, new_id, now
from marlin.ratings import cited, queries
from marlin.ratings.models import Rating


def _accepting() -> Select[Any]:
    marking = comparisons.marking_rated()
    marked = marking.turn
    table = cast("Table", Rating.__table__)
    rating = {
        "id": bindparam("given_rating_id", type_=Uuid()),
        "comparison_id": marked.c.comparison_id,
        "turn_id": marked.c.turn_id,
        "turn_number": marked.c.number,
        "person_id": bindparam("given_owner_id", type_=Uuid()),
        "rubric_version_id": marked.c.rubric_version_id,
        "guidelines_version": marked.c.guidelines_version,
        "answers": bindparam("given_answers", type_=Json()),
        "citations": bindparam("given_citations", type_=Json()),
        "preferred": bindparam("given_preferred", type_=Text()),
        "verdict": bindparam("given_verdict", type_=Text()),
        "strength": bindparam("given_strength", type_=Integer()),
        "arm_a_id": marked.c.arm_a_id,
        "arm_b_id": marked.c.arm_b_id,
        "rollout_a_id": marked.c.rollout_a_id,
        "rollout_b_id": marked.c.rollout_b_id,
        "created_at": bindparam("given_at", type_=UtcDateTime()),
    }
    given = insert(table).from_select(list(rating), select(*rating.values())).returning(table.c.id).cte("given")
    audited = accounts.auditing(
        select(
            bindparam("given_owner_id", type_=Uuid()),
            literal("rating.given", Text()),
            func.concat("comparison:", marked.c.comparison_id),
            bindparam("given_audit_data", type_=Json()),
        ).select_from(marked)
    )
    appended = events.appending(
        select(
            marked.c.comparison_id.label("stream"),
            bindparam("given_at", type_=UtcDateTime()).label("at"),
            literal("rating", Text()).label("kind"),
            bindparam("given_event_data", type_=Json()).label("data"),
        ).select_from(marked)
    )
    told = appended.told
    result = select(marked, told.c.told).join(told, told.c.stream == marked.c.comparison_id)
    return result.add_cte(marking.comparison, given, audited, appended.stored)


_ACCEPTING = _accepting()


async def accept(
    session: AsyncSession, person: Person, comparison_id: UUID, number: int, answers: Answers, stored: dict[str, Any]
) -> Rating | None:
    """Write a rating if its turn is simply ready to be rated. The caller holds it against the rubric before the commit.

    :param stored: the answers as the database keeps them.
    :return: the rating as it was written; None, and nothing written, if there is more to look at: the turn is not
        ready or rated already, the comparison was returned or is somebody else's, the answers have no verdict.
    """
    if answers.verdict is None or not 0 < number < queries.MAX_NUMBER:
        return None
    rating_id, at = new_id(), now()
    citations = cited.stored(cited.cited_in(answers, number))
    values = {
        "given_comparison_id": comparison_id,
        "given_owner_id": person.id,
        "given_number": number,
        "given_rating_id": rating_id,
        "given_answers": stored,
        "given_citations": citations,
        "given_preferred": answers.preferred,
        "given_verdict": answers.verdict,
        "given_strength": answers.strength,
        "given_at": at,
        "given_audit_data": {"turn": number, "rating": str(rating_id)},
        "given_event_data": {"turn": number, "rated": True},
    }
    row = (await session.execute(_ACCEPTING, values)).one_or_none()
    if row is None:
        return None
    if row.repeats_id is not None:
        await assignments.record_rating(session, comparison_id, answers)
    return Rating(
        id=rating_id,
        comparison_id=row.comparison_id,
        turn_id=row.turn_id,
        turn_number=number,
        person_id=person.id,
        rubric_version_id=row.rubric_version_id,
        guidelines_version=row.guidelines_version,
        answers=stored,
        citations=citations,
        preferred=answers.preferred,
        verdict=answers.verdict,
        strength=answers.strength,
        arm_a_id=row.arm_a_id,
        arm_b_id=row.arm_b_id,
        rollout_a_id=row.rollout_a_id,
        rollout_b_id=row.rollout_b_id,
        created_at=at,
    )
