"""docs/reference/statistics-study.md from the cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tests.benchmarks.statistics import covering, drawing, speed, strength
from tests.benchmarks.statistics.cells import Cell
from tests.benchmarks.statistics.tables import rate as _rate
from tests.benchmarks.statistics.tables import table as _table

PAGE = Path(__file__).parents[3] / "docs/reference/statistics-study.md"

HEAD = """# Study of the statistics

*Made by `python -m tests.benchmarks.statistics` on {date}; do not edit.* Every number below is simulated or
measured, with how many repetitions and the Monte Carlo standard error (±). What is meant by the words is in
[Evidence](../explanation/evidence.md). Cells are kept in `tests/benchmarks/statistics/results.json`; seeds are
fixed.
"""


def written(found: dict[str, list[Cell]], machine: str, date: str) -> str:
    """The whole page."""
    parts = [
        HEAD.format(date=date),
        _summary(found),
        _type_one(found["type-one"], found["per-vote"]),
        _rules(found["rules"]),
        _control(found["control"]),
        _registered(found["registered"]),
        strength.section(found["strength"]),
        _fraud(found["fraud"]),
        covering.section(found["coverage"], found["two-way"]),
        drawing.section(found["drawing"], found["drawing-valid"]),
        speed.section(found["speed"], machine),
    ]
    return "\n".join(parts)


def _verdict(reached: bool) -> str:
    return "reached" if reached else "**missed**"


def _summary(found: dict[str, list[Cell]]) -> str:
    worst = max(found["type-one"], key=lambda cell: float(cell["clustered"]))
    ever = max(max(float(cell["anytime"]), float(cell["interval"])) for cell in found["type-one"])
    lines = []
    error = np.sqrt(worst["clustered"] * (1 - worst["clustered"]) / worst["repetitions"])
    lines.append(
        [
            "type-I error of the decision ≤ 5 %, ten looks, ICC 0 to 0.10, 5 to 100 contributors",
            f"at most {_rate(worst['clustered'], worst['repetitions'])} %",
            _verdict(worst["clustered"] <= 0.05 + 2 * error),
        ]
    )
    lines.append(
        ["type-I error of the e-process and its interval ≤ 5 %", f"at most {100 * ever:.1f} %", _verdict(ever <= 0.05)]
    )
    for icc in sorted({cell["icc"] for cell in found["rules"]}):
        cells = [cell for cell in found["rules"] if cell["icc"] == icc]
        ratio = float(np.mean([cell["votes"] / cell["fixed"] for cell in cells]))
        power = next(cell for cell in cells if cell["share"] == 0.55)
        lines.append(
            [
                f"mean comparisons ≤ 0.55 of the fixed design over 50, 55, 60, 65 %, ICC {icc:g}",
                f"{ratio:.2f}",
                _verdict(ratio <= 0.55),
            ]
        )
        close = np.sqrt(power["power"] * (1 - power["power"]) / power["repetitions"])
        lines.append(
            [
                f"… at a power of 80 % for 55 %, ICC {icc:g}",
                f"{_rate(power['power'], power['repetitions'])} %",
                _verdict(power["power"] >= 0.8 - 2 * close),
            ]
        )
    for shares, words in (
        ("even", "all give as much"),
        ("uneven", "very uneven contributions"),
        ("half", "one gives half"),
    ):
        cells = [cell for cell in found["coverage"] if cell["shares"] == shares]
        off = [cell for cell in cells if abs(cell["clustered"] - 0.95) > 0.01 + 2 * cell["error"]]
        spread = [float(cell["clustered"]) for cell in cells]
        lines.append(
            [
                f"coverage of 95 % intervals within 95 ± 1 %, taste 0, 0.3, 0.6, 5 to 100 contributors, {words}",
                f"{100 * min(spread):.1f} to {100 * max(spread):.1f} %",
                "reached" if not off else f"**missed** in {len(off)} of {len(cells)} cells",
            ]
        )
    large = found["speed"][-1]
    ours = "marlin Bradley–Terry, clustered"
    clock, worked = large["by_clock"][ours], large["by_processor"][ours]
    lines.append(
        [
            "10M votes with clustered intervals within 2 × plain pooled numpy",
            f"{clock:.1f} × by the clock, {worked:.1f} × of processor time",
            _verdict(max(clock, worked) <= 2),
        ]
    )
    text = "## Goals\n\nA goal counts as reached if what was found is within two Monte Carlo errors of it.\n\n"
    return text + _table(["goal", "found", ""], lines)


def _type_one(cells: list[Cell], per_vote: list[Cell]) -> str:
    rows = [
        [
            cell["contributors"],
            f"{cell['icc']:g}",
            "uneven" if cell["uneven"] else "even",
            *(
                _rate(cell[key], cell["repetitions"])
                for key in ("naive", "spending", "clustered", "anytime", "interval")
            ),
        ]
        for cell in cells
    ]
    head = [
        "contributors",
        "ICC",
        "shares",
        "naive, 1.64",
        "boundaries, naive z",
        "**the decision**",
        "e-process",
        "interval",
    ]
    text = f"""## Wrong calls between equal arms

Ten looks up to 830 votes; {cells[0]["repetitions"]:,} campaigns a row; in %. *Naive* calls it at 1.64 standard
errors of independent votes at any look; *boundaries, naive z* uses the plan's boundaries with that standard
error; *the decision* is what `assessed` does, futility ignored; *e-process* is an e-value above 20; *interval*
is an anytime-valid interval that misses the truth at any look. Uneven: contributors give in proportion to 1, ½,
⅓, …, so that of five the busiest gives 44 %.

