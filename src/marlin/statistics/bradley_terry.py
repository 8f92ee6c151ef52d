"""Strengths from who was preferred: Bradley and Terry's model, and Davidson's with ties of their own.

Counting a tie as half a win pulls arms together (by up to 60 Elo points where ties are common): every result says
which treatment it shows.
"""

from __future__ import annotations

from typing import Literal

from marlin.statistics.family import DAVIDSON, TIES_DROPPED, TIES_HALF
from marlin.statistics.sandwich import ClusterBy
from marlin.statistics.scores import Scores, scored
from marlin.statistics.votes import Votes


def bradley_terry(
    votes: Votes,
    *,
    ties: Literal["half", "drop"] = "half",
    cluster: ClusterBy = "auto",
    side_effect: bool = False,
) -> Scores:
    """Bradley and Terry's strengths, from the sign of each vote.

    :param ties: count an equal verdict as half a win for each, or leave it out.
    :param cluster: what is taken as one unit; by default contributors, and tasks where several people judged one.
    :param side_effect: take out, and report as ``effects["side"]``, what being shown as side A is worth.
    :raises NotEnoughVotesError: no vote tells the arms apart.
    """
    family = TIES_HALF if ties == "half" else TIES_DROPPED
    return scored(votes, family, cluster=cluster, side_effect=side_effect)


def davidson(votes: Votes, *, cluster: ClusterBy = "auto", side_effect: bool = False) -> Scores:
    """Davidson's strengths: equal verdicts have a probability of their own, highest between equals.

    :raises NotEnoughVotesError: no vote tells the arms apart.
    """
    return scored(votes, DAVIDSON, cluster=cluster, side_effect=side_effect)
