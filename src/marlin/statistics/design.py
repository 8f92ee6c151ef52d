"""Before a campaign starts: how many comparisons it may need, how likely it is to find what is there, and what that
costs.

A campaign registers a :class:`Question`; :func:`planned` turns it into a schedule of looks with boundaries that
don't change afterwards, and the plan tells what to expect if the truth is 50, 55, 60 %.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from math import ceil, isfinite, sqrt
from typing import Literal

import numpy as np
from scipy.special import ndtri

from marlin.statistics.clustered_mean import REPEATED
from marlin.statistics.errors import InvalidQuestionError
from marlin.statistics.estimates import t_quantile
from marlin.statistics.spending import MOST_LOOKS, boundaries, crossing, needed_drift, upper_boundaries

GRADED = 0.85
"""How many votes that count by their strength are planned for each that counts by its side alone: a careful value. In
the study 0.76 tell as much where people use the scale alike, 0.84 where one's "clearly" is another's "much"."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a campaign asks, registered before its first vote.

    :ivar candidate: the arm that may be better, and ``baseline`` the one it is held against.
    :ivar axis: of the rubric, or ``overall``.
    :ivar effect: the smallest effect of interest, over ½: 0.05 is "preferred in 55 % of comparisons, ties split".
    :ivar alpha: the chance to call it better though it isn't; ``power`` the chance to show ``effect``.
    :ivar sides: 1: is the candidate better? 2: which of the two is better? (each direction has half of α).
    :ivar cap: the most comparisons that will be paid for; None: as many as the power needs.
    :ivar icc: how alike two votes of one contributor are expected to be, beyond the arms' difference.
    :ivar contributors: how many will take part; needed where ``icc`` isn't zero.
    :ivar equal: the share of equal verdicts expected.
    :ivar graded: count how strongly a side is preferred, not only which. The effect and the plan stay in shares: it is
        expected that :data:`GRADED` as many votes tell as much, and what is decided is whether votes lean either way on
        average.
    :ivar control: the correlation expected between votes and a control variate; 0 for none.
    """

    candidate: str
    baseline: str
    axis: str = "overall"
    effect: float = 0.05
    alpha: float = 0.05
    power: float = 0.8
    sides: Literal[1, 2] = 1
    looks: int = MOST_LOOKS
    cap: int | None = None
    price: float = 280.0
    icc: float = 0.0
    contributors: int | None = None
    equal: float = 0.0
    control: float = 0.0
    graded: bool = False

    def __post_init__(self) -> None:
        checks = {
            "the candidate is its own baseline": self.candidate != self.baseline,
            f"an effect of {self.effect:g} is not between 0 and ½": 0 < self.effect < 0.5,
            f"an α of {self.alpha:g} is not between 0 and ½": 0 < self.alpha < 0.5,
            f"a power of {self.power:g} is not between α and 1": self.alpha < self.power < 1,
            f"{self.looks} looks; 1 to {MOST_LOOKS} are possible": 1 <= self.looks <= MOST_LOOKS,
            f"a cap of {self.cap} is less than one comparison for each look": (self.cap or self.looks) >= self.looks,
            f"a price of {self.price:g} is negative": self.price >= 0,
            f"an intra-class correlation of {self.icc:g} is not between 0 and 1": 0 <= self.icc < 1,
            "two contributors at least are needed": self.contributors is None or self.contributors >= 2,
            f"a share of equal verdicts of {self.equal:g} is not between 0 and 1": 0 <= self.equal < 1,
            f"a correlation of {self.control:g} is not between 0 and 1": 0 <= self.control < 1,
            "say how many contributors will take part, as their votes resemble each other": not self.icc
            or self.contributors is not None,
        }
        for wrong, holds in checks.items():
            if not holds:
                raise InvalidQuestionError(wrong, hint="change the question before it is registered")

    @property
    def registration(self) -> str:
        """A hash of the question: a result that carries it was asked for in this form."""
        facts = asdict(self)
        if not self.graded:  # which older questions could not say
            del facts["graded"]
        return hashlib.sha256(repr(sorted(facts.items())).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What to expect of a plan if the candidate is preferred in ``share`` of comparisons.

    :ivar shown: the chance that the candidate is shown to be better; ``futile`` that the campaign stops for futility.
    """

    share: float
    shown: float
    futile: float
    mean_votes: float
    mean_dollars: float


@dataclass(frozen=True)
class Plan:
    """A schedule of looks.

    :ivar at: the numbers of votes at which to look; the last is the cap.
    :ivar upper: boundaries for the z value; at or above, the candidate is better.
    :ivar lower: at or below, going on is futile (not binding).
    :ivar fixed: how many comparisons a single look would need for the same α and power;
        None if no number does.
    :ivar power: with this cap.
    """

    question: Question
    at: tuple[int, ...]
    upper: tuple[float, ...]
    lower: tuple[float, ...]
    fixed: int | None
    power: float

    @property
    def cap(self) -> int:
        """The most comparisons."""
        return self.at[-1]

    def outlook(self, share: float) -> Outlook:
        """What to expect if the candidate is preferred in ``share`` of comparisons, ties split.

        :raises InvalidQuestionError: the share is not between 0 and 1.
        """
        if not 0 < share < 1:
            raise InvalidQuestionError(f"a share of {share:g} is not between 0 and 1", hint="try 0.55")
        information = [self.information(votes, share) for votes in self.at]
        found = crossing(information, self.upper, self.lower, share - 0.5)
        opposite = crossing(information, self.upper, self.lower, 0.5 - share) if self.question.sides == 2 else None
        stops = [up + down for up, down in zip(found.crossed_up, found.crossed_down, strict=True)]
        if opposite:  # it stops early if either direction is shown, or both are futile: about the larger of the chances
            stops = [found.crossed_up[k] + opposite.crossed_up[k] for k in range(len(stops))]
            both = [min(found.crossed_down[k], opposite.crossed_down[k]) for k in range(len(stops))]
            stops = [stop + futile for stop, futile in zip(stops, both, strict=True)]
        running = max(0.0, 1 - sum(stops))
        votes = sum(chance * size for chance, size in zip(stops, self.at, strict=True)) + running * self.cap
        return Outlook(share, found.power, sum(found.crossed_down), votes, votes * self.question.price)

    def outlooks(self, shares: Sequence[float] = (0.5, 0.525, 0.55, 0.575, 0.6, 0.65, 0.7)) -> tuple[Outlook, ...]:
        """The power curve, with expected comparisons and dollars."""
        return tuple(self.outlook(share) for share in shares)

    def information(self, votes: int, share: float) -> float:
        """How much so many votes tell: the inverse of the variance of their mean."""
        return votes / (_variance(share, self.question) * _design_effect(self.question, votes))