{_table(head, rows)}
The e-process is far below 5 % because it holds for any dependence between looks; the decision's caution at few
contributors and high ICC comes from boundaries that take looks for less alike than they are.

Betting vote by vote instead, 100 contributors of 20 votes, looking after every vote (in %):

"""
    return text + _table(
        ["ICC", "order", "wrong"],
        [[f"{cell['icc']:g}", cell["order"], _rate(cell["wrong"], cell["repetitions"])] for cell in per_vote],
    )


def _rules(cells: list[Cell]) -> str:
    rows = [
        [
            f"{cell['icc']:g}",
            f"{100 * cell['share']:g} %",
            f"{cell['fixed']:,}",
            _rate(cell["fixed_power"], cell["repetitions"]),
            f"{cell['cap']:,}",
            _rate(cell["power"], cell["repetitions"]),
            f"{cell['votes']:.0f} ± {cell['votes_error']:.0f}",
            f"{cell['planned_votes']:.0f}",
            f"{cell['votes'] / cell['fixed']:.2f}",
            f"${cell['dollars']:,.0f}",
            _rate(cell["anytime_power"], cell["repetitions"]),
            f"{cell['anytime_votes']:,.0f}",
        ]
        for cell in cells
    ]
    head = [
        "ICC",
        "truth",
        "fixed n",
        "shown, %",
        "cap",
        "shown, %",
        "mean n",
        "planned",
        "of fixed",
        "dollars",
        "e-process: shown, %",
        "mean n",
    ]
    return f"""## Power, comparisons, dollars

100 contributors in turn; planned for an effect of 5 points, one-sided α 5 %, power 80 %, ten looks with
futility; $280 a comparison. *Planned* is what `Plan.outlook` says beforehand. The e-process alone looks every
60 votes up to 2,400 and never stops for futility: deciding by what may be watched costs about two to three
times as many comparisons.

{_table(head, rows)}"""


def _control(cells: list[Cell]) -> str:
    base = {cell["share"]: cell["votes"] for cell in cells if cell["planned_for"] == 0}
    rows = [
        [
            f"{cell['rho']:g}",
            f"{cell['planned_for']:g}",
            f"{100 * cell['share']:g} %",
            f"{cell['cap']:,}",
            _rate(cell["power"], cell["repetitions"]),
            f"{cell['votes']:.0f} ± {cell['votes_error']:.0f}",
            f"{cell['votes'] / base[cell['share']]:.2f}",
            f"${cell['dollars']:,.0f}",
        ]
        for cell in cells
    ]
    head = ["ρ", "planned for", "truth", "cap", "shown, %", "mean n", "of none", "dollars"]
    return f"""## What a control variate saves

The same rule with a signal that correlates by ρ with the vote, known for 5,000 unrated pairs as well; λ is
tuned at every look. The last rows planned for 0.3 and got a useless signal: the error stays, some power goes,
because the cap was set too low. Plan for a little less than ρ: with N unrated pairs and n votes it is ρ·√(N / (N + n)).

{_table(head, rows)}"""


def _registered(cells: list[Cell]) -> str:
    rows = [
        [
            f"{100 * cell['share']:g} %",
            f"{cell['rho']:g}",
            f"{cell['pool']:,}",
            f"{cell['repetitions']:,}",
            _rate(cell["plain"], cell["repetitions"]),
            _rate(cell["controlled"], cell["repetitions"]),
            f"{cell['plain_votes']:.0f}",
            f"{cell['votes'] - cell['plain_votes']:+.1f} ± {cell['difference_error']:.1f}",
            f"{cell['variance_ratio']:.3f}",
        ]
        for cell in cells
    ]
    head = [
        "truth",
        "ρ",
        "unrated pairs",
        "repetitions",
        "shown without, %",
        "shown with, %",
        "mean n without",
        "with",
        "variance left",
    ]
    return f"""### In a registered question

What a question with a registered control variate does: 60 contributors with tastes (sd 0.3 of a vote's own noise), cap
300, five looks, planned as if without. λ is tuned for each fifth of the contributors on the other four. The candidate
has more of the signal whether or not it is preferred, and the signal foretells both-bad verdicts, a fifth of all. ρ is
between
signal and liking; between signal and vote it is about four fifths of that. 30 unrated pairs are what is on its way in a
campaign; 2,000 are what running both arms without asking anybody would give.

{_table(head, rows)}
The error stays where it was, a useless signal costs less than one comparison in 140, and a good one helps only as far
as there are unrated pairs: with 30 there is as good as nothing to gain.
"""


def _fraud(cells: list[Cell]) -> str:
    rows = [
        [
            f"{100 * cell['share']:g} %",
            cell["towards"],
            f"{100 * cell['share_seen']:.2f} %",
            _rate(cell["clean"], cell["repetitions"]),
            _rate(cell["colluding"], cell["repetitions"]),
            _rate(cell["anytime"], cell["repetitions"]),
        ]
        for cell in cells
    ]
    head = ["truth", "colluders vote for", "expected share", "shown without, %", "shown with, %", "e-process, %"]
    return f"""## Five colluding contributors of a hundred

They always vote for one arm (which takes recognising it). No statistic here resists that: 5 % of votes move the
mean by up to 2.5 points at parity, half of the effect that the question is about. The defences are elsewhere:
blinding, random sides, gold and overlap, accuracy by `dawid_skene`, and a smallest effect of interest that is
larger than the fraud that one fears.

{_table(head, rows)}"""
