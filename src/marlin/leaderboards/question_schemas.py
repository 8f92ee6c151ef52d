"""A campaign's question, as it is registered and as it is told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Control = Literal["none", "checks_passed", "changed_lines", "model_calls"]
Counts = Literal["side", "strength"]


class QuestionWish(BaseModel):
    """What a campaign wants to know: registered before the answer can be seen."""

    model_config = ConfigDict(extra="forbid")

    arms: Annotated[list[Annotated[str, Field(max_length=63)]], Field(min_length=2, max_length=2)]
    """The baseline and the candidate: shares above one half speak for the second."""
    axis: str = Field(default="overall", max_length=40)
    """``overall``, or an axis of the rubric."""
    smallest_share: float = Field(default=0.55, gt=0.5, lt=1)
    """The smallest effect of interest, as the better arm's share of preferences."""
    alpha: float = Field(default=0.05, ge=1e-6, lt=0.5)
    """Chance, at most, of preferring an arm when there is no difference."""
    power: float = Field(default=0.8, gt=0.5, le=0.999_999)
    """Chance, at least, of finding a difference of ``smallest_share``."""
    sides: Literal[1, 2] = 2
    """1: is the candidate better? 2: which of the two is better? Then each direction has half of ``alpha``."""
    icc: float = Field(default=0.0, ge=0, lt=1)
    """How alike two votes of one contributor are expected to be, beyond the arms; needs ``contributors``."""
    contributors: int | None = Field(default=None, ge=2, le=100_000)
    """How many are expected to take part."""
    equal_share: float = Field(default=0.0, ge=0, lt=1)
    """The share of equal verdicts that is expected."""
    most_comparisons: int | None = Field(default=None, ge=10, le=1_000_000)
    """The cap; without one, as many as the power needs."""
    looks: int = Field(default=10, ge=1, le=10)
    control: Control = "none"
    """A control variate: a difference of the two results, known from checks, whose luck is taken out of the votes'. It
    helps as far as people prefer what has more (or less) of it, and as pairs are there that nobody has rated yet."""
    counts: Counts = "side"
    """What of a vote decides: which side it prefers, or how strongly. By strength fewer comparisons are expected to do,
    and what is decided is whether votes lean to an arm on average: a few strong preferences may outweigh many slight
    ones."""
    when_decided: Literal["tell", "pause"] = "tell"
    """Whether the campaign pauses by itself once the question is decided."""
    amends: int | None = Field(default=None, ge=1)
    """The version that is amended, as it was seen: refused (409) once there is a newer one. None for a first one."""
    reason: str = Field(default="", max_length=2000)
    """Why an earlier question is amended."""


class QuestionOut(BaseModel):
    """A registered question."""

    version: int
    arms: list[str]
    axis: str
    smallest_share: float
    alpha: float
    power: float
    sides: Literal[1, 2]
    icc: float
    contributors: int | None
    equal_share: float
    most_comparisons: int
    looks: int
    control: Control
    counts: Counts
    when_decided: Literal["tell", "pause"]
    accepted_before: int
    """Comparisons of the two arms that had been accepted by then."""
    reason: str
    registered_by_id: UUID | None
    created_at: datetime
