"""A job as the queue knows it, in our words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from dbos import WorkflowStatus

State = Literal["queued", "running", "done", "failed", "cancelled", "abandoned"]

STATES: dict[str, State] = {
    "ENQUEUED": "queued",
    "DELAYED": "queued",
    "PENDING": "running",
    "SUCCESS": "done",
    "ERROR": "failed",
    "CANCELLED": "cancelled",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "abandoned",
}
FINISHED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


@dataclass(frozen=True)
class Job:
    """A job as the queue knows it."""

    id: str
    workflow: str
    queue: str | None
    partition: str | None
    state: State
    created_at: datetime
    updated_at: datetime
    executor: str | None
    """Who runs it, or ran it last."""
    starts: int
    """How often a worker started it."""
    error: str | None


def job_record(one: WorkflowStatus) -> Job:
    """What DBOS says of a workflow, as a job."""
    return Job(
        id=one.workflow_id,
        workflow=one.name,
        queue=one.queue_name,
        partition=one.queue_partition_key,
        state=STATES[one.status],
        created_at=_time(one.created_at),
        updated_at=_time(one.updated_at),
        executor=one.executor_id,
        starts=one.recovery_attempts or 0,
        error=None if one.error is None else str(one.error),
    )


def _time(milliseconds: int | None) -> datetime:
    return datetime.fromtimestamp((milliseconds or 0) / 1000, UTC)
