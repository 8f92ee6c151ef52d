"""What may be opened by hand: a side's result, once it may be seen, and where it lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marlin.comparisons import queries
from marlin.comparisons.blinding import SIDES, Side
from marlin.comparisons.continuation import Result, Start
from marlin.comparisons.errors import TurnRunningError
from marlin.comparisons.models import Comparison, Turn
from marlin.errors import NotFoundError
from marlin.workspaces import StoredLayer


@dataclass(frozen=True, slots=True)
class SideResult:
    """A side's result, ready to be opened in a fresh sandbox.

    :ivar files: layers above the environment, bottom first.
    :ivar limits: what the campaign allows a sandbox.
    """

    rollout_id: UUID
    environment_id: UUID
    files: tuple[StoredLayer, ...]
    limits: Mapping[str, Any]
    started_at: datetime
    """When the first turn began: what was written since is the arms'."""


def require_revealed(comparison: Comparison, number: int) -> Turn:
    """Turn ``number``, whose results may be seen.

    :raises TurnNotFoundError: there is no such turn.
    :raises TurnRunningError: its results are still withheld.
    """
    turn = queries.turn_of(comparison, number)
    if not queries.revealed(comparison, turn):
        raise TurnRunningError(
            f"Turn {number} is still running; both results are shown together.", hint="Wait until both have stopped."
        )
    return turn


def side_result(comparison: Comparison, number: int, side: Side) -> SideResult:
    """What ``side`` left in a turn.

    :raises TurnRunningError: it may not be seen yet.
    :raises NotFoundError: the side left no result.
    """
    rollout = queries.by_side(require_revealed(comparison, number))[side]
    if rollout.result is None:
        raise NotFoundError(f"Side {side} left no result in this turn.", hint="Open the other side.")
    return SideResult(
        rollout_id=rollout.id,
        environment_id=comparison.environment_id,
        files=(*Start.from_json(rollout.start).files, Result.from_json(rollout.result).files),
        limits=comparison.terms["limits"],
        started_at=comparison.turns[0].created_at,
    )


def revealed_commits(comparison: Comparison, *, through_turn: int) -> dict[tuple[int, Side], str]:
    """The commits of all results that may be seen, by turn and side.

    :param through_turn: the last turn that counts.
    """
    return {
        (turn.number, side): commit
        for turn in comparison.turns
        if turn.number <= through_turn and queries.revealed(comparison, turn)
        for side in SIDES
        if (commit := queries.by_side(turn)[side].commit) is not None
    }
