"""What a simulated campaign is to be: its truth, its people, its size. Pure, and the same for the same seed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from marlin.errors import InvalidInputError
from marlin.simulation.contributors import Floats, Population, described, draw_population
from marlin.simulation.scripts import Occasion

AXES = ("correctness", "security", "reliability", "maintainability")
"""Of the default rubric, which simulated campaigns have."""

BRIEF = "stockroom-report"
"""The example brief that is played: a small change, without waiting."""

FAMILIES = ("careful", "helper")
"""Scripts that the arms play, in turn: equally good results, since it is votes that differ and not results."""

_ARM = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


class PlanError(InvalidInputError):
    """The options of a simulation can't be meant."""

    code = "simulation-plan"


@dataclass(frozen=True, slots=True)
class Plan:
    """A simulated campaign. ``strengths``: arm → axis → value on the logit scale; ``collude``: arm → how many."""

    campaign: str
    strengths: dict[str, dict[str, float]]
    contributors: int = 8
    comparisons: int = 40
    turns: int = 1
    seed: int = 1
    skill: float = 1.0
    skill_spread: float = 0.0
    taste: float = 0.0
    item: float = 0.0
    side_bias: float = 0.0
    careless: float = 0.0
    tie: float = 0.2
    collude: dict[str, int] | None = None
    overlap: float = 0.1
    aa: float = 0.0
    again: float = 0.0

    def __post_init__(self) -> None:
        """:raises PlanError: if it can't be played."""
        if len(self.strengths) < 2:
            raise PlanError("A comparison needs two arms.", hint="Name two: --strength old=0 --strength new=0.4")
        if self.contributors < 2 and self.overlap > 0:
            raise PlanError("One contributor has nobody to overlap with.", hint="Set --overlap 0, or add contributors.")
        unknown = set(self.collude or {}) - set(self.strengths)
        if unknown:
            raise PlanError(f"There is no arm {min(unknown)!r} to collude for.", hint="Name it with --strength, too.")
        try:
            self.population()
        except ValueError as error:
            raise PlanError(f"These contributors can't be: {error}.", hint="`marlin simulate --help`") from error

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms, in the order they were given."""
        return tuple(self.strengths)

    def matrix(self) -> Floats:
        """Strengths, arms × axes."""
        return np.array([[self.strengths[arm][axis] for axis in AXES] for arm in self.arms])

    def population(self) -> Population:
        """The contributors: the same for the same plan."""
        collude = {self.arms.index(arm): count for arm, count in (self.collude or {}).items()}
        return draw_population(
            np.random.default_rng([self.seed, 0]),
            self.contributors,
            len(self.arms),
            skill=self.skill,
            skill_spread=self.skill_spread,
            taste=self.taste,
            side_bias=self.side_bias,
            careless=self.careless,
            tie=self.tie,
            collude=collude,
        )

    def stored(self) -> dict[str, Any]:
        """The plan as JSON, for finding it again."""
        return asdict(self)

    def truth(self) -> dict[str, Any]:
        """What an analysis of the votes is to be held against."""
        overall = {arm: sum(self.strengths[arm].values()) / len(AXES) for arm in self.arms}
        return {
            "scale": "logit (Bradley-Terry): P(B preferred) = 1 / (1 + exp(-skill * (strength_B - strength_A)))",
            "strengths": self.strengths,
            "overall": overall,
            "item_sd": self.item,
            "contributors": described(self.population(), self.arms),
        }

    def item_effect(self, item_id: str, arm_a: str, arm_b: str) -> float:
        """What the results of one item happen to be like, towards B; the same for all who judge it, whatever side."""
        digest = hashlib.sha256(f"{self.seed}:{item_id}".encode()).digest()
        effect = float(np.random.default_rng(list(digest[:8])).normal(0.0, self.item)) if self.item else 0.0
        return effect if self.arms.index(arm_a) <= self.arms.index(arm_b) else -effect

    def example(self, contributor: int, ordinal: int) -> str | None:
        """Everybody writes the same brief, again and again, until the campaign is full."""
        return BRIEF

    def answers(self, turn: dict[str, Any], occasion: Callable[[], Occasion]) -> dict[str, Any]:
        """Votes follow the strengths, whatever the results are like."""
        from marlin.simulation.judging import answers

        return answers(self, occasion())

    def campaign_wish(self, base_image: str) -> dict[str, Any]:
        """The campaign, as ``POST /campaigns`` takes it."""
        return {
            "slug": self.campaign,
            "title": f"Simulation {self.campaign}",
            "guidelines": "Simulated contributors judge here; nobody's opinion is recorded.",
            "price_cents": 28000,
            "continuation": "session",
            "min_turns": self.turns,
            "max_turns": self.turns,
            "time_limit_seconds": 120,
            "base_images": [base_image],
            "set_up_time_limit_seconds": 120,
            "check_time_limit_seconds": 60,
            "budget_usd": 0,
            "limits": {"memory_mib": 512, "pids": 256, "cpus": 1.0, "disk_mib": 256},
            "synthetic": True,
            "assignment": {
                "overlap_rate": self.overlap,
                "aa_rate": self.aa,
                "again_rate": self.again,
                "again_after_days": 0,
                "max_comparisons": self.comparisons,
                "required": True,
            },
            "example_briefs": [BRIEF],
            "arms": [
                {
                    "name": arm,
                    "agent": "scripted",
                    "settings": {"script": FAMILIES[place % len(FAMILIES)]},
                    "outputs_may_train": True,
                }
                for place, arm in enumerate(self.arms)
            ],
        }


def parse_strengths(options: Iterable[str]) -> dict[str, dict[str, float]]:
    """``arm=0.4`` (all axes) and ``arm.axis=0.4``, later ones over earlier ones.

    :raises PlanError: something else.
    """
    found: dict[str, dict[str, float]] = {}
    for option in options:
        name, value = _pair(option, "--strength", "new=0.4, or new.security=0.4")
        arm, _, axis = name.rpartition(".") if name.rpartition(".")[2] in AXES else (name, "", "")
        if not _ARM.fullmatch(arm):
            raise PlanError(f"{arm!r} can't be an arm's name.", hint="Small letters, digits, dots and dashes.")
        before, _, after = arm.rpartition(".")
        if before in found:  # an arm may have a dot in its name, but hardly that of another arm before it
            raise PlanError(f"There is no axis {after!r}.", hint=f"The axes are {', '.join(AXES)}.")
        number = _number(value, "--strength")
        known = found.setdefault(arm, dict.fromkeys(AXES, 0.0))
        known.update({axis: number} if axis else dict.fromkeys(AXES, number))
    return found


def parse_collusion(options: Iterable[str]) -> dict[str, int]:
    """``arm=3``: three contributors prefer this arm whatever it did.

    :raises PlanError: something else.
    """
    found: dict[str, int] = {}
    for option in options:
        arm, value = _pair(option, "--collude", "new=3")
        if not value.isdigit():
            raise PlanError(f"--collude {option}: {value!r} is no number of contributors.", hint="--collude new=3")
        found[arm] = int(value)
    return found


def _pair(option: str, name: str, example: str) -> tuple[str, str]:
    left, sign, right = option.partition("=")
    if not sign or not left.strip() or not right.strip():
        raise PlanError(f"{name} {option} says no value.", hint=f"{name} {example}")
    return left.strip(), right.strip()


def _number(value: str, name: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not abs(number) <= 20:
        raise PlanError(f"{name}: {value!r} is no strength.", hint="Give a number on the logit scale, such as 0.4.")
    return number


def same_plan(stored: Mapping[str, Any], plan: Plan) -> bool:
    """Whether a stored plan is this one; only its size may have grown."""
    ours = json.loads(json.dumps(plan.stored()))
    # what was begun before people could judge once more didn't ask them to
    return {"again": 0.0, **stored, "comparisons": 0} == {**ours, "comparisons": 0}
