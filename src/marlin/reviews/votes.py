"""Accepted ratings as votes: what rankings, agreement and decisions count.

The same rows as :func:`~marlin.reviews.accepted.accepted_ratings`, without what people wrote, and quick to read by the
hundred thousand.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from marlin.assignments import Assignment
from marlin.comparisons import Comparison, Rollout
from marlin.ratings import Rating
from marlin.reviews.models import Review
from marlin.tasks import Brief

_ROWS_AT_A_TIME = 2000


@dataclass(frozen=True, slots=True)
class AcceptedVote:
    """One turn's preference in a comparison that a reviewer accepted.

    :ivar scores: by axis, −3 side A is much better … +3 side B is.
    :ivar overall: the same for the whole; 0 when equal or both bad.
    :ivar item_id: what was judged: the comparison that made the results, whoever judges them.
    :ivar rollout_a_id: that made side A's result, also where it is judged a second time.
    :ivar repeat: whether another person had judged the same results before.
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
            Rating.answers["axes"],
            Rating.answers["key_axis"].astext,
            Rating.arm_a_id,
            Rating.arm_b_id,
            func.coalesce(made_a.repeats_id, made_a.id),
            func.coalesce(made_b.repeats_id, made_b.id),
            func.coalesce(Comparison.repeats_id, Comparison.id),
            Comparison.repeats_id.is_not(None),
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
        .join(Review, (Review.comparison_id == Comparison.id) & (Review.decision == "accept"))
        .where(Comparison.campaign_id == campaign_id, Rating.ended.is_(None), Comparison.status == "accepted")
        .order_by(Review.created_at, Review.id, Rating.turn_number)
    )
    rows = await session.stream(statement.execution_options(yield_per=_ROWS_AT_A_TIME))
    async for row in rows:
        rating, comparison, brief, person, turn, category, verdict, preferred, strength, axes, key, *rest = row
        yield AcceptedVote(
            rating,
            comparison,
            brief,
            person,
            turn,
            category,
            cast("Literal['preference', 'equal', 'both_bad']", verdict),
            -strength if preferred == "A" else strength,
            {name: score for name, score in axes.items() if score is not None},
            key,
            *rest,
        )
