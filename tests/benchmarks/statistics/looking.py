"""Type-I error under peeking and clustering; power, comparisons and dollars of each rule."""

from __future__ import annotations

import numpy as np
from tests.benchmarks.statistics.campaigns import Array, clustered_z, drawn, ends, evidence, sizes_at
from tests.benchmarks.statistics.cells import Cell, Cells

from marlin.statistics import Question, betting, clustered_mean, planned
from marlin.statistics.control_variate import tuned_weight

REPETITIONS = 20_000
_AT_ONCE = 1_000
PRICE = 280

ICCS, CONTRIBUTORS, SHARES = (0.0, 0.05, 0.1), (5, 20, 100), (0.5, 0.55, 0.6, 0.65)


def type_one(cells: Cells, scale: float) -> list[Cell]:
    """Between equal arms, how often each rule calls the candidate better, looking ten times up to 830 votes."""
    plan, found = planned(Question("new", "old")), []
    for uneven in (False, True):
        for contributors in CONTRIBUTORS:
            for icc in ICCS:
                name = f"type-one/{contributors}/{icc}/{'uneven' if uneven else 'even'}"

                def compute(contributors: int = contributors, icc: float = icc, uneven: bool = uneven) -> Cell:
                    sizes = sizes_at(plan.at, contributors, uneven=uneven)
                    generator, wrong = np.random.default_rng([1, contributors, int(icc * 100), uneven]), np.zeros(5)
                    rounds = max(1, int(REPETITIONS * scale / _AT_ONCE))
                    for _ in range(rounds):
                        sums = drawn(generator, _AT_ONCE, 0.5, icc, sizes)
                        total = sizes.sum(axis=1)
                        naive = (sums.sum(axis=2) - total / 2) / np.sqrt(total / 4)
                        z = clustered_z(sums, sizes)
                        wrong += [
                            (naive >= 1.645).any(axis=1).sum(),
                            (naive >= np.array(plan.upper)).any(axis=1).sum(),
                            (z >= np.array(plan.upper)).any(axis=1).sum(),
                            (evidence(sums, sizes)[:, -1] >= 20).sum(),
                            (evidence(sums, sizes, 0.5, both=True)[:, -1] >= 20).sum(),
                        ]
                    done = rounds * _AT_ONCE
                    keys = ("naive", "spending", "clustered", "anytime", "interval")
                    return {
                        "contributors": contributors,
                        "icc": icc,
                        "uneven": uneven,
                        "repetitions": done,
                        **{key: count / done for key, count in zip(keys, wrong.tolist(), strict=True)},
                    }

                found.append(cells.get(name, compute))
    return found


