"""Where a turn starts from: pure rules of the protocol (design, section 2, step 6).

``session``: both arms get a copy of the winner's files and agent session. ``transcript``: both get the winner's files
and a fresh session that is told the conversation so far. ``own``: each arm goes on with its own files and session.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from marlin.comparisons.blinding import SIDES, Side
from marlin.comparisons.errors import ContinueFromError
from marlin.workspaces import StoredLayer

Continuation = Literal["first", "session", "transcript", "own"]


@dataclass(frozen=True, slots=True)
class Start:
    """What a rollout starts from.

    :ivar commit: the snapshot (or the base commit) whose tree the files are.
    :ivar files: layers above the environment, bottom first; empty at the base.
    :ivar home: the agent's HOME, which is its session; None for a fresh one.
    :ivar session: the agent's own id of the session to resume; None for a fresh one.
    :ivar left_out: what the commit does not hold although it is in the files; listed again while it is there.
    """

    commit: str
    files: tuple[StoredLayer, ...] = ()
    home: StoredLayer | None = None
    session: str | None = None
    left_out: tuple[dict[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For the database."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Start:
        """Back from the database."""
        home = data.get("home")
        return cls(
            commit=data["commit"],
            files=tuple(StoredLayer(**ref) for ref in data["files"]),
            home=StoredLayer(**home) if home else None,
            session=data.get("session"),
            left_out=tuple(data.get("left_out", ())),
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What a rollout left: durable, and enough to go on from anywhere."""

    commit: str
    files: StoredLayer
    home: StoredLayer
    session: str | None
    left_out: tuple[dict[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For the database."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Result:
        """Back from the database."""
        return cls(
            data["commit"],
            StoredLayer(**data["files"]),
            StoredLayer(**data["home"]),
            data.get("session"),
            tuple(data.get("left_out", ())),
        )


def choose_start(
    *, continuation: str, verdict: str | None, preferred: Side | None, wished: str | None, finished: frozenset[str]
) -> Literal["A", "B", "base", "own"]:
    """Whose result the next turn starts from.

    :param verdict: preference, equal or both_bad.
    :param wished: what the contributor asked for: A, B, base (this turn's own start again) or None.
    :param finished: the sides that have a result.
    :raises ContinueFromError: after an equal or both-bad verdict without a wish, or a wish for a side with no result.
    """
    if continuation == "own":
        return "own"
    choice = wished or preferred
    if choice is None:
        raise ContinueFromError(
            f"Neither side was preferred ({(verdict or '').replace('_', ' ')}), so say where the next turn starts.",
            hint='Send continue_from: "A", "B", or "base" to start again from where this turn started.',
        )
    if preferred is not None and choice != preferred:
        raise ContinueFromError(
            f"The next turn continues from the preferred side, {preferred}.",
            hint="Undo the rating if you prefer the other side.",
        )
    if choice == "base":
        return "base"
    if choice not in finished:
        raise ContinueFromError(f"Side {choice} left no result to continue from.", hint='Choose the other, or "base".')
    return "A" if choice == "A" else "B"


def next_starts(
    choice: Literal["A", "B", "base", "own"],
    *,
    continuation: str,
    starts: dict[Side, Start],
    results: dict[Side, Result | None],
) -> dict[Side, Start]:
    """The start of both sides of the next turn.

    :param starts: what the sides of this turn started from.
    :param results: what they left; None for a side without a result, which starts its own next turn where it was.
    """

    def after(side: Side, *, keep_session: bool) -> Start:
        result = results[side]
        if result is None:
            return starts[side]
        files = (*starts[side].files, result.files)
        if keep_session:
            return Start(result.commit, files, result.home, result.session, result.left_out)
        return Start(result.commit, files, left_out=result.left_out)

    if choice == "base":
        return dict(starts)
    if choice == "own":
        return {side: after(side, keep_session=True) for side in SIDES}
    start = after(choice, keep_session=continuation == "session")
    return dict.fromkeys(SIDES, start)
