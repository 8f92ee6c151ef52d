"""What a person does next, from counts and one lot. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from marlin.assignments.errors import (
    AssignmentPausedError,
    CampaignFullError,
    NothingToQualifyError,
    NotQualifiedError,
    ShareReachedError,
)
from marlin.campaigns import AssignmentPolicy
from marlin.errors import MarlinError

Kind = Literal["own", "overlap", "gold", "again"]

METHOD = "sha256-lot-1"
"""Names the function from seed to lot, so that a stored choice can be checked years later."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a campaign and one of its contributors have by now.

    :ivar originals: comparisons of own briefs, cancelled and rejected ones left out.
    :ivar repeats: comparisons that judge other people's results, held assignments for them included; gold left out.
    :ivar total: all comparisons and what is held; :ivar mine: this person's of them.
    :ivar gold_judged: gold tasks that this person has rated; :ivar gold_agreed: as is known to be right.
    """

    originals: int = 0
    repeats: int = 0
    total: int = 0
    mine: int = 0
    gold_judged: int = 0
    gold_agreed: int = 0


def lot(seed: str) -> float:
    """A number from 0 (included) to 1 (excluded): the same for the same seed."""
    return int.from_bytes(hashlib.sha256(f"lot:{seed}".encode()).digest()[:7]) / 2**56


def refusal(policy: AssignmentPolicy, standing: Standing) -> MarlinError | None:
    """Why nothing new may begin for this person now; None when it may."""
    paused = pause(policy)
    if paused is not None:
        return paused
    if policy.max_comparisons is not None and standing.total >= policy.max_comparisons:
        return CampaignFullError(
            f"This campaign has the {policy.max_comparisons} comparisons it was meant to have.",
            hint="Finish what you began, or choose another campaign.",
        )
    if share_reached(policy, standing):
        assert policy.contributor_share is not None
        return ShareReachedError(
            f"You have {standing.mine} of this campaign's {standing.total} comparisons, and one person may have "
            f"{policy.contributor_share:.0%} of them: a result should not depend on one person's taste.",
            hint="Ask again when others have done more, or choose another campaign.",
        )
    if standing.gold_judged >= policy.gold_to_qualify > 0 and not _qualified(policy, standing):
        return NotQualifiedError(
            "Your first judgements in this campaign differ too much from those that are known to be right.",
            hint="Choose another campaign. If you think this is wrong, ask an operator to look at them.",
        )
    return None


def pause(policy: AssignmentPolicy) -> MarlinError | None:
    """What to say while the campaign is paused; None when it is not."""
    if not policy.paused:
        return None
    return AssignmentPausedError(
        f"This campaign hands out nothing new for now: {policy.pause_reason}",
        hint="What you began can be finished and submitted.",
    )


def share_reached(policy: AssignmentPolicy, standing: Standing) -> bool:
    """Whether one more would give this person more than one person may have."""
    if policy.contributor_share is None or standing.total < policy.share_from:
        return False
    return standing.mine + 1 > policy.contributor_share * (standing.total + 1)


def _qualified(policy: AssignmentPolicy, standing: Standing) -> bool:
    return standing.gold_agreed >= policy.qualify_share * standing.gold_judged


def choose(
    policy: AssignmentPolicy, standing: Standing, drawn: float, *, gold: bool, overlap: bool, again: bool = False
) -> Kind | MarlinError:
    """What this person does next.

    Gold tasks, and what somebody judges once more, come by lot, so that no count gives them away; overlap comes
    whenever the campaign has less of it than it wants, because who else can judge what depends on what is there.

    :param drawn: the lot.
    :param gold: whether there is a gold task for this person. :param overlap: the same of overlap.
    :param again: whether there are results that they judged long enough ago.
    """
    if standing.gold_judged < policy.gold_to_qualify:
        if gold:
            return "gold"
        return NothingToQualifyError(
            "This campaign begins with results whose answer is known, and there are none for you now.",
            hint="Ask an operator to mark some, or choose another campaign.",
        )
    if gold and drawn < policy.gold_rate:
        return "gold"
    if again and drawn >= 1 - policy.again_rate:  # the lot's other end: the two rates are one half at most
        return "again"
    wanted = policy.overlap_rate * (policy.overlap_people - 1) * standing.originals
    if overlap and standing.repeats + 1 <= wanted:
        return "overlap"
    return "own"
