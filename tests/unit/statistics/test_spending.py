"""Boundaries against published tables, and against what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from marlin.statistics import InvalidQuestionError
from marlin.statistics.spending import boundaries, crossing, needed_drift, spent, upper_boundaries

FIVE = [0.2, 0.4, 0.6, 0.8, 1.0]


@pytest.mark.parametrize(
    ("kind", "published"),
    [
        ("pocock", [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]),
        ("obrien-fleming", [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
    ],
)
def test_the_boundaries_of_reboussin_demets_and_lan(kind: str, published: list[float]) -> None:
    """Five equal looks, one-sided α = .025 (Reboussin, DeMets, Kim & Lan 2000; R package ldbounds)."""
    assert upper_boundaries(FIVE, FIVE, 0.025, kind) == pytest.approx(published, abs=2e-4)  # type: ignore[arg-type]


def test_the_boundaries_of_gs_design_at_uneven_looks() -> None:
    """``gsDesign(alpha = .025, sfu = sfLDOF, timing = c(.5, .75, 1))``, from the manual of gsDesign2."""
    uneven = [0.5, 0.75, 1.0]
    found = upper_boundaries(uneven, uneven, 0.025, "obrien-fleming")
    assert found == pytest.approx([2.962588, 2.359018, 2.014084], abs=1e-4)


@pytest.mark.parametrize(("looks", "constant"), [(2, 2.178), (3, 2.289), (5, 2.413), (10, 2.555)])
def test_the_constants_of_pocock(looks: int, constant: float) -> None:
    """Two-sided α = .05 (Jennison & Turnbull 2000, table 2.1)."""
    equal = [(look + 1) / looks for look in range(looks)]
    found = crossing(equal, [constant] * looks, [-constant] * looks, 0.0)
    assert sum(found.crossed_up) + sum(found.crossed_down) == pytest.approx(0.05, abs=2e-4)


@pytest.mark.parametrize("looks", [1, 2, 10])
def test_all_of_alpha_is_spent_and_no_more(looks: int) -> None:
    equal = [(look + 1) / looks for look in range(looks)]
    upper = upper_boundaries(equal, equal, 0.05)
    assert sum(crossing(equal, upper, [-np.inf] * looks, 0.0).crossed_up) == pytest.approx(0.05, abs=1e-7)
    if looks == 1:
        assert upper[0] == pytest.approx(ndtri(0.95), abs=1e-7)


def test_the_cap_gives_the_power_and_futility_spends_the_rest() -> None:
    drift = needed_drift(10, 0.05, 0.8)
    equal = [(look + 1) / 10 for look in range(10)]
    found = boundaries(equal, equal, 0.05, effect=drift, beta=0.2)
    assert found.power == pytest.approx(0.8, abs=1e-6)
    assert sum(found.crossed_down) == pytest.approx(0.2, abs=1e-4)
    assert list(found.lower) == sorted(found.lower)
    assert found.lower[-1] == pytest.approx(found.upper[-1], abs=1e-3)


def test_the_recursion_agrees_with_drawing_campaigns() -> None:
    equal = [(look + 1) / 6 for look in range(6)]
    found = boundaries(equal, equal, 0.05, effect=2.7, beta=0.2)
    generator = np.random.default_rng(0)
    scores = np.cumsum(generator.normal(2.7 / 6, np.sqrt(1 / 6), (200_000, 6)), axis=1)
    z = scores / np.sqrt(equal)
    up, down = z >= found.upper, z < found.lower
    first = np.argmax(up | down, axis=1)
    shown = up[np.arange(len(z)), first].mean()
    assert shown == pytest.approx(found.power, abs=0.004)


def test_going_on_from_a_look_is_the_walk_itself() -> None:
    equal, upper, lower = [0.5, 1.0], [2.0, 1.8], [-np.inf, -np.inf]
    assert crossing(equal[1:], upper[1:], lower[1:], 0.0, score=0.0, already=0.5).power == pytest.approx(
        float(1 - 0.99455), abs=1e-4
    )


@pytest.mark.parametrize(("total", "kind"), [(0.05, "pocock"), (0.05, "obrien-fleming"), (0.2, "kim-demets")])
def test_spending_begins_with_nothing_and_ends_with_all(total: float, kind: str) -> None:
    found = [spent(total, progress, kind) for progress in np.linspace(0, 1, 21)]  # type: ignore[arg-type]
    assert found[0] == 0
    assert found[-1] == pytest.approx(total)
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("information", "alpha", "said"),
    [([0.5, 0.4], 0.05, "does not grow"), ([1.0], 1.5, "not between 0 and 1"), (list(range(1, 12)), 0.05, "11 looks")],
)
def test_looks_that_make_no_sense_are_refused(information: list[float], alpha: float, said: str) -> None:
    with pytest.raises(InvalidQuestionError, match=said):
        upper_boundaries(information, sorted(information), alpha)
