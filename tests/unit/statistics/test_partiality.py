"""One person's taste against everybody's, and what chance alone does."""

from __future__ import annotations

import numpy as np
import pytest

from marlin.statistics import InvalidVotesError, partiality


def played(
    seed: int, *, people: int = 12, each: int = 30, colluders: int = 0, taste: float = 0.0
) -> tuple[list[str], list[str], list[float], list[str]]:
    """Votes over three arms of different strength; colluders vote for ``c``, the weakest, whenever they meet it."""
    rng = np.random.default_rng(seed)
    strength = {"a": 0.6, "b": 0.2, "c": -0.4}
    columns: tuple[list[str], list[str], list[float], list[str]] = ([], [], [], [])
    for person in range(people):
        own = {arm: value + taste * rng.normal() for arm, value in strength.items()}
        for _ in range(each):
            left, right = rng.permutation(list(strength))[:2]
            score = 1.0 if rng.logistic() < own[right] - own[left] else -1.0
            if person < colluders and "c" in (left, right):
                score = 1.0 if right == "c" else -1.0
            for column, value in zip(columns, (str(left), str(right), score, f"p{person}"), strict=True):
                column.append(value)
    return columns


def test_colluders_stand_out_with_the_arm_they_favour() -> None:
    found = partiality(*played(1, colluders=2))
    for name in ("p0", "p1"):
        assert found[name].arm == "c"
        assert found[name].p_value < 0.001
        assert found[name].share == 1.0
        assert found[name].expected < 0.5
    assert all(one.p_value > 0.001 for name, one in found.items() if name not in ("p0", "p1"))


def test_of_honest_people_chance_calls_no_more_than_it_may() -> None:
    called = sum(one.p_value < 0.05 for seed in range(40) for one in partiality(*played(seed)).values())
    assert called / (40 * 12) <= 0.07


def test_sides_and_the_order_of_arms_do_not_matter() -> None:
    first, second, score, people = played(3, colluders=1)
    turned = partiality(second, first, [-one for one in score], people)
    assert turned == partiality(first, second, score, people)


def test_who_alone_judged_is_compared_with_nobody() -> None:
    assert partiality(["a"] * 9, ["b"] * 9, [-1.0] * 9, ["only"] * 9) == {}
    assert partiality([], [], [], []) == {}
    assert partiality(["a", "a"], ["a", "b"], [1.0, 0.0], ["x", "y"]) == {}


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(InvalidVotesError, match="one length"):
        partiality(["a"], ["b", "c"], [1.0], ["x"])
