"""Leaderboards and decisions as answers state them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from marlin.leaderboards.agreement_schemas import AgreementOut
from marlin.leaderboards.figure_schemas import Counts, Interval, Provenance
from marlin.leaderboards.question_schemas import QuestionOut


class Standing(BaseModel):
    """One arm's line of a leaderboard."""

    arm: str
    agent: str
    score: Interval
    """In Elo points, 0 is the average of the arms shown; None for an arm with no votes."""
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    """The ranks that the intervals of differences leave open."""
    votes: int
    wins: int
    losses: int
    ties: int
    both_bad: int
    week_change: float | None
    """Change of the score in the last seven days; None if it had none then."""


class Pairing(BaseModel):
    """Two arms directly against each other; ``share`` speaks for the second."""

    first: str
    second: str
    votes: int
    first_wins: int
    second_wins: int
    ties: int
    both_bad: int
    share: Interval


class ArmSize(BaseModel):
    """What an arm's results are like, as the checks measured them: medians, and means where said."""

    arm: str
    results: int
    changed_lines: float | None
    files: float | None
    complexity: float | None
    duplicated_lines: float | None
    """Mean."""
    new_dependencies: float | None
    """Mean."""
    steps: float | None
    usd: float | None
    """Mean cost of model calls of one rollout."""
    passed: float | None
    """Share of checks that passed."""


class Effect(BaseModel):
    """What a covariate does to the preference: log odds per unit, controlled for the others."""

    name: str
    unit: str
    effect: Interval


class AxisStandings(BaseModel):
    """The scores on one axis."""

    axis: str
    standings: list[Standing]


class LeaderboardOut(BaseModel):
    """Which arm is preferred, how much, and how sure that is."""

    campaign_id: UUID
    campaign: str
    title: str
    synthetic: bool
    axis: str
    axes: list[str]
    slice: str
    """In words."""
    categories: dict[str, int]
    languages: dict[str, int]
    agents: list[str]
    """What can be chosen, with votes."""
    counts: Counts
    standings: list[Standing]
    controlled: list[Standing]
    """The same with size, category, turn and side held equal; empty when there are too few votes."""
    effects: list[Effect]
    pairings: list[Pairing]
    profile: list[AxisStandings]
    sizes: list[ArmSize]
    provenance: Provenance


class Look(BaseModel):
    """One point at which the rule may stop."""

    number: int
    comparisons: int
    """After how many."""
    reached: bool
    upper: float
    """At or above it the candidate is preferred; of a two-sided question, at or below its negative, the baseline."""
    futility: float | None
    """At or below it the smallest effect of interest is unlikely to be shown; None where there is no such boundary."""
    z: float | None
    crossed: Literal["second", "first", "futility"] | None
    share: Interval | None
    """For the second arm at this look, with the interval that its boundary leaves: ½ is left out exactly where z has
    crossed. None before the look, and after the rule has stopped."""


class Watched(BaseModel):
    """What anybody may watch at any time: right however often it is looked at, and so usually wider than the rule's."""

    share: Interval
    level: float
    e_value: float
    """The winnings of a bet against "the second arm is not preferred" that began with 1."""
    state: Literal["nothing_yet", "open", "second_preferred", "first_preferred"]
    words: str


class PathPoint(BaseModel):
    """What anybody may watch at any time: the share for the second arm with its anytime-valid interval."""

    comparisons: int
    share: float
    low: float
    high: float


class ControlOut(BaseModel):
    """What a registered control variate gained by the last look."""

    name: str
    weight: float
    """λ; 0 where it was no help, and then it changes nothing."""
    pool: int
    """Pairs of the two arms that nobody had rated yet: without any it can't help."""
    variance_ratio: float
    """What was left of the variance of the share: 0.8 is worth a quarter more votes."""
    words: str


