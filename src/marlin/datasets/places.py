"""Where suspicious values of a row stand: what a person sees to decide what they are, without seeing them. Pure.

Asked only of rows that hold any: the others cost nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from marlin.datasets.patches import files_in
from marlin.datasets.suspicions import Masks, Suspicion, suspicions_in

MOST_PLACES = 3
"""Per value, and per row."""
MOST_AROUND = 80
"""Characters of its line before a value, and after it."""
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_UNBROKEN = re.compile(r"[^\s\"'\\]+")
"""What no value ends within: a text is cut between these, so nothing of a value is left at its end."""

Place = dict[str, Any]
Path = tuple[str | int, ...]


def places_of(row: dict[str, Any], held: Collection[Suspicion]) -> dict[str, list[Place]]:
    """Up to three places of each value: ``{row, where, side, file, line, which, before, after}``.

    :param row: scrubbed: no known secret is in it any more.
    :param held: what is looked for. Every one of them is masked wherever it stands.
    :returns: by id. ``before`` and ``after`` are what its line says around it; ``file``, ``line`` and ``which``
        (``old`` or ``new``) are null where it stands in no change.
    """
    masks = Masks((one.id, one.shown) for one in held)
    found: dict[str, list[Place]] = {one.id: [] for one in held}
    for path, text in _texts(row, ()):
        patch = _Patch(text) if path[1:] == ("patch",) else None
        for suspicion, match in suspicions_in(text):
            places = found.get(suspicion.id)
            if places is None or len(places) == MOST_PLACES:
                continue
            place = _place(row, path, text, match.start(3), match.end(3), masks, patch)
            if all((place["before"], place["after"]) != (one["before"], one["after"]) for one in places):
                places.append(place)
    return found


def joined(known: list[Place], more: list[Place]) -> list[Place]:
    """Places of several rows: as many rows as there is room for."""
    places = list(known)
    for place in more:
        rows = [one["row"] for one in places]
        if len(places) < MOST_PLACES:
            places.append(place)
        elif place["row"] not in rows and len(set(rows)) < len(rows):
            again = next(index for index in reversed(range(len(rows))) if rows.count(rows[index]) > 1)
            places[again] = place
    return places


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield path, name
            yield from _texts(item, (*path, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, (*path, number))


def _place(
    row: dict[str, Any], path: Path, text: str, start: int, end: int, masks: Masks, patch: _Patch | None
) -> Place:
    # no more than is shown: a line may be all of a text, with thousands of values in it
    near = max(0, start - MOST_AROUND - 1)
    line = max(near, text.rfind("\n", near, start) + 1)
    rest = text.find("\n", end, end + MOST_AROUND + 1)
    after = text[end : end + MOST_AROUND + 1 if rest < 0 else rest]
    side = {"a": "A", "b": "B"}.get(str(path[0])) if path else None
    file, number, which = patch.at(start) if patch else (None, None, None)
    if file is not None and masks.masked(file) != file:
        file = number = which = None
    return {
        "row": row["id"],
        "where": masks.masked(_where(row, path, file, number)),
        "side": side,
        "file": file,
        "line": number,
        "which": which,
        "before": masks.masked(_cut(text[line:start], from_end=True)),
        "after": masks.masked(_cut(after)),
    }


def _cut(text: str, *, from_end: bool = False) -> str:
    """The part that is nearest to the value, cut where no value can be cut in two."""
    if len(text) <= MOST_AROUND:
        return text
    if from_end:
        # one character more than fits: it tells whether the first run began before it
        near = text[-MOST_AROUND - 1 :]
        first = _UNBROKEN.match(near)
        return "…" + near[first.end() if first else 1 :]
    near = text[: MOST_AROUND + 1]
    last = next((one for one in _UNBROKEN.finditer(near) if one.end() == len(near)), None)
    return near[: last.start() if last else MOST_AROUND] + "…"


class _Patch:
    """Tells where a place in a patch is, of places that come in their order: each line is looked at once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next = 0
        """Where the first line begins that was not looked at."""
        self._head = self._hunk = -1
        self._old = self._new = 0
        self._line = ("", 0)

    def at(self, position: int) -> tuple[str | None, int | None, str | None]:
        """File, line and version (``old``, ``new``) of the line with ``position`` in it."""
        while self._next <= position:
            self._look()
        sign = self._line[0]
        if self._hunk < 0 or sign not in (" ", "+", "-") or not sign:
            return None, None, None
        (file,) = files_in(self._text[self._head : self._hunk].encode())
        names = file.paths
        if len(names) != 1:  # renamed: two of them
            return None, None, None
        which = "old" if sign == "-" else "new"
        return next(iter(names)).decode(errors="replace"), self._line[1], which

    def _look(self) -> None:
        start, text = self._next, self._text
        end = text.find("\n", start)
        self._next = len(text) + 1 if end < 0 else end + 1
        sign = text[start : start + 1]
        self._line = ("", 0)
        if text.startswith("diff --git ", start):
            self._head, self._hunk = start, -1
        elif sign == "@" and self._head >= 0 and (hunk := _HUNK.match(text, start)):
            self._hunk = start if self._hunk < 0 else self._hunk
            self._old, self._new = int(hunk.group(1)), int(hunk.group(2))
        elif self._hunk >= 0:
            self._line = (sign, self._old if sign == "-" else self._new)
            self._old += sign in (" ", "-")
            self._new += sign in (" ", "+")


def _where(row: dict[str, Any], path: Path, file: str | None, line: int | None) -> str:
    match path:
        case ("request", *_):
            return "the request"
        case ("a" | "b" as side, "patch"):
            return f"side {side.upper()}’s change" + (f", {file}, line {line:,}" if file else "")
        case ("a" | "b" as side, "messages", int(number), *rest):
            return f"side {side.upper()}, {_said(row[side]['messages'][number], rest)}, message {number + 1:,}"
        case ("prompt", int(number), *rest):
            return f"before both sides, {_said(row['prompt'][number], rest)}, message {number + 1:,}"
        case ("ratings", *_):
            return "what a person wrote on the results"
        case ("a" | "b" as side, *rest):
            return f"side {side.upper()}, {_named(rest)}"
        case _:
            return _named(path)


def _said(message: Any, rest: Collection[str | int]) -> str:
    role = message.get("role") if isinstance(message, dict) else None
    if "tool_calls" in rest:
        return "a tool call"
    known = {"tool": "tool output", "assistant": "the agent’s words", "user": "the request", "system": "instructions"}
    return known.get(str(role), "a message")


def _named(path: Collection[str | int]) -> str:
    """The first two names of a path: they are the format's, not anybody's text."""
    names = [part for part in path if isinstance(part, str)][:2]
    return ", ".join(name.replace("_", " ") for name in names) or "the row"
