"""A reviewer's remarks, each on one answer of one turn: which answers there are, and which have changed since. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from marlin.campaigns import Rubric
from marlin.ratings import TEXTS

MOST_REMARKS = 200
"""In one review."""

PROMPT = "prompt"
"""What a turn was asked. It was sent: a remark on it is for the next time."""


class DraftRemark(BaseModel):
    """A remark while it is written; it may still be empty."""

    model_config = ConfigDict(extra="forbid")

    turn: int = Field(ge=1, le=2**31 - 1)
    field: str = Field(min_length=1, max_length=100)
    """An answer's name, such as ``axes.security``, ``overall``, ``key_axis`` or ``justification``; or ``prompt``."""
    text: str = Field(max_length=8_000)


class Remark(DraftRemark):
    """What a reviewer has to say about one answer. Cites like a justification does."""

    text: str = Field(min_length=1, max_length=8_000, pattern=r"\S")


def fields_of(rubric: Rubric) -> frozenset[str]:
    """Everything of a turn that can be remarked on."""
    return frozenset({*(f"axes.{axis.name}" for axis in rubric.axes), "overall", "key_axis", PROMPT, *TEXTS})


def said(field: str, answers: Mapping[str, Any], prompt: str) -> Any:
    """What an answer says, as it stands in a rating's answers. The overall score is read with its verdict."""
    if field == PROMPT:
        return prompt
    if field == "overall":
        return {"overall": answers.get("overall"), "verdict": answers.get("verdict")}
    if field.startswith("axes."):
        return answers.get("axes", {}).get(field.removeprefix("axes."))
    return answers.get(field)
