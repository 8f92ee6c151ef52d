"""What changed since a moment: computed twice, from the votes accepted before it and from those of now. Pure.

A vote whose acceptance was withdrawn since is in neither: the past is as today's data tell it, which is what can be
compared with today.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from marlin.counted import counted
from marlin.leaderboards import decisions, ranking
from marlin.leaderboards.agreements import overall_agreement
from marlin.leaderboards.ballots import OVERALL, Ballots, Slice
from marlin.leaderboards.figure_schemas import Interval
from marlin.leaderboards.question_schemas import QuestionOut
from marlin.leaderboards.schemas import ChangesOut, Move, StateChange
from marlin.leaderboards.signals import Pair
from marlin.statistics import percent


def changed(
    ballots: Ballots,
    question: QuestionOut | None,
    *,
    price_cents: int,
    since: datetime,
    now: datetime,
    pairs: Sequence[Pair] = (),
) -> ChangesOut:
    """What is new since ``since``, overall."""
    before = ballots.sliced(Slice(before=since))
    fresh = [row for row in ballots.rows if row.vote.accepted_at >= since]
    known = {row.vote.person_id for row in before.rows}
    paid = [*fresh, *(row for row in ballots.again if row.vote.accepted_at >= since)]
    prices = {row.vote.comparison_id: row.vote.price_cents for row in paid}
    found = ChangesOut(
        since=since,
        comparisons=len(prices),
        votes=len(fresh),
        contributors=len({row.vote.person_id for row in fresh}),
        new_contributors=len({row.vote.person_id for row in fresh} - known),
        usd=sum(prices.values()) / 100,
        moves=_moves(before, ballots, now=now),
        decision=_decision(before, ballots, question, pairs, price_cents=price_cents, since=since, now=now),
        agreement_then=overall_agreement(before),
        agreement_now=overall_agreement(ballots),
        words=[],
    )
    return found.model_copy(update={"words": worded(found, question)})


def _moves(before: Ballots, ballots: Ballots, *, now: datetime) -> list[Move]:
    then = {row.arm: row for row in ranking.standings(before, OVERALL, now=now, weekly=False)[0]}
    moves = []
    for row in ranking.standings(ballots, OVERALL, now=now, weekly=False)[0]:
        old = then.get(row.arm)
        moves.append(
            Move(
                arm=row.arm,
                rank_then=old.rank if old else None,
                rank_now=row.rank,
                score_then=old.score if old else ranking.NOTHING,
                score_now=row.score,
                new_votes=row.votes - (old.votes if old else 0),
            )
        )
    return moves


def _decision(
    before: Ballots,
    ballots: Ballots,
    question: QuestionOut | None,
    pairs: Sequence[Pair],
    *,
    price_cents: int,
    since: datetime,
    now: datetime,
) -> StateChange | None:
    if question is None:
        return None
    fresh = decisions.decided(ballots, question, price_cents=price_cents, now=now, pairs=pairs)
    asked = question.created_at < since
    old = decisions.decided(before, question, price_cents=price_cents, now=now, pairs=pairs) if asked else None
    return StateChange(
        registered_since=not asked,
        state_then=old.state if old else None,
        state_now=fresh.state,
        share_then=old.share if old else ranking.NOTHING,
        share_now=fresh.share,
        looks_then=sum(look.reached for look in old.looks) if old else 0,
        looks_now=sum(look.reached for look in fresh.looks),
        newly_decided=fresh.state != "collecting" and (old is None or old.state == "collecting"),
        words=fresh.words,
    )


def worded(found: ChangesOut, question: QuestionOut | None) -> list[str]:
    """What matters most first, each in one sentence."""
    if not found.votes:
        return [*_registered(found), f"No comparison was accepted since {found.since:%Y-%m-%d}."]
    people = counted(found.contributors, "contributor")
    new = f", {found.new_contributors} of them for the first time" if found.new_contributors else ""
    said = _registered(found)
    if found.decision and question:
        said += _decision_words(found.decision, question)
    said.append(f"{counted(found.comparisons, 'comparison')} accepted from {people}{new}, for ${found.usd:,.0f}.")
    said += _move_words(found.moves)
    then, now = found.agreement_then, found.agreement_now
    if then.estimate is not None and now.estimate is not None:
        said.append(f"Agreement of two people on the same results: {_told(then)}, now {_told(now)}.")
    elif now.estimate is not None:
        said.append(f"Agreement of two people on the same results is known for the first time: {_told(now)}.")
    return said


def _registered(found: ChangesOut) -> list[str]:
    if found.decision is None or not found.decision.registered_since:
        return []
    return ["The question was registered or amended since then."]


def _decision_words(found: StateChange, question: QuestionOut) -> list[str]:
    if found.newly_decided:
        return [f"Newly settled: {found.words}"]
    if found.state_now != "collecting" or found.registered_since:
        return []
    looks = found.looks_now - found.looks_then
    if not looks:
        return ["The question was not looked at again: the next look has not been reached."]
    again = counted(looks, "look")
    then, now = (_told_of(question, one) for one in (found.share_then, found.share_now))
    before = f"was {then}" if found.looks_then else "was not known"
    what = "lead" if question.counts == "strength" else "share"
    return [f"{again} more, still open: the {what} of {question.arms[1]} {before} and is {now}."]


def _move_words(moves: Sequence[Move]) -> list[str]:
    said = [
        f"{one.arm} went from place {one.rank_then} to {one.rank_now}."
        for one in moves
        if one.rank_then is not None and one.rank_now is not None and one.rank_then != one.rank_now
    ]
    said += [f"{one.arm} has a score for the first time." for one in moves if one.rank_then is None and one.rank_now]
    return said or ["No arm changed its place."]


def _told_of(question: QuestionOut, value: Interval) -> str:
    if value.estimate is None or value.low is None or value.high is None:
        return "not known"
    return f"{decisions.told_share(question, value.estimate)} {decisions.told_ends(question, value.low, value.high)}"


def _told(value: Interval) -> str:
    if value.estimate is None or value.low is None or value.high is None:
        return "not known"
    return f"{percent(value.estimate)} % [{percent(value.low)}, {percent(value.high)}]"
