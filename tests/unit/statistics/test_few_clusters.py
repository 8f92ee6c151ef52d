"""How far intervals reach where few people, or very unequal ones, voted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit

from marlin.statistics.few_clusters import degrees_of_freedom


def uneven(clusters: int) -> np.ndarray:
    return 1000 / np.arange(1, clusters + 1)


def held(sizes: np.ndarray, alike: float, repetitions: int = 40_000) -> float:
    """How often the interval of a mean holds, by drawing clusters' means and correcting for leverage (CR3)."""
    generator = np.random.default_rng(3)
    share, clusters = sizes / sizes.sum(), len(sizes)
    spread = np.sqrt((1 - alike) / (share * clusters) + alike)
    means = generator.normal(size=(repetitions, clusters)) * spread
    mean = means @ share
    error = np.sqrt((clusters - 1) / clusters * ((share / (1 - share) * (means - mean[:, None])) ** 2).sum(axis=1))
    return float((np.abs(mean) <= stdtrit(degrees_of_freedom(sizes), 0.975) * error).mean())


@pytest.mark.parametrize("clusters", [3, 5, 20, 150])
def test_equal_clusters_have_students_distribution(clusters: int) -> None:
    assert degrees_of_freedom(np.full(clusters, 7.0)) == clusters - 1


@pytest.mark.parametrize(
    "sizes",
    [uneven(5), uneven(20), uneven(60), np.array([500.0, *[10.0] * 50]), np.array([90.0, 5.0, 5.0])],
    ids=["5", "20", "60", "one gives half", "one of three gives nine tenths"],
)
def test_intervals_hold_in_95_of_100_cases_at_the_worst_and_hardly_more(sizes: np.ndarray) -> None:
    shares = [held(sizes, alike) for alike in (0.0, 0.03, 0.1, 0.3, 1.0)]
    assert min(shares) == pytest.approx(0.95, abs=0.004)
    assert max(shares) < 0.985


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 500), min_size=1, max_size=40))
def test_it_is_told_whatever_the_sizes(sizes: list[int]) -> None:
    found = degrees_of_freedom(np.array(sizes, dtype=float))
    assert 1 <= found <= max(1, sum(size > 0 for size in sizes) - 1)
    assert found == degrees_of_freedom(np.array([*reversed(sizes), 0], dtype=float)), "whatever their order"
