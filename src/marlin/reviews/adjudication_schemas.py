"""What adjudication takes and gives: for operators, and without arms or names, so that they decide as blindly."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from marlin.campaigns import Answers
from marlin.errors import MarlinError
from marlin.reviews.disagreements import Disagreement, Judgement
from marlin.reviews.models import Adjudication

Said = Literal["A", "B", "equal", "both_bad"]
"""Which side of the item's own comparison is better, or none."""


class DisagreementOut(BaseModel):
    """An item on which people don't say the same."""

    comparison_id: UUID
    title: str
    category: str
    said: list[Said]
    """By each person, the first one first."""
    apart: int
    """How far the overall scores are apart, 0 to 6."""
    decided: bool
    since: datetime

    @classmethod
    def of(cls, found: Disagreement) -> DisagreementOut:
        return cls(
            comparison_id=found.item_id,
            title=found.title,
            category=found.category,
            said=[one.said for one in found.judgements],
            apart=found.apart,
            decided=found.label is not None,
            since=found.since,
        )


class JudgementOut(BaseModel):
    """One person's judgement, turned to the item's sides."""

    comparison_id: UUID
    said: Said
    swapped: bool
    """They saw the sides the other way round: their words name them so."""
    can_send_back: bool
    answers: Answers
    given_at: datetime

    @classmethod
    def of(cls, found: Judgement) -> JudgementOut:
        facts: dict[str, Any] = {
            name: getattr(found, name) for name in ("comparison_id", "said", "swapped", "given_at")
        }
        return cls(**facts, can_send_back=found.status == "submitted", answers=Answers.model_validate(found.answers))


class AdjudicationOut(BaseModel):
    """What was decided."""

    decision: Literal["label", "send_back"]
    said: Said | None
    sent_back_id: UUID | None
    reason: str
    created_at: datetime

    @classmethod
    def of(cls, row: Adjudication, side_a: UUID) -> AdjudicationOut:
        """:param side_a: the result on the item's side A."""
        said = row.verdict if row.preferred_id is None else "A" if row.preferred_id == side_a else "B"
        return cls.model_validate(
            {
                "decision": row.decision,
                "said": said,
                "sent_back_id": row.sent_back_id,
                "reason": row.reason,
                "created_at": row.created_at,
            }
        )


class UndecidableOut(BaseModel):
    """Why whoever asks decides nothing here."""

    code: str
    message: str
    hint: str | None

    @classmethod
    def of(cls, error: MarlinError) -> UndecidableOut:
        return cls(code=error.code, message=error.message, hint=error.hint)


class JudgementsOut(BaseModel):
    """All judgements of the same two results, and what was decided between them."""

    comparison_id: UUID
    """The one that the results were made for: its page shows them on the sides meant here."""
    title: str
    prompt: str
    axes: list[str]
    judgements: list[JudgementOut]
    adjudications: list[AdjudicationOut]
    """The latest first."""
    refusal: UndecidableOut | None
    """Why whoever asks may not decide: nothing is divided, they judged here themselves, or looked at the arms."""


class AdjudicationBody(BaseModel):
    """A label of record (``said``), or a judgement to send back (``send_back``); with the reason."""

    model_config = ConfigDict(extra="forbid")

    said: Said | None = None
    send_back: UUID | None = None
    reason: str = Field(min_length=1, max_length=5000, pattern=r"\S")

    @model_validator(mode="after")
    def _one(self) -> AdjudicationBody:
        if (self.said is None) == (self.send_back is None):
            raise ValueError("give said, or send_back")
        return self
