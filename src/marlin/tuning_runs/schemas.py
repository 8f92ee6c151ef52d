"""What the API tells of tuning runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

State = Literal["prepared", "training", "trained", "stopped", "failed", "interrupted", "gone", "unreadable"]


class TuningRunRow(BaseModel):
    """A run at a glance."""

    id: str
    name: str
    path: str
    state: State
    """``interrupted``: it says that it trains, but its process is gone. ``gone``: there is no such folder any more."""
    method: str | None = None
    control: bool = False
    """Whether its labels were shuffled: then it must learn nothing."""
    model: str | None = None
    dataset_id: str | None = None
    synthetic: bool = False
    created_at: datetime | None = None
    ended_at: datetime | None = None
    step: int | None = None
    steps: int | None = None
    seconds_left: float | None = None
    loss: float | None = None
    accuracy: float | None = None
    """Share of held-out pairs on which it prefers what people preferred, once it was evaluated."""


class MetricPoint(BaseModel):
    """What the trainer logged at a step."""

    step: int
    values: dict[str, float]


class IntervalOut(BaseModel):
    """A mean with its 95 % interval by task."""

    mean: float
    low: float
    high: float
    pairs: int
    tasks: int


class BaselineOut(BaseModel):
    """A rule that knows no code, on the same pairs."""

    name: str
    rule: str
    accuracy: IntervalOut
    ahead: IntervalOut


class EvaluationOut(BaseModel):
    """What the run has learnt."""

    accuracy: IntervalOut | None
    baselines: list[BaselineOut]
    ceiling: float | None
    drift_alarm: bool
    conclusion: list[str]


class FailureOut(BaseModel):
    """Why it stopped, and what to do."""

    message: str
    hint: str | None = None


class TuningRunOut(TuningRunRow):
    """Everything about a run."""

    points: list[MetricPoint]
    """In the order of steps; of a long run every so many."""
    evaluation: EvaluationOut | None
    failure: FailureOut | None
    plan: dict[str, Any]
    """As in ``run.yaml``."""
    inputs: dict[str, Any]
    """Hashes and versions of everything that went in."""
    cost: dict[str, Any]
    """What was expected before it began."""
