"""Accepted ratings as votes: what rankings, agreement and decisions count.

The same rows as :func:`~marlin.reviews.accepted.accepted_ratings`, without what people wrote, and quick to read by the
hundred thousand; no vote ever leaves them, because decisions were taken in its sight.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from marlin.assignments import Assignment
from marlin.comparisons import Comparison, Rollout
from marlin.ratings import Rating
from marlin.reviews.models import Review
from marlin.reviews.queries import standing_acceptance
from marlin.tasks import Brief

_ROWS_AT_A_TIME = 2000


@dataclass(frozen=True, slots=True)
class AcceptedVote:
    """One turn's preference in a comparison that a reviewer accepted.

    :ivar scores: by axis, −3 side A is much better … +3 side B is.
    :ivar overall: the same for the whole; 0 when equal or both bad.
    :ivar item_id: what was judged: the comparison that made the results, whoever judges them.
    :ivar rollout_a_id: that made side A's result, also where it is judged a second time.
    :ivar repeat: whether the same results had been judged before.
    :ivar again: and by the same person: such votes tell how far people agree with themselves, and nothing else.
    :ivar gold: whether it was given as a task with a known answer.
    :ivar gold_agreed: and whether the vote is that answer.
    :ivar picked: whether it was asked for because of what others had said of these results: such votes help to tell
        whom to believe, and would bend rankings and agreement.
    :ivar price_cents: what was promised for the comparison.
    """

    rating_id: UUID
    comparison_id: UUID
    brief_id: UUID
    person_id: UUID
    turn_number: int
    category: str
    verdict: Literal["preference", "equal", "both_bad"]
    overall: int
    scores: Mapping[str, int]
    key_axis: str | None
    arm_a_id: UUID
    arm_b_id: UUID
    rollout_a_id: UUID
    rollout_b_id: UUID
    item_id: UUID
    repeat: bool
    again: bool
    gold: bool
    gold_agreed: bool | None
    picked: bool
    price_cents: int
    accepted_at: datetime


async def accepted_votes(session: AsyncSession, campaign_id: UUID) -> AsyncIterator[AcceptedVote]:
    """Every accepted vote of a campaign, in the order of acceptance, then by turn. In constant memory.

    The order never changes: what is accepted later comes later. Sequential decisions rely on it.
    """
    made_a, made_b = aliased(Rollout), aliased(Rollout)
    statement = (
        select(
            Rating.id,
            Rating.comparison_id,
            Comparison.brief_id,
            Rating.person_id,
            Rating.turn_number,
            Brief.category,
            Rating.verdict,
            Rating.preferred,
            Rating.strength,
            Rating.answers["axes"].astext,
            Rating.answers["key_axis"].astext,
            Rating.arm_a_id,
            Rating.arm_b_id,
            func.coalesce(made_a.repeats_id, made_a.id),
            func.coalesce(made_b.repeats_id, made_b.id),
            func.coalesce(Comparison.repeats_id, Comparison.id),
            Comparison.repeats_id.is_not(None),
            Comparison.again,
            func.coalesce(Assignment.kind == "gold", False),
            Assignment.agreed,
            func.coalesce(Assignment.draw["item"]["by"].astext == "evidence", False),
            Comparison.terms["price_cents"].as_integer(),
            Review.created_at,
        )
        .select_from(Rating)
        .join(Comparison, Comparison.id == Rating.comparison_id)
        .join(Brief, Brief.id == Comparison.brief_id)
        .join(made_a, made_a.id == Rating.rollout_a_id)
        .join(made_b, made_b.id == Rating.rollout_b_id)
        .outerjoin(Assignment, Assignment.comparison_id == Comparison.id)
        .join(Review, standing_acceptance())
        .where(Comparison.campaign_id == campaign_id, Rating.ended.is_(None), Comparison.status == "accepted")
        .order_by(Review.created_at, Review.id, Rating.turn_number)
    )
    rows = await session.stream(statement.execution_options(yield_per=_ROWS_AT_A_TIME))
    same: dict[Any, Any] = {}
    async for part in rows.partitions():  # by the row, going back and forth to the driver takes longer than reading
        for row in part:
            yield _vote(row, same)


def _vote(row: Sequence[Any], same: dict[Any, Any]) -> AcceptedVote:
    """A row as a vote.

    :param same: what many votes have in common is kept once: people, arms, answers.
    """
    rating, comparison, brief, person, turn, category, verdict, preferred, strength, axes, key, first, second, *rest = (
        row
    )
    scores = same.get(axes)  # as text: few answers are unlike all others, and each is read once
    if scores is None:
        given = {name: score for name, score in json.loads(axes).items() if score is not None}
        scores = same[axes] = MappingProxyType(given)
    return AcceptedVote(
        rating,
        comparison,
        brief,
        same.setdefault(person, person),
        turn,
        sys.intern(category),
        cast("Literal['preference', 'equal', 'both_bad']", sys.intern(verdict)),
        -strength if preferred == "A" else strength,
        scores,
        None if key is None else sys.intern(key),
        same.setdefault(first, first),
        same.setdefault(second, second),
        *rest,
    )


async def votes_version(session: AsyncSession, campaign_id: UUID) -> tuple[Any, ...]:
    """What :func:`accepted_votes` would be read from, in short: two versions are equal only if it says the same.

    Every row that may change has the transaction that wrote it and its place, which a later version of the row never
    shares, not even within one transaction; both go into a hash, as this transaction sees them. The numbers of
    transactions start anew where a database is set up or put back, but so does its server. Results of finished
    rollouts are not among the rows: they never change.
    """
    statement = text(
        """
        SELECT pg_postmaster_start_time(), (SELECT oid FROM pg_database WHERE datname = current_database()), count(*),
            bit_xor(hash_record_extended(ROW(rating.id, rating.xmin, rating.ctid, review.id, review.xmin, review.ctid,
                comparison.xmin, comparison.ctid, brief.xmin, brief.ctid, assignment.xmin, assignment.ctid), 0))
        FROM rating
        JOIN comparison ON comparison.id = rating.comparison_id
        JOIN brief ON brief.id = comparison.brief_id
        JOIN review ON review.comparison_id = comparison.id AND review.decision = 'accept'
            AND NOT EXISTS (SELECT FROM review back WHERE back.about_id = review.id)
        LEFT JOIN assignment ON assignment.comparison_id = comparison.id
        WHERE comparison.campaign_id = :campaign_id AND rating.ended IS NULL AND comparison.status = 'accepted'
        """
    )
    return tuple((await session.execute(statement, {"campaign_id": campaign_id})).one())
