"""Speed: votes to strengths with clustered intervals, beside other ways, in one run on one machine.

Every contestant starts from the same narrow columns; what it needs to prepare is counted. ``plain`` is what one writes
by hand: pool with numpy, Newton, and a sandwich for independent votes.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Any

import numpy as np
from tests.benchmarks.statistics.cells import Cell, Cells
from tests.benchmarks.statistics.tables import table

from marlin.statistics import Votes, bradley_terry, davidson, graded
from marlin.statistics.pooling import Pool, counted, mixed_rows, pooled, summed_by_arm
from marlin.statistics.votes import OUTCOMES

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
    outcome = (verdict * generator.integers(1, 4, size) + 3).astype(np.int8)
    return {
        "first": first,
        "second": second,
        "outcome": outcome,
        "cells": ((first.astype(np.int32) * ARMS + second) * OUTCOMES + outcome).astype(np.int32),
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


_NAMES, _PEOPLE = [f"arm-{index}" for index in range(ARMS)], [str(index) for index in range(CONTRIBUTORS)]


def _votes(columns: Columns) -> Votes:
    return Votes.from_codes(
        _NAMES,
        columns["first"],
        columns["second"],
        columns["outcome"],
        contributors=_PEOPLE,
        contributor=columns["contributor"],
    )


def _ours(fit: Callable[..., Any]) -> Callable[[Columns], object]:
    return lambda columns: fit(_votes(columns))


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


CONTESTANTS: list[tuple[str, Callable[[Columns], object]]] = [
    ("marlin Bradley–Terry, clustered", _ours(bradley_terry)),
    ("marlin Davidson, clustered", _ours(davidson)),
    ("marlin graded, clustered", _ours(graded)),
    ("choix, dense (no intervals)", _choix),
    ("evalica Bradley–Terry (no intervals)", _evalica),
    ("logistic regression as in FastChat (no intervals)", _fastchat),
]


def _counts(columns: Columns) -> object:
    return pooled(_votes(columns))


def _people(columns: Columns) -> object:
    return counted(columns["contributor"], CONTRIBUTORS)


def _hash(columns: Columns) -> object:
    return mixed_rows(Pool(_votes(columns), _TABLE, columns["cells"]))


def _residuals(columns: Columns) -> object:
    pool = Pool(_votes(columns), _TABLE, columns["cells"])
    return summed_by_arm(pool, columns["contributor"], CONTRIBUTORS, _RESIDUAL)


_TABLE = np.zeros((ARMS, ARMS, OUTCOMES), dtype=np.int64)
_RESIDUAL = np.random.default_rng(0).normal(size=(ARMS, ARMS, OUTCOMES))
PASSES: list[tuple[str, Callable[[Columns], object]]] = [
    ("pass: checks, and counts by pair and verdict", _counts),
    ("pass: votes of each contributor", _people),
    ("pass: hash of the votes", _hash),
    ("pass: residuals by contributor and arm", _residuals),
]
"""What marlin does with the rows, each by itself (the checks go with each but the second)."""


def speeds(cells: Cells, scale: float) -> list[Cell]:
    """Medians of several rounds, the contestants in turn, so that a busy machine slows all alike; each held against the
    plain way of its own round. Processor time is what a busy machine leaves comparable.
    """
    return [cells.get(f"speed/{size}", partial(_round_after_round, size, scale)) for size in SIZES]


def _round_after_round(size: int, scale: float) -> Cell:
    columns, load = _columns(size), os.getloadavg()[0]
    took: dict[str, list[tuple[float, float]]] = {}
    missing: set[str] = set()
    for repetition in range(max(1, int(_REPETITIONS[size] * scale))):
        plain = _timed(partial(_plain, columns))
        took.setdefault("plain", []).append(plain)
        for name, run in CONTESTANTS + (PASSES if size == SIZES[-1] else []):
            slow = name.startswith(("evalica", "logistic")) and size > 10_000
            if name in missing or (slow and repetition > 0):
                continue
            try:
                took.setdefault(name, []).append(_timed(partial(run, columns)))
            except ImportError:
                print(f"{name}: not installed, see requirements.txt beside this file", file=sys.stderr)
                missing.add(name)
                took.pop(name)
    plain_rounds = np.array(took["plain"])
    found = {name: np.array(rounds) for name, rounds in took.items()}
    return {
        "size": size,
        "load": round(load, 1),
        "rounds": len(plain_rounds),
        "median": {name: float(np.median(rounds[:, 0])) for name, rounds in found.items()},
        "by_clock": {name: _ratio(rounds, plain_rounds, 0) for name, rounds in found.items()},
        "by_processor": {name: _ratio(rounds, plain_rounds, 1) for name, rounds in found.items()},
        "versions": {name: version(name) for name in ("numpy", "scipy", "choix", "evalica") if name not in missing},
    }


def _timed(run: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of processor time."""
    began, worked = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - began, time.process_time() - worked


