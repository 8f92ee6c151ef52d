"""The state of a registered question, in numbers and in words.

Looks happen where the plan says, on the first so many votes in the order they were accepted, so that the state can
be computed again from the votes at any time. The z value is clustered by contributor. Beside the verdict stands the
*repeated confidence interval* of the same look (Jennison & Turnbull 1989): every share that the look's boundary does
not exclude, so that verdict and interval can't contradict each other. What may be watched between looks is the
e-process with its wider interval; where the two say different things, the words tell why.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from scipy.special import bdtrc, ndtri

from marlin.statistics.arrays import Codes, FloatArray
from marlin.statistics.clustered_mean import ClusteredMean, by_cluster, clustered_mean, shared_tasks, support
from marlin.statistics.control_variate import ControlSignal, corrected
from marlin.statistics.design import Plan
from marlin.statistics.e_process import anytime, anytime_path
from marlin.statistics.errors import InvalidQuestionError, InvalidVotesError
from marlin.statistics.provenance import Provenance
from marlin.statistics.spending import crossing
from marlin.statistics.states import Look, State, Verdict
from marlin.statistics.votes import Votes
from marlin.statistics.wording import worded


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
    return replace(state, words=worded(state))


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
    values, places = support(votes, first, second, graded=question.graded)
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
        z = _as_coins(float(found.z(repeated=True)), part, graded=plan.question.graded)
        last = index == len(plan.at) - 1
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


_FEW = 50
"""Votes with a preference; with more, means are normal enough for ten looks to keep α (simulated)."""


def _as_coins(z: float, values: FloatArray, *, graded: bool) -> float:
    """A z value of few votes, no larger than that of as many coins: six of six are one chance in 64.

    The t statistic takes means for normal, which those of a handful of votes are not: a first look after ten of them
    decided in 2.2 % of campaigns between equal arms, where it may in 0.8 %. Strengths are not counted like coins; but
    that all lean to one side is one chance in 2ⁿ of them, too.
    """
    leaning = np.sign(values - 0.5) * (1.0 if z >= 0 else -1.0)
    with_it, few = np.count_nonzero(leaning > 0), int(np.count_nonzero(leaning))
    if few > _FEW:
        return z
    chance = 0.5**few if graded else float(bdtrc(with_it - 1, few, 0.5))
    most = max(0.0, -float(ndtri(min(chance, 0.5))))
    return min(max(z, -most), most)


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


_COUNTED = {
    False: "an equal verdict counts as half a preference",
    True: "votes count by their strength, equal being the middle of the scale",
}


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
        notes.append(f"Only {people} contributor{'s' * (people != 1)}: little can be said of what others would prefer.")
    method = "Lan–DeMets Pocock-type α-spending, non-binding futility, z clustered by contributor; betting e-process"
    return Provenance(
        method + ("; control variate with a cross-fitted weight (PPI++)" if controlled else ""),
        votes.data_hash,
        {**votes.counts(), "looks": len(plan.at), "judging": people},
        f"{_COUNTED[plan.question.graded]}; both-bad verdicts are left out",
        f"by contributor ({people})" if contributor is not None else "none: votes are taken as independent",
        (f"Hash of the registered question: {plan.question.registration}.", *notes),
    )
