"""What is known of a registered question: its looks, its verdict, and what may be watched."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from marlin.statistics.design import Question
from marlin.statistics.e_process import Anytime
from marlin.statistics.provenance import Provenance


class Verdict(StrEnum):
    """Where a question stands."""

    WAITING = "waiting"
    """No look has been reached."""
    RUNNING = "running"
    """Looked at, not decided."""
    BETTER = "better"
    """The candidate is better."""
    WORSE = "worse"
    """The baseline is better (only where the question was which of the two is)."""
    FUTILE = "futile"
    """The effect of interest is unlikely to be shown; going on costs more than it tells."""
    UNDECIDED = "undecided"
    """The cap is reached without an answer."""


@dataclass(frozen=True, slots=True)
class Look:
    """One planned look, as it was.

    :ivar low: with ``high``, the repeated confidence interval of the share: it leaves out ½ exactly where z has crossed
        the boundary. Over all looks together it holds the truth with probability :attr:`State.level`.
    :ivar control_weight: λ of the control variate, 0 if there was none or it was no help; ``control_pool`` how many
        unrated pairs it knew, and ``variance_ratio`` what was left of the variance.
    """

    votes: int
    share: float
    low: float
    high: float
    z: float
    upper: float
    lower: float
    verdict: Verdict
    control_weight: float = 0.0
    control_pool: int = 0
    variance_ratio: float = 1.0


@dataclass(frozen=True)
class State:
    """Where a question stands, and what the next dollar buys.

    :ivar share: how often the candidate was preferred, ties split, in the votes so far; no contributor counts for more
        than twenty votes.
    :ivar evidence: the e-process: the only numbers safe to watch between looks; ``path`` as it was at each look so far.
    :ivar more_votes: how many more comparisons are likely needed until it is decided; 0 once it is.
    :ivar words: all of it in a sentence or two.
    """

    question: Question
    verdict: Verdict
    votes: int
    share: float
    evidence: Anytime
    path: tuple[Anytime, ...]
    looks: tuple[Look, ...]
    more_votes: int
    more_dollars: float
    words: str
    provenance: Provenance

    @property
    def level(self) -> float:
        """Of the looks' intervals, all together. A one-sided question with α 5 % has 90 %: each end holds with 95 %."""
        return 1 - 2 * self.question.alpha / self.question.sides

    @property
    def decided(self) -> bool:
        """Whether assignment may pause."""
        return self.verdict not in (Verdict.WAITING, Verdict.RUNNING)