class DecisionOut(BaseModel):
    """Where a campaign's question stands."""

    question: QuestionOut
    state: Literal["collecting", "second_preferred", "first_preferred", "no_difference", "cap_reached"]
    words: str
    """The state as one would say it: for people, with numbers."""
    comparisons: int
    share: Interval
    """For the second arm at the rule's last look; the interval is the one that ``state`` rests on. Of a question that
    counts strength it is how far votes lean, ½ being neither: (share − ½) · 6 in grades of the scale. So it is in
    ``watched``, ``looks`` and ``path``."""
    level: float
    """Of that interval, all looks together: 1 − α for a two-sided question, 1 − 2α for a one-sided one."""
    watched: Watched
    """Stricter than the rule: it may still be open when the rule has decided, and ``words`` then say why."""
    looks: list[Look]
    control: ControlOut | None = None
    """None where the question names no control variate."""
    path: list[PathPoint]
    spent_usd: float
    more_comparisons: int | None
    """Expected number to a decision; None once decided."""
    more_usd: float | None
    fixed_comparisons: int | None
    """What a design without looks would need for the same α and power; None if no number is enough."""
    provenance: Provenance


class PowerPoint(BaseModel):
    """What would happen if the candidate were preferred in this share of comparisons, ties split."""

    share: float
    power: float
    """Chance that the candidate is shown to be better."""
    futile: float
    """Chance that the campaign stops because that is unlikely to be shown."""
    mean_comparisons: float
    mean_usd: float


class PlanOut(BaseModel):
    """What a question would cost, before it is registered."""

    price_usd: float
    most_comparisons: int
    power: float
    """Of the smallest effect of interest, under this cap."""
    fixed_comparisons: int | None
    """What a design without looks would need; None if no number of votes of so few contributors is enough."""
    fixed_usd: float | None
    most_usd: float
    curve: list[PowerPoint]
    looks: list[Look]
    provenance: Provenance


class Move(BaseModel):
    """An arm then and now; scores in Elo points as in :class:`Standing`, from the votes accepted by then."""

    arm: str
    rank_then: int | None
    rank_now: int | None
    score_then: Interval
    score_now: Interval
    new_votes: int


class StateChange(BaseModel):
    """A registered question then and now."""

    registered_since: bool
    """Registered or amended after that moment: then there is no ``then``."""
    state_then: Literal["collecting", "second_preferred", "first_preferred", "no_difference", "cap_reached"] | None
    state_now: Literal["collecting", "second_preferred", "first_preferred", "no_difference", "cap_reached"]
    share_then: Interval
    share_now: Interval
    looks_then: int
    looks_now: int
    newly_decided: bool
    words: str


class ChangesOut(BaseModel):
    """What changed since a moment, from the votes accepted before it and those of now."""

    since: datetime
    comparisons: int
    """Accepted since."""
    votes: int
    contributors: int
    """Who gave them."""
    new_contributors: int
    """Of whom nothing had been accepted before."""
    usd: float
    """Promised for the comparisons accepted since."""
    moves: list[Move]
    decision: StateChange | None
    """None without a question."""
    agreement_then: Interval
    agreement_now: Interval
    """Share of pairs of people who prefer the same side of the same results."""
    words: list[str]
    """All of it in sentences, what matters most first."""


class Report(BaseModel):
    """All that is known of a campaign. ``decision`` is None before a question is registered."""

    changes: ChangesOut
    """In the last seven days."""
    leaderboard: LeaderboardOut
    agreement: AgreementOut
    decision: DecisionOut | None


class PairToBuy(BaseModel):
    """What to buy of one pair of arms."""

    first: str
    second: str
    comparisons: int
    error_now: float
    """Standard error of the difference of their scores, in log-odds."""
    error_after: float


class AllocationOut(BaseModel):
    """Where the next dollars tell most about the order of arms."""

    pairs: list[PairToBuy]
    usd: float
    misordered_now: float | None
    """Expected number of pairs of arms in the wrong order."""
    misordered_after: float | None
    misordered_if_equal: float | None
    """The same, had the money been spent on all pairs alike."""
    provenance: Provenance
