"""The job of a turn: both sides run beside each other, each a step of its own; then the turn is over.

A worker that dies leaves the job to another one, which enters it again: a finished rollout is not repeated, an
unfinished one starts its next attempt from the turn's start. So it is, too, when a worker's sandboxes die and the
worker lives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

from marlin.comparisons import lifecycle
from marlin.comparisons.blinding import SIDES
from marlin.comparisons.rendezvous import Rendezvous
from marlin.comparisons.rollouts import LOST, run_rollout
from marlin.comparisons.service import RUN_TURN
from marlin.db import jobs

ROUNDS = 4
"""How often a turn is begun on one worker whose sandboxes die under it, before it is the platform's failure."""


@jobs.workflow(RUN_TURN)
async def run_turn(job_id: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Run a turn to its end; what each side came to, for the job list."""
    turn_id = payload["turn_id"]
    if not await _begin(turn_id, job_id):
        return {"skipped": "the turn is over, or another job's"}
    outcomes: dict[str, str] = {}
    for number in range(1, ROUNDS + 1):
        rendezvous = Rendezvous(len(SIDES))
        steps = [run_rollout(turn_id, side, job_id, rendezvous, number == ROUNDS) for side in SIDES]
        told = await asyncio.gather(*(_through(step, rendezvous) for step in steps))
        outcomes = dict(zip(SIDES, told, strict=True))
        if LOST not in told:
            break
    status = await _finish(turn_id, job_id)
    return {"status": status, "outcomes": outcomes}


async def _through(rollout: Coroutine[Any, Any, str], rendezvous: Rendezvous) -> str:
    """A side's step. One that had finished before a recovery is not entered again: the other must not wait for it."""
    try:
        return await rollout
    finally:
        rendezvous.close()


@jobs.step
async def _begin(turn_id: str, job_id: str) -> bool:
    return await lifecycle.begin_turn(UUID(turn_id), job_id) is not None


@jobs.step
async def _finish(turn_id: str, job_id: str) -> str:
    turn = await lifecycle.finish_turn(UUID(turn_id), job_id)
    return turn.status
