"""A registered question that counts votes by their strength beside one that counts sides, on the same campaigns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.benchmarks.statistics.cells import Cell, Cells
from tests.benchmarks.statistics.tables import rate, table

from marlin.statistics import Question, Verdict, Votes, looked, planned, support

REPETITIONS = 2000
CONTRIBUTORS, TASTE = 60, 0.3
STEPS = (0.15, 0.8, 1.5)
"""Where liking becomes a slight, a clear and a strong preference; below the first the verdict is equal."""
SPREAD = 0.5
"""Of how people use the scale, as the sd of the logarithm of their steps."""
_SIDE = Question("new", "old", effect=0.1, looks=5, equal=0.12, icc=0.05, contributors=CONTRIBUTORS)


def strength(cells: Cells, scale: float) -> list[Cell]:
    """How often the candidate is called better, after how many votes, by sides and by strength."""
    found, plans = [], [planned(_SIDE), planned(replace(_SIDE, graded=True))]
    for share in (0.5, 0.6):
        for spread in (0.0, SPREAD):

            def compute(share: float = share, spread: float = spread) -> Cell:
                generator = np.random.default_rng([9, int(share * 100), int(spread * 10)])
                centre, repetitions = _centre(share, spread), max(20, int(REPETITIONS * scale))
                ended, squares = np.zeros((repetitions, 4)), np.zeros((repetitions, 4))
                for one in range(repetitions):
                    votes = _votes(generator, plans[0].cap, centre, spread)
                    looks = [looked(plan, votes)[-1] for plan in plans]
                    ended[one] = [part for look in looks for part in (look.verdict is Verdict.BETTER, look.votes)]
                    places = votes.arms.index("new"), votes.arms.index("old")
                    plain, graded = (support(votes, *places, graded=by)[0] for by in (False, True))
                    squares[one] = plain.mean(), plain.var(), graded.mean(), graded.var()
                mean, told = ended.mean(axis=0), squares.mean(axis=0)
                return {
                    "share": share,
                    "spread": spread,
                    "repetitions": repetitions,
                    "caps": [plan.cap for plan in plans],
                    "side": mean[0],
                    "side_votes": mean[1],
                    "strength": mean[2],
                    "strength_votes": mean[3],
                    "lean": 6 * (told[2] - 0.5),
                    "worth": _ratio(told) if share > 0.5 else None,
                }

            found.append(cells.get(f"strength/{share}/{spread}", compute))
    return found


def section(cells: list[Cell]) -> str:
    """Of the study's page."""
    rows = [
        [
            f"{100 * cell['share']:g} %",
            "alike" if not cell["spread"] else "each in their own way",
            f"{cell['repetitions']:,}",
            f"{cell['lean']:+.2f}",
            rate(cell["side"], cell["repetitions"]),
            rate(cell["strength"], cell["repetitions"]),
            f"{cell['side_votes']:.0f} of {cell['caps'][0]}",
            f"{cell['strength_votes']:.0f} of {cell['caps'][1]}",
            "" if cell["worth"] is None else f"{cell['worth']:.2f}",
        ]
        for cell in cells
    ]
    head = ["truth", "scale used", "repetitions", "lean, grades", "shown by side, %", "by strength, %"]
    return f"""## Counting how strongly a side is preferred

The same campaigns decided by which side is preferred and by how strongly: one-sided α 5 %, power 80 % at 60 %, five
looks, {CONTRIBUTORS} contributors with tastes, planned with an ICC of 0.05. Liking is normal; its size becomes one of
three grades, or an equal verdict. In every other row people use the scale each in their own way (the sd of the
logarithm of their steps is {SPREAD:g}). *Worth* is how many votes by strength tell as much as one by its side; plans
take 0.85.

{table([*head, "mean n by side", "by strength", "worth"], rows)}
The error is kept and the power reached either way, with a fifth fewer comparisons. What was simulated is a world where
strong preferences are strong for the same reason as slight ones; where a few strong ones go against many slight ones,
the two count different things, and a question says beforehand which it means.
"""


def _ratio(told: np.ndarray) -> float:
    """How many votes by strength tell as much as one by its side."""
    side, graded = (told[0] - 0.5) ** 2 / told[1], (told[2] - 0.5) ** 2 / told[3]
    return float(side / graded)


def _votes(generator: np.random.Generator, size: int, centre: float, spread: float) -> Votes:
    person = np.arange(size) % CONTRIBUTORS
    taste, use = generator.normal(0, TASTE, CONTRIBUTORS), np.exp(generator.normal(0, spread, CONTRIBUTORS))
    grade = _grades(generator, centre + taste[person], use[person])
    on_a = generator.random(size) < 0.5
    return Votes.from_columns(
        np.where(on_a, "new", "old"),
        np.where(on_a, "old", "new"),
        np.where(on_a, -grade, grade),
        contributor=person,
    )


def _grades(generator: np.random.Generator, centre: np.ndarray, use: np.ndarray) -> np.ndarray:
    liking = centre + generator.normal(size=len(use))
    steps = np.array(STEPS)[:, None] * use
    return np.asarray(np.sign(liking) * (np.abs(liking) > steps).sum(axis=0)).astype(np.int64)


def _centre(share: float, spread: float) -> float:
    """Where liking must lie so that the candidate is preferred in ``share`` of verdicts, ties split."""
    low, high = 0.0, 1.5
    for _ in range(25):
        middle = (low + high) / 2
        generator = np.random.default_rng(1)
        use = np.exp(generator.normal(0, spread, 400_000))
        got = 0.5 + np.sign(_grades(generator, middle + generator.normal(0, TASTE, len(use)), use)).mean() / 2
        low, high = (middle, high) if got < share else (low, middle)
    return 0.0 if share == 0.5 else (low + high) / 2
