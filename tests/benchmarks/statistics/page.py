"""docs/reference/statistics-study.md from the cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tests.benchmarks.statistics.cells import Cell
from tests.benchmarks.statistics.strength import section
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
        section(found["strength"]),
        _fraud(found["fraud"]),
        _coverage(found["coverage"], found["two-way"]),
        _drawing(found["drawing"], found["drawing-valid"]),
        _speed(found["speed"], machine),
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


def _coverage(cells: list[Cell], two_way: list[Cell]) -> str:
    rows = [
        [
            cell["model"],
            f"{cell['taste']:g}",
            cell["contributors"],
            cell["shares"],
            f"{cell['repetitions']:,}",
            f"{100 * cell['clustered']:.1f} ± {100 * cell['error']:.1f}",
            f"{100 * cell['independent']:.1f}",
        ]
        for cell in cells
    ]
    head = ["model", "taste sd", "contributors", "shares", "repetitions", "clustered, %", "as if independent, %"]
    return f"""## How often 95 % intervals hold

Six arms, 2,000 votes in seven grades, all fifteen differences. Taste is a normal effect of contributor × arm in
log-odds. The truth is what the model tends to with endless contributors. Shares are even, in proportion to 1, ½, ⅓ …
(uneven), or one person gives every other vote (half).

{_table(head, rows)}
Where contributions are uneven, how often an interval holds depends on how alike one person's votes are, and nobody
knows that beforehand: no quantile gives 95 % at every taste. Marlin takes the one that gives 95 % at the worst,
computed for the sizes at hand, so intervals hold a little more often elsewhere. With Student's t and the effective
number of contributors, as before, they held in up to 97.3 % with five uneven ones.

{_two_way(two_way)}"""


def _two_way(cells: list[Cell]) -> str:
    def held(cell: Cell, way: str) -> str:
        return f"{100 * cell[way]:.1f} ± {100 * cell[way + '_error']:.1f}"

    rows = [
        [
            cell["contributors"],
            f"{cell['taste']:g}",
            f"{cell['item']:g}",
            f"{cell['repetitions']:,}",
            *(held(cell, way) for way in ("both", "contributor", "task", "none")),
        ]
        for cell in cells
    ]
    head = [
        "contributors", "taste sd", "luck sd", "repetitions", "both, %", "by contributor, %", "by task, %",
        "as if independent, %",
    ]  # fmt: skip
    return f"""### Where several people judge the same results

The same with 500 tasks, each judged by four people. What an arm made of a task is a matter of luck (normal, in
log-odds), and all four saw the same. *Both* is what Marlin does by itself: contributors and tasks are clusters.

{_table(head, rows)}"""


def _drawing(cells: list[Cell], valid: list[Cell]) -> str:
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
            _rate(cell["rule"], cell["repetitions"]),
            _rate(cell["anytime"], cell["repetitions"]),
        ]
        for cell in valid
    ]
    told = ["contributors", "taste sd", "pairs drawn", "repetitions", "rule wrong, %", "e-process wrong, %"]
    return f"""## Drawing pairs by evidence

True strengths normal with standard deviation 0.5 in log-odds, drawn anew each time; 40 contributors with a taste of
0.3; 15 % equal; floor 0.25; scores looked at again every twenty votes. Both ways of drawing judge the same arms. Two
numbers in a cell: of the differences between all arms, the share that the final ranking has the wrong way round (the
expected loss); and the share of pairs, however close. The last but one column is what half as much money again buys
without it. Best arm found: alike, by evidence, half as many again.

{_table(head, rows)}
Whether a decision on one pair stays valid: two equal arms among four, of which the other two are better and worse. The
registered rule looks ten times, up to 120 votes on the pair, without futility (one-sided, α 5 %); chances leave out a
person's own votes.

{_table(told, checks)}"""


def _speed(cells: list[Cell], machine: str) -> str:
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

{_table(head, [[name, *(told(cell, name) for cell in cells)] for name in names])}
**Why not within 2 ×.** What Marlin does with ten million rows, each pass by itself, in the same rounds; processor time:

{_table(["pass", "of plain"], [[name[6:], f"{large['by_processor'][name]:.2f} ×"] for name in passes])}
Plain pooling is one count of the rows. Clustered intervals need another sum over them that no count of verdicts
replaces: what each contributor's votes say for each arm, two weighted counts into a table of contributors × arms. Tried
for that pass and found no quicker, each by itself with pieces of 8,192 to 131,072 rows: adding in place (`add.at`), one
count of contributor × pair, a sparse matrix of the rows times their residuals, and narrower indices. Passes are dealt
to two threads where cores are idle; here they were not.
"""
