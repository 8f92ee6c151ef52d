"""Marking a turn as rated within one statement, for the usual case: a turn that is ready, of a comparison to rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from sqlalchemy import CTE, DateTime, Integer, Table, Text, Uuid, bindparam, select, update

from marlin.comparisons.models import Comparison, Rollout, Turn


@dataclass(frozen=True, slots=True)
class Marking:
    """Parts of a statement (``WITH …``) that mark a turn as rated.

    :ivar turn: one row if the turn could be rated, else none; its columns are what a rating has to note.
    :ivar comparison: moves the comparison on; nothing need be read from it.
    """

    turn: CTE
    comparison: CTE


def marking_rated() -> Marking:
    """What ``turn_to_rate`` and ``mark_rated`` do, as parts of one statement, for the owner of a comparison to rate.

    It takes the values given_comparison_id, given_owner_id, given_number, given_preferred, given_verdict and given_at
    (other names than the columns', which SQLAlchemy would take for what to set). The comparison is locked first, as
    everywhere. After waiting for a lock PostgreSQL looks anew at the locked row and at the one that it updates, and
    only there are the conditions that may have changed: which rollouts a turn has never does.
    """
    comparison = cast("Table", Comparison.__table__)
    turn = cast("Table", Turn.__table__)
    left, right = (cast("Table", Rollout.__table__).alias(name) for name in ("rollout_a", "rollout_b"))
    locked = (
        select(comparison.c.id, comparison.c.rubric_version_id, comparison.c.repeats_id, comparison.c.terms)
        .where(
            comparison.c.id == bindparam("given_comparison_id", type_=Uuid()),
            comparison.c.owner_id == bindparam("given_owner_id", type_=Uuid()),
            comparison.c.status == "to_rate",
        )
        .with_for_update()
        .cte("locked")
    )
    marked = (
        update(turn)
        .where(
            turn.c.comparison_id == locked.c.id,
            turn.c.number == bindparam("given_number", type_=Integer()),
            turn.c.status == "ready",
            turn.c.rated_at.is_(None),
            left.c.turn_id == turn.c.id,
            left.c.side == "A",
            right.c.turn_id == turn.c.id,
            right.c.side == "B",
        )
        .values(
            preferred=bindparam("given_preferred", type_=Text()),
            verdict=bindparam("given_verdict", type_=Text()),
            rated_at=bindparam("given_at", type_=DateTime(timezone=True)),
        )
        .returning(
            locked.c.id.label("comparison_id"),
            locked.c.rubric_version_id,
            locked.c.repeats_id,
            locked.c.terms["guidelines_version"].astext.cast(Integer).label("guidelines_version"),
            turn.c.id.label("turn_id"),
            turn.c.number,
            left.c.arm_id.label("arm_a_id"),
            right.c.arm_id.label("arm_b_id"),
            left.c.id.label("rollout_a_id"),
            right.c.id.label("rollout_b_id"),
        )
        .cte("marked")
    )
    moved = (
        update(comparison)
        .where(comparison.c.id == marked.c.comparison_id)
        .values(status="rated", updated_at=bindparam("given_at", type_=DateTime(timezone=True)))
        .returning(comparison.c.id)
        .cte("moved")
    )
    return Marking(marked, moved)
