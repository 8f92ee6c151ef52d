"""What the ratings' endpoints take and give."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from marlin.campaigns import Answers
from marlin.db import clean_text
from marlin.ratings.checker import Problem
from marlin.ratings.citations import MOST_LINES, MOST_STEPS, At
from marlin.ratings.cited import Cited, read
from marlin.ratings.models import Comment, Rating, RatingDraft

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
    citations: list[Cited]
    """What the texts cite, as data."""
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
            citations=read(rating.citations),
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


class MarkOut(BaseModel):
    """Words of a field, from character ``start`` up to ``end``, counted in Unicode code points."""

    field: str
    start: int
    end: int
    words: str


class ReferenceOut(BaseModel):
    """A turn of another comparison."""

    comparison_id: UUID
    turn: int
    title: str


class ProblemOut(BaseModel):
    """Something to mend (error) or to acknowledge (warning) before submitting."""

    code: str
    severity: Literal["warning", "error"]
    turn: int | None
    field: str | None
    message: str
    hint: str
    marks: list[MarkOut]
    """Where the words are that this is about."""
    acknowledged: bool = False
    """The contributor has read it and stands by it."""
    refers: ReferenceOut | None = None
    """Another comparison of the same contributor's that this is about; only for whoever may see that one."""

    @classmethod
    def of(
        cls,
        problem: Problem,
        acknowledged: Collection[str] = (),
        titles: Mapping[UUID, str] = MappingProxyType({}),
    ) -> ProblemOut:
        """:param titles: of the other comparisons that the caller may see."""
        refers = problem.refers
        return cls(
            code=problem.code,
            severity=problem.severity,
            turn=problem.turn,
            field=problem.field,
            message=problem.message,
            hint=problem.hint,
            marks=[
                MarkOut(field=mark.field, start=mark.start, end=mark.end, words=mark.words) for mark in problem.marks
            ],
            acknowledged=problem.severity == "warning" and problem.code in acknowledged,
            refers=ReferenceOut(
                comparison_id=refers.comparison_id, turn=refers.turn, title=titles[refers.comparison_id]
            )
            if refers is not None and refers.comparison_id in titles
            else None,
        )


class ProblemsOut(BaseModel):
    """What the submission checker found."""

    problems: list[ProblemOut]
    unread: list[str] = []
    """Fields whose text seems to be in another language than English: nothing is said of their words."""


class FollowUpText(_In):
    """A follow-up to look at, without sending it."""

    prompt: str = Field(max_length=60_000)


class SubmitBody(_In):
    """Submit; ``acknowledged`` lists the codes of the warnings that were read."""

    acknowledged: list[str] = Field(default_factory=list, max_length=100)


class SubmittedOut(BaseModel):
    """The comparison after submitting."""

    id: UUID
    status: str
    submitted_at: datetime | None


class Anchor(_In):
    """What a comment hangs on: lines of a file, or a step of a side's transcript."""

    side: Literal["A", "B"]
    path: str | None = Field(default=None, min_length=1, max_length=4096)
    at: At = "result"
    """Where the lines stand: in the side's result, in the base, or in what the turn began with."""
    first_line: int | None = Field(default=None, ge=1, le=MOST_LINES)
    last_line: int | None = Field(default=None, ge=1, le=MOST_LINES)
    step: int | None = Field(default=None, ge=1, le=MOST_STEPS)

    @model_validator(mode="after")
    def _one_thing(self) -> Anchor:
        if (self.path is None) == (self.step is None):
            raise ValueError("say either path, first_line and last_line, or step")
        if self.path is None:
            if self.first_line is not None or self.last_line is not None or self.at != "result":
                raise ValueError("a step has no lines")
        elif self.first_line is None or self.last_line is None or self.last_line < self.first_line:
            raise ValueError("lines need first_line and a last_line that is not before it")
        return self

    def columns(self) -> dict[str, Any]:
        """As a comment's row keeps it."""
        return self.model_dump() | {"path": clean_text(self.path) if self.path is not None else None}


class CommentBody(_In):
    """A comment to save: ``revision`` is the one that was edited (0: it is new). What it hangs on never changes."""

    turn: int = Field(ge=1, le=2**31 - 1)
    anchor: Anchor
    quote: str = Field(default="", max_length=8_000)
    text: str = Field(max_length=20_000)
    draft: bool = False
    """Still being written: only its author sees it."""
    revision: int = Field(ge=0, le=2**31 - 2)


class CommentOut(BaseModel):
    """A comment."""

    id: UUID
    turn: int
    anchor: Anchor
    quote: str
    text: str
    draft: bool
    revision: int
    created_at: datetime
    updated_at: datetime
    deleted: bool

    @classmethod
    def of(cls, comment: Comment) -> CommentOut:
        return cls(
            id=comment.id,
            turn=comment.turn_number,
            anchor=Anchor.model_validate({name: getattr(comment, name) for name in Anchor.model_fields}),
            quote=comment.quote,
            text=comment.text,
            draft=comment.draft,
            revision=comment.revision,
            created_at=comment.created_at,
            updated_at=comment.updated_at,
            deleted=comment.deleted_at is not None,
        )