def _ratio(rounds: np.ndarray, plain: np.ndarray, kind: int) -> float:
    return float(np.median(rounds[:, kind] / plain[: len(rounds), kind]))


def section(cells: list[Cell], machine: str) -> str:
    """Of the study's page."""
    large = cells[-1]
    # kept cells have lost the order in which they were measured
    names = sorted(cells[0]["median"], key=lambda name: float(large["median"].get(name, 0)))

    def told(cell: Cell, name: str) -> str:
        if name not in cell["median"]:
            return ""
        clock, worked = cell["by_clock"][name], cell["by_processor"][name]
        return f"{cell['median'][name]:.3g} s ({clock:.1f} ×; {worked:.1f} ×)"

    passes = sorted(name for name in large["median"] if name.startswith("pass: "))
    passes.sort(key=lambda name: -float(large["by_processor"][name]))
    busy = ", ".join(f"{cell['load']:g}" for cell in cells)
    used = ", ".join(f"{name} {number}" for name, number in sorted(large["versions"].items()))
    head = ["", *(f"{cell['size']:,} votes" for cell in cells)]
    return f"""## Speed

50 arms, 1,000 contributors, 23 % equal; medians of {cells[0]["rounds"]}, {cells[1]["rounds"]} and {large["rounds"]}
rounds, the contestants in turn (evalica and the logistic regression once from a million votes on); {machine}; {used};
load average {busy}, so others used the cores as well. Preparation is counted. *Plain* is pooled numpy by hand: Newton,
ties as half, a sandwich for independent votes, no checks, no hash of the data. (×) is relative to the plain way of the
same round: first by the clock, then by processor time, which others disturb least.

{table(head, [[name, *(told(cell, name) for cell in cells)] for name in names])}
**Why not within 2 ×.** What Marlin does with ten million rows, each pass by itself, in the same rounds; processor time:

{table(["pass", "of plain"], [[name[6:], f"{large['by_processor'][name]:.2f} ×"] for name in passes])}
Plain pooling is one count of the rows. Clustered intervals need another sum over them that no count of verdicts
replaces: what each contributor's votes say for each arm, two weighted counts into a table of contributors × arms. Tried
for that pass and found no quicker, each by itself with pieces of 8,192 to 131,072 rows: adding in place (`add.at`), one
count of contributor × pair, a sparse matrix of the rows times their residuals, and narrower indices. Passes are dealt
to two threads where cores are idle; here they were not.

Since that run the hash begins with its first column and goes through pieces that stay in the cache; it is the same.
By processor time, medians in turn with the hash of before: the pass alone on one core 0.63 × instead of 0.87 × (five
rounds, load 3); all of it 2.04 × instead of 2.16 × (Bradley–Terry) and 2.17 × instead of 2.34 × (Davidson; seven
rounds, load 4). The goal is still missed. Other sizes of pieces (32,768 to 262,144 rows) make neither the counts nor
the residuals quicker, and a table of the hash's first step saves another 0.06 × only, at the price of a second way.
"""
