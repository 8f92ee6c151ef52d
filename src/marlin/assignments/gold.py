"""Gold tasks: results with a known answer, and whether a rating agrees with it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import campaigns, comparisons
from marlin.accounts import Person, record_audit
from marlin.assignments import queries
from marlin.assignments.errors import GoldAnswerError, GoldRefusedError
from marlin.assignments.models import GoldTask
from marlin.campaigns import Answers
from marlin.comparisons import Rollout, Side, Turn
from marlin.db import new_id, now


async def mark(
    session: AsyncSession,
    operator: Person,
    comparison_id: UUID,
    *,
    expected: Side,
    min_strength: int,
    axis: str | None,
    reason: str,
) -> GoldTask:
    """Make an accepted comparison's first turn a gold task. Another answer takes the place of the one before.

    :param expected: the better side, as this comparison shows it.
    :raises ComparisonNotFoundError: there is none. :raises GoldRefusedError: it is not accepted, repeats another one,
        or is an A/A control. :raises GoldAnswerError: its rubric has no such axis.
    """
    comparison = await comparisons.get_comparison(session, comparison_id, owner_id=None, lock=True)
    if comparison.status != "accepted" or comparison.repeats_id is not None:
        raise GoldRefusedError(
            "Only an accepted comparison of a contributor's own task can be a gold task.",
            hint="Choose one that is accepted, and that repeats no other.",
        )
    if comparison.arm_a_id == comparison.arm_b_id:
        raise GoldRefusedError(
            "In this comparison an arm meets itself: neither side is better.", hint="Choose another."
        )
    known = (await campaigns.load_rubric(session, comparison.rubric_version_id)).rubric
    names = [entry.name for entry in known.axes]
    if axis is not None and axis not in names:
        raise GoldAnswerError(
            f"The rubric has no axis {axis!r}.",
            hint=f"There are: {', '.join(names)}.",
            errors=[{"field": "axis", "message": f"choose one of: {', '.join(names)}"}],
        )
    before = await queries.gold_task_of(session, comparison_id, lock=True)
    rollout = comparisons.by_side(comparisons.turn_of(comparison, 1))[expected]
    answer = (rollout.id, min_strength, axis, reason)
    if before is not None:
        if answer == (before.expected_rollout_id, before.min_strength, before.axis, before.reason):
            return before
        before.revoked_at = now()
        await session.flush()
    task = GoldTask(
        id=new_id(),
        comparison_id=comparison_id,
        expected_rollout_id=rollout.id,
        min_strength=min_strength,
        axis=axis,
        reason=reason,
        created_by_id=operator.id,
    )
    session.add(task)
    record_audit(session, operator, "gold.marked", f"comparison:{comparison_id}", {"gold_task": str(task.id)})
    return task


async def revoke(session: AsyncSession, operator: Person, comparison_id: UUID) -> None:
    """Take a gold task back: it is offered no more. What people answered stays. Nothing to take back is no mistake."""
    task = await queries.gold_task_of(session, comparison_id, lock=True)
    if task is not None:
        task.revoked_at = now()
        record_audit(session, operator, "gold.revoked", f"comparison:{comparison_id}", {"gold_task": str(task.id)})


async def record_rating(session: AsyncSession, comparison_id: UUID, answers: Answers | None) -> None:
    """Ratings say: a repeat was rated, or (with None) its rating was taken back. Unless it is a gold task nothing
    happens, and nobody is told anything of either."""
    assignment = await queries.assignment_of(session, comparison_id)
    if assignment is None or assignment.gold_id is None:
        return
    if answers is None:
        assignment.agreed = None
        return
    task = await session.get_one(GoldTask, assignment.gold_id)
    shown = select(Rollout.side).join(Turn, Turn.id == Rollout.turn_id)
    shown = shown.where(Turn.comparison_id == comparison_id, Rollout.repeats_id == task.expected_rollout_id)
    side = (await session.execute(shown)).scalar_one()
    assignment.agreed = agrees(task, answers, "A" if side == "A" else "B")


def agrees(task: GoldTask, answers: Answers, side: Side) -> bool:
    """Whether answers say what is known to be right: that ``side`` is better, as clearly as was asked."""
    score = answers.overall if task.axis is None else answers.axes.get(task.axis)
    towards = 0 if score is None else -score if side == "A" else score
    return towards >= task.min_strength
