"""How far people agree: with each other on the same results, with themselves, with what is known. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import numpy as np

from marlin import statistics
from marlin.leaderboards.agreement_schemas import (
    AgreementOut,
    AxisAgreement,
    ContributorReliability,
    DriftOut,
    SelfAgreement,
    WeekOut,
)
from marlin.leaderboards.ballots import OVERALL, Ballot, Ballots
from marlin.leaderboards.figure_schemas import Interval
from marlin.leaderboards.flagging import Judging, flags
from marlin.leaderboards.ranking import NOTHING, counted_rows, interval, provenance, to_votes
from marlin.leaderboards.reliabilities import Reliabilities
from marlin.statistics import Answers, NotEnoughVotesError


def agreement(ballots: Ballots, campaign_id: UUID, people: Mapping[UUID, str], *, now: datetime) -> AgreementOut:
    """Everything that is known of how people judge.

    :param people: names by id.
    """
    axes = [_axis(ballots, axis) for axis in ballots.axes]
    ceiling = overall_agreement(ballots)
    rows, _ = counted_rows(ballots, OVERALL)
    same_arm = [row for row in ballots.rows if row.vote.arm_a_id == row.vote.arm_b_id]
    controls = (
        statistics.aa_controls([row.vote.overall for row in same_arm], [row.person for row in same_arm])
        if same_arm
        else None
    )
    side = _side(rows, ballots)
    made = side.provenance if side else None
    return AgreementOut(
        campaign_id=campaign_id,
        axes=axes,
        ceiling=ceiling,
        side=interval(side.overall) if side else NOTHING,
        same_arm=interval(controls.for_a) if controls else NOTHING,
        same_arm_equal=1 - controls.decisive.value if controls else None,
        themselves=_themselves(ballots),
        contributors=_contributors(ballots, people, side),
        weeks=_weeks(ballots),
        drifts=_drifts(ballots.rows),
        provenance=provenance(made, now=now, notes=_notes(ballots, ceiling, controls is not None)),
    )


def _notes(ballots: Ballots, ceiling: Interval, controls: bool) -> list[str]:
    notes = []
    if ceiling.estimate is None:
        notes.append("No results were judged by two people: raise overlap_rate in the campaign's assignment policy.")
    if not controls:
        notes.append("No arm met itself: aa_rate in the campaign's assignment policy sets how often one does.")
    if not ballots.again:
        notes.append(
            "Nobody judged again what they had judged before: again_rate in the assignment policy sets how often."
        )
    return notes


def _themselves(ballots: Ballots) -> SelfAgreement:
    """People's second judgements beside their first ones of the same results."""
    first = {(row.person, row.judged): row for row in ballots.rows}
    pairs = [(before, row) for row in ballots.again if (before := first.get((row.person, row.judged)))]
    if not pairs:
        return SelfAgreement(same=NOTHING, judged_twice=0, people=0, mean_move=None)
    people = [row.person for _, row in pairs]
    found = statistics.self_consistency(
        [_towards_first(row, row.vote.overall) for row, _ in pairs],
        [_towards_first(row, row.vote.overall) for _, row in pairs],
        people,
    )
    return SelfAgreement(
        same=interval(found.same_side), judged_twice=found.pairs, people=len(set(people)), mean_move=found.mean_move
    )


def _side(rows: Sequence[Ballot], ballots: Ballots) -> statistics.SideBias | None:
    if not rows:
        return None
    try:
        return statistics.side_bias(to_votes(rows, ballots.arms, OVERALL))
    except NotEnoughVotesError:
        return None


def overall_agreement(ballots: Ballots) -> Interval:
    """How often two people who judged the same results prefer the same side."""
    answers = _answers(ballots, OVERALL, signs=True)
    return NOTHING if answers is None else interval(statistics.pairwise(answers).estimate)


def _towards_first(row: Ballot, score: int) -> int:
    """A score as it speaks for the result whose id comes first, whatever sides the two stood on."""
    return -score if row.flipped else score


def _answers(ballots: Ballots, axis: str, *, signs: bool) -> Answers | None:
    """Votes on an axis as answers about items; None if no two people judged the same results."""
    # results that were judged again because opinion was divided would make agreement look worse than it is
    rows = [row for row in ballots.rows if row.score(axis) is not None and not row.vote.picked]
    values = [_towards_first(row, row.score(axis) or 0) for row in rows]
    try:
        return Answers.of(
            [row.judged for row in rows],
            [row.person for row in rows],
            np.sign(values) if signs else np.array(values, dtype=np.float64),
        )
    except NotEnoughVotesError:
        return None


def _axis(ballots: Ballots, axis: str) -> AxisAgreement:
    grades, signs = _answers(ballots, axis, signs=False), _answers(ballots, axis, signs=True)
    if grades is None or signs is None:
        return AxisAgreement(axis=axis, items=0, alpha=NOTHING, agreement=NOTHING)
    return AxisAgreement(
        axis=axis,
        items=grades.counts()["overlapping"],
        alpha=interval(statistics.alpha(grades, "ordinal").estimate),
        agreement=interval(statistics.pairwise(signs).estimate),
    )


