"""Repeats: the results of a comparison's first turn, judged once more by another person, or by the same one later.

A repeat is a comparison like any other, whose rollouts refer to those that were run and hold what was recorded of their
results. Code, layers, check logs and raw traffic lie once in git and in durable storage, where commits and keys name
them; rows and the first turn's events are copied, so that whatever reads a comparison reads a repeat, and nothing of
the first person's (rating, comments, expectation, later turns) is within its reach (decision 0013).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.comparisons import archive, queries
from marlin.comparisons.blinding import SIDES, Side, draw_sides
from marlin.comparisons.errors import ComparisonClosedError, RepeatRefusedError
from marlin.comparisons.lifecycle import announce
from marlin.comparisons.models import CheckResult, Comparison, Rollout, Turn
from marlin.comparisons.views import LIFECYCLE, rateable
from marlin.db import events, new_id, now, timeless_id

REPEATABLE = ("submitted", "accepted")
"""Statuses of comparisons whose first turn others may judge: its rating can't change any more."""

_ROLLOUT = (
    "arm_id", "start", "status", "attempt", "outcome", "outcome_message", "commit", "result", "files", "left_out",
    "final_message", "finished_at",
)  # fmt: skip
_CHECK = (
    "attempt", "position", "kind", "name", "status", "against_base", "summary", "exit_code", "seconds", "log", "data",
)  # fmt: skip


async def repeat_comparison(
    session: AsyncSession,
    owner_id: UUID,
    source_id: UUID,
    *,
    price_cents: int,
    seed: str | None = None,
    again: bool = False,
) -> Comparison:
    """A comparison in which ``owner_id`` judges the first turn of another person's; it is ready to be rated.

    Sides are drawn anew. Rubric and terms are the first one's, so that the two ratings can be held against each other;
    the price is not.

    :param seed: for repeating a recorded draw.
    :param again: they have judged these results and do so once more: sides are the other way round than they were.
    :raises RepeatRefusedError: it can't be judged a second time, or not by this person.
    """
    source = await queries.get_comparison(session, source_id, owner_id=None)
    seen_on_a = await _refuse(session, source, owner_id, again=again)
    draw = draw_sides(source.arm_a_id, source.arm_b_id, seed=seed)
    while seed is None and draw.arms["A"] == seen_on_a:
        draw = draw_sides(source.arm_a_id, source.arm_b_id)  # until the seed on record gives the other sides
    swapped = draw.arms["A"] != source.arm_a_id
    comparison = Comparison(
        id=new_id(),
        campaign_id=source.campaign_id,
        brief_id=source.brief_id,
        owner_id=owner_id,
        environment_id=source.environment_id,
        rubric_version_id=source.rubric_version_id,
        arm_a_id=draw.arms["A"],
        arm_b_id=draw.arms["B"],
        repeats_id=source.id,
        again=again,
        draw={"method": draw.method, "seed": draw.seed, "repeats": str(source.id)},
        terms=source.terms | {"price_cents": price_cents, "min_turns": 1, "max_turns": 1},
        status="to_rate",
    )
    first = queries.turn_of(source, 1)
    turn_id = new_id()
    turn = Turn(
        id=turn_id,
        comparison_id=comparison.id,
        number=1,
        prompt=first.prompt,
        continuation=first.continuation,
        status="ready",
        job_id=str(turn_id),
        created_at=first.created_at,
        started_at=first.started_at,
        ready_at=first.ready_at,
        prompt_skew_ms=first.prompt_skew_ms,
    )
    session.add_all([comparison, turn])
    await session.flush()
    shown: dict[Side, Side] = {"A": "B", "B": "A"} if swapped else {"A": "A", "B": "B"}
    before = queries.by_side(first)
    for side in SIDES:
        _copy_rollout(session, turn, before[side], shown[side])
    await session.flush()
    await _copy_events(session, source.id, comparison.id, before, shown)
    await announce(session, turn)
    return comparison


async def _refuse(session: AsyncSession, source: Comparison, owner_id: UUID, *, again: bool) -> UUID | None:
    """The arm that was on side A when the person judged these results before; None if they did not.

    :raises RepeatRefusedError: they have, and are not asked once more; or the results can't be judged a second time.
    """
    first = queries.turn_of(source, 1)
    if source.repeats_id is not None or source.status not in REPEATABLE or first.status != "ready":
        raise RepeatRefusedError(
            "The results of this comparison can't be judged a second time.", hint="Ask for another assignment."
        )
    if not all(rateable(rollout) for rollout in first.rollouts):
        raise RepeatRefusedError("One side of this comparison left no result.", hint="Ask for another assignment.")
    known = select(Comparison).where(Comparison.brief_id == source.brief_id, Comparison.owner_id == owner_id)
    before = list(await session.scalars(known.limit(2)))
    if not before and not again:
        return None
    if not again or len(before) != 1 or before[0].status not in REPEATABLE or source.arm_a_id == source.arm_b_id:
        raise RepeatRefusedError("You have judged these results already.", hint="Ask for another assignment.")
    return before[0].arm_a_id


def _copy_rollout(session: AsyncSession, turn: Turn, source: Rollout, side: Side) -> None:
    rollout = Rollout(
        id=new_id(),
        turn_id=turn.id,
        side=side,
        repeats_id=source.id,
        **{name: getattr(source, name) for name in _ROLLOUT},
    )
    session.add(rollout)
    checks: Sequence[CheckResult] = source.checks
    session.add_all(
        CheckResult(id=timeless_id(), rollout_id=rollout.id, **_values(check))
        for check in checks
        if check.attempt == source.attempt
    )


def _values(check: CheckResult) -> dict[str, Any]:
    return {name: getattr(check, name) for name in _CHECK}


async def _copy_events(
    session: AsyncSession, source: UUID, target: UUID, before: dict[Side, Rollout], shown: dict[Side, Side]
) -> None:
    await archive.thaw(session, source)
    wanted = [
        ({"turn": 1, "side": side, "attempt": rollout.attempt}, {"side": shown[side]})
        for side, rollout in before.items()
    ]
    await events.copy(session, source, target, wanted=wanted, without=LIFECYCLE)


async def give_back(session: AsyncSession, comparison_id: UUID, *, owner_id: UUID | None) -> Comparison:
    """End a repeat that is not submitted yet, so that somebody else can judge the results. What was typed is kept.

    :param owner_id: whose it must be; None when an operator takes it back.
    :raises ComparisonClosedError: it was submitted, or is no repeat.
    """
    comparison = await queries.get_comparison(session, comparison_id, owner_id=owner_id, lock=True)
    if comparison.status == "cancelled":
        return comparison
    if comparison.repeats_id is None or comparison.status not in ("to_rate", "rated"):
        raise ComparisonClosedError(
            "This comparison can't be given back.", hint="Only one that you judge for somebody else, before you submit."
        )
    comparison.status = "cancelled"
    comparison.updated_at = now()
    await events.append(session, comparison.id, "comparison_status", {"status": comparison.status})
    return comparison
