"""The state of a registered question, in numbers and in words.

Looks happen where the plan says, on the first so many votes in the order they were accepted, so that the state can
be computed again from the votes at any time. The z value is clustered by contributor. Beside the verdict stands the
*repeated confidence interval* of the same look (Jennison & Turnbull 1989): every share that the look's boundary does
not exclude, so that verdict and interval can't contradict each other. What may be watched between looks is the
e-process with its wider interval; where the two say different things, the words tell why.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

import numpy as np

from marlin.statistics.arrays import Codes, FloatArray
from marlin.statistics.clustered_mean import ClusteredMean, by_cluster, clustered_mean, shared_tasks, support
from marlin.statistics.control_variate import ControlSignal, corrected
from marlin.statistics.design import Plan, Question
from marlin.statistics.e_process import Anytime, anytime, anytime_path
from marlin.statistics.errors import InvalidQuestionError, InvalidVotesError
from marlin.statistics.provenance import Provenance
from marlin.statistics.spending import crossing
from marlin.statistics.votes import Votes


class Verdict(StrEnum):
    """Where a question stands."""

    WAITING = "waiting"
    """No look has been reached."""
    RUNNING = "running"
    """Looked at, not decided."""
    BETTER = "better"
    """The candidate is better."""
    WORSE = "worse"
    """The baseline is better (only where the question was which of the two is)."""
    FUTILE = "futile"
    """The effect of interest is unlikely to be shown; going on costs more than it tells."""
    UNDECIDED = "undecided"
    """The cap is reached without an answer."""


@dataclass(frozen=True, slots=True)
class Look:
    """One planned look, as it was.

    :ivar low: with ``high``, the repeated confidence interval of the share: it leaves out ½ exactly where z has crossed
        the boundary. Over all looks together it holds the truth with probability :attr:`State.level`.
    :ivar control_weight: λ of the control variate, 0 if there was none or it was no help; ``control_pool`` how many
        unrated pairs it knew, and ``variance_ratio`` what was left of the variance.
    """

    votes: int
    share: float
    low: float
    high: float
    z: float
    upper: float
    lower: float
    verdict: Verdict
    control_weight: float = 0.0
    control_pool: int = 0
    variance_ratio: float = 1.0


@dataclass(frozen=True)
class State:
    """Where a question stands, and what the next dollar buys.

    :ivar share: how often the candidate was preferred, ties split, in the votes so far; no contributor counts for more
        than twenty votes.
    :ivar evidence: the e-process: the only numbers safe to watch between looks; ``path`` as it was at each look so far.
    :ivar more_votes: how many more comparisons are likely needed until it is decided; 0 once it is.
    :ivar words: all of it in a sentence or two.
    """

    question: Question
    verdict: Verdict
    votes: int
    share: float
    evidence: Anytime
    path: tuple[Anytime, ...]
    looks: tuple[Look, ...]
    more_votes: int
    more_dollars: float
    words: str
    provenance: Provenance

    @property
    def level(self) -> float:
        """Of the looks' intervals, all together. A one-sided question with α 5 % has 90 %: each end holds with 95 %."""
        return 1 - 2 * self.question.alpha / self.question.sides

    @property
    def decided(self) -> bool:
        """Whether assignment may pause."""
        return self.verdict not in (Verdict.WAITING, Verdict.RUNNING)


def assessed(plan: Plan, votes: Votes, *, control: ControlSignal | None = None) -> State:
    """The state of a question after these votes.

    :param votes: in the order they were accepted; those between other arms, and both-bad ones, are passed over.
    :param control: an optional control variate; its weight is tuned at every look, on other contributors' votes.
    :raises InvalidQuestionError: the question's arms are not among the votes'.
    :raises InvalidVotesError: the control signal doesn't fit the votes.
    """
    question = plan.question
    values, contributor, task, looks = _assessed(plan, votes, control)
    verdict = looks[-1].verdict if looks else Verdict.WAITING
    seen = [size for size in plan.at if size <= len(values)]
    path = anytime_path(values, contributor, seen, planned=len(plan.at), level=1 - question.alpha)
    evidence = path[-1] if path else anytime(values, contributor, (), level=1 - question.alpha)
    more = _more(plan, looks, len(values)) if verdict in (Verdict.WAITING, Verdict.RUNNING) else 0
    share = float(clustered_mean(*by_cluster(values, contributor), shared=True).mean) if len(values) else 0.5
    state = State(
        question,
        verdict,
        len(values),
        share,
        evidence,
        path,
        looks,
        more,
        more * question.price,
        "",
        _provenance(plan, votes, contributor, task, control is not None),
    )
    return State(**{**{name: getattr(state, name) for name in State.__dataclass_fields__}, "words": _worded(state)})


def looked(plan: Plan, votes: Votes, *, control: ControlSignal | None = None) -> tuple[Look, ...]:
    """The looks of :func:`assessed` alone, which is a hundredth of the work: for simulations."""
    return _assessed(plan, votes, control)[3]


