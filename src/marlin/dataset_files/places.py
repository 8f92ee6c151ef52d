"""Where each canonical row lies in its file, so that one of a hundred thousand is read without the others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marlin.dataset_files.errors import DatasetDamagedError
from marlin.dataset_files.layout import SPLITS, Split, rows_path
from marlin.dataset_files.parsing import numbered, row_of, unreadable

_ID_FIRST = re.compile(rb'\{"id":"([\x20-\x21\x23-\x5b\x5d-\x7e]+)"[,}]')
"""As rows are written: what follows need not be read to know which one it is."""
_AGAIN = "Build it again, or copy it again."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a canonical row lies.

    :ivar number: its line in its split's file, from 1. :ivar start: bytes before it; ``length`` with its line feed.
    """

    row_id: str
    split: Split
    number: int
    start: int
    length: int


def places(root: Path) -> Iterator[Place]:
    """Every canonical row, as the files have them, the training split first. Raises as :func:`lines_of`."""
    return (place for place, _ in lines_of(root))


def lines_of(root: Path) -> Iterator[tuple[Place, bytes]]:
    """Every canonical row with its line.

    :raises DatasetUnreadableError: a file is missing, or can't be read.
    :raises DatasetDamagedError: a line is no JSON object with an id, or too long; it names file and line.
    """
    for split in SPLITS:
        path, start = root / rows_path(split), 0
        for number, line in numbered(path):
            yield Place(_id_of(path, number, line), split, number, start, len(line)), line
            start += len(line)


def read_place(root: Path, place: Place) -> bytes:
    """A row's line.

    :raises DatasetUnreadableError: its file is missing, or can't be read.
    :raises DatasetDamagedError: another row, or none, lies there by now.
    """
    path = root / rows_path(place.split)
    try:
        with path.open("rb") as file:
            file.seek(place.start)
            line = file.read(place.length)
    except OSError as error:
        raise unreadable(path, error) from error
    if len(line) != place.length or _id_of(path, place.number, line) != place.row_id:
        raise DatasetDamagedError(f"{path}:{place.number} has changed since it was looked for.", hint=_AGAIN)
    return line


def parsed(root: Path, place: Place, line: bytes) -> dict[str, Any]:
    """The row of a line that :func:`read_place` gave. Raises as :func:`places`."""
    return row_of(root / rows_path(place.split), place.number, line)


def _id_of(path: Path, number: int, line: bytes) -> str:
    if found := _ID_FIRST.match(line):
        return found.group(1).decode()
    row_id = row_of(path, number, line).get("id")
    if not isinstance(row_id, str):
        raise DatasetDamagedError(f"{path}:{number} has no id.", hint=_AGAIN)
    return row_id
