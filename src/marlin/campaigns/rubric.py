"""The rubric of a campaign, and whether somebody's answers fit it. Pure.

All scores are side by side on one scale of seven: −3 A is much better … 0 equal … +3 B is much better.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Score = Annotated[int, Field(ge=-3, le=3)]
"""−3 A is much better … 0 equal … +3 B is much better."""

Verdict = Literal["preference", "equal", "both_bad"]
"""One side is better; they are equally good; neither would be accepted. There is no silent tie."""

ScalePoint = Literal["-3", "-2", "-1", "0", "1", "2", "3"]

_Text = Annotated[str, Field(max_length=20_000)]


class Axis(BaseModel):
    """One aspect on which the two results are compared."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    label: str = Field(min_length=1, max_length=80)
    description: str = Field(min_length=1, max_length=2_000)
    anchors: dict[ScalePoint, str]
    """What a point on the scale means; at least −3, 0 and 3."""

    @field_validator("anchors")
    @classmethod
    def _anchored(cls, anchors: dict[str, str]) -> dict[str, str]:
        missing = [point for point in ("-3", "0", "3") if not anchors.get(point, "").strip()]
        if missing:
            raise ValueError(f"say what {', '.join(missing)} means: anchors need at least -3, 0 and 3")
        return anchors


class Rubric(BaseModel):
    """What a contributor answers about a turn."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    axes: list[Axis] = Field(min_length=1, max_length=12)
    requires_justification: bool = True
    requires_key_axis: bool = True
    """Whether a preference names the axis that decided it."""

    @model_validator(mode="after")
    def _distinct(self) -> Rubric:
        names = [axis.name for axis in self.axes]
        if len(set(names)) < len(names):
            raise ValueError("two axes have the same name")
        return self


class Answers(BaseModel):
    """A contributor's answers for one turn; in a draft any of them may still be missing."""

    model_config = ConfigDict(extra="forbid")

    axes: dict[str, Score | None] = Field(default_factory=dict, max_length=50)
    overall: Score | None = None
    verdict: Verdict | None = None
    key_axis: str | None = Field(default=None, max_length=100)
    """The axis that decided."""
    strengths_a: _Text = ""
    weaknesses_a: _Text = ""
    strengths_b: _Text = ""
    weaknesses_b: _Text = ""
    justification: _Text = ""

    @property
    def preferred(self) -> Literal["A", "B"] | None:
        """The better side; None when equal, both bad, or not said."""
        if self.verdict != "preference" or not self.overall:
            return None
        return "A" if self.overall < 0 else "B"

    @property
    def strength(self) -> int:
        """How much better, 0 to 3."""
        return abs(self.overall or 0) if self.verdict == "preference" else 0


@dataclass(frozen=True, slots=True)
class Problem:
    """What is missing or contradictory in some answers.

    :ivar field: path of the field, such as ``axes.security``.
    """

    field: str
    message: str


def check(rubric: Rubric, answers: Answers) -> list[Problem]:
    """Everything that keeps ``answers`` from being a rating under ``rubric``; empty when they are one."""
    return [*_check_axes(rubric, answers), *_check_verdict(answers), *_check_reasons(rubric, answers)]


def _check_axes(rubric: Rubric, answers: Answers) -> Iterator[Problem]:
    known = {axis.name for axis in rubric.axes}
    for axis in rubric.axes:
        if answers.axes.get(axis.name) is None:
            yield Problem(f"axes.{axis.name}", f"Score {axis.label.lower()}: from A much better to B much better.")
    for name in answers.axes:
        if name not in known:
            yield Problem(f"axes.{name}", f"The rubric has no axis {name!r}.")


def _check_verdict(answers: Answers) -> Iterator[Problem]:
    match answers.verdict:
        case None:
            yield Problem("verdict", "Say which side you prefer, or that they are equal, or that both are bad.")
        case "preference":
            if not answers.overall:
                yield Problem(
                    "overall", "Say which side is better overall and by how much, or choose equal or both bad."
                )
        case _:
            if answers.overall:
                yield Problem("overall", "The overall score prefers a side, but the verdict says neither is better.")