def per_vote(cells: Cells, scale: float) -> list[Cell]:
    """What betting vote by vote would do, looking after every vote up to 2,000 of 100 contributors."""
    found = []
    for icc in ICCS:
        for order in ("interleaved", "in blocks"):

            def compute(icc: float = icc, order: str = order) -> Cell:
                generator, repetitions = np.random.default_rng([2, int(icc * 100)]), max(200, int(4000 * scale))
                wrong = 0
                for _ in range(repetitions // 100):
                    strength = (1 - icc) / icc if icc else 0
                    leaning = (
                        generator.beta(strength / 2, strength / 2, (100, 100)) if icc else np.full((100, 100), 0.5)
                    )
                    votes = (generator.random((100, 20, 100)) < leaning[:, None, :]).astype(float)
                    rows = votes if order == "interleaved" else votes.transpose(0, 2, 1)
                    wrong += int((betting(rows.reshape(100, -1)).max(axis=1) >= 20).sum())
                done = repetitions // 100 * 100
                return {"icc": icc, "order": order, "repetitions": done, "wrong": wrong / done}

            found.append(cells.get(f"per-vote/{icc}/{order}", compute))
    return found


def rules(cells: Cells, scale: float) -> list[Cell]:
    """Power, mean comparisons and dollars of each rule at true shares, for 100 contributors."""
    found = []
    for icc in (0.0, 0.05):
        question = Question("new", "old", icc=icc, contributors=100)
        for share in SHARES:

            def compute(icc: float = icc, share: float = share, question: Question = question) -> Cell:
                plan = planned(question)
                assert plan.fixed is not None
                fixed_sizes = sizes_at((plan.fixed,), 100)
                sizes = sizes_at(plan.at, 100)
                wide = tuple(range(60, 60 * 41, 60))
                wide_sizes = sizes_at(wide, 100)
                generator = np.random.default_rng([3, int(icc * 100), int(share * 100)])
                totals, squares, rounds = np.zeros(6), np.zeros(3), max(1, int(REPETITIONS * scale / _AT_ONCE))
                for _ in range(rounds):
                    shown = clustered_z(drawn(generator, _AT_ONCE, share, icc, fixed_sizes), fixed_sizes)[:, 0] >= 1.645
                    better, votes = ends(
                        clustered_z(drawn(generator, _AT_ONCE, share, icc, sizes), sizes), plan, futility=True
                    )
                    strong = evidence(drawn(generator, _AT_ONCE, share, icc, wide_sizes), wide_sizes) >= 20
                    stop = strong.copy()
                    stop[:, -1] = True
                    watched = np.array(wide)[stop.argmax(axis=1)]
                    totals += [shown.sum(), better.sum(), votes.sum(), strong[:, -1].sum(), watched.sum(), 0]
                    squares += [0, (votes.astype(float) ** 2).sum(), (watched.astype(float) ** 2).sum()]
                done = rounds * _AT_ONCE
                mean, watched_mean = totals[2] / done, totals[4] / done
                return {
                    "icc": icc,
                    "share": share,
                    "repetitions": done,
                    "fixed": plan.fixed,
                    "cap": plan.cap,
                    "fixed_power": totals[0] / done,
                    "power": totals[1] / done,
                    "votes": mean,
                    "votes_error": float(np.sqrt((squares[1] / done - mean**2) / done)),
                    "planned_votes": plan.outlook(share).mean_votes,
                    "anytime_power": totals[3] / done,
                    "anytime_votes": watched_mean,
                    "dollars": mean * PRICE,
                }

            found.append(cells.get(f"rules/{icc}/{share}", compute))
    return found


def control(cells: Cells, scale: float) -> list[Cell]:
    """The rule with a control variate of correlation ρ, its cap planned for ρ; and one planned for that is useless."""
    found = []
    for planned_for, true in ((0.0, 0.0), (0.3, 0.3), (0.5, 0.5), (0.3, 0.0)):
        for share in SHARES:

            def compute(planned_for: float = planned_for, true: float = true, share: float = share) -> Cell:
                plan = planned(Question("new", "old", control=planned_for, contributors=100))
                generator = np.random.default_rng([4, int(planned_for * 10), int(true * 10), int(share * 100)])
                rounds = max(1, int(4000 * scale / 200))
                better_count, totals, squares = 0, 0.0, 0.0
                for _ in range(rounds):
                    better, votes = _controlled_campaigns(generator, 200, share, true, plan.at, plan)
                    better_count += int(better.sum())
                    totals += float(votes.sum())
                    squares += float((votes.astype(float) ** 2).sum())
                done = rounds * 200
                mean = totals / done
                return {
                    "planned_for": planned_for,
                    "rho": true,
                    "share": share,
                    "repetitions": done,
                    "cap": plan.cap,
                    "power": better_count / done,
                    "votes": mean,
                    "votes_error": float(np.sqrt((squares / done - mean**2) / done)),
                    "dollars": mean * PRICE,
                }

            found.append(cells.get(f"control/{planned_for}/{true}/{share}", compute))
    return found


def _controlled_campaigns(generator, repetitions, share, rho, looks, plan):  # type: ignore[no-untyped-def]
    """Votes in turn of 100 contributors, a signal with correlation ρ to the vote, and 5,000 unrated pairs."""
    cap, contributors, unrated = looks[-1], 100, 5000
    rounds = -(-cap // contributors)
    size = rounds * contributors
    values = (generator.random((repetitions, size)) < share).astype(float)
    spread = np.sqrt(share * (1 - share))
    signal = rho * (values - share) / spread + np.sqrt(1 - rho**2) * generator.normal(size=values.shape)
    # The mean and the variance of the unrated signals are all that is used of them.
    mean = generator.normal(0, 1 / np.sqrt(unrated), (repetitions, 1))
    z: Array = np.zeros((repetitions, len(looks)))
    person = np.arange(size) % contributors
    for index, votes in enumerate(looks):
        weight = tuned_weight(values[:, :votes], signal[:, :votes], unrated)[:, None]
        corrected = values[:, :votes] - weight * (signal[:, :votes] - mean)
        padded = np.zeros((repetitions, size))
        padded[:, :votes] = corrected
        sums = padded.reshape(repetitions, rounds, contributors).sum(axis=1)
        sizes = np.bincount(person[:votes], minlength=contributors).astype(float)
        found = clustered_mean(sums, sizes, shared=True)
        z[:, index] = found._replace(standard_error=np.sqrt(found.standard_error**2 + weight[:, 0] ** 2 / unrated)).z(
            repeated=True
        )
    return ends(z, plan, futility=True)


def fraud(cells: Cells, scale: float) -> list[Cell]:
    """Five of 100 contributors always vote for the candidate, or always against it."""
    plan, found = planned(Question("new", "old")), []
    for share, side in ((0.5, 1.0), (0.55, 0.0), (0.6, 0.0)):

        def compute(share: float = share, side: float = side) -> Cell:
            sizes = sizes_at(plan.at, 100)
            generator, rounds = (
                np.random.default_rng([5, int(share * 100)]),
                max(1, int(REPETITIONS * scale / _AT_ONCE)),
            )
            clean_count = count = strong = 0
            for _ in range(rounds):
                sums = drawn(generator, _AT_ONCE, share, 0.0, sizes)
                clean, _votes = ends(clustered_z(sums, sizes), plan, futility=True)
                sums[:, :, :5] = sizes[None, :, :5] * side
                better, _votes = ends(clustered_z(sums, sizes), plan, futility=True)
                clean_count, count = clean_count + int(clean.sum()), count + int(better.sum())
                strong += int((evidence(sums, sizes)[:, -1] >= 20).sum())
            done = rounds * _AT_ONCE
            return {
                "share": share,
                "towards": "candidate" if side else "baseline",
                "repetitions": done,
                "clean": clean_count / done,
                "colluding": count / done,
                "anytime": strong / done,
                "share_seen": 0.95 * share + 0.05 * side,
            }

        found.append(cells.get(f"fraud/{share}/{side}", compute))
    return found
