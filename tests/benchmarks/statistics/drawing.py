"""What drawing pairs by evidence gains over drawing them alike, and that a decision on one pair stays valid under it.

The chances are those of :mod:`marlin.assignments.weighing`, as a campaign with ``pairs_by = "evidence"`` draws from.
"""

from __future__ import annotations

from itertools import combinations
from uuid import UUID

import numpy as np
from tests.benchmarks.statistics.cells import Cell, Cells
from tests.benchmarks.statistics.tables import rate, table

from marlin.assignments.weighing import Tally, weights
from marlin.campaigns.draw import PARTS
from marlin.statistics import Question, anytime, clustered_mean, planned

FLOOR = 0.25
EVERY = 20
"""Votes between two looks at the evidence; in a campaign every draw looks."""
PRICE = 280


class Table:
    """Votes so far: contributor × pair × (first, equal, second)."""

    def __init__(self, arms: int, contributors: int) -> None:
        self.pairs = list(combinations(range(arms), 2))
        self.counts = np.zeros((contributors, len(self.pairs), 3), dtype=np.int64)
        self.ids = [UUID(int=place + 1) for place in range(arms)]

    def tallies(self, without: int | None = None) -> list[Tally]:
        """As the database counts them."""
        return [
            Tally(
                UUID(int=1000 + int(person)),
                self.ids[self.pairs[pair][0]],
                self.ids[self.pairs[pair][1]],
                int(said) - 1,
                int(self.counts[person, pair, said]),
            )
            for person, pair, said in np.argwhere(self.counts)
            if person != without
        ]

    def chances(self, without: int | None = None) -> np.ndarray:
        """Of each pair, to be drawn next."""
        found = weights(self.tallies(without), self.ids, floor=FLOOR)
        if found.parts is None:
            return np.full(len(self.pairs), 1 / len(self.pairs))
        return np.array([found.parts[self.ids[a], self.ids[b]] for a, b in self.pairs]) / PARTS


def campaign(
    generator: np.random.Generator,
    strengths: np.ndarray,
    votes: int,
    *,
    by_evidence: bool,
    contributors: int = 40,
    taste: float = 0.3,
    equal: float = 0.15,
) -> tuple[Table, np.ndarray]:
    """One campaign, contributors in turn; its votes, and each vote's (contributor, pair, verdict) in order."""
    arms = len(strengths)
    table, order = Table(arms, contributors), np.zeros((votes, 3), dtype=np.int64)
    liked = strengths + generator.normal(0, taste, (contributors, arms))
    chances = np.full(len(table.pairs), 1 / len(table.pairs))
    for number in range(votes):
        if by_evidence and number % EVERY == 0:
            chances = table.chances()
        person = number % contributors
        pair = int(generator.choice(len(table.pairs), p=chances))
        first, second = table.pairs[pair]
        better = 1 / (1 + np.exp(liked[person, first] - liked[person, second]))
        said = 1 if generator.random() < equal else 2 if generator.random() < better else 0
        table.counts[person, pair, said] += 1
        order[number] = person, pair, said
    return table, order


def _misordered(table: Table, strengths: np.ndarray) -> tuple[float, float, bool]:
    """By the estimated strengths: the share of pairs in the wrong order; the same, each pair counted by how far its
    arms are apart; and whether the best arm is found."""
    from marlin.statistics import Votes, davidson

    counts = table.counts.sum(axis=0)
    rows = np.argwhere(counts)
    times = np.array([counts[pair, said] for pair, said in rows])
    first = np.repeat([table.pairs[pair][0] for pair, _ in rows], times)
    second = np.repeat([table.pairs[pair][1] for pair, _ in rows], times)
    said = np.repeat([2 + said for _, said in rows], times).astype(np.int8)
    names = [str(place) for place in range(len(strengths))]
    found = davidson(Votes.from_codes(names, first, second, said)).strengths
    wrong = np.array([(found[b] - found[a]) * (strengths[b] - strengths[a]) < 0 for a, b in table.pairs])
    apart = np.array([abs(strengths[b] - strengths[a]) for a, b in table.pairs])
    return float(wrong.mean()), float((wrong * apart).sum() / apart.sum()), bool(found.argmax() == strengths.argmax())