def _check_reasons(rubric: Rubric, answers: Answers) -> Iterator[Problem]:
    known = {axis.name for axis in rubric.axes}
    if answers.key_axis is not None and answers.key_axis not in known:
        yield Problem("key_axis", f"The rubric has no axis {answers.key_axis!r}.")
    if rubric.requires_key_axis and answers.key_axis is None and answers.verdict == "preference":
        yield Problem("key_axis", "Choose the axis that decided your preference.")
    if rubric.requires_justification and not answers.justification.strip():
        yield Problem("justification", "Say why, with evidence: a line of the change, an output, a check.")


def complete(answers: Answers) -> Answers:
    """The answers as they are stored: an overall score that follows from the verdict is filled in."""
    if answers.verdict in ("equal", "both_bad") and answers.overall is None:
        return answers.model_copy(update={"overall": 0})
    return answers


def default_rubric() -> Rubric:
    """Correctness, security, reliability, maintainability: what the campaign of the mission asks."""
    return Rubric.model_validate({"axes": _DEFAULT_AXES})


_DEFAULT_AXES: list[dict[str, Any]] = [
    {
        "name": "correctness",
        "label": "Correctness",
        "description": (
            "Does it do what the prompt asked, all of it, in the cases that matter, without breaking what worked? "
            "Judge the behaviour, from the checks and from reading; not the style."
        ),
        "anchors": {
            "-3": "A does what was asked; B does not, or breaks something that worked.",
            "-2": "A covers an important case that B gets wrong.",
            "-1": "A gets a detail right that B misses.",
            "0": "Both are equally right, or equally wrong.",
            "1": "B gets a detail right that A misses.",
            "2": "B covers an important case that A gets wrong.",
            "3": "B does what was asked; A does not, or breaks something that worked.",
        },
    },
    {
        "name": "security",
        "label": "Security",
        "description": (
            "Would you let it face hostile input? Think of injection, traversal, secrets, permissions, unsafe "
            "defaults, new dependencies. Equal (=) when the change does not touch any of this."
        ),
        "anchors": {
            "-3": "B opens or leaves open a hole that can be exploited; A does not.",
            "-2": "B lacks a protection that such code needs; A has it.",
            "-1": "A is a little more careful with what it trusts.",
            "0": "No difference, or nothing here concerns security.",
            "1": "B is a little more careful with what it trusts.",
            "2": "A lacks a protection that such code needs; B has it.",
            "3": "A opens or leaves open a hole that can be exploited; B does not.",
        },
    },
    {
        "name": "reliability",
        "label": "Reliability",
        "description": (
            "What happens with odd input, a failure half way, a second run, many at once? Are errors told clearly, "
            "resources released, and is the behaviour covered by tests?"
        ),
        "anchors": {
            "-3": "B would fail in ordinary operation or lose data; A would not.",
            "-2": "A handles failures that will happen; B does not.",
            "-1": "A handles an edge or tests a little more.",
            "0": "Equally robust.",
            "1": "B handles an edge or tests a little more.",
            "2": "B handles failures that will happen; A does not.",
            "3": "A would fail in ordinary operation or lose data; B would not.",
        },
    },
    {
        "name": "maintainability",
        "label": "Maintainability",
        "description": (
            "Would you like to own this code? Simple as the problem allows, in the style of the repository, names that "
            "say what is meant, no needless files, layers, options, comments or dependencies."
        ),
        "anchors": {
            "-3": "You would merge A's code; B's needs to be written anew.",
            "-2": "A is clearly simpler or fits the repository better.",
            "-1": "A reads a little better.",
            "0": "Equally good to own.",
            "1": "B reads a little better.",
            "2": "B is clearly simpler or fits the repository better.",
            "3": "You would merge B's code; A's needs to be written anew.",
        },
    },
]
