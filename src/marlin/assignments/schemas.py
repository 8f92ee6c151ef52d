"""What the endpoints of assignments take and give. A contributor is never told what is an overlap, what is gold,
and what comes a second time."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from marlin.assignments.models import Assignment
from marlin.assignments.queries import GoldStanding, Held
from marlin.campaigns import AssignmentPolicy
from marlin.errors import MarlinError


class AssignmentOut(BaseModel):
    """What a contributor does next."""

    id: UUID
    campaign_id: UUID
    kind: Literal["own", "judge"]
    """own: write a task and compare two results on it. judge: compare two results that are there already."""
    status: Literal["held", "begun", "over"]
    title: str
    """Of the task whose results are to be judged; empty for a task of one's own."""
    category: str
    price_cents: int
    held_until: datetime
    """Until then nobody else is given it. Working on a brief in the campaign keeps it longer."""
    comparison_id: UUID | None
    """What came of it, once begun."""

    @classmethod
    def of(cls, assignment: Assignment, *, title: str, category: str) -> AssignmentOut:
        return cls(
            id=assignment.id,
            campaign_id=assignment.campaign_id,
            kind="own" if assignment.kind == "own" else "judge",
            status="held" if assignment.status == "held" else "begun" if assignment.status == "begun" else "over",
            title=title,
            category=category,
            price_cents=assignment.price_cents,
            held_until=assignment.expires_at,
            comparison_id=assignment.comparison_id,
        )


class RefusalOut(BaseModel):
    """Why nothing would be assigned now."""

    code: str
    message: str
    hint: str | None

    @classmethod
    def of(cls, error: MarlinError) -> RefusalOut:
        return cls(code=error.code, message=error.message, hint=error.hint)


class CurrentOut(BaseModel):
    """What a contributor holds, or why there would be nothing; neither when they only have to ask."""

    assignment: AssignmentOut | None
    refusal: RefusalOut | None
    own_price_cents: int
    judge_price_cents: int
    required: bool
    """Whether a task of one's own can only begin with an assignment."""


class SkipBody(BaseModel):
    """Why somebody gives an assignment back, or an operator takes it back."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=2000, pattern=r"\S")


class GoldBody(BaseModel):
    """The known answer of a comparison's first turn."""

    model_config = ConfigDict(extra="forbid")

    expected: Literal["A", "B"]
    """The better side, as this comparison shows it."""
    min_strength: int = Field(default=1, ge=1, le=3)
    axis: str | None = Field(default=None, max_length=100)
    """The axis whose score must say so; without one, the overall preference."""
    reason: str = Field(min_length=1, max_length=5000, pattern=r"\S")


class GoldOut(BaseModel):
    """A gold task, for operators."""

    id: UUID
    comparison_id: UUID
    title: str
    expected: Literal["A", "B"]
    """The better side, as the comparison itself shows it."""
    min_strength: int
    axis: str | None
    reason: str
    judged: int
    agreed: int
    created_at: datetime

    @classmethod
    def of(cls, standing: GoldStanding) -> GoldOut:
        task = standing.task
        return cls(
            id=task.id,
            comparison_id=task.comparison_id,
            title=standing.title,
            expected="A" if standing.expected == "A" else "B",
            min_strength=task.min_strength,
            axis=task.axis,
            reason=task.reason,
            judged=standing.judged,
            agreed=standing.agreed,
            created_at=task.created_at,
        )


class HeldOut(BaseModel):
    """Somebody's assignment, for operators."""

    id: UUID
    person_id: UUID
    person_name: str
    kind: Literal["own", "overlap", "gold", "again"]
    status: Literal["held", "begun", "skipped", "expired", "released"]
    source_id: UUID | None
    comparison_id: UUID | None
    comparison_status: str | None
    agreed: bool | None
    reason: str
    draw: dict[str, Any]
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, held: Held) -> HeldOut:
        names = ("id", "person_id", "kind", "status", "source_id", "comparison_id", "agreed", "reason", "draw")
        facts = {name: getattr(held.assignment, name) for name in (*names, "created_at", "expires_at")}
        return cls(**facts, person_name=held.person_name, comparison_status=held.comparison_status)


class AssignmentsOut(BaseModel):
    """A campaign's policy and what it has led to, for operators."""

    policy: AssignmentPolicy
    originals: int
    """Comparisons of own tasks."""
    repeats: int
    """Comparisons that judge other people's results, held ones included, gold left out."""
    total: int
    gold: list[GoldOut]
    assignments: list[HeldOut]
    """Those that are held, then the latest; at most 200."""
