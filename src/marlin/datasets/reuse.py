"""Which licences a ``REUSE.toml`` says files of its folder and below are under. Pure.

REUSE specification 3.3, “REUSE.toml”. It is untrusted, and one that can't be read says that every file which says
nothing itself is under some licence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from marlin.datasets.headers import UNRECOGNISED, identifiers_in, text_of
from marlin.toml_texts import read_toml

NAME = "REUSE.toml"
Precedence = Literal["closest", "aggregate", "override"]
_MOST_GLOBBED = 20_000
"""Characters of all paths with asterisks: each changed file is held against every one of them."""


@dataclass(frozen=True, slots=True)
class Table:
    """What is said of some files.

    :ivar exact: paths, relative to the folder. :ivar globs: those with asterisks, element by element.
    """

    exact: frozenset[str]
    globs: tuple[tuple[str, ...], ...]
    precedence: Precedence
    licences: frozenset[str]

    def covers(self, path: str) -> bool:
        """Whether a file is one of them; its path is relative to the folder."""
        return path in self.exact or any(_matches(glob, path) for glob in self.globs)


UNREADABLE = (Table(frozenset(), ((".*",),), "closest", frozenset({UNRECOGNISED})),)


def tables_of(data: bytes) -> tuple[Table, ...]:
    """The tables of a file, in its order; :data:`UNREADABLE` if it is not as the specification has it."""
    try:
        read = read_toml(text_of(data))
        if read.get("version") != 1:
            return UNREADABLE
        found = tuple(_table(one) for one in read.get("annotations", []))
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return UNREADABLE
    if sum(len(glob) for table in found for glob in table.globs) > _MOST_GLOBBED:
        return UNREADABLE
    return found


def table_for(tables: Iterable[Table], path: str) -> Table | None:
    """The one that speaks for a file: the last that covers it; None, too, where that one names no licence."""
    found = None
    for table in tables:
        if table.covers(path):
            found = table
    return found if found is not None and found.licences else None


def resolved(tables: Sequence[Table], own: Iterable[str]) -> set[str]:
    """A file's licences.

    :param tables: that speak for it, the one of the folder that is closest to the root first.
    :param own: what it says itself, or the file beside it.
    """
    found = set(own)
    for at, table in enumerate(tables):
        if table.precedence == "override":  # what is closer to the file does not count
            tables, found = tables[:at], set(table.licences)
            break
    told = bool(found)
    for table in reversed(tables):
        if table.precedence == "aggregate" or not told:
            found |= table.licences
        told |= table.precedence == "closest"
    return found


def _table(said: dict[str, Any]) -> Table:
    globs = [_glob(path) for path in _texts(said["path"])]
    precedence = said.get("precedence", "closest")
    if precedence not in get_args(Precedence):
        raise ValueError(precedence)
    return Table(
        frozenset("".join(one) for one in globs if not _WILD.intersection(one)),
        tuple(one for one in globs if _WILD.intersection(one)),
        precedence,
        frozenset(name for words in _texts(said.get("SPDX-License-Identifier", [])) for name in identifiers_in(words)),
    )


def _texts(said: Any) -> list[str]:
    texts = [said] if isinstance(said, str) else said
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        raise TypeError(said)
    return texts


_PART, _ALL = "[^/]*", ".*"
"""What asterisks stand for; every other element of a glob is one character, which means itself."""
_WILD = {_PART, _ALL}


def _glob(path: str) -> tuple[str, ...]:
    found, at = list[str](), 0
    while at < len(path):
        if path[at] == "\\" and at + 1 < len(path):
            found.append(path[at + 1])
            at += 2
        elif path.startswith("**", at):
            found.append(_ALL)
            at += 3 if path.startswith("**/", at) else 2
        else:
            found.append(_PART if path[at] == "*" else path[at])
            at += 1
    return tuple(found)


def _matches(glob: Sequence[str], path: str) -> bool:
    """Whether a glob is all of a path, in a time that many asterisks don't make grow: every place in the path that what
    was read so far may end at is a bit of one number."""
    begun = next((at for at, one in enumerate(glob) if one in _WILD), len(glob))
    if not path.startswith("".join(glob[:begun])):
        return False
    where: dict[str, int] = {}
    for at, one in enumerate(path):
        where[one] = where.get(one, 0) | 1 << at
    whole = (1 << len(path)) - 1
    names = whole & ~where.get("/", 0)
    ends = 1 << begun
    for one in glob[begun:]:
        if one in _WILD:
            over = whole if one == _ALL else names
            ends |= ((ends & over) + over) ^ over  # as carries run over ones (Myers 1999)
        else:
            ends = (ends & where.get(one, 0)) << 1
        if not ends:
            return False
    return bool(ends >> len(path) & 1)
