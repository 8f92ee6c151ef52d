"""What contexts above ask of results, to hold somebody's words against them: bounded, and remembered by commit."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from marlin.comparisons import archive, queries
from marlin.comparisons.blinding import Side
from marlin.comparisons.models import Comparison, Rollout, Turn
from marlin.db import events
from marlin.errors import InvalidInputError, NotFoundError
from marlin.tasks import Code, get_brief

Place = Literal["result", "base", "start"]

LARGEST_PATCH = 4 * 1024**2
"""Bytes; of a larger change the words are not looked at."""
MOST_CHANGED_LINES = 50_000
_REMEMBERED = 64

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_ITEMS = {"message": "message_id", "thought": "message_id", "tool_call": "call_id"}
"""Kinds of events that make a step of a transcript, and what several events of one step have in common."""

_words: OrderedDict[tuple[str, str, str], frozenset[str] | None] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Change:
    """What a side changed.

    :ivar paths: changed files, old names of renamed ones included.
    :ivar words: every identifier in the change, with the lines around it; None if it is too large to say.
    """

    paths: frozenset[str]
    words: frozenset[str] | None


async def change_of(session: AsyncSession, code: Code, comparison: Comparison, turn: Turn, side: Side) -> Change | None:
    """What a side changed since the base, or since the turn's start; None if it left no result.

    :raises UnavailableError: if repositories can't be read now.
    """
    rollout = queries.by_side(turn)[side]
    if rollout.commit is None:
        return None
    repository, base = await _repository(session, comparison)
    names = [entry.get(name) for entry in rollout.files for name in ("path", "old_path")]
    paths = frozenset(str(name) for name in names if name)
    changed = sum(int(entry["additions"]) + int(entry["deletions"]) for entry in rollout.files)
    if changed > MOST_CHANGED_LINES:
        return Change(paths, None)
    found: set[str] = set()
    for start in {base, str(rollout.start["commit"])}:
        words = await _words_between(code, repository, start, rollout.commit)
        if words is None:
            return Change(paths, None)
        found |= words
    return Change(paths, frozenset(found))


async def count_lines(
    session: AsyncSession,
    code: Code,
    comparison: Comparison,
    turn: Turn,
    wanted: Collection[tuple[Side, str, Place]],
) -> dict[tuple[Side, str, Place], int | None]:
    """How many lines files have, by side, path and place; None for a file that is not there.

    What can't be told (a side without a result, a file too large to read) is left out.

    :raises UnavailableError: if repositories can't be read now.
    """
    repository, base = await _repository(session, comparison)
    counts: dict[tuple[Side, str, Place], int | None] = {}
    for side, path, place in wanted:
        commit = _commit(queries.by_side(turn)[side], place, base)
        if commit is None:
            continue
        try:
            content = await code.read_blob(repository, commit, path)
        except NotFoundError:
            counts[side, path, place] = None
        except InvalidInputError:  # too large, or a path that git could not hold
            continue
        else:
            counts[side, path, place] = content.count(b"\n") + (not content.endswith(b"\n") and bool(content))
    return counts


async def count_steps(session: AsyncSession, comparison: Comparison, turn: Turn, side: Side) -> int:
    """How many steps a side's transcript has, counted as the pages show them."""
    attempt = queries.by_side(turn)[side].attempt
    having = {"turn": turn.number, "side": side, "attempt": attempt}
    await archive.thaw(session, comparison.id)
    return await events.count_items(session, comparison.id, having=having, kinds=_ITEMS)


async def _repository(session: AsyncSession, comparison: Comparison) -> tuple[str, str]:
    brief = await get_brief(session, comparison.brief_id, owner_id=None)
    if brief.repository is None or brief.base_commit is None:
        raise NotFoundError("The brief has no prepared repository.", hint="Prepare the brief, then try again.")
    return brief.repository, brief.base_commit


def _commit(rollout: Rollout, place: Place, base: str) -> str | None:
    if place == "result":
        return rollout.commit
    return base if place == "base" else str(rollout.start["commit"])


async def _words_between(code: Code, repository: str, old: str, new: str) -> frozenset[str] | None:
    key = (repository, old, new)
    if key not in _words:
        patch = await code.diff(repository, old, new)
        _words[key] = None if len(patch) > LARGEST_PATCH else await asyncio.to_thread(_identifiers, patch)
        if len(_words) > _REMEMBERED:
            _words.popitem(last=False)
    else:
        _words.move_to_end(key)
    return _words[key]


def _identifiers(patch: bytes) -> frozenset[str]:
    return frozenset(_IDENTIFIER.findall(patch.decode(errors="replace")))
