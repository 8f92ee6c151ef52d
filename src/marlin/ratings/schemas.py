"""What the ratings' endpoints take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from marlin.campaigns import Answers
from marlin.ratings.checker import Problem
from marlin.ratings.models import Rating, RatingDraft

RatingAnswers = Answers
"""A contributor's answers for one turn (the rubric's word)."""


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DraftBody(_In):
    """A draft to save: ``revision`` is the one that was edited (0: there was none yet)."""

    revision: int = Field(ge=0, le=2**31 - 2)
    answers: Answers


class DraftSaved(BaseModel):
    """The saved draft's new revision."""

    revision: int
    saved_at: datetime


class DraftOut(DraftSaved):
    """A draft."""

    answers: dict[str, Any]

    @classmethod
    def of(cls, draft: RatingDraft) -> DraftOut:
        return cls(revision=draft.revision, saved_at=draft.saved_at, answers=draft.answers)


class RatingOut(BaseModel):
    """A rating. Sides only: never arms."""

    id: UUID
    turn: int
    answers: dict[str, Any]
    preferred: Literal["A", "B"] | None
    verdict: str
    strength: int
    rubric_version: int
    created_at: datetime

    @classmethod
    def of(cls, rating: Rating, rubric_version: int) -> RatingOut:
        return cls(
            id=rating.id,
            turn=rating.turn_number,
            answers=rating.answers,
            preferred="A" if rating.preferred == "A" else "B" if rating.preferred == "B" else None,
            verdict=rating.verdict,
            strength=rating.strength,
            rubric_version=rubric_version,
            created_at=rating.created_at,
        )


class TurnRating(BaseModel):
    """What there is for one turn. Drafts are shown to their author only."""

    rating: RatingOut | None
    draft: DraftOut | None


class RatingAction(BaseModel):
    """Whether something can be done now, and if not, why."""

    allowed: bool
    reason: str | None = None


class RatingActions(BaseModel):
    """What the caller can do about the ratings now."""

    rate: RatingAction
    undo_rating: RatingAction
    submit: RatingAction


class RatingsOut(BaseModel):
    """All ratings and drafts of a comparison, by number of the turn."""

    turns: dict[str, TurnRating]
    actions: RatingActions


class ProblemOut(BaseModel):
    """Something to mend (error) or to acknowledge (warning) before submitting."""

    code: str
    severity: Literal["warning", "error"]
    turn: int | None
    field: str | None
    message: str
    hint: str

    @classmethod
    def of(cls, problem: Problem) -> ProblemOut:
        return cls(
            code=problem.code,
            severity=problem.severity,
            turn=problem.turn,
            field=problem.field,
            message=problem.message,
            hint=problem.hint,
        )


class ProblemsOut(BaseModel):
    """What the submission checker found."""

    problems: list[ProblemOut]


class SubmitBody(_In):
    """Submit; ``acknowledged`` lists the codes of the warnings that were read."""

    acknowledged: list[str] = Field(default_factory=list, max_length=100)


class SubmittedOut(BaseModel):
    """The comparison after submitting."""

    id: UUID
    status: str
    submitted_at: datetime | None
