"""From ballots to standings: which arm is preferred, how much, and how sure that is. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

import marlin
from marlin import statistics
from marlin.leaderboards.ballots import OVERALL, ArmFacts, Ballot, Ballots, Slice
from marlin.leaderboards.figure_schemas import Counts, Interval, Provenance
from marlin.leaderboards.schemas import AxisStandings, Pairing, Standing
from marlin.reviews import AcceptedVote
from marlin.statistics import Estimate, NotEnoughVotesError, Scores, Votes

SAME_ARM = "an arm against itself"
GOLD = "a gold task: chosen because its answer is known"
PICKED = "judged again because of what had been said: it would bend the ranking"
AGAIN = "judged a second time by the same person: it tells how far people agree with themselves"
AXIS_NOT_ASKED = "the axis was not asked"
WEEK = timedelta(days=7)
ELO = 400 / np.log(10)
"""Elo points in one unit of log-odds."""

NOTHING = Interval(estimate=None, low=None, high=None)


def interval(found: Estimate, *, times: float = 1.0) -> Interval:
    """An estimate as answers state it; what is not finite is not known."""
    values = [value * times if np.isfinite(value) else None for value in (found.value, found.low, found.high)]
    return Interval(estimate=values[0], low=values[1], high=values[2])


def counted_rows(ballots: Ballots, axis: str) -> tuple[list[Ballot], dict[str, int]]:
    """The votes that a ranking on ``axis`` counts, and how many were left out, by reason."""
    kept: list[Ballot] = []
    left: Counter[str] = Counter()
    for row in ballots.rows:
        reason = left_out_because(row.vote, axis)
        if reason is None:
            kept.append(row)
        else:
            left[reason] += 1
    if ballots.again:
        left[AGAIN] = len(ballots.again)
    return kept, dict(left)


def left_out_because(vote: AcceptedVote, axis: str) -> str | None:
    """Why a ranking on ``axis`` does not count a vote; None if it does."""
    if vote.arm_a_id is vote.arm_b_id or vote.arm_a_id == vote.arm_b_id:
        return SAME_ARM
    if vote.gold:
        return GOLD
    if vote.again:
        return AGAIN
    if vote.picked:
        return PICKED
    return AXIS_NOT_ASKED if axis != OVERALL and axis not in vote.scores else None


def to_votes(
    rows: Sequence[Ballot],
    arms: Sequence[ArmFacts],
    axis: str,
    *,
    differences: Mapping[str, Sequence[float]] | None = None,
    contexts: Mapping[str, Sequence[str]] | None = None,
) -> Votes:
    """Rows as the statistics count them. Arms without any vote are left out.

    :param differences: numbers of each row, side A's less side B's; ``contexts`` what both sides share.
    :raises NotEnoughVotesError: there is no row.
    """
    met = {row.arm_a for row in rows} | {row.arm_b for row in rows}
    known = [arm for arm in arms if arm.key in met]
    place = {arm.key: index for index, arm in enumerate(known)}
    people, person = _coded([row.person for row in rows])
    tasks, task = _coded([row.item for row in rows])
    grades = np.array([row.score(axis) for row in rows], dtype=np.int8)
    # both bad is a verdict on the whole: on one axis a side can still be the better one
    bad = np.array([axis == OVERALL and row.vote.verdict == "both_bad" for row in rows], dtype=bool)
    return Votes.from_codes(
        [arm.name for arm in known],
        np.array([place[row.arm_a] for row in rows], dtype=np.int16),
        np.array([place[row.arm_b] for row in rows], dtype=np.int16),
        np.where(bad, statistics.BOTH_BAD, grades + statistics.TIE).astype(np.int8),
        contributors=people,
        contributor=person,
        tasks=tasks,
        task=task,
        turn=np.array([row.vote.turn_number for row in rows], dtype=np.int16),
        differences={name: np.asarray(values, dtype=np.float32) for name, values in (differences or {}).items()},
        contexts={name: np.asarray(values, dtype=np.str_) for name, values in (contexts or {}).items()},
    )


def _coded(values: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """The distinct values in order, and the place of each."""
    distinct = tuple(sorted(set(values)))
    place = {value: index for index, value in enumerate(distinct)}
    return distinct, np.array([place[value] for value in values], dtype=np.int32)


def counts_of(rows: Sequence[Ballot], left_out: Mapping[str, int]) -> Counts:
    """What was counted, and what was not."""
    verdicts = Counter(row.vote.verdict for row in rows)
    return Counts(
        comparisons=len({row.vote.comparison_id for row in rows}),
        votes=len(rows),
        contributors=len({row.person for row in rows}),
        ties=verdicts["equal"],
        both_bad=verdicts["both_bad"],
        left_out=dict(left_out),
    )


def score(rows: Sequence[Ballot], arms: Sequence[ArmFacts], axis: str) -> Scores | None:
    """Davidson's scores with clustered intervals; None if no vote tells arms apart."""
    try:
        return statistics.davidson(to_votes(rows, arms, axis))
    except NotEnoughVotesError:
        return None


