"""What a run has learnt, on pairs of tasks that it never saw, and what may be said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from marlin.counted import agreeing, counted
from marlin.training.dataset import DatasetFolder
from marlin.training.intervals import FEW_TASKS, Interval, by_task
from marlin.training.plan import Plan
from marlin.training.scoring import Scored

DRIFT_ALARM = -0.1
"""Nats a token by which the preferred side may have become less likely: its perplexity rises by a tenth."""
BASELINES: dict[str, tuple[str, Callable[[Scored], tuple[float, float] | None]]] = {
    "shorter": ("the shorter side wins", lambda one: (-one.chosen_tokens, -one.rejected_tokens)),
    "smaller-diff": ("the smaller change wins", lambda one: _smaller(one, "changed_lines")),
    "fewer-files": ("the side that changes fewer files wins", lambda one: _smaller(one, "changed_files")),
}


@dataclass(frozen=True, slots=True)
class Baseline:
    """A rule that knows no code.

    :ivar ahead: by how much the run is more accurate on the same pairs.
    """

    name: str
    rule: str
    accuracy: Interval
    ahead: Interval


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The numbers and the words."""

    method: str
    dataset_id: str
    synthetic: bool
    control: str
    accuracy: Interval | None
    baselines: tuple[Baseline, ...] = ()
    ceiling: float | None = None
    drift: Interval | None = None
    drift_alarm: bool = False
    slices: dict[str, dict[str, Interval]] = field(default_factory=dict)
    left_out: int = 0
    cut_short: int | None = None
    """Steps after which the run ended, if it did before it had read all."""
    conclusion: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def points(chosen: float, rejected: float) -> float:
    """1 if the preferred side scores higher, ½ if both score the same, as a fresh adapter and its parent do."""
    return 1.0 if chosen > rejected else 0.5 if chosen == rejected else 0.0


def evaluated(plan: Plan, folder: DatasetFolder, rows: Iterable[Scored]) -> Evaluation:
    """Sum up scored pairs."""
    pairs = list(rows)
    right = [points(one.chosen, one.rejected) for one in pairs]
    tasks = [one.pair.task for one in pairs]
    moved = [(one.drift / one.chosen_tokens, one.pair.task) for one in pairs if one.drift is not None]
    drift = _unbounded([value for value, _ in moved], [task for _, task in moved])
    found = Evaluation(
        plan.method,
        folder.id,
        folder.synthetic,
        plan.control,
        by_task(right, tasks),
        tuple(one for name in BASELINES if (one := _against(name, pairs, right)) is not None),
        _ceiling(pairs),
        drift,
        drift is not None and drift.mean < DRIFT_ALARM,
        _slices(pairs, right),
        len(plan.excluded("test")),
        plan.max_steps,
    )
    return Evaluation(
        **{name: getattr(found, name) for name in Evaluation.__slots__ if name != "conclusion"},
        conclusion=tuple(concluded(found)),
    )