def gain(cells: Cells, scale: float) -> list[Cell]:
    """Pairs in the wrong order after so many votes, drawn alike and by evidence; strengths are drawn anew each time."""
    found = []
    for arms in (3, 4, 5, 6):
        votes = 60 * arms

        def compute(arms: int = arms, votes: int = votes) -> Cell:
            repetitions = max(10, int(500 * scale))
            marks = {name: np.zeros((repetitions, 3)) for name in ("even", "evidence", "half_more")}
            for number in range(repetitions):
                strengths = np.random.default_rng([7, arms, number]).normal(0, 0.5, arms)
                for name, size, by in (
                    ("even", votes, False),
                    ("evidence", votes, True),
                    ("half_more", votes * 3 // 2, False),
                ):
                    table, _ = campaign(np.random.default_rng([8, arms, number]), strengths, size, by_evidence=by)
                    marks[name][number] = _misordered(table, strengths)
            cell: Cell = {"arms": arms, "votes": votes, "repetitions": repetitions}
            for name, values in marks.items():
                cell[name], cell[f"{name}_loss"], cell[f"{name}_top"] = values.mean(axis=0).tolist()
            difference = (marks["evidence"] - marks["even"]).std(axis=0, ddof=1) / np.sqrt(repetitions)
            cell["error"], cell["loss_error"] = difference[:2].tolist()
            return cell

        found.append(cells.get(f"drawing/{arms}", compute))
    return found


def valid(cells: Cells, scale: float) -> list[Cell]:
    """Between two equal arms of four, drawn by evidence: how often the registered rule, and the e-process, go wrong.

    A person's chances leave out their own votes, as in a campaign.
    """
    plan = planned(Question("1", "0", cap=120))
    found = []
    for contributors in (5, 20):
        for taste in (0.0, 0.5):
            for by in (False, True):

                def compute(contributors: int = contributors, taste: float = taste, by: bool = by) -> Cell:
                    repetitions, wrong = max(10, int(400 * scale)), np.zeros(2)
                    for number in range(repetitions):
                        generator = np.random.default_rng([9, contributors, int(taste * 10), number])
                        wrong += _one_question(generator, plan.at, plan.upper, contributors, taste, by_evidence=by)
                    rule, watched = (wrong / repetitions).tolist()
                    return {
                        "contributors": contributors,
                        "taste": taste,
                        "by_evidence": by,
                        "repetitions": repetitions,
                        "rule": rule,
                        "anytime": watched,
                    }

                found.append(cells.get(f"drawing-valid/{contributors}/{taste}/{by}", compute))
    return found


def _one_question(
    generator: np.random.Generator,
    looks: tuple[int, ...],
    upper: tuple[float, ...],
    contributors: int,
    taste: float,
    *,
    by_evidence: bool,
) -> np.ndarray:
    """Arms 0 and 1 are equal; 2 and 3 are not. Play until the pair has its last look; what each rule says."""
    strengths = np.array([0.0, 0.0, 0.4, -0.4])
    table = Table(4, contributors)
    liked = strengths + generator.normal(0, taste, (contributors, 4))
    values: list[float] = []
    people: list[int] = []
    number = 0
    chances: dict[int, np.ndarray] = {}
    while len(values) < looks[-1]:
        person = number % contributors
        if number % (EVERY * contributors) < contributors or not by_evidence:
            chances[person] = table.chances(person) if by_evidence else np.full(6, 1 / 6)
        pair = int(generator.choice(6, p=chances[person]))
        first, second = table.pairs[pair]
        better = generator.random() < 1 / (1 + np.exp(liked[person, first] - liked[person, second]))
        table.counts[person, pair, 2 if better else 0] += 1
        if pair == 0:
            values.append(float(better))
            people.append(person)
        number += 1
    said, who = np.array(values), np.array(people)
    crossed = False
    for size, bound in zip(looks, upper, strict=True):
        sizes = np.bincount(who[:size], minlength=contributors).astype(float)
        sums = np.bincount(who[:size], weights=said[:size], minlength=contributors)[None, :]
        crossed |= bool(clustered_mean(sums, sizes, shared=True).z(repeated=True)[0] >= bound)
    watched = anytime(said, who, looks, planned=len(looks)).e_value >= 20
    return np.array([crossed, watched], dtype=float)


def section(cells: list[Cell], drawn_from: list[Cell]) -> str:
    """Of the study's page."""

    def both(cell: Cell, name: str) -> str:
        return f"{100 * cell[name + '_loss']:.2f}; {100 * cell[name]:.1f}"

    rows = [
        [
            cell["arms"],
            cell["votes"],
            f"{cell['repetitions']:,}",
            both(cell, "even"),
            both(cell, "evidence"),
            f"{100 * (cell['evidence_loss'] - cell['even_loss']):+.2f} ± {100 * cell['loss_error']:.2f}; "
            f"{100 * (cell['evidence'] - cell['even']):+.1f} ± {100 * cell['error']:.1f}",
            both(cell, "half_more"),
            f"{100 * cell['even_top']:.0f}, {100 * cell['evidence_top']:.0f}, {100 * cell['half_more_top']:.0f}",
        ]
        for cell in cells
    ]
    head = [
        "arms",
        "votes",
        "repetitions",
        "alike, %",
        "by evidence, %",
        "difference",
        "alike, half as many votes again, %",
        "best arm found, %",
    ]
    checks = [
        [
            cell["contributors"],
            f"{cell['taste']:g}",
            "by evidence" if cell["by_evidence"] else "alike",
            f"{cell['repetitions']:,}",
            rate(cell["rule"], cell["repetitions"]),
            rate(cell["anytime"], cell["repetitions"]),
        ]
        for cell in drawn_from
    ]
    told = ["contributors", "taste sd", "pairs drawn", "repetitions", "rule wrong, %", "e-process wrong, %"]
    return f"""## Drawing pairs by evidence

True strengths normal with standard deviation 0.5 in log-odds, drawn anew each time; 40 contributors with a taste of
0.3; 15 % equal; floor 0.25; scores looked at again every twenty votes. Both ways of drawing judge the same arms. Two
numbers in a cell: of the differences between all arms, the share that the final ranking has the wrong way round (the
expected loss); and the share of pairs, however close. The last but one column is what half as much money again buys
without it. Best arm found: alike, by evidence, half as many again.

{table(head, rows)}
Whether a decision on one pair stays valid: two equal arms among four, of which the other two are better and worse. The
registered rule looks ten times, up to 120 votes on the pair, without futility (one-sided, α 5 %); chances leave out a
person's own votes.

{table(told, checks)}"""