def _variance(share: float, question: Question) -> float:
    """Of one vote that counts 1, ½ or 0, less what the control variate explains."""
    wins = share - question.equal / 2
    further = GRADED if question.graded else 1.0
    return max(wins + question.equal / 4 - share**2, 0.01) * (1 - question.control**2) * further


def _design_effect(question: Question, votes: float) -> float:
    """How many clustered votes tell as much as one independent vote of an unlimited panel."""
    return _panel_price(question) * _alike(question, votes)


def _alike(question: Question, votes: float) -> float:
    """What the resemblance of a contributor's votes costs."""
    if not question.icc or question.contributors is None:
        return 1.0
    return 1 + max(votes / question.contributors - 1, 0.0) * question.icc


def _panel_price(question: Question, *, repeated: bool = True) -> float:
    """What it costs that the variance is estimated from few contributors: Student's t instead of the normal."""
    if question.contributors is None:
        return 1.0
    df, alpha = question.contributors - 1.0, question.alpha / question.sides
    tail = alpha / (1 + REPEATED / df) if repeated else alpha
    normal = float(ndtri(1 - alpha)) + float(ndtri(question.power))
    return ((t_quantile(1 - tail, df) + t_quantile(question.power, df)) / normal) ** 2


def votes_for(question: Question, independent: float) -> float:
    """How many clustered votes tell as much as ``independent`` ones; infinite if no number of votes does."""
    if not question.icc or question.contributors is None or independent <= question.contributors:
        return independent
    left = 1 - independent * question.icc / question.contributors
    return independent * (1 - question.icc) / left if left > 0 else float("inf")


def planned(question: Question) -> Plan:
    """The schedule for a question.

    Without a cap, as many comparisons as the power needs.

    :raises InvalidQuestionError: no number of votes of so few contributors reaches the power.
    """
    alpha = question.alpha / question.sides
    unit = _variance(0.5, question) / question.effect**2
    single = (float(ndtri(1 - alpha)) + float(ndtri(question.power))) ** 2 * unit
    fixed = votes_for(question, single * _panel_price(question, repeated=False))
    cap = float(question.cap) if question.cap is not None else _needed(question, alpha, unit)
    at = tuple(max(look, ceil(cap * look / question.looks)) for look in range(1, question.looks + 1))
    information = [size / (unit * question.effect**2 * _design_effect(question, size)) for size in at]
    progress = [size / at[-1] for size in at]
    # As if every vote told as much as the first: where later ones tell less, looks are more alike than that, and α
    # is not used up.
    upper = upper_boundaries(progress, progress, alpha)
    beta = 1 - question.power
    found = boundaries(information, progress, alpha, effect=question.effect, beta=beta, upper=upper)
    if found.power < question.power - 0.02:  # the cap is small: futility must not cost what power is left
        free = crossing(information, upper, [-np.inf] * len(upper), question.effect)
        beta = min(max(1 - free.power, beta) + 0.02, 0.98)
        found = boundaries(information, progress, alpha, effect=question.effect, beta=beta, upper=upper)
    return Plan(question, at, upper, found.lower, ceil(fixed) if isfinite(fixed) else None, found.power)


def _least(question: Question, unit: float) -> int:
    """How many contributors it takes at least: their number lowers the price of estimating the variance, too."""
    alone = needed_drift(question.looks, question.alpha / question.sides, question.power) ** 2 * unit
    least = question.contributors or 2
    for _ in range(20):
        least = ceil(alone * question.icc * _panel_price(replace(question, contributors=max(least, 2))))
    return least


def _needed(question: Question, alpha: float, unit: float) -> float:
    """The cap that reaches the power."""
    independent = needed_drift(question.looks, alpha, question.power) ** 2 * unit * _panel_price(question)
    cap = votes_for(question, independent)
    if not isfinite(cap):
        raise InvalidQuestionError(
            f"{question.contributors} contributors can't show an effect of {question.effect:g}: their votes resemble "
            "each other, and more of the same add nothing",
            hint=f"plan with more than {_least(question, unit)} contributors, or register a larger effect",
        )
    return cap


def detectable(question: Question, votes: int) -> float:
    """The smallest effect that a single look at ``votes`` comparisons shows with the question's power."""
    alpha = question.alpha / question.sides
    information = votes / (_variance(0.5, question) * _design_effect(question, votes))
    return (float(ndtri(1 - alpha)) + float(ndtri(question.power))) / sqrt(information)