def concluded(found: Evaluation) -> list[str]:
    """What may be said, and no more than the intervals do."""
    accuracy = found.accuracy
    if accuracy is None:
        return ["There are no held-out pairs: nothing can be said."]
    words = [
        f"On {counted(accuracy.pairs, 'held-out pair')} of {counted(accuracy.tasks, 'task')} the run agrees with "
        f"people on {accuracy}."
    ]
    if accuracy.tasks < FEW_TASKS:
        words.append(f"With fewer than {FEW_TASKS} tasks this is an anecdote, whatever the interval.")
    if accuracy.low > 0.5:
        words.append("That is more than guessing would.")
    elif accuracy.high < 0.5:
        words.append("That is less than guessing would: it has learnt the opposite of what people prefer.")
    else:
        words.append("It can't be told from guessing.")
    for one in found.baselines:
        if one.ahead.low > 0:
            words.append(f"It beats “{one.rule}” ({one.accuracy}), by {one.ahead}.")
        elif one.ahead.high < 0:
            words.append(f"It is worse than “{one.rule}” ({one.accuracy}).")
        else:
            words.append(f"It is not shown to be better than “{one.rule}” ({one.accuracy}; difference {one.ahead}).")
    if found.ceiling is not None:
        if accuracy.low > found.ceiling:
            words.append(
                f"That is more than people who judged the same results agree on ({found.ceiling:.1%}): look for a leak."
            )
        else:
            words.append(f"People who judged the same results agree with the label on {found.ceiling:.1%}.")
    else:
        words.append("No pair was judged by two people, so nobody knows how much agreement is to be had.")
    if found.drift_alarm and found.drift is not None:
        words.append(
            f"Alarm: tuning made the preferred sides less likely, by {-found.drift.mean:.2f} nats a token. It may have "
            "learnt to avoid rather than to prefer; raise --sft-weight, or lower the learning rate."
        )
    if found.control != "none":
        words.append(f"This was a control ({found.control}): it should not be told from guessing.")
    if found.cut_short:
        words.append(
            f"The run was cut short after {counted(found.cut_short, 'step')} (--max-steps), before it had read all it "
            "was given: this is no measure of what the data can teach."
        )
    if found.left_out:
        words.append(
            f"{counted(found.left_out, 'held-out pair')} {agreeing(found.left_out, 'were longer')} than the run "
            "allows, and not in this."
        )
    if found.synthetic:
        words.append("The judgement is synthetic: this shows that the plumbing works, and nothing about any model.")
    words.append("Whether it writes better code is decided by the next blinded round against its parent, not by this.")
    return words


def _ceiling(pairs: Sequence[Scored]) -> float | None:
    """How often those who judged the same results agree with the label, where there were at least two."""
    known = [
        float(one.pair.facts["agreement"])
        for one in pairs
        if isinstance(one.pair.facts.get("agreement"), int | float) and (one.pair.facts.get("raters") or 0) >= 2
    ]
    return sum(known) / len(known) if known else None


def _against(name: str, pairs: Sequence[Scored], right: Sequence[float]) -> Baseline | None:
    rule, score = BASELINES[name]
    known = [
        (points(*scores), mine, one.pair.task) for one, mine in zip(pairs, right, strict=True) if (scores := score(one))
    ]
    if not known:
        return None
    tasks = [task for _, _, task in known]
    accuracy = by_task([value for value, _, _ in known], tasks)
    ahead = by_task([mine - value for value, mine, _ in known], tasks, bounds=False)
    assert accuracy is not None
    assert ahead is not None
    return Baseline(name, rule, accuracy, ahead)


def _smaller(one: Scored, name: str) -> tuple[float, float] | None:
    sides = [one.pair.facts.get(f"{side}_{name}") for side in ("chosen", "rejected")]
    if not all(isinstance(value, int | float) for value in sides):
        return None
    return -float(sides[0] or 0), -float(sides[1] or 0)


def _slices(pairs: Sequence[Scored], right: Sequence[float]) -> dict[str, dict[str, Interval]]:
    found: dict[str, dict[str, Interval]] = {}
    for name, key in (("axis", "key_axis"), ("strength", "strength"), ("category", "category")):
        values = sorted({str(one.pair.facts[key]) for one in pairs if one.pair.facts.get(key) is not None})
        for value in values:
            where = [at for at, one in enumerate(pairs) if str(one.pair.facts.get(key)) == value]
            interval = by_task([right[at] for at in where], [pairs[at].pair.task for at in where])
            if interval is not None:
                found.setdefault(name, {})[value] = interval
    return found


def _unbounded(values: Sequence[float], tasks: Sequence[str]) -> Interval | None:
    """As :func:`by_task`, of numbers without bounds: by their scale, since that function's values have some."""
    if not values:
        return None
    scale = max(max(abs(value) for value in values), 1e-12)
    found = by_task([value / scale for value in values], tasks, bounds=False)
    assert found is not None
    return Interval(found.mean * scale, found.low * scale, found.high * scale, found.pairs, found.tasks)
