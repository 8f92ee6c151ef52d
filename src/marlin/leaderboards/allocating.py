"""Where the next dollars tell most: which pairs of arms, by information per dollar. Pure."""

from __future__ import annotations

from datetime import datetime

from marlin import statistics
from marlin.leaderboards.ballots import Ballots
from marlin.leaderboards.ranking import counted_rows, provenance, score
from marlin.leaderboards.schemas import AllocationOut, PairToBuy


def spend(ballots: Ballots, axis: str, *, budget_usd: float, price_cents: int, now: datetime) -> AllocationOut:
    """How to spend a budget on pairs of arms.

    :raises InvalidQuestionError: the budget buys nothing, or the campaign pays nothing.
    """
    rows, _ = counted_rows(ballots, axis)
    scores = score(rows, ballots.arms, axis)
    if scores is None:
        return AllocationOut(
            pairs=[],
            usd=0.0,
            misordered_now=None,
            misordered_after=None,
            misordered_if_equal=None,
            provenance=provenance(None, now=now, notes=["Until there are votes, buy all pairs alike."]),
        )
    found = statistics.pairs_to_buy(scores, budget_usd, price=price_cents / 100)
    return AllocationOut(
        pairs=[
            PairToBuy(
                first=one.first, second=one.second, comparisons=one.votes, error_now=one.before, error_after=one.after
            )
            for one in found.pairs
        ],
        usd=found.dollars,
        misordered_now=found.misordered_now,
        misordered_after=found.misordered_after,
        misordered_if_equal=found.misordered_if_equal,
        provenance=provenance(found.provenance, now=now),
    )
