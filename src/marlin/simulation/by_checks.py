"""Contributors who run no code and have no taste: they prefer the side that passes the repository's tests. Blind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from marlin.simulation.plan import AXES
from marlin.simulation.scripts import Occasion


@dataclass(frozen=True, slots=True)
class ByChecks:
    """A campaign judged by checks.

    :ivar examples: briefs; each is worked on once. :ivar wish: the campaign, but for its base image.
    """

    campaign: str
    arms: tuple[str, ...]
    examples: tuple[str, ...]
    wish: dict[str, Any]
    contributors: int = 4
    turns: int = 1

    @property
    def comparisons(self) -> int:
        """One of each brief."""
        return len(self.examples)

    def campaign_wish(self, base_image: str) -> dict[str, Any]:
        """The campaign, as ``POST /campaigns`` takes it."""
        return {**self.wish, "base_images": [base_image]}

    def example(self, contributor: int, ordinal: int) -> str | None:
        """People share the briefs out evenly, so that it is known after an interruption whose turn it is."""
        mine = self.examples[contributor :: self.contributors]
        return mine[ordinal] if ordinal < len(mine) else None

    def answers(self, turn: dict[str, Any], occasion: Callable[[], Occasion]) -> dict[str, Any]:
        """Never asks which arm stands where."""
        return judged(turn)


def judged(turn: dict[str, Any]) -> dict[str, Any]:
    """The rating: the side whose tests pass, equal where both do, both bad where neither does."""
    passes = {side: _passes(rollout) for side, rollout in turn["sides"].items()}
    if passes["A"] == passes["B"]:
        good = passes["A"]
        return {
            "axes": dict.fromkeys(AXES, 0),
            "overall": 0,
            "verdict": "equal" if good else "both_bad",
            "justification": "The test of what was asked for passes on both sides, so this simulated contributor "
            "has nothing to tell them apart by."
            if good
            else "The test of what was asked for passes on neither side, so this one would merge none.",
        }
    better, worse, sign = ("a", "b", -1) if passes["A"] else ("b", "a", 1)
    overall = 3 * sign
    return {
        "axes": {axis: overall if axis == AXES[0] else sign for axis in AXES},
        "overall": overall,
        "verdict": "preference",
        "key_axis": AXES[0],
        f"strengths_{better}": "It does what was asked for in `sums.py`: the test of it passes.",
        f"weaknesses_{worse}": "It changes `sums.py`, or nothing, and the test of what was asked for fails.",
        "justification": f"Side {better.upper()} is much better: the test of what was asked for passes there and fails "
        "on the other side, says a simulated contributor who looks at the checks alone.",
    }


def _passes(rollout: dict[str, Any]) -> bool:
    """Whether every run of the repository's tests passed, and there was one."""
    ran = [check["status"] for check in rollout["checks"] if check["kind"].startswith("test_command")]
    return bool(ran) and all(status == "passed" for status in ran)
