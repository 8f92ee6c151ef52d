"""Agreement against the published example and the oracle."""

from __future__ import annotations

import evalica
import numpy as np
import pandas as pd
import pytest

from marlin.statistics import (
    Answers,
    InvalidQuestionError,
    InvalidVotesError,
    NotEnoughVotesError,
    against_people,
    alpha,
    pairwise,
)

MISSING = np.nan
KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, MISSING, MISSING, MISSING],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, MISSING, 3],
        [MISSING, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, MISSING],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, MISSING],
    ]
)
"""Four observers, twelve units (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability)."""


def _answers(matrix: np.ndarray) -> Answers:
    rater, item = np.indices(matrix.shape)
    return Answers.of(item.ravel(), rater.ravel(), matrix.ravel())


@pytest.mark.parametrize(("metric", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_krippendorffs_own_example(metric: str, published: float) -> None:
    found = alpha(_answers(KRIPPENDORFF), metric)  # type: ignore[arg-type]
    assert found.estimate.value == pytest.approx(published, abs=5e-4)
    assert found.estimate.low < found.estimate.value < found.estimate.high
    assert found.provenance.counts == {"answers": 41, "items": 12, "overlapping": 11, "raters": 4}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval"])
def test_evalica_finds_the_same_alpha(metric: str, seed: int) -> None:
    generator = np.random.default_rng(seed)
    truth = generator.integers(-3, 4, 30)
    matrix = np.clip(truth + generator.integers(-1, 2, (5, 30)), -3, 3).astype(float)
    matrix[generator.random(matrix.shape) < 0.4] = MISSING
    oracle = evalica.alpha(pd.DataFrame(matrix), metric).alpha
    assert alpha(_answers(matrix), metric).estimate.value == pytest.approx(oracle, abs=1e-9)  # type: ignore[arg-type]


def test_pairs_are_counted_by_hand() -> None:
    answers = Answers.of([1, 1, 1, 2, 2, 3], ["a", "b", "c", "a", "b", "a"], [1, 1, -1, 0, 0, 1])
    found = pairwise(answers)
    assert found.estimate.value == pytest.approx(2 / 4)  # of item 1 one pair of three, of item 2 the only one
    assert found.provenance.counts["pairs"] == 4
    assert pairwise(answers, tolerance=2).estimate.value == 1


def test_a_judge_as_good_as_people_reaches_the_ceiling() -> None:
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 2, 600)
    rows = [
        (item, rater, truth[item] ^ (generator.random() < wrong))
        for item in range(600)
        for rater, wrong in (("p", 0.2), ("q", 0.2), ("r", 0.2), ("judge", 0.2), ("coin", 0.5))
    ]
    items, raters, values = zip(*rows, strict=True)
    chosen = np.array(raters) != "coin"
    people = Answers.of(np.array(items)[chosen], np.array(raters)[chosen], np.array(values)[chosen])
    found = against_people(people, "judge")
    assert found.ratio.low < 1 < found.ratio.high
    assert found.people.value == pytest.approx(0.68, abs=0.04)
    chosen = np.array(raters) != "judge"
    worse = Answers.of(np.array(items)[chosen], np.array(raters)[chosen], np.array(values)[chosen])
    assert against_people(worse, "coin").ratio.high < 0.9


def test_what_has_no_answer_is_said() -> None:
    with pytest.raises(NotEnoughVotesError, match="no item was answered by two people"):
        Answers.of([1, 2], ["a", "b"], [1, 1])
    with pytest.raises(InvalidVotesError, match="answered twice"):
        Answers.of([1, 1], ["a", "a"], [1, 1])
    same = Answers.of([1, 1, 2, 2], ["a", "b", "a", "b"], [2, 2, 2, 2])
    assert np.isnan(alpha(same).estimate.value)
    assert "says nothing" in alpha(same).provenance.notes[0]
    with pytest.raises(InvalidQuestionError, match="judge answered nothing"):
        against_people(same, "judge")


def test_nobody_is_certain_where_all_agree() -> None:
    items = [item for item in range(6) for _ in range(2)]
    alike = Answers.of(items, ["a", "b"] * 6, [item % 2 for item in items])
    for found in (pairwise(alike).estimate, alpha(alike).estimate):
        assert (found.value, found.high) == (1, 1)
        assert found.low == pytest.approx(0.025 ** (1 / 6)), "six results can't exclude more"
    never = pairwise(Answers.of(items, ["a", "b"] * 6, [0, 1] * 6)).estimate
    assert (never.low, never.value) == (0, 0)
    assert never.high == pytest.approx(1 - 0.025 ** (1 / 6))
