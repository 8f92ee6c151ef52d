"""HTTP for operators: tuning runs, while they train and afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

from fastapi import APIRouter, Request

from marlin.accounts.guards import Operator
from marlin.tuning_runs import reading
from marlin.tuning_runs.schemas import TuningRunOut, TuningRunRow

router = APIRouter(prefix="/tuning-runs", tags=["operators"])


@router.get("")
async def list_tuning_runs(request: Request, person: Operator) -> list[TuningRunRow]:
    """The 200 newest runs that were begun on this installation, the last one first."""
    home: Path = request.app.state.settings.home
    return await asyncio.to_thread(reading.list_runs, home)


@router.get("/{run_id}")
async def get_tuning_run(run_id: str, request: Request, person: Operator) -> TuningRunOut:
    """One run: its metrics so far, its evaluation, and everything that went in."""
    home: Path = request.app.state.settings.home
    return await asyncio.to_thread(reading.get_run, home, run_id)
