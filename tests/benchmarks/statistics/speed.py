"""Speed: votes to strengths with clustered intervals, beside other ways, in one run on one machine.

Every contestant starts from the same narrow columns; what it needs to prepare is counted. ``plain`` is what one writes
by hand: pool with numpy, Newton, and a sandwich for independent votes.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from tests.benchmarks.statistics.cells import Cell, Cells

from marlin.statistics import Votes, bradley_terry, davidson, graded

ARMS, CONTRIBUTORS = 50, 1000
SIZES = (10_000, 1_000_000, 10_000_000)
_REPETITIONS = {10_000: 15, 1_000_000: 7, 10_000_000: 5}

Columns = dict[str, Any]


def _columns(size: int) -> Columns:
    generator = np.random.default_rng(7)
    strengths = np.linspace(-1, 1, ARMS)
    first = generator.integers(0, ARMS, size).astype(np.int8)
    second = ((first + generator.integers(1, ARMS, size)) % ARMS).astype(np.int8)
    apart = strengths[first] - strengths[second]
    verdict = np.where(
        generator.random(size) < 0.23, 0, np.where(generator.random(size) < 1 / (1 + np.exp(-apart)), -1, 1)
    )
    return {
        "first": first,
        "second": second,
        "outcome": (verdict * generator.integers(1, 4, size) + 3).astype(np.int8),
        "contributor": generator.integers(0, CONTRIBUTORS, size).astype(np.int16),
    }


def _plain(columns: Columns) -> object:
    """Ties as half a win, no clusters, no checks, no hash."""
    verdict = np.sign(columns["outcome"] - np.int8(3)) + np.int8(1)
    code = (columns["first"].astype(np.int64) * ARMS + columns["second"]) * 3 + verdict
    table = np.bincount(code, minlength=ARMS * ARMS * 3).reshape(ARMS, ARMS, 3)
    wins = table[:, :, 0] + table[:, :, 1] / 2 + (table[:, :, 2] + table[:, :, 1] / 2).T
    met, strengths = wins + wins.T, np.zeros(ARMS)
    for _ in range(20):
        chance = 1 / (1 + np.exp(strengths[None, :] - strengths[:, None]))
        gradient = (wins - met * chance).sum(axis=1)
        weight = met * chance * (1 - chance)
        information = np.diag(weight.sum(axis=1)) - weight + 1
        strengths = strengths + np.linalg.solve(information, gradient)
        if np.abs(gradient).max() < 1e-6:
            break
    residual = wins * (1 - chance) ** 2
    spread = residual + residual.T
    inverse = np.linalg.inv(information)
    return strengths, inverse @ (np.diag(spread.sum(axis=1)) - spread) @ inverse


def _ours(fit: Callable[..., Any]) -> Callable[[Columns], object]:
    names, people = [f"arm-{index}" for index in range(ARMS)], [str(index) for index in range(CONTRIBUTORS)]

    def run(columns: Columns) -> object:
        votes = Votes.from_codes(
            names,
            columns["first"],
            columns["second"],
            columns["outcome"],
            contributors=people,
            contributor=columns["contributor"],
        )
        return fit(votes)

    return run


def _evalica(columns: Columns) -> object:
    import evalica
    import pandas as pd

    winner = np.array([evalica.Winner.X, evalica.Winner.Draw, evalica.Winner.Y], dtype=object)
    winners = winner[np.sign(columns["outcome"] - np.int8(3)) + 1].tolist()
    index = pd.Index(range(ARMS))
    return evalica.bradley_terry(columns["first"].tolist(), columns["second"].tolist(), winners, index=index)


def _choix(columns: Columns) -> object:
    import choix

    verdict = columns["outcome"] - np.int8(3)
    code = columns["first"].astype(np.int64) * ARMS + columns["second"]
    counts = np.bincount(code, verdict < 0, minlength=ARMS * ARMS).reshape(ARMS, ARMS)
    counts += np.bincount(code, verdict > 0, minlength=ARMS * ARMS).reshape(ARMS, ARMS).T
    ties = np.bincount(code, verdict == 0, minlength=ARMS * ARMS).reshape(ARMS, ARMS)
    return choix.ilsr_pairwise_dense(counts + (ties + ties.T) / 2)


def _fastchat(columns: Columns) -> object:
    """The logistic regression of FastChat's leaderboard on rows (ties doubled), solved by L-BFGS in scipy."""
    from scipy.optimize import minimize
    from scipy.sparse import csr_matrix
    from scipy.special import expit, log_expit

    verdict = columns["outcome"] - np.int8(3)
    size = len(verdict)
    # As in compute_mle_elo: each vote twice, a tie once for either side.
    first = np.concatenate([columns["first"], columns["first"]]).astype(np.int32)
    second = np.concatenate([columns["second"], columns["second"]]).astype(np.int32)
    won = np.concatenate([verdict <= 0, verdict < 0])
    rows = np.arange(2 * size + 1, dtype=np.int32) * 2
    places = np.stack([first, second], axis=1).ravel()
    design = csr_matrix((np.tile([1.0, -1.0], 2 * size), places, rows), shape=(2 * size, ARMS))
    sign = np.where(won, 1.0, -1.0)

    def loss(strengths: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (design @ strengths)
        return -float(log_expit(margin).sum()), -(design.T @ (sign * expit(-margin)))

    return minimize(loss, np.zeros(ARMS), jac=True, method="L-BFGS-B", options={"gtol": 1e-3})


CONTESTANTS: list[tuple[str, Callable[[Columns], object], int]] = [
    ("plain", _plain, 10_000_000),
    ("marlin Bradley–Terry, clustered", _ours(bradley_terry), 10_000_000),
    ("marlin Davidson, clustered", _ours(davidson), 10_000_000),
    ("marlin graded, clustered", _ours(graded), 10_000_000),
    ("choix, dense (no intervals)", _choix, 10_000_000),
    ("evalica Bradley–Terry (no intervals)", _evalica, 10_000_000),
    ("logistic regression as in FastChat (no intervals)", _fastchat, 10_000_000),
]


def speeds(cells: Cells, scale: float) -> list[Cell]:
    """Best of several runs each, the contestants in turn, so that a busy machine slows all alike."""
    found = []
    for size in SIZES:

        def compute(size: int = size) -> Cell:
            columns = _columns(size)
            best = {name: float("inf") for name, _, _ in CONTESTANTS}
            cpu, load = dict(best), os.getloadavg()[0]
            missing = []
            for repetition in range(max(1, int(_REPETITIONS[size] * scale))):
                for name, run, most in CONTESTANTS:
                    slow = name.startswith(("evalica", "logistic")) and size > 10_000
                    if size > most or name in missing or (slow and repetition > 0):
                        continue
                    began, worked = time.perf_counter(), time.process_time()
                    try:
                        run(columns)
                    except ImportError:
                        print(f"{name}: not installed, see requirements.txt beside this file", file=sys.stderr)
                        missing.append(name)
                        continue
                    best[name] = min(best[name], time.perf_counter() - began)
                    cpu[name] = min(cpu[name], time.process_time() - worked)
            done = [name for name, took in best.items() if np.isfinite(took)]
            return {
                "size": size,
                "load": round(load, 1),
                "best": {name: best[name] for name in done},
                "cpu": {name: cpu[name] for name in done},
            }

        found.append(cells.get(f"speed/{size}", compute))
    return found
