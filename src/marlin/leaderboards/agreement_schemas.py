"""How far people agree, as answers state it."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from marlin.leaderboards.figure_schemas import Interval, Provenance


class AxisAgreement(BaseModel):
    """Do people who judged the same results say the same?"""

    axis: str
    items: int
    """Results judged by two people or more."""
    alpha: Interval
    """Krippendorff's, ordinal."""
    agreement: Interval
    """Share of pairs of people who prefer the same side, ties apart."""


class ContributorReliability(BaseModel):
    """One person's votes against everybody else's."""

    person_id: UUID
    name: str
    votes: int
    share_of_votes: float
    overlapping: int
    agreement: Interval
    """With others on the same results."""
    reliability: Interval
    """Chance of voting for the truth, by a Dawid–Skene model; None without overlap or gold."""
    left_share: Interval
    """Share of preferences for side A: far from one half is a bias of sides."""
    gold_tasks: int
    gold: Interval
    """Share of gold tasks in which the vote was the known answer."""
    flags: list[str]


class WeekOut(BaseModel):
    """A week of votes."""

    week: str
    """Monday, YYYY-MM-DD."""
    votes: int
    second_share: float | None
    """Share of decisive votes for side B: sides are drawn, so a drift is a habit of judging."""
    agreement: float | None
    usd: float


class DriftOut(BaseModel):
    """Whether a share moves as the campaign goes on."""

    what: Literal["agreement", "side"]
    """How often a vote agrees with others on the same results, or the share of preferences for side A."""
    change: Interval
    """From the first vote to the last, by a straight line; 0.1 is ten points in a hundred. Clustered by contributor."""
    p_value: float
    """Two-sided."""
    values: int


class SelfAgreement(BaseModel):
    """How far people who judged the same results a second time, with sides swapped, said the same."""

    same: Interval
    """Share of pairs of judgements that prefer the same result, or none."""
    judged_twice: int
    people: int
    mean_move: float | None
    """How far the grade moved, on average, on the scale of seven."""


class AgreementOut(BaseModel):
    """How far people agree, with each other and with themselves."""

    campaign_id: UUID
    axes: list[AxisAgreement]
    ceiling: Interval
    """Agreement of two people on the overall preference: what no model of them can exceed by much."""
    side: Interval
    """Share of all preferences for side A; sides are drawn, so one half is expected."""
    same_arm: Interval
    """In comparisons of an arm with itself, the share for side A; None without any."""
    same_arm_equal: float | None
    themselves: SelfAgreement
    contributors: list[ContributorReliability]
    weeks: list[WeekOut]
    drifts: list[DriftOut]
    """What there are enough votes to tell of, from ten of two people on."""
    provenance: Provenance