def _assessed(
    plan: Plan, votes: Votes, control: ControlSignal | None
) -> tuple[FloatArray, Codes | None, Codes | None, tuple[Look, ...]]:
    """Scores, contributors and tasks of the votes that count, and the looks at them."""
    question = plan.question
    for arm in (question.candidate, question.baseline):
        if arm not in votes.arms:
            raise InvalidQuestionError(f"no arm is called {arm}", hint=f"the arms are {', '.join(votes.arms)}")
    first, second = votes.arms.index(question.candidate), votes.arms.index(question.baseline)
    values, places = support(votes, first, second)
    where = places.astype(np.int64)
    contributor = None if votes.contributor is None else votes.contributor[where].astype(np.int64)
    task = None if votes.task is None else votes.task[where].astype(np.int64)
    beside = _Control.of(control, votes, where, (first, second), values)
    return values, contributor, task, _looked(plan, values, contributor, task, beside)


@dataclass(frozen=True)
class _Control:
    """A control variate beside the votes of one question, both-bad verdicts among them."""

    signal: ControlSignal
    rated: FloatArray
    """Towards the candidate."""
    values: FloatArray
    """NaN where both are bad."""
    contributor: Codes | None
    places: Codes
    """Among all votes; ``decided`` are those of the votes that a decision counts."""
    decided: Codes

    @classmethod
    def of(
        cls, signal: ControlSignal | None, votes: Votes, decided: Codes, pair: tuple[int, int], values: FloatArray
    ) -> _Control | None:
        if signal is None:
            return None
        if len(signal.rated) != len(votes):
            raise InvalidVotesError(
                f"{len(signal.rated)} signals for {len(votes)} votes",
                hint="give one for every vote, 0 where it has none",
            )
        if not (np.isfinite(signal.rated).all() and np.isfinite(signal.unrated).all()):
            raise InvalidVotesError("a signal is missing", hint="leave out votes without a signal")
        first, second = pair
        forward, backward = ((votes.arm_a == a) & (votes.arm_b == b) for a, b in ((first, second), (second, first)))
        places = np.flatnonzero(forward | backward)
        every = np.full(len(votes), np.nan)
        every[decided] = values
        rated = np.where(forward[places], signal.rated[places], -signal.rated[places])
        people = None if votes.contributor is None else votes.contributor[places].astype(np.int64)
        return cls(signal, rated, every[places], people, places, decided)

    def at(self, size: int, plain: ClusteredMean) -> tuple[ClusteredMean, float, int, float]:
        """The mean after so many votes that count, λ, how many unrated pairs, and what is left of the variance."""
        given = int(self.decided[size - 1]) + 1
        upto, pool = int(np.searchsorted(self.places, given)), self.signal.pool(given)
        people = None if self.contributor is None else self.contributor[:upto]
        found = corrected(self.values[:upto], self.rated[:upto], pool, people)
        if found is None:
            return plain, 0.0, len(pool), 1.0
        mean = clustered_mean(*by_cluster(found.values, people), shared=True)
        mean = mean._replace(standard_error=np.sqrt(mean.standard_error**2 + found.further))
        ratio = float((mean.standard_error / plain.standard_error) ** 2)
        return mean, found.weight, len(pool), ratio


def _looked(
    plan: Plan,
    values: FloatArray,
    contributor: Codes | None,
    task: Codes | None,
    control: _Control | None,
) -> tuple[Look, ...]:
    """Every look reached, up to the one that decided."""
    looks: list[Look] = []
    down_futile = up_futile = False
    for index, size in enumerate(plan.at):
        if size > len(values):
            break
        part, people = values[:size], None if contributor is None else contributor[:size]
        found = clustered_mean(*by_cluster(part, people), shared=True)
        further = shared_tasks(part, people, None if task is None else task[:size], float(found.mean))
        weight, pool, ratio = 0.0, 0, 1.0
        if control is not None:
            found, weight, pool, ratio = control.at(size, found)
        found = found._replace(standard_error=np.sqrt(found.standard_error**2 + further))
        z, last = float(found.z(repeated=True)), index == len(plan.at) - 1
        up_futile |= z <= plan.lower[index]
        down_futile |= -z <= plan.lower[index]
        verdict = Verdict.UNDECIDED if last else Verdict.RUNNING
        if z >= plan.upper[index]:
            verdict = Verdict.BETTER
        elif plan.question.sides == 2 and -z >= plan.upper[index]:
            verdict = Verdict.WORSE
        elif not last and up_futile and (plan.question.sides == 1 or down_futile):
            verdict = Verdict.FUTILE
        low, high = _repeated(found, plan.upper[index], z)
        share, bounds = min(max(float(found.mean), 0.0), 1.0), (plan.upper[index], plan.lower[index])
        looks.append(Look(size, share, low, high, z, *bounds, verdict, weight, pool, ratio))
        if verdict is not Verdict.RUNNING:
            break
    return tuple(looks)


