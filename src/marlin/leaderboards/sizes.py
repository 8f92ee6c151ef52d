"""What each arm's results are like, beside how they are liked: size, simplicity, cost. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import fmean, median
from uuid import UUID

from marlin.comparisons import Measures
from marlin.leaderboards.ballots import Ballots
from marlin.leaderboards.schemas import ArmSize

Middle = Callable[[Sequence[float]], float]


def sizes(ballots: Ballots) -> list[ArmSize]:
    """One line for each arm with judged results; a result that several people judged counts once."""
    by_arm: dict[UUID, dict[UUID, Measures]] = {}
    for row in ballots.rows:
        vote = row.vote
        for arm, rollout, measures in (
            (vote.arm_a_id, vote.rollout_a_id, row.measures_a),
            (vote.arm_b_id, vote.rollout_b_id, row.measures_b),
        ):
            if measures is not None:
                by_arm.setdefault(arm, {})[rollout] = measures
    return [_size(arm.name, list(by_arm[arm.id].values())) for arm in ballots.arms if arm.id in by_arm]


def _size(name: str, found: Sequence[Measures]) -> ArmSize:
    return ArmSize(
        arm=name,
        results=len(found),
        changed_lines=_middle(median, [one.changed_lines for one in found]),
        files=_middle(median, [one.files for one in found]),
        complexity=_middle(median, [one.complexity for one in found]),
        duplicated_lines=_middle(fmean, [one.duplicated_lines for one in found]),
        new_dependencies=_middle(fmean, [one.new_dependencies for one in found]),
        steps=_middle(median, [one.steps for one in found]),
        usd=_middle(fmean, [one.usd for one in found]),
        passed=_middle(fmean, [one.passed for one in found]),
    )


def _middle(middle: Middle, values: Sequence[float | None]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return middle(known) if known else None
