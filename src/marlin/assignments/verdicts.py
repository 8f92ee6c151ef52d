"""Reading what has been said so far, as far as it decides what comes next: first turns' verdicts, from comparisons.

Ratings lie above this context; what they decided they have told comparisons (``mark_rated``), and no more is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from marlin.assignments.models import GoldTask
from marlin.assignments.weighing import Opinion, Tally
from marlin.comparisons import Comparison, Rollout, Turn

_SAID = Turn.rated_at.is_not(None)


async def tallies(session: AsyncSession, campaign_id: UUID, *, without: UUID | None) -> Sequence[Tally]:
    """Accepted votes on first turns of people's own tasks, counted by person, pair and verdict.

    :param without: a person whose own votes are left out.
    """
    statement = (
        select(
            Comparison.owner_id, Comparison.arm_a_id, Comparison.arm_b_id, Turn.verdict, Turn.preferred, func.count()
        )
        .join(Turn, and_(Turn.comparison_id == Comparison.id, Turn.number == 1))
        .where(
            Comparison.campaign_id == campaign_id,
            Comparison.status == "accepted",
            Comparison.repeats_id.is_(None),
            Comparison.arm_a_id != Comparison.arm_b_id,
            _SAID,
        )
        .group_by(Comparison.owner_id, Comparison.arm_a_id, Comparison.arm_b_id, Turn.verdict, Turn.preferred)
        # the sum is over sets: a fixed order makes the data hash of a draw one that can be computed again
        .order_by(Comparison.owner_id, Comparison.arm_a_id, Comparison.arm_b_id, Turn.verdict, Turn.preferred)
    )
    if without is not None:
        statement = statement.where(Comparison.owner_id != without)
    return [
        Tally(owner, first, second, _towards(verdict, preferred), votes)
        for owner, first, second, verdict, preferred, votes in await session.execute(statement)
    ]


async def opinions(session: AsyncSession, campaign_id: UUID) -> Sequence[Opinion]:
    """What everybody said of first turns that are submitted or accepted, whatever sides they saw, when they judged them
    first; both bad left out."""
    item = func.coalesce(Comparison.repeats_id, Comparison.id)
    right = aliased(Rollout)
    statement = (
        select(
            item,
            Comparison.owner_id,
            Turn.verdict,
            Turn.preferred,
            Comparison.arm_a_id < Comparison.arm_b_id,
            right.arm_id,
            Comparison.arm_a_id,
            Comparison.arm_b_id,
        )
        .join(Turn, and_(Turn.comparison_id == Comparison.id, Turn.number == 1))
        .outerjoin(
            GoldTask, and_(GoldTask.comparison_id == item, GoldTask.revoked_at.is_(None), GoldTask.axis.is_(None))
        )
        .outerjoin(right, right.id == GoldTask.expected_rollout_id)
        .where(
            Comparison.campaign_id == campaign_id,
            Comparison.status.in_(("submitted", "accepted")),
            Comparison.arm_a_id != Comparison.arm_b_id,
            _SAID,
            Turn.verdict != "both_bad",
            ~Comparison.again,
        )
        .order_by(Comparison.id)
    )
    found = []
    for item_id, person, verdict, preferred, in_order, better, arm_a, arm_b in await session.execute(statement):
        said = _towards(verdict, preferred) or 0
        known = None if better is None else 1 if better == max(arm_a, arm_b) else -1
        found.append(Opinion(item_id, person, said if in_order else -said, known))
    return found


def _towards(verdict: str | None, preferred: str | None) -> int | None:
    """1: side B is better, −1: side A is, 0: equal; None: both bad."""
    if verdict == "both_bad":
        return None
    return {"A": -1, "B": 1}.get(preferred or "", 0)
