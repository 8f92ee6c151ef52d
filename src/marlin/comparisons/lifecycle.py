"""The transitions of a turn and its rollouts while a job runs them. Each function is one transaction.

Every function that ends something first makes sure that this worker was not declared dead meanwhile (``jobs.fence``): a
worker that froze and thawed finds its rollout taken over, and must not finish it a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.comparisons import queries
from marlin.comparisons.blinding import Side
from marlin.comparisons.continuation import Result, Start
from marlin.comparisons.models import Attempt, CheckResult, Comparison, Rollout, Turn
from marlin.comparisons.views import rateable
from marlin.db import events, jobs, new_id, now, transaction


@dataclass(frozen=True, slots=True)
class Left:
    """A captured result whose checks have not finished."""

    result: Result
    files: list[dict[str, Any]]
    outcome: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a worker needs to know to run one rollout's next attempt."""

    comparison_id: UUID
    turn_id: UUID
    job_id: str
    """The job it is for: when the turn was retried meanwhile, what comes of it no longer counts."""
    turn_number: int
    rollout_id: UUID
    arm_id: UUID
    environment_id: UUID
    brief_id: UUID
    side: Side
    attempt: int
    attempt_id: UUID
    prompt: str
    continuation: str
    start: Start
    terms: dict[str, Any]
    left: Left | None
    """What an earlier worker captured before it died: then only the checks are left to do."""


async def announce(session: AsyncSession, turn: Turn) -> None:
    """Put the turn's status into the comparison's log, within the transaction that changes it."""
    await events.append(session, turn.comparison_id, "turn_status", {"turn": turn.number, "status": turn.status})


async def begin_turn(turn_id: UUID, job_id: str) -> Turn | None:
    """Mark the turn as running; None when it is over, cancelled, or another job's by now."""
    async with transaction() as session:
        turn = await queries.get_turn(session, turn_id, lock=True)
        if turn.job_id != job_id:
            return None
        if turn.status not in ("queued", "running", "checking"):
            await _lose_running(session, [rollout.id for rollout in turn.rollouts])  # cancelled after its worker died
            return None
        if turn.status != "queued":
            return turn  # taken over from a worker that died
        turn.status = "running"
        turn.started_at = turn.started_at or now()
        await announce(session, turn)
        return turn


async def is_wanted(turn_id: UUID, job_id: str) -> bool:
    """Whether the turn still runs under this job (it was not cancelled or retried meanwhile)."""
    async with transaction() as session:
        found = await session.execute(select(Turn.status, Turn.job_id).where(Turn.id == turn_id))
        row = found.one_or_none()
        return row is not None and row.status in ("running", "checking") and row.job_id == job_id


async def begin_attempt(turn_id: UUID, side: Side, job_id: str) -> Assignment | None:
    """Start the rollout's next attempt, closing one that was lost; None when the rollout is finished, or the turn was
    cancelled or is another job's by now.

    A result that was captured is never made again, because people may have seen it: then the same attempt goes on with
    its checks.
    """
    async with transaction() as session:
        await jobs.fence(session)
        turn = await queries.get_turn(session, turn_id, lock=True)
        rollout = queries.by_side(turn)[side]
        if rollout.status == "finished" or turn.status not in ("running", "checking") or turn.job_id != job_id:
            return None
        left = None
        if rollout.status == "checking" and rollout.result is not None:
            left = Left(Result.from_json(rollout.result), rollout.files, rollout.outcome or "")
            attempt = await _running_attempt(session, rollout)
        else:
            attempt = await _next_attempt(session, rollout)
        comparison = turn.comparison
        return Assignment(
            comparison_id=comparison.id,
            turn_id=turn.id,
            job_id=turn.job_id,
            turn_number=turn.number,
            rollout_id=rollout.id,
            arm_id=rollout.arm_id,
            environment_id=comparison.environment_id,
            brief_id=comparison.brief_id,
            side=side,
            attempt=rollout.attempt,
            attempt_id=attempt.id,
            prompt=turn.prompt,
            continuation=turn.continuation,
            start=Start.from_json(rollout.start),
            terms=comparison.terms,
            left=left,
        )


async def _running_attempt(session: AsyncSession, rollout: Rollout) -> Attempt:
    query = select(Attempt).where(Attempt.rollout_id == rollout.id, Attempt.number == rollout.attempt)
    return (await session.scalars(query)).one()


async def _lose_running(session: AsyncSession, rollouts: Sequence[UUID]) -> None:
    await session.execute(
        update(Attempt)
        .where(Attempt.rollout_id.in_(rollouts), Attempt.status == "running")
        .values(status="lost", finished_at=now())
    )