def _contributors(
    ballots: Ballots, people: Mapping[UUID, str], side: statistics.SideBias | None
) -> list[ContributorReliability]:
    by_person: dict[str, list[Ballot]] = {}
    for row in ballots.rows:
        by_person.setdefault(row.person, []).append(row)
    agreeing = _agreeing(ballots.rows)
    reliability = Reliabilities(ballots.rows).found()
    partial = _partial(ballots)
    found = []
    for person, rows in by_person.items():
        agreed, pairs = agreeing.get(person, (0, 0))
        reliable = reliability.get(person)
        left = side.by_contributor.get(person) if side else None
        share = len(rows) / len(ballots.rows)
        known = [row.vote.gold_agreed for row in rows if row.vote.gold and row.vote.gold_agreed is not None]
        gold = _proportion(known.count(True), len(known))
        suspected = Judging(
            share=share,
            reliability=reliable,
            one_sided=side is not None and person in side.suspects,
            gold=gold,
            gold_tasks=len(known),
            partial=partial.get(person),
        )
        found.append(
            ContributorReliability(
                person_id=rows[0].vote.person_id,
                name=people.get(rows[0].vote.person_id, "unknown"),
                votes=len(rows),
                share_of_votes=share,
                overlapping=pairs,
                agreement=_proportion(agreed, pairs),
                reliability=interval(reliable) if reliable else NOTHING,
                left_share=interval(left) if left else NOTHING,
                gold_tasks=len(known),
                gold=gold,
                flags=flags(suspected, people=len(by_person)),
            )
        )
    return sorted(found, key=lambda one: (-one.votes, one.name))


def _partial(ballots: Ballots) -> Mapping[str, statistics.Partiality]:
    """Whom each person favours; an arm under its name. Gold tasks are chosen for being clear, and say nothing here."""
    names = {arm.key: arm.name for arm in ballots.arms}
    rows = [row for row in ballots.rows if not row.vote.gold and not row.vote.picked]
    return statistics.partiality(
        [names[row.arm_a] for row in rows],
        [names[row.arm_b] for row in rows],
        [row.vote.overall for row in rows],
        [row.person for row in rows],
    )


def _agreeing(rows: Sequence[Ballot]) -> dict[str, tuple[int, int]]:
    """Of each person: with how many others they agreed on the same results, and with how many they might have."""
    agreed: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for row, said, others in _beside_others(rows):
        pairs[row.person] += len(others)
        agreed[row.person] += others.count(said)
    return {person: (agreed[person], count) for person, count in pairs.items() if count}


def _beside_others(rows: Sequence[Ballot]) -> Iterator[tuple[Ballot, int, list[int]]]:
    """Each vote on results that were judged more than once, what it says of them, and what other people say; those
    judged because opinion was divided are left out.
    """
    by_item: dict[str, list[Ballot]] = {}
    for row in rows:
        if not row.vote.picked:
            by_item.setdefault(row.judged, []).append(row)
    for judged in by_item.values():
        if len(judged) > 1:  # most results are judged by one person alone
            answers = [(row, int(np.sign(_towards_first(row, row.vote.overall)))) for row in judged]
            for row, said in answers:
                yield row, said, [value for other, value in answers if other.person != row.person]


def _drifts(rows: Sequence[Ballot]) -> list[DriftOut]:
    """Whether people come to agree more or less, and to lean to a side, as the campaign goes on."""
    shared = [(row, others.count(said) / len(others)) for row, said, others in _beside_others(rows) if others]
    sides = [(row, float(row.vote.overall < 0)) for row in rows if row.vote.overall]
    return [found for found in (_drift("agreement", shared), _drift("side", sides)) if found]


def _drift(what: Literal["agreement", "side"], values: Sequence[tuple[Ballot, float]]) -> DriftOut | None:
    people = [row.person for row, _ in values]
    if len(set(people)) < 2:
        return None  # one person's change is no campaign's
    try:
        found = statistics.drift(
            [value for _, value in values], [row.vote.accepted_at.timestamp() for row, _ in values], people
        )
    except NotEnoughVotesError:
        return None
    return DriftOut(what=what, change=interval(found.slope), p_value=found.p_value, values=len(values))


def _proportion(hits: int, tries: int) -> Interval:
    """A share with Wilson's interval (1927)."""
    if tries == 0:
        return NOTHING
    z, share = 1.959964, hits / tries
    middle = (share + z * z / (2 * tries)) / (1 + z * z / tries)
    reach = z / (1 + z * z / tries) * float(np.sqrt(share * (1 - share) / tries + z * z / (4 * tries * tries)))
    return Interval(estimate=share, low=max(0.0, middle - reach), high=min(1.0, middle + reach))


def _by_week(rows: Sequence[Ballot]) -> dict[str, list[Ballot]]:
    found: dict[str, list[Ballot]] = {}
    for row in rows:
        at = row.vote.accepted_at
        found.setdefault(f"{at - timedelta(days=at.weekday()):%Y-%m-%d}", []).append(row)
    return found


def _weeks(ballots: Ballots) -> list[WeekOut]:
    by_week, paid = _by_week(ballots.rows), _by_week(ballots.again)
    found = []
    for week in sorted({*by_week, *paid}):
        rows = by_week.get(week, [])
        decisive = [row.vote.overall > 0 for row in rows if row.vote.overall]
        agreeing = _agreeing(rows).values()
        pairs = sum(count for _, count in agreeing)
        prices = {row.vote.comparison_id: row.vote.price_cents for row in (*rows, *paid.get(week, ()))}
        found.append(
            WeekOut(
                week=week,
                votes=len(rows),
                second_share=sum(decisive) / len(decisive) if decisive else None,
                agreement=sum(count for count, _ in agreeing) / pairs if pairs else None,
                usd=sum(prices.values()) / 100,
            )
        )
    return found
