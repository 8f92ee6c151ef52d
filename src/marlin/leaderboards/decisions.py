"""Where a registered question stands, and what it would cost beforehand. Pure.

A decision counts first turns alone: both arms then start from the same files with the same prompt, and one vote is one
comparison paid for. Later turns start from the winner's files; repeats judge results that have a vote already. Both go
into rankings.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import numpy as np

from marlin import statistics
from marlin.counted import counted
from marlin.leaderboards.ballots import ArmFacts, Ballot, Ballots
from marlin.leaderboards.figure_schemas import Interval
from marlin.leaderboards.question_schemas import QuestionOut, QuestionWish
from marlin.leaderboards.ranking import NOTHING, counted_rows, provenance, to_votes
from marlin.leaderboards.schemas import DecisionOut, Look, PathPoint, PlanOut, PowerPoint, Watched
from marlin.leaderboards.signals import Pair, control_out, control_signal
from marlin.statistics import Plan, State, Verdict, grades, percent

SHARES = (0.5, 0.525, 0.55, 0.575, 0.6, 0.65, 0.7)

_STATES = {
    Verdict.WAITING: "collecting",
    Verdict.RUNNING: "collecting",
    Verdict.BETTER: "second_preferred",
    Verdict.WORSE: "first_preferred",
    Verdict.FUTILE: "no_difference",
    Verdict.UNDECIDED: "cap_reached",
}


def plan_of(asked: QuestionWish | QuestionOut, *, price_cents: int) -> Plan:
    """The schedule of looks that a question means.

    :raises InvalidQuestionError: it can't be answered by any data.
    """
    baseline, candidate = asked.arms
    return statistics.planned(
        statistics.Question(
            candidate=candidate,
            baseline=baseline,
            axis=asked.axis,
            effect=asked.smallest_share - 0.5,
            alpha=asked.alpha,
            power=asked.power,
            sides=asked.sides,
            looks=asked.looks,
            cap=asked.most_comparisons,
            price=price_cents / 100,
            icc=asked.icc,
            contributors=asked.contributors,
            equal=asked.equal_share,
            graded=asked.counts == "strength",
        )
    )


def foreseen(wish: QuestionWish, *, price_cents: int, now: datetime) -> PlanOut:
    """What a question would cost and find.

    :raises InvalidQuestionError: it can't be answered by any data.
    """
    plan = plan_of(wish, price_cents=price_cents)
    price = price_cents / 100
    shares = sorted({*SHARES, wish.smallest_share})
    made = statistics.Provenance(
        "Lan–DeMets Pocock-type α-spending with non-binding futility; boundaries by numerical integration", "", {}
    )
    return PlanOut(
        price_usd=price,
        most_comparisons=plan.cap,
        power=plan.power,
        fixed_comparisons=plan.fixed,
        fixed_usd=None if plan.fixed is None else plan.fixed * price,
        most_usd=plan.cap * price,
        curve=[
            PowerPoint(
                share=one.share,
                power=one.shown,
                futile=one.futile,
                mean_comparisons=one.mean_votes,
                mean_usd=one.mean_dollars,
            )
            for one in plan.outlooks(shares)
        ],
        looks=_looks(plan, ()),
        provenance=provenance(made, now=now, notes=_warnings(plan, wish)),
    )


def _warnings(plan: Plan, wish: QuestionWish) -> list[str]:
    if plan.power >= wish.power - 0.005:
        return []
    return [
        f"With at most {plan.cap:,} comparisons a share of {100 * wish.smallest_share:.4g} % is found with a chance of "
        f"{100 * plan.power:.0f} %, not {100 * wish.power:.4g} %: raise the cap, or the smallest effect of interest."
    ]


def decided(
    ballots: Ballots, question: QuestionOut, *, price_cents: int, now: datetime, pairs: Sequence[Pair] = ()
) -> DecisionOut:
    """Where a question stands after the votes so far, in the order they were accepted.

    :param pairs: of the two arms, rated or not, for a control variate.
    """
    plan = plan_of(question, price_cents=price_cents)
    arms = [arm for name in question.arms for arm in ballots.arms if arm.name == name]
    rows = first_turns(ballots, question.axis, arms)
    votes = to_votes(rows, arms, question.axis) if rows else None
    control = None
    if question.control != "none" and rows:
        control = control_signal(question, rows, pairs, arms[1].id)
    state = None if votes is None else statistics.assessed(plan, votes, control=control)
    common = {
        "question": question,
        "comparisons": 0 if state is None else state.votes,
        "spent_usd": sum(row.vote.price_cents for row in rows) / 100,
        "fixed_comparisons": plan.fixed,
        "level": 1 - 2 * question.alpha / question.sides,
        "watched": _watched(question, state),
        "looks": _looks(plan, () if state is None else state.looks),
        "control": control_out(question, state),
    }
    if state is None:
        expected = plan.outlook(question.smallest_share)
        words = (
            f"Nothing is accepted yet. If {question.arms[1]} is preferred in {100 * question.smallest_share:.4g} %, a "
            f"decision takes about {counted(expected.mean_votes, 'comparison')}, ${expected.mean_dollars:,.0f}."
        )
        return DecisionOut.model_validate(
            common
            | {
                "state": "collecting",
                "words": words,
                "share": NOTHING,
                "path": [],
                "more_comparisons": round(expected.mean_votes),
                "more_usd": expected.mean_dollars,
                "provenance": provenance(None, now=now, notes=_cautions(question)),
            }
        )
    return DecisionOut.model_validate(
        common
        | {
            "state": _STATES[state.verdict],
            "words": state.words,
            "share": _share(state),
            "path": _path(state),
            "more_comparisons": None if state.decided else state.more_votes,
            "more_usd": None if state.decided else state.more_dollars,
            "provenance": provenance(state.provenance, now=now, notes=_cautions(question)),
        }
    )


def first_turns(ballots: Ballots, axis: str, arms: Sequence[ArmFacts]) -> list[Ballot]:
    """The votes that decide between two arms: of first turns, in the order of acceptance."""
    pair = {arm.key for arm in arms}
    rows, _ = counted_rows(ballots, axis)
    return [row for row in rows if row.vote.turn_number == 1 and not row.vote.repeat and {row.arm_a, row.arm_b} == pair]


def _share(state: State) -> Interval:
    """Of the rule's last look, as its boundary leaves it; the share alone before there was one."""
    if not state.looks:
        return Interval(estimate=state.share, low=0.0, high=1.0)
    return _at(state.looks[-1])