async def _next_attempt(session: AsyncSession, rollout: Rollout) -> Attempt:
    await _lose_running(session, [rollout.id])
    rollout.attempt += 1
    rollout.status = "preparing"
    attempt = Attempt(
        id=new_id(), rollout_id=rollout.id, number=rollout.attempt, executor=jobs.current_executor() or ""
    )
    session.add(attempt)
    return attempt


async def set_status(work: Assignment, status: str) -> None:
    """How far the rollout is: preparing, working, capturing, checking."""
    mine = select(Turn.id).where(Turn.id == work.turn_id, Turn.job_id == work.job_id)
    async with transaction() as session:
        await session.execute(
            update(Rollout)
            .where(Rollout.id == work.rollout_id, Rollout.attempt == work.attempt, Rollout.turn_id.in_(mine))
            .values(status=status)
        )


async def record_prompted(turn_id: UUID, attempt_id: UUID, at: datetime, skew_ms: float | None) -> None:
    """When the prompt was sent, and how far apart the two sides' prompts were."""
    async with transaction() as session:
        await session.execute(update(Attempt).where(Attempt.id == attempt_id).values(prompted_at=at))
        if skew_ms is not None:
            await session.execute(update(Turn).where(Turn.id == turn_id).values(prompt_skew_ms=skew_ms))


async def record_result(
    work: Assignment,
    *,
    result: Result | None,
    files: list[dict[str, Any]],
    left_out: list[dict[str, Any]],
    outcome: str,
    outcome_message: str,
    final_message: str,
    attempt: dict[str, Any],
) -> None:
    """Keep what an attempt left, before its checks run: from now on both diffs can be read.

    Of an attempt that another one has replaced only its cost and its traffic are kept: it must neither fill in for the
    other's result nor reveal the turn.

    :param attempt: values of the attempt's columns (usage, timings, provenance, raw, redactions, stopped_at).
    """
    async with transaction() as session:
        await jobs.fence(session)
        turn = await queries.get_turn(session, work.turn_id, lock=True)
        await session.execute(update(Attempt).where(Attempt.id == work.attempt_id).values(outcome=outcome, **attempt))
        if turn.job_id != work.job_id or queries.by_side(turn)[work.side].attempt != work.attempt:
            return
        await session.execute(
            update(Rollout)
            .where(Rollout.id == work.rollout_id)
            .values(
                status="checking",
                outcome=outcome,
                outcome_message=outcome_message,
                commit=result.commit if result else None,
                result=result.to_json() if result else None,
                files=files,
                left_out=left_out,
                final_message=final_message,
            )
        )
        waiting = await session.scalar(
            select(func.count()).where(
                Rollout.turn_id == turn.id,
                Rollout.status.not_in(("checking", "finished")),
                Rollout.id != work.rollout_id,
            )
        )
        if not waiting and turn.status == "running":
            turn.status, turn.ready_at = "checking", now()  # the moment both results are revealed
            await announce(session, turn)


async def finish_rollout(work: Assignment, checks: Sequence[CheckResult]) -> None:
    """The rollout is over: its checks and its end, in one transaction."""
    async with transaction() as session:
        await jobs.fence(session)
        turn = await queries.get_turn(session, work.turn_id, lock=True)
        rollout = queries.by_side(turn)[work.side]
        if turn.job_id != work.job_id or rollout.attempt != work.attempt or rollout.status == "finished":
            return
        session.add_all(checks)
        rollout.status = "finished"
        rollout.finished_at = now()
        await session.execute(
            update(Attempt).where(Attempt.id == work.attempt_id).values(status="finished", finished_at=now())
        )


async def abandon_attempt(work: Assignment, attempt: dict[str, Any]) -> None:
    """The turn was cancelled under way: the attempt is kept with what it cost."""
    async with transaction() as session:
        await session.execute(
            update(Attempt)
            .where(Attempt.id == work.attempt_id)
            .values(status="abandoned", outcome="cancelled", finished_at=now(), **attempt)
        )


async def finish_turn(turn_id: UUID, job_id: str) -> Turn:
    """Both rollouts are over: the turn is ready when either side can be judged, else it failed and can be retried."""
    async with transaction() as session:
        await jobs.fence(session)
        # comparison before turn, the order in which requests take these locks
        comparison_id = await session.scalar(select(Turn.comparison_id).where(Turn.id == turn_id))
        comparison = await session.get_one(Comparison, comparison_id, with_for_update=True)
        turn = await queries.get_turn(session, turn_id, lock=True)
        if turn.status not in ("running", "checking") or turn.job_id != job_id:
            return turn
        ready = any(rateable(rollout) for rollout in turn.rollouts)
        turn.status = "ready" if ready else "failed"
        turn.ready_at = turn.ready_at or now()
        comparison.updated_at = now()
        comparison.status = "to_rate" if ready else "failed"
        await announce(session, turn)
        return turn
