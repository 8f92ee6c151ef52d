"""An evaluation's intervals and words claim no more than the held-out tasks allow."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.preferences import sealed_dataset

from marlin.training.dataset import DatasetFolder, Pair
from marlin.training.evaluation import Evaluation, evaluated, points
from marlin.training.intervals import by_task
from marlin.training.plan import Plan
from marlin.training.scoring import Scored

PLAN = Plan(method="dpo", dataset="d", model="m", max_length=512)


def dataset(path: Path, *, synthetic: bool = False) -> DatasetFolder:
    views = path / "views" / "trl_pref"
    views.mkdir(parents=True, exist_ok=True)
    for split in ("train", "test"):
        (views / f"{split}.jsonl").touch()
    return DatasetFolder(sealed_dataset(path, synthetic=synthetic))


def scored(
    right: list[bool | None], *, tasks: int, drift: float = 0.0, tokens: tuple[int, int] = (10, 20), raters: int = 2
) -> list[Scored]:
    return [
        Scored(
            Pair(
                f"r{at}",
                [],
                [],
                [],
                [],
                {
                    "task_id": f"t{at % tasks}",
                    "category": "bug_fix",
                    "strength": 1 + at % 3,
                    "agreement": 0.8,
                    "raters": raters,
                },
            ),
            1.0 if one else 0.0,
            0.0 if one in (True, None) else 1.0,
            *tokens,
            drift=drift,
            parent=-50.0,
        )
        for at, one in enumerate(right)
    ]


def words(found: Evaluation) -> str:
    return " ".join(found.conclusion)


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12)), min_size=1, max_size=60))
def test_an_interval_holds_its_mean_and_stays_in_bounds(values: list[tuple[float, int]]) -> None:
    found = by_task([value for value, _ in values], [str(task) for _, task in values])
    assert found is not None
    assert 0 <= found.low <= found.mean + 1e-9
    assert found.mean - 1e-9 <= found.high <= 1
    assert found.tasks == len({task for _, task in values})


def test_no_number_of_pairs_makes_agreement_of_few_tasks_certain() -> None:
    unanimous = by_task([1.0] * 1000, [str(at % 12) for at in range(1000)])
    assert unanimous is not None
    assert 0.73 < unanimous.low < 0.74  # exact for twelve votes that agree
    never = by_task([0.0] * 1000, [str(at % 12) for at in range(1000)])
    assert never is not None
    assert never.high == 1 - unanimous.low
    alone = by_task([1.0] * 1000, ["one"] * 1000)
    assert alone is not None
    assert (alone.low, alone.high) == (0.0, 1.0)


def test_pairs_that_repeat_within_tasks_do_not_narrow_the_interval() -> None:
    votes = [1.0, 0.0] * 10
    once = by_task(votes, [str(at) for at in range(20)])
    often = by_task([vote for vote in votes for _ in range(50)], [str(at) for at in range(20) for _ in range(50)])
    assert once is not None
    assert often is not None
    assert often.high - often.low > 0.9 * (once.high - once.low)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    held = 0
    for draw in range(200):
        of_task = rng.beta(6, 4, size=25)
        codes = np.repeat(np.arange(25), 4)
        votes = (rng.random(100) < of_task[codes]).astype(float)
        found = by_task(votes.tolist(), [str(code) for code in codes], seed=draw)
        assert found is not None
        held += found.low <= 0.6 <= found.high
    assert held >= 184  # 95 % of 200, less three standard errors


def test_equal_scores_are_half_right() -> None:
    assert [points(2, 1), points(1, 1), points(1, 2)] == [1.0, 0.5, 0.0]


def test_words_follow_the_interval(tmp_path: Path) -> None:
    rng = random.Random(1)
    folder = dataset(tmp_path)
    good = evaluated(PLAN, folder, scored([rng.random() < 0.75 for _ in range(200)], tasks=50, tokens=(20, 20)))
    assert "more than guessing" in words(good)
    assert "beats “the shorter side wins”" in words(good)
    assert "agree with the label on 80.0%" in words(good)
    even = evaluated(PLAN, folder, scored([rng.random() < 0.5 for _ in range(60)], tasks=30))
    assert "can't be told from guessing" in words(even)
    assert "worse than “the shorter side wins”" in words(even)
    bad = evaluated(PLAN, folder, scored([False] * 60, tasks=30))
    assert "learnt the opposite" in words(bad)
    few = evaluated(PLAN, folder, scored([True] * 60, tasks=4))
    assert "anecdote" in words(few)
    leak = evaluated(PLAN, folder, scored([True] * 400, tasks=200))
    assert "look for a leak" in words(leak)
    none = evaluated(PLAN, folder, [])
    assert words(none) == "There are no held-out pairs: nothing can be said."
    for found in (good, even, bad, few, leak):
        assert "next blinded round" in words(found)


def test_a_falling_likelihood_of_what_people_prefer_is_an_alarm_however_good_the_accuracy(tmp_path: Path) -> None:
    folder = dataset(tmp_path)
    fallen = evaluated(PLAN, folder, scored([True] * 60, tasks=30, drift=-46.0))
    assert fallen.drift_alarm
    assert "less likely, by 4.60 nats a token" in words(fallen)
    assert not evaluated(PLAN, folder, scored([True] * 60, tasks=30, drift=-0.8)).drift_alarm


def test_synthetic_data_and_controls_are_called_so_and_slices_are_told(tmp_path: Path) -> None:
    folder = dataset(tmp_path, synthetic=True)
    found = evaluated(PLAN.changed(control="shuffled-labels"), folder, scored([True, None] * 30, tasks=30))
    assert "nothing about any model" in words(found)
    assert "This was a control" in words(found)
    assert set(found.slices) == {"strength", "category"}
    assert found.slices["category"]["bug_fix"].pairs == 60
    assert found.accuracy is not None
    assert found.accuracy.mean == 0.75


def test_a_run_that_was_cut_short_is_called_so(tmp_path: Path) -> None:
    folder = dataset(tmp_path)
    assert "cut short after 1 step (" in words(evaluated(PLAN.changed(max_steps=1), folder, scored([True], tasks=1)))
    assert "cut short" not in words(evaluated(PLAN, folder, scored([True], tasks=1)))
