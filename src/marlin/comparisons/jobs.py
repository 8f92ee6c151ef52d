"""The job of a turn: both sides run beside each other, each a step of its own; then the turn is over.

A worker that dies leaves the job to another one, which enters it again: a finished rollout is not repeated, an
unfinished one starts its next attempt from the turn's start.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from marlin.comparisons import lifecycle
from marlin.comparisons.blinding import SIDES
from marlin.comparisons.rendezvous import Rendezvous
from marlin.comparisons.rollouts import run_rollout
from marlin.comparisons.service import RUN_TURN
from marlin.db import jobs


@jobs.workflow(RUN_TURN)
async def run_turn(job_id: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Run a turn to its end; what each side came to, for the job list."""
    turn_id = payload["turn_id"]
    if not await _begin(turn_id, job_id):
        return {"skipped": "the turn is over, or another job's"}
    rendezvous = Rendezvous(len(SIDES))
    outcomes = await asyncio.gather(*(run_rollout(turn_id, side, job_id, rendezvous) for side in SIDES))
    status = await _finish(turn_id, job_id)
    return {"status": status, "outcomes": dict(zip(SIDES, outcomes, strict=True))}


@jobs.step
async def _begin(turn_id: str, job_id: str) -> bool:
    return await lifecycle.begin_turn(UUID(turn_id), job_id) is not None


@jobs.step
async def _finish(turn_id: str, job_id: str) -> str:
    turn = await lifecycle.finish_turn(UUID(turn_id), job_id)
    return turn.status
