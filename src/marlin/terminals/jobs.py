"""The job of a terminal: one step, as long as its shell lives."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marlin.db import jobs
from marlin.terminals.host import current_host
from marlin.terminals.service import RUN_TERMINAL


@jobs.workflow(RUN_TERMINAL)
async def run_terminal(job_id: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Keep a terminal until it ends; why it did, for the job list."""
    return {"reason": await _keep(payload["terminal_id"])}


@jobs.step
async def _keep(terminal_id: str) -> str:
    return await current_host().run(UUID(terminal_id))
