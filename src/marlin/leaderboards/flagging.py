"""What an operator should look at in a person's votes, in words. Pure.

A flag is a reason to read some of that person's comparisons, never a verdict on the person.
"""

from __future__ import annotations

from dataclasses import dataclass

from marlin.counted import counted
from marlin.leaderboards.figure_schemas import Interval
from marlin.statistics import Estimate, Partiality

LARGE_SHARE = 0.25
"""Of all votes; above it a person is flagged: much rests on one judgement."""
LOW_RELIABILITY = 0.6
"""Chance of voting for the truth below which, with its whole interval, a person is flagged; of gold answers as well."""
PARTIAL_BY = 0.2
"""How much more often than others a person must prefer an arm: honest people differ in taste by less."""
PARTIAL_CHANCE = 0.05
"""That chance alone flags anybody of a campaign's people for an arm they favour."""


@dataclass(frozen=True, slots=True)
class Judging:
    """How one person judges.

    :ivar share: of all votes.
    :ivar gold: the share of gold tasks answered as is known.
    """

    share: float
    reliability: Estimate | None
    one_sided: bool
    gold: Interval
    gold_tasks: int
    partial: Partiality | None


def flags(judging: Judging, *, people: int) -> list[str]:
    """Sentences, the most telling first.

    :param people: how many gave votes: who are looked at together.
    """
    found = []
    partial = judging.partial
    if (
        partial is not None
        and partial.share - partial.expected >= PARTIAL_BY
        and partial.p_value * people < PARTIAL_CHANCE
    ):
        found.append(
            f"Prefers {partial.arm} in {partial.share:.0%} of {counted(partial.votes, 'vote')}; others did in "
            f"{partial.expected:.0%} on the same pairs."
        )
    if judging.gold.high is not None and judging.gold.high < LOW_RELIABILITY:
        found.append(
            f"Missed the known answer of most gold tasks: right in {judging.gold.estimate:.0%} of {judging.gold_tasks}."
        )
    if judging.reliability is not None and judging.reliability.high < LOW_RELIABILITY:
        found.append("Seldom says what others say of the same results.")
    if judging.one_sided:
        found.append("Prefers one side of the screen more than chance explains.")
    if judging.share > LARGE_SHARE and people > 1:
        found.append(f"Gave {judging.share:.0%} of all votes: results rest on one person's judgement.")
    return found
