"""Trajectories of finished attempts, derived from the raw traffic in durable storage whenever they are needed."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.agents import (
    Message,
    Trajectory,
    TrajectoryTooLongError,
    build_trajectory,
    render_transcript,
    stream_jsonl,
    trajectory_from_acp,
)
from marlin.comparisons import queries
from marlin.comparisons.blinding import Side
from marlin.comparisons.lifecycle import Assignment
from marlin.comparisons.models import Attempt, Comparison, Rollout
from marlin.db import transaction
from marlin.errors import NotFoundError
from marlin.gateway import ExchangeTooLargeError, stream_exchanges
from marlin.tasks import Code
from marlin.workspaces import DurableStore

_RAN_AWAY = "Look at the run: an agent ran away."


async def last_attempt(session: AsyncSession, rollout: Rollout) -> Attempt:
    """The attempt that a rollout's result comes from.

    :raises NotFoundError: it has not begun.
    """
    ran = rollout.repeats_id or rollout.id
    found = await session.scalar(select(Attempt).where(Attempt.rollout_id == ran, Attempt.number == rollout.attempt))
    if found is None:
        raise NotFoundError("This side has not begun.", hint="Wait until the turn is over.")
    return found


async def last_attempts(session: AsyncSession, rollouts: Collection[Rollout]) -> dict[UUID, Attempt]:
    """The attempts that the rollouts' results come from, by the rollout's id; none where it has not begun."""
    ran = {rollout.id: (rollout.repeats_id or rollout.id, rollout.attempt) for rollout in rollouts}
    statement = select(Attempt).where(Attempt.rollout_id.in_({rollout for rollout, _ in ran.values()}))
    made = {(attempt.rollout_id, attempt.number): attempt for attempt in await session.scalars(statement)}
    return {rollout: made[key] for rollout, key in ran.items() if key in made}


async def load_trajectory(code: Code, raw: Mapping[str, Any]) -> Trajectory:
    """The trajectory of one attempt: from the model calls where there are any, else from what the agent reported.

    :param raw: the attempt's keys of raw traffic.
    :raises NotFoundError: nothing was recorded.
    """

    return await asyncio.to_thread(read_trajectory, code.durable, raw)


def read_trajectory(durable: DurableStore, raw: Mapping[str, Any], *, largest: int | None = None) -> Trajectory:
    """As :func:`load_trajectory`, in this thread. The traffic may have gigabytes: it is read as it comes.

    :param largest: characters of a conversation, with three bytes for each of one call's record; any when None.
    :raises TrajectoryTooLongError: there are more.
    """
    for kind in ("gateway", "acp"):
        if kind not in raw:
            continue
        with durable.open(raw[kind]) as stored:
            if kind == "gateway":
                found = _from_gateway(stored, largest)
            else:
                if largest is not None and durable.size(raw[kind]) > 3 * largest:
                    raise TrajectoryTooLongError("What an agent said is too long to be read.", hint=_RAN_AWAY)
                found = trajectory_from_acp(stream_jsonl(stored))
        if found.segments:
            return found
    raise NotFoundError("This side left no recorded conversation.", hint="It did not get as far as a prompt.")


def _from_gateway(stored: BinaryIO, largest: int | None) -> Trajectory:
    most = None if largest is None else 3 * largest
    try:
        calls = stream_exchanges(stored, "The record of a side's model calls", largest=most)
        return build_trajectory(calls, largest=largest)
    except ExchangeTooLargeError as error:
        raise TrajectoryTooLongError(error.message, hint=error.hint) from error


async def conversation_so_far(code: Code, work: Assignment) -> str:
    """The new prompt, after the conversation along the chosen sides as plain text (continuation ``transcript``)."""
    told: list[Message] = []
    async with transaction() as session:
        comparison = await queries.get_comparison(session, work.comparison_id, owner_id=None)
        chosen = chosen_sides(comparison, before=work.turn_number)
        attempts = [(prompt, await last_attempt(session, rollout)) for prompt, rollout in _rollouts(comparison, chosen)]
    for prompt, attempt in attempts:
        told.append(Message("user", prompt))
        try:
            trajectory = await load_trajectory(code, attempt.raw)
        except NotFoundError:
            continue
        told += _answers(trajectory)
    if not told:
        return work.prompt
    return f"{render_transcript(told)}\n\n## User\n\n{work.prompt}"


def _answers(trajectory: Trajectory) -> list[Message]:
    """What came after the rollout's own prompt."""
    messages = [turn.message for turn in trajectory.turns if not turn.copied]
    prompts = [index for index, message in enumerate(messages) if message.role == "user"]
    return messages[prompts[0] + 1 :] if prompts else messages


def chosen_sides(comparison: Comparison, *, before: int) -> list[tuple[int, Side]]:
    """Which side of which turn leads to turn ``before``, oldest first. A turn that was started again counts no more."""
    path: list[tuple[int, Side]] = []
    number = before
    while number > 1:
        choice = queries.turn_of(comparison, number).continued_from
        if choice in ("A", "B"):
            path.append((number - 1, "A" if choice == "A" else "B"))
            number -= 1
            continue
        # "base": the turn before was thrown away; this one starts where that one started.
        number -= 1
    return list(reversed(path))


def _rollouts(comparison: Comparison, chosen: list[tuple[int, Side]]) -> list[tuple[str, Rollout]]:
    turns = [(queries.turn_of(comparison, number), side) for number, side in chosen]
    return [(turn.prompt, queries.by_side(turn)[side]) for turn, side in turns]


async def rollout_of(session: AsyncSession, comparison_id: UUID, number: int, side: Side) -> Rollout:
    """One side of one turn."""
    comparison = await queries.get_comparison(session, comparison_id, owner_id=None)
    return queries.by_side(queries.turn_of(comparison, number))[side]
