"""What the API takes and gives for terminals."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

SMALLEST, WIDEST, TALLEST = 2, 500, 300
"""Sizes of a terminal; what a window reports beyond them is bounded, not refused."""

Reason = Literal["exited", "closed", "idle", "longest", "worker_stopped", "lost", "failed"]


class TerminalCreate(BaseModel):
    """Open a terminal into a copy of one side's result."""

    model_config = ConfigDict(extra="forbid")

    side: Literal["A", "B"]
    columns: int = Field(default=80, ge=0, le=10_000)
    rows: int = Field(default=24, ge=0, le=10_000)


class TerminalOut(BaseModel):
    """A terminal of mine."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    comparison_id: UUID
    turn: int
    side: Literal["A", "B"]
    status: Literal["waiting", "open", "ending", "ended"]
    reason: Reason | None
    exit_code: int | None
    message: str
    created_at: datetime
    ended_at: datetime | None


def bounded(columns: int, rows: int) -> tuple[int, int]:
    """A size that a terminal can have."""
    return max(SMALLEST, min(columns, WIDEST)), max(SMALLEST, min(rows, TALLEST))
