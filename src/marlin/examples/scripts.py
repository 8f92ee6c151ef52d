"""What scripted arms do; the format is described in ``README.md`` beside this file.

The scripted agent runs inside the sandbox and carries its own reader; this one is for checking scripts and for
:mod:`marlin.examples.verify`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marlin.examples.errors import BrokenExampleError

_FOLDER = Path(__file__).parent / "scripts"

Step = dict[str, Any]

_STEPS: dict[str, type[Any] | tuple[type[Any], ...]] = {
    "thought": str,
    "message": str,
    "plan": list,
    "run": str,
    "edit": str,
    "write": str,
    "patch": str,
    "sleep": (int, float),
}
_FIELDS = {"edit": {"old", "new"}, "write": {"content"}}


@dataclass(frozen=True, slots=True)
class ScriptedTurn:
    """What to do in one turn, perhaps only when the files it starts from hold a text."""

    turn: int | None
    """Counted from 1; None for an entry that only ``match`` chooses."""
    match: str | None
    """A regular expression that is searched in the prompt."""
    path: str | None
    """With ``text``: the condition ``when_start_has``."""
    text: str | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """A script, read and checked."""

    turns: tuple[ScriptedTurn, ...]
    default: tuple[Step, ...] | None

    def steps(self, turn: int, prompt: str, read: Callable[[str], str | None]) -> tuple[Step, ...] | None:
        """The steps of a turn, or None when the script has none for it.

        :param turn: counted from 1, within the agent session.
        :param prompt: what the person asks for in this turn.
        :param read: the text of a file as the turn starts, None when there is no such file.
        """
        fitting = [
            entry for entry in self.turns if entry.path is None or (entry.text or "") in (read(entry.path) or "")
        ]
        for entry in fitting:
            if entry.match is not None and re.search(entry.match, prompt):
                return entry.steps
        for entry in fitting:
            if entry.turn == turn:
                return entry.steps
        return self.default


def list_families(brief: str) -> list[str]:
    """The script families that have a script for this brief, sorted."""
    return sorted(path.stem for path in (_FOLDER / brief).glob("*.json"))


def script_families() -> list[str]:
    """Every script family that has a script for some brief, sorted."""
    return sorted({path.stem for path in _FOLDER.glob("*/*.json")})


def script_path(brief: str | None, family: str) -> Path:
    """The script that a scripted arm of ``family`` plays on a brief.

    :param brief: the name of the example, None for a brief that is none. Where there is no script of its own, the
        generic one looks at the repository, says so, and changes nothing.
    """
    if brief is not None and family in list_families(brief):
        return _FOLDER / brief / f"{family}.json"
    return _FOLDER / "generic.json"


def load_script(path: Path) -> Script:
    """Read and check a script.

    :raises BrokenExampleError: it does not follow the format; the message names the place.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenExampleError(f"The script {path.name} can't be read: {error}") from error
    try:
        unknown = set(data) - {"turns", "default", "speed"}
        if unknown:
            raise ValueError(f"unknown keys {sorted(unknown)}")
        turns = tuple(_turn(entry, position) for position, entry in enumerate(data["turns"], start=1))
        default = _steps(data["default"]) if "default" in data else None
    except (KeyError, TypeError, ValueError, re.error) as error:
        raise BrokenExampleError(f"The script {path.parent.name}/{path.name} is broken: {error}") from error
    return Script(turns, default)


def _turn(entry: dict[str, Any], position: int) -> ScriptedTurn:
    condition = entry.get("when_start_has")
    if condition is not None and set(condition) != {"path", "text"}:
        raise ValueError(f"entry {position}: when_start_has needs path and text")
    path, text = (condition["path"], condition["text"]) if condition else (None, None)
    match = entry.get("match")
    if match is not None:
        re.compile(match)
    turn = entry.get("turn", position if match is None else None)
    return ScriptedTurn(turn, match, path, text, _steps(entry))


def _steps(entry: dict[str, Any]) -> tuple[Step, ...]:
    steps: list[Step] = entry["steps"]
    for number, step in enumerate(steps, start=1):
        kind = next((key for key in _STEPS if key in step), None)
        if kind is None or not isinstance(step[kind], _STEPS[kind]):
            raise ValueError(f"step {number} is none of the format: it has {sorted(step)}")
        if step.keys() - {kind} != _FIELDS.get(kind, set()):
            raise ValueError(f"step {number}: {kind} needs {sorted(_FIELDS.get(kind, set()))} and nothing else")
    return tuple(steps)