def _at(look: statistics.Look) -> Interval:
    return Interval(estimate=look.share, low=look.low, high=look.high)


def _watched(question: QuestionOut, state: State | None) -> Watched:
    level = 1 - question.alpha
    if state is None or not state.evidence.looks:
        words = "Nothing can be watched before the first look."
        return Watched(share=NOTHING, level=level, e_value=1.0, state="nothing_yet", words=words)
    found, (first, second) = state.evidence, question.arms
    told = f"{told_share(question, found.mean)} for {second}, {100 * level:g} % interval "
    told += told_ends(question, found.low, found.high)
    where: Literal["open", "second_preferred", "first_preferred"] = "open"
    words = f"{told}: still open which is preferred."
    if found.low > 0.5 or found.high < 0.5:
        where = "second_preferred" if found.low > 0.5 else "first_preferred"
        words = f"{told}: {second if found.low > 0.5 else first} is preferred, whoever looks and whenever."
    share = Interval(estimate=found.mean, low=found.low, high=found.high)
    return Watched(share=share, level=level, e_value=found.e_value, state=where, words=words)


def told_share(question: QuestionOut, share: float) -> str:
    """A share, or how far votes lean, of the second arm."""
    return f"{grades(share)} of 3 grades" if question.counts == "strength" else f"{percent(share)} %"


def told_ends(question: QuestionOut, low: float, high: float) -> str:
    """The interval around it."""
    say = grades if question.counts == "strength" else percent
    return f"[{say(low)}, {say(high)}]"


def _looks(plan: Plan, reached: Sequence[statistics.Look]) -> list[Look]:
    found = []
    for index, size in enumerate(plan.at):
        look = reached[index] if index < len(reached) else None
        lower = plan.lower[index]
        found.append(
            Look(
                number=index + 1,
                comparisons=size,
                reached=look is not None,
                upper=plan.upper[index],
                futility=lower if np.isfinite(lower) else None,
                z=None if look is None else look.z,
                crossed=None if look is None else _CROSSED.get(look.verdict),
                share=None if look is None else _at(look),
            )
        )
    return found


_CROSSED = {Verdict.BETTER: "second", Verdict.WORSE: "first", Verdict.FUTILE: "futility"}


def _path(state: State) -> list[PathPoint]:
    """The share and its interval at each look so far: evidence is added there and nowhere else."""
    return [PathPoint(comparisons=one.looks[-1], share=one.mean, low=one.low, high=one.high) for one in state.path]


def _cautions(question: QuestionOut) -> list[str]:
    notes = ["First turns alone decide: later turns start from the winner's files, repeats add no new results."]
    if question.accepted_before:
        notes.append(
            f"The question was registered after {counted(question.accepted_before, 'comparison')} of the two arms had "
            "been accepted: the error rates hold only if nobody had looked at them."
        )
    if question.counts == "strength":
        notes.append(
            "Votes count by how strongly a side is preferred: what is decided is whether they lean to an arm on "
            "average. The share of plain preferences is on the leaderboard, and may be on the other side of one half."
        )
    if question.control != "none":
        notes.append(
            "The control variate takes pairs on their way for alike with those accepted: it would mislead where pairs "
            "that look better are given up, or returned, more often."
        )
    if question.version > 1:
        times = "once" if question.version == 2 else f"{question.version - 1} times"
        notes.append(f"Amended {times}; each version is kept with its reason.")
    return notes
