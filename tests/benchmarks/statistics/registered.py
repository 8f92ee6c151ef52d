"""A registered question with a control variate from checks, through :func:`looked`: contributors who have tastes,
both-bad verdicts that the signal foretells, and a pool of unrated pairs that is small or large."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from tests.benchmarks.statistics.cells import Cell, Cells

from marlin.statistics import ControlSignal, Plan, Question, Verdict, Votes, looked, planned

REPETITIONS = 2000
CONTRIBUTORS, TASTE, TOWARDS = 60, 0.3, 0.4
"""The signal is on the candidate's side on average, whether or not people prefer it: checks passed, say."""
_PLAN = Question("new", "old", effect=0.1, cap=300, looks=5)

Array = NDArray[np.float64]


def registered(cells: Cells, scale: float) -> list[Cell]:
    """How often the candidate is called better, after how many votes, with a control variate and without."""
    found, plan = [], planned(_PLAN)
    for share in (0.5, 0.6):
        for rho in (0.0, 0.5):
            for pool in (30, 2000):

                def compute(share: float = share, rho: float = rho, pool: int = pool) -> Cell:
                    generator = np.random.default_rng([8, int(share * 100), int(rho * 10), pool])
                    centre, repetitions = _centre(share, rho), max(20, int(REPETITIONS * scale))
                    ended = np.zeros((repetitions, 5))
                    for one in range(repetitions):
                        ended[one] = _campaign(generator, plan, centre, rho, pool)
                    mean = ended.mean(axis=0)
                    return {
                        "share": share,
                        "rho": rho,
                        "pool": pool,
                        "repetitions": repetitions,
                        "plain": mean[0],
                        "plain_votes": mean[1],
                        "controlled": mean[2],
                        "votes": mean[3],
                        "difference_error": float((ended[:, 3] - ended[:, 1]).std() / np.sqrt(repetitions)),
                        "variance_ratio": mean[4],
                    }

                found.append(cells.get(f"registered/{share}/{rho}/{pool}", compute))
    return found


def _campaign(generator: np.random.Generator, plan: Plan, centre: float, rho: float, pool: int) -> tuple[float, ...]:
    """Candidate shown better and votes at the end, without and with the signal; what is left of the variance."""
    size = int(plan.cap * 1.5)  # a fifth of them are both bad
    person = np.arange(size) % CONTRIBUTORS
    liking, signal, bad = _pairs(generator, size, centre, rho, generator.normal(0, TASTE, CONTRIBUTORS)[person])
    on_a = generator.random(size) < 0.5
    votes = Votes.from_columns(
        np.where(on_a, "new", "old"),
        np.where(on_a, "old", "new"),
        np.where((liking > 0) == on_a, -1, 1),
        both_bad=bad,
        contributor=person,
    )
    unrated = generator.normal(TOWARDS, 1, pool)
    control = ControlSignal(np.where(on_a, signal, -signal), unrated)
    looks = [looked(plan, votes)[-1], looked(plan, votes, control=control)[-1]]
    ended = [part for look in looks for part in (look.verdict is Verdict.BETTER, look.votes)]
    return (*ended, looks[1].variance_ratio)


def _pairs(
    generator: np.random.Generator, size: int, centre: float, rho: float, taste: Array | float
) -> tuple[Array, Array, NDArray[np.bool_]]:
    signal = generator.normal(TOWARDS, 1, size)
    liking = centre + taste + rho * (signal - TOWARDS) + np.sqrt(1 - rho**2) * generator.normal(size=size)
    return liking, signal, generator.random(size) < np.where(signal > TOWARDS, 0.35, 0.05)


def _centre(share: float, rho: float) -> float:
    """Where liking must lie so that the candidate is preferred in ``share`` of the verdicts that are not both bad."""
    generator = np.random.default_rng(0)
    liking, _, bad = _pairs(generator, 2_000_000, 0.0, rho, generator.normal(0, TASTE, 2_000_000))
    return -float(np.quantile(liking[~bad], 1 - share))
