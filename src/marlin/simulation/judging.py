"""One simulated contributor's answers about one turn, as the rating's form takes them. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np

from marlin.simulation.contributors import Votes, simulate_votes
from marlin.simulation.plan import AXES, Plan
from marlin.simulation.scripts import Occasion

FOLLOW_UPS = (
    "Write down in NOTES.txt how the report ends now, so that the next person finds it.",
    "Say in NOTES.txt, too, who reads the report and why they asked for the number of articles.",
    "Add a line to NOTES.txt that names the module in which the report is made.",
)
_SIZE = {1: "slightly", 2: "clearly", 3: "much"}


def vote(plan: Plan, occasion: Occasion) -> Votes:
    """How a contributor votes: the same for the same plan and occasion, also after an interruption."""
    arms = plan.arms
    return simulate_votes(
        np.random.default_rng([plan.seed, 1, occasion.contributor, occasion.ordinal, occasion.turn]),
        plan.matrix(),
        plan.population(),
        contributor=np.array([occasion.contributor]),
        arm_a=np.array([arms.index(occasion.arm_a)]),
        arm_b=np.array([arms.index(occasion.arm_b)]),
        item=np.array([plan.item_effect(occasion.item_id, occasion.arm_a, occasion.arm_b)]),
    )


def answers(plan: Plan, occasion: Occasion) -> dict[str, Any]:
    """The rating. Its axes agree with the overall preference at least where the key axis is, as the rubric asks."""
    given = vote(plan, occasion)
    overall = int(given.overall[0])
    axes = {axis: int(value) for axis, value in zip(AXES, given.axes[0], strict=True)}
    if overall == 0:
        return {
            "axes": axes,
            "overall": 0,
            "verdict": "equal",
            "justification": f"Both results of turn {occasion.turn} do what was asked for, and this simulated "
            "contributor sees no difference between them that would matter to anybody.",
        }
    sign = 1 if overall > 0 else -1
    key = max(AXES, key=lambda axis: sign * axes[axis])
    if sign * axes[key] <= 0:
        axes[key] = sign
    better, worse = ("b", "a") if sign > 0 else ("a", "b")
    return {
        "axes": axes,
        "overall": overall,
        "verdict": "preference",
        "key_axis": key,
        f"strengths_{better}": "It counts the articles where the report is made, in `stock_report`.",
        f"weaknesses_{worse}": "It is harder to follow in `stockroom/reports.py`.",
        "justification": f"Side {better.upper()} is {_SIZE[abs(overall)]} better in {key} in turn {occasion.turn}: "
        "a simulated contributor says so, by the strengths it was given and its own noise.",
    }


def follow_up(turn: int) -> str:
    """The prompt that follows turn ``turn``."""
    asked = FOLLOW_UPS[(turn - 1) % len(FOLLOW_UPS)]
    round_number = (turn - 1) // len(FOLLOW_UPS)
    return asked if round_number == 0 else f"{asked} This is round {round_number + 1}: add to what is there."