def standings(
    ballots: Ballots, axis: str, *, now: datetime, weekly: bool = True
) -> tuple[list[Standing], Scores | None]:
    """Every arm that is active or has votes, the strongest first, and the scores behind it.

    :param weekly: whether to tell the change in the last seven days, which takes a second fit.
    """
    rows, _ = counted_rows(ballots, axis)
    scores = score(rows, ballots.arms, axis)
    earlier = None
    if weekly:
        before, _ = counted_rows(ballots.sliced(Slice(before=now - WEEK)), axis)
        earlier = score(before, ballots.arms, axis)
    tallies = _tallies(rows, axis)
    ranks = scores.ranks() if scores else {}
    place = _places(scores)
    shown = [arm for arm in ballots.arms if arm.active or arm.key in tallies]
    found = [
        Standing(
            arm=arm.name,
            agent=arm.agent,
            score=interval(scores.elo(arm.name, centre=0)) if scores and arm.name in scores.arms else NOTHING,
            rank=place.get(arm.name),
            rank_low=ranks[arm.name][0] if arm.name in ranks else None,
            rank_high=ranks[arm.name][1] if arm.name in ranks else None,
            week_change=_change(scores, earlier, arm.name),
            **_tally(tallies.get(arm.key, Counter())),
        )
        for arm in shown
    ]
    return sorted(found, key=lambda row: (row.rank is None, row.rank or 0, row.arm)), scores


def _places(scores: Scores | None) -> dict[str, int]:
    if scores is None:
        return {}
    return {str(row["arm"]): number for number, row in enumerate(scores.table(), start=1)}


def _change(scores: Scores | None, earlier: Scores | None, arm: str) -> float | None:
    if scores is None or earlier is None or arm not in scores.arms or arm not in earlier.arms:
        return None
    if set(scores.arms) != set(earlier.arms):
        return None  # another field: zero, the average arm, means something else
    return scores.elo(arm, centre=0).value - earlier.elo(arm, centre=0).value


def _tallies(rows: Iterable[Ballot], axis: str) -> dict[str, Counter[str]]:
    """Of each arm: its votes, by what they say."""
    overall = axis == OVERALL
    met = Counter((row.arm_a, row.arm_b, row.score(axis), overall and row.vote.verdict == "both_bad") for row in rows)
    found: dict[str, Counter[str]] = {}
    for (first, second, said, bad), count in met.items():
        for arm, sign in ((first, -1), (second, 1)):
            tally = found.setdefault(arm, Counter())
            tally["votes"] += count
            tally["both_bad" if bad else _word((said or 0) * sign)] += count
    return found


def _word(points: int) -> str:
    return "wins" if points > 0 else "losses" if points < 0 else "ties"


def _tally(found: Counter[str]) -> dict[str, int]:
    return {name: found[name] for name in ("votes", "wins", "losses", "ties", "both_bad")}


def pairings(ballots: Ballots, axis: str) -> list[Pairing]:
    """Every pair of arms that met, from the votes of that pair alone."""
    rows, _ = counted_rows(ballots, axis)
    by_pair: dict[tuple[str, str], list[Ballot]] = {}
    for row in rows:
        by_pair.setdefault((row.arm_a, row.arm_b), []).append(row)
    found = []
    for first, second in combinations(ballots.arms, 2):
        met = by_pair.get((first.key, second.key), []) + by_pair.get((second.key, first.key), [])
        if met:
            found.append(_pairing(met, first, second, axis))
    return found


def _pairing(rows: Sequence[Ballot], first: ArmFacts, second: ArmFacts, axis: str) -> Pairing:
    tally = _tallies(rows, axis)[second.key]
    scores = score(rows, [first, second], axis)
    return Pairing(
        first=first.name,
        second=second.name,
        votes=len(rows),
        first_wins=tally["losses"],
        second_wins=tally["wins"],
        ties=tally["ties"],
        both_bad=tally["both_bad"],
        share=interval(scores.preferred(second.name, first.name)) if scores else NOTHING,
    )


def profile(ballots: Ballots, known: AxisStandings, *, now: datetime) -> list[AxisStandings]:
    """The scores on each axis, overall first.

    :param known: those of one axis, which need not be computed again.
    """
    return [
        known if axis == known.axis else AxisStandings(axis=axis, standings=standings(ballots, axis, now=now)[0])
        for axis in ballots.axes
    ]


def provenance(made: statistics.Provenance | None, *, now: datetime, notes: Sequence[str] = ()) -> Provenance:
    """How a result came about; without any votes there is only that to say."""
    if made is None:
        return Provenance(
            method="nothing to compute from",
            data_hash="",
            computed_at=now,
            versions={"marlin": marlin.__version__},
            notes=["No accepted vote tells arms apart yet.", *notes],
        )
    parts = [made.method, made.ties, made.clusters and f"intervals: {made.clusters}"]
    return Provenance(
        method="; ".join(part for part in parts if part),
        data_hash=made.data_hash,
        computed_at=now,
        versions=dict(made.versions),
        notes=[*made.notes, *notes],
    )
