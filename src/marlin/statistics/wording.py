"""The state of a registered question as one would say it."""

from __future__ import annotations

from marlin.statistics.design import Question
from marlin.statistics.states import State, Verdict
from marlin.statistics.votes import TIE


def worded(state: State) -> str:
    question = state.question
    buy = f"about {state.more_votes:,} more, ${state.more_dollars:,.0f}"
    if not state.looks:
        many = f"{state.votes:,} comparison{'s' * (state.votes != 1)}"
        return f"Too early to tell, {many}: {buy} to a decision if there is an effect."
    look = state.looks[-1]
    at = f"at look {len(state.looks)}, after {look.votes:,} comparisons"
    candidate = _interval_words(state, question.candidate)
    match state.verdict:
        case Verdict.BETTER:
            said = f"{question.candidate} is preferred, {candidate}; decided by the registered rule {at}: stop."
        case Verdict.WORSE:
            baseline = _interval_words(state, question.baseline)
            said = f"{question.baseline} is preferred, {baseline}; decided by the registered rule {at}: stop."
        case Verdict.FUTILE:
            wanted = f"An advantage of {question.candidate} of {100 * question.effect:.4g} points"
            if question.sides == 2:
                wanted = f"A difference of {100 * question.effect:.4g} points either way"
            said = f"{wanted} is unlikely to be shown ({question.candidate} {candidate}) {at}: stop."
        case Verdict.UNDECIDED:
            said = f"The cap is reached {at}, without a decision: {question.candidate} {candidate}."
        case _:
            ahead = question.candidate if look.share >= 0.5 else question.baseline
            level = _told(question, look.share) == _told(question, 0.5)
            lead = "Neither is ahead" if level else f"{ahead} is ahead so far"
            said = f"{lead}, {_interval_words(state, ahead)}; not decided: stop, or buy {buy}."
    return f"{said} {_disagreement(state)}".rstrip()


def _interval_words(state: State, arm: str) -> str:
    look = state.looks[-1]
    share, low, high = look.share, look.low, look.high
    if arm == state.question.baseline:
        share, low, high = 1 - share, 1 - high, 1 - low
    of = "of 3 grades" if state.question.graded else "%"
    told = _told(state.question, share), _told(state.question, low), _told(state.question, high)
    return f"{'by ' * state.question.graded}{told[0]} {of}, {100 * state.level:g} % interval [{told[1]}, {told[2]}]"


def _told(question: Question, share: float) -> str:
    return grades(share) if question.graded else percent(share)


def grades(support: float) -> str:
    """How far votes lean on average, in grades of the scale: +3.00 if each says that the arm is much better."""
    return f"{(support - 0.5) * 2 * TIE:+.2f}".replace("-", "\N{MINUS SIGN}")


def percent(share: float) -> str:
    """A share in whole percent; with as many digits as it takes not to look like one half where it isn't."""
    value = share * 100
    for digits in range(5):
        text = f"{value:.{digits}f}"
        if float(text) != 50 or abs(value - 50) < 1e-5:
            return text
    return f"{value:.5f}"


def _disagreement(state: State) -> str:
    """Why the e-process and the rule say different things, if they do: each is right about what it promises."""
    evidence, question = state.evidence, state.question
    if not evidence.looks:
        return ""
    ends = f"[{_told(question, evidence.low)}, {_told(question, evidence.high)}]"
    watched, middle = f"{ends} for {question.candidate}", "0" if question.graded else "50 %"
    for_candidate, for_baseline = evidence.low > 0.5, evidence.high < 0.5
    if state.verdict in (Verdict.BETTER, Verdict.WORSE):
        if for_candidate if state.verdict is Verdict.BETTER else for_baseline:
            return ""
        if for_candidate or for_baseline:
            return (
                f"The interval that anyone may watch, {watched}, speaks for the other arm by now: votes that came "
                "after the decision differ from those before it. Find out why before you rely on either."
            )
        return (
            f"The stricter interval that anyone may watch, {watched}, still includes {middle}: it must hold at every "
            f"moment, the rule only at its {_looks_words(question.looks)}, so it takes more votes to say the same."
        )
    if not for_candidate and not for_baseline:
        return ""
    if for_baseline and question.sides == 1:
        reason = f"the question asks only whether {question.candidate} is better"
    elif evidence.looks[-1] > state.looks[-1].votes:
        reason = "it also counts votes that came after the rule had stopped"
    else:
        reason = (
            "it bets on one contributor after the other, while the rule allows for how much they differ, which costs "
            "more where they are few"
        )
    return f"The interval that anyone may watch, {watched}, leaves out {middle}, but does not decide: {reason}."


def _looks_words(looks: int) -> str:
    """How many looks, for people."""
    return "one planned look" if looks == 1 else f"{looks} planned looks"
