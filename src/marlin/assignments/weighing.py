"""Where the next dollar tells most: which pair of arms meets next, and which results somebody should judge again. Pure.

What is drawn stays drawn: evidence moves the chances, a floor keeps every pair and every item possible, and the chance
that came out is recorded, so that an analysis can weigh by it. Why the registered decision stays valid is in decision
0015; its condition is held here: a person's own votes never count for what they are given themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from uuid import UUID

from marlin.campaigns import Pair, Weights, parts_of

VOTES_A_PAIR = 5
"""Accepted votes there must be for each pair of arms, on average, before evidence is asked."""
PEOPLE = 3
"""Others whose votes there must be."""
AHEAD = 10
"""Votes for each pair that are planned at a time; shares are those of the plan."""
JUDGED_TWICE = 10
"""Results with two opinions or a known answer that there must be before evidence chooses who is judged again."""
BY_CHANCE = 0.5
"""Share of second opinions that go to any results alike, whatever the evidence says: agreement is measured on these."""
_NEVER = 1e12


@dataclass(frozen=True, slots=True)
class Tally:
    """So many votes of one person on one pair.

    :ivar towards: 1: the second arm is better, −1: the first is, 0: equal; None: both bad.
    """

    person_id: UUID
    first: UUID
    second: UUID
    towards: int | None
    votes: int


def weights(tallies: Sequence[Tally], active: Sequence[UUID], *, floor: float) -> Weights:
    """How often each pair of the active arms is to be drawn next, by information per dollar.

    :param tallies: votes of others than the person who begins. :param floor: the share that all pairs have alike.
    """
    arms = sorted(active)
    pairs = list(combinations(arms, 2))
    votes = sum(row.votes for row in tallies if row.towards is not None)
    people = len({row.person_id for row in tallies})
    if len(pairs) < 2:
        return Weights(None, {"by": "chance", "why": "Two arms make one pair."})
    if votes < VOTES_A_PAIR * len(pairs) or people < PEOPLE:
        return Weights(
            None,
            {
                "by": "chance",
                "why": f"Too little to go by: {votes} votes of {people} others; it takes {VOTES_A_PAIR * len(pairs)} "
                f"of {PEOPLE}.",
            },
        )
    bought = _bought(tallies, arms, pairs)
    if isinstance(bought, str):
        return Weights(None, {"by": "chance", "why": bought})
    numbers, data = bought
    if not any(numbers):
        return Weights(None, {"by": "chance", "why": "One more vote is expected to tell nothing of any pair."})
    record = {"by": "evidence", "votes": votes, "people": people, "floor": floor, "data": data}
    return Weights(parts_of(pairs, numbers, floor=floor), record)


def _bought(tallies: Sequence[Tally], active: Sequence[UUID], pairs: Sequence[Pair]) -> tuple[list[float], str] | str:
    """What a plan would buy of each pair, and the hash of the votes it is made from; or why there is none."""
    import numpy as np

    from marlin import statistics  # scipy: half a second, and only for campaigns that ask for it

    rested = sorted({arm for row in tallies for arm in (row.first, row.second)} - set(active))
    names = [str(arm) for arm in (*active, *rested)]
    place = {name: index for index, name in enumerate(names)}
    times = np.array([row.votes for row in tallies])

    def column(values: Sequence[int], kind: Any) -> Any:
        return np.repeat(np.array(values, dtype=kind), times)

    try:
        found = statistics.Votes.from_codes(
            names,
            column([place[str(row.first)] for row in tallies], np.int32),
            column([place[str(row.second)] for row in tallies], np.int32),
            column([_outcome(row.towards) for row in tallies], np.int8),
        )  # who voted is left out: a clustered covariance of few people is too rough to tell pairs apart by
        scores = statistics.davidson(found)
    except statistics.NotEnoughVotesError as error:
        return f"Too little to go by: {error.message}."
    out_of_reach = {
        frozenset(pair): _NEVER for pair in combinations(names, 2) if not {*pair} <= {str(arm) for arm in active}
    }
    plan = statistics.pairs_to_buy(scores, float(AHEAD * len(pairs)), price=1.0, prices=out_of_reach)
    by_pair = {frozenset((one.first, one.second)): float(one.votes) for one in plan.pairs}
    return [by_pair.get(frozenset(map(str, pair)), 0.0) for pair in pairs], scores.provenance.data_hash


def _outcome(towards: int | None) -> int:
    """As :class:`marlin.statistics.Votes` codes it: 0 to 6 for the grades −3 to +3, 7 for both bad."""
    return 7 if towards is None else 3 + towards


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person says of one item's first turn.

    :ivar towards: 1: the result of the arm whose id comes second is better, −1: the other, 0: equal.
    :ivar known: the same of what is known to be right; None if it is no gold task.
    """

    item_id: UUID
    person_id: UUID
    towards: int
    known: int | None = None


def chances(
    opinions: Sequence[Opinion], candidates: Sequence[UUID], person_id: UUID
) -> tuple[list[float] | None, dict[str, Any]]:
    """How likely each candidate is to be judged again by this person, by what one more opinion tells; and the record.

    None where evidence can't say: all alike.
    """
    spoken: dict[UUID, int] = {}
    for one in opinions:
        spoken[one.item_id] = spoken.get(one.item_id, 0) + 1
    twice = sum(count > 1 for count in spoken.values()) + len(
        {one.item_id for one in opinions if one.known is not None}
    )
    if twice < JUDGED_TWICE:
        why = f"Too little to go by: {twice} results with two opinions or a known answer; it takes {JUDGED_TWICE}."
        return None, {"why": why}
    told = _told(opinions, candidates, person_id)
    total = sum(told)
    if total <= 0:
        return None, {"why": "One more opinion is expected to tell nothing of any of them."}
    return [bits / total for bits in told], {"bits": [round(bits, 4) for bits in (min(told), max(told))]}


def _told(opinions: Sequence[Opinion], candidates: Sequence[UUID], person_id: UUID) -> list[float]:
    import numpy as np

    from marlin import statistics

    known = {str(one.item_id): one.known for one in opinions if one.known is not None}
    found = statistics.dawid_skene(
        [str(one.item_id) for one in opinions],
        [str(one.person_id) for one in opinions],
        [one.towards for one in opinions],
        gold=known,
    )
    judge = found.accuracy.get(str(person_id))
    everybody = float(np.mean([one.value for one in found.accuracy.values()]))
    accuracy = float(np.clip(everybody if judge is None else judge.value, 0.34, 0.99))
    row = {name: index for index, name in enumerate(found.items)}
    unheard = np.asarray(found.prevalence)  # both were called bad: which is better is as open as before anybody looked
    truth = np.array([found.truth[row[str(item)]] if str(item) in row else unheard for item in candidates])
    return [max(0.0, float(bits)) for bits in statistics.items_to_judge(truth, accuracy, 1.0)]


def places(parts: Mapping[UUID, float], lot: float) -> tuple[UUID, float]:
    """The item that a lot from 0 (included) to 1 (excluded) falls on, and how likely it was."""
    end = 0.0
    last = (next(iter(parts)), 0.0)
    for item, chance in parts.items():
        end += chance
        last = (item, chance) if chance else last
        if lot < end:
            return item, chance
    return last  # the sum fell short of 1 by a rounding error