def _more(plan: Plan, looks: tuple[Look, ...], votes: int) -> int:
    """How many more votes until a boundary is crossed, if the truth is what it looks like, on average."""
    done = len(looks)
    information = [plan.information(size, 0.5) for size in plan.at]
    if not done:
        expected = plan.outlook(0.5 + plan.question.effect).mean_votes
        return max(1, ceil(expected) - votes)
    last = looks[-1]
    score, already = last.z * information[done - 1] ** 0.5, information[done - 1]
    found = crossing(
        information[done:], plan.upper[done:], plan.lower[done:], score / already, score=score, already=already
    )
    stops = [up + down for up, down in zip(found.crossed_up, found.crossed_down, strict=True)]
    running = max(0.0, 1 - sum(stops))
    expected = sum(chance * size for chance, size in zip(stops, plan.at[done:], strict=True)) + running * plan.cap
    return max(1, ceil(expected) - votes)


def _repeated(found: ClusteredMean, boundary: float, z: float) -> tuple[float, float]:
    """The interval that belongs to a look's boundary."""
    mean, reach = float(found.mean), float(found.reach(boundary, repeated=True))
    low, high = mean - reach, mean + reach
    # On the boundary itself both are ½ but for rounding; the rule is the one that counts.
    low = max(low, _ABOVE_HALF) if z >= boundary else min(low, 0.5)
    high = min(high, 1 - _ABOVE_HALF) if -z >= boundary else max(high, 0.5)
    return min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)


_ABOVE_HALF = 0.5 + 1e-6


def _worded(state: State) -> str:
    question = state.question
    buy = f"about {state.more_votes:,} more, ${state.more_dollars:,.0f}"
    if not state.looks:
        return f"Too early to tell, {state.votes:,} comparisons: {buy} to a decision if there is an effect."
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
            wanted = f"An advantage of {question.candidate} of {100 * question.effect:.0f} points"
            if question.sides == 2:
                wanted = f"A difference of {100 * question.effect:.0f} points either way"
            said = f"{wanted} is unlikely to be shown ({question.candidate} {candidate}) {at}: stop."
        case Verdict.UNDECIDED:
            said = f"The cap is reached {at}, without a decision: {question.candidate} {candidate}."
        case _:
            ahead = question.candidate if look.share >= 0.5 else question.baseline
            lead = f"{ahead} is ahead so far" if percent(look.share) != "50" else "Neither is ahead"
            said = f"{lead}, {_interval_words(state, ahead)}; not decided: stop, or buy {buy}."
    return f"{said} {_disagreement(state)}".rstrip()


def _interval_words(state: State, arm: str) -> str:
    look = state.looks[-1]
    share, low, high = look.share, look.low, look.high
    if arm == state.question.baseline:
        share, low, high = 1 - share, 1 - high, 1 - low
    return f"{percent(share)} %, {100 * state.level:g} % interval [{percent(low)}, {percent(high)}]"


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
    watched = f"[{percent(evidence.low)}, {percent(evidence.high)}] for {question.candidate}"
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
            f"The stricter interval that anyone may watch, {watched}, still includes 50 %: it must hold at every "
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
    return f"The interval that anyone may watch, {watched}, leaves out 50 %, but does not decide: {reason}."


def _looks_words(looks: int) -> str:
    """How many looks, for people."""
    return "one planned look" if looks == 1 else f"{looks} planned looks"


def _provenance(
    plan: Plan, votes: Votes, contributor: Codes | None, task: Codes | None, controlled: bool
) -> Provenance:
    people = 0 if contributor is None else len(np.unique(contributor))
    notes = []
    if contributor is not None and task is not None and len(task):
        judges = len(np.unique(contributor * (int(task.max()) + 1) + task)) - len(np.unique(task))
        if judges:
            notes.append(
                f"{judges} further judgements of tasks that somebody else judged count as well: the z allows for that, "
                "the e-process takes contributors as independent."
            )
    if contributor is None:
        notes.append("The votes don't say who gave them, so they are taken as independent: this may be overconfident.")
    elif people < 5:
        notes.append(f"Only {people} contributor(s): little can be said of what others would prefer.")
    method = "Lan–DeMets Pocock-type α-spending, non-binding futility, z clustered by contributor; betting e-process"
    return Provenance(
        method + ("; control variate with a cross-fitted weight (PPI++)" if controlled else ""),
        votes.data_hash,
        {**votes.counts(), "looks": len(plan.at), "judging": people},
        "an equal verdict counts as half a preference; both-bad verdicts are left out",
        f"by contributor ({people})" if contributor is not None else "none: votes are taken as independent",
        (f"Question {plan.question.registration}.", *notes),
    )
