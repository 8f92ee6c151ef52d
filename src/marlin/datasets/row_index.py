"""Every canonical row of a dataset in one file, so that a hundred thousand are counted and found at once.

A cache: made of the dataset's files alone, and made anew when they are others. Where rows lie, their lines and their
words are in tables; facets are columns of numbers, counted by numpy.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marlin.dataset_files import SPLITS, DatasetDamagedError, Place, lines_of, parsed, rows_path
from marlin.datasets.errors import DatasetIndexError
from marlin.datasets.facets import AXIS, NAMES, facets_of, line_of, words_of

_VERSION = 1
"""Of what is in the file: another one is made anew."""
WORK = ".tmp"
"""Suffix of an index that is not whole yet."""
_TABLES = """
CREATE TABLE about (fingerprint TEXT NOT NULL);
CREATE TABLE row (position INTEGER PRIMARY KEY, id TEXT NOT NULL, split TEXT NOT NULL, number INTEGER NOT NULL,
    start INTEGER NOT NULL, length INTEGER NOT NULL, line TEXT NOT NULL);
CREATE TABLE said (position INTEGER PRIMARY KEY, words TEXT NOT NULL);
CREATE TABLE facet (name TEXT PRIMARY KEY, labels TEXT NOT NULL, positions BLOB NOT NULL, codes BLOB NOT NULL);
"""

_DAMAGE = (sqlite3.DatabaseError, ValueError, TypeError, IndexError)
"""What reading a file raises that is no longer as it was written: SQLite can't, or rows and numbers are others."""

Mask = NDArray[np.bool_]


def fingerprint(folder: Path, manifest_id: str) -> str:
    """What a dataset's rows are, without reading them: the manifest's id, and size and time of their files."""
    stats = [(folder / rows_path(split)).stat() for split in SPLITS]
    said = [_VERSION, manifest_id, *((one.st_size, one.st_mtime_ns) for one in stats)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@dataclass
class _Column:
    """A facet while rows are read, its numbers in four bytes each: there may be millions of them."""

    labels: dict[str, int] = field(default_factory=dict)
    positions: array[int] = field(default_factory=lambda: array("i"))
    codes: array[int] = field(default_factory=lambda: array("i"))

    def add(self, position: int, label: str) -> None:
        self.positions.append(position)
        self.codes.append(self.labels.setdefault(label, len(self.labels)))


def build(folder: Path, target: Path, known_as: str, progress: Callable[[int], None]) -> None:
    """Read every row and write the index, shown when it is whole. One at a time for a target: see :mod:`.indexing`.

    :param known_as: the dataset's :func:`fingerprint`. :param progress: told how many bytes more have been read.
    :raises DatasetUnreadableError: a file of rows has gone. :raises DatasetDamagedError: a row can't be read.
    :raises OSError, sqlite3.OperationalError: it can't be written.
    """
    work = target.with_suffix(WORK)
    work.unlink(missing_ok=True)
    tables = sqlite3.connect(work, isolation_level=None)
    try:
        # Nothing of an unfinished one is of use to anybody.
        tables.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_TABLES}")
        tables.execute("BEGIN")
        _fill(tables, folder, progress)
        tables.execute("INSERT INTO about VALUES (?)", (known_as,))
        tables.execute("CREATE INDEX row_id ON row (id)")
        tables.execute("COMMIT")
        tables.close()
        _to_disk(work)
        work.replace(target)
    finally:
        tables.close()
        work.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    """A machine that loses its power may keep a name and lose what was written under it: zeros, which would count."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fill(tables: sqlite3.Connection, folder: Path, progress: Callable[[int], None]) -> None:
    columns: dict[str, _Column] = {}
    for position, (place, written) in enumerate(lines_of(folder)):
        row = parsed(folder, place, written)
        try:
            for name, label in facets_of({**row, "split": place.split}):
                columns.setdefault(name, _Column()).add(position, label)
            line, words = json.dumps(line_of(row), ensure_ascii=False), words_of(row)
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError, RecursionError) as error:
            raise DatasetDamagedError(
                f"The row {place.row_id} is not as this format has rows: {error}", hint="Build the dataset again."
            ) from error
        at = (position, place.row_id, place.split, place.number, place.start, place.length, line)
        tables.execute("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?)", at)
        tables.execute("INSERT INTO said VALUES (?, ?)", (position, words))
        progress(place.length)
    for name, column in columns.items():
        numbers = column.positions.tobytes(), column.codes.tobytes()
        tables.execute("INSERT INTO facet VALUES (?, ?, ?, ?)", (name, json.dumps(list(column.labels)), *numbers))


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet as it was counted.

    :ivar counts: of each value, in the order of the values: rows that match whatever else is chosen.
    :ivar totals: of each value: rows of the whole dataset.
    """

    name: str
    values: list[str]
    counts: NDArray[np.int64]
    totals: NDArray[np.int64]


class RowIndex:
    """An index that was built; close it when it was read. Not safe between threads.

    :raises sqlite3.DatabaseError: later, from any call: the file is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._tables = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)

    def __enter__(self) -> RowIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self._tables.close()

    @property
    def fingerprint(self) -> str:
        """Of the dataset that it was made of."""
        return str(self._tables.execute("SELECT fingerprint FROM about").fetchone()[0])

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self._tables.execute("SELECT COUNT(*) FROM row").fetchone()[0])

    def find(self, row_id: str) -> int | None:
        """Where a row stands among all, from 0."""
        found = self._tables.execute("SELECT position FROM row WHERE id = ?", (row_id,)).fetchone()
        return None if found is None else int(found[0])

    def find_number(self, split: str, number: int) -> int | None:
        """Where the row of a place in a split stands among all."""
        found = self._tables.execute(
            "SELECT MIN(position) + ? FROM row WHERE split = ? HAVING COUNT(*) >= ?", (number - 1, split, number)
        ).fetchone()
        return None if found is None else int(found[0])

    def place(self, position: int) -> Place:
        """Where a row lies."""
        asked = "SELECT id, split, number, start, length FROM row WHERE position = ?"
        return Place(*self._tables.execute(asked, (position,)).fetchone())

    def lines(self, positions: Sequence[int]) -> Iterator[tuple[Place, dict[str, Any]]]:
        """What lists say of rows."""
        for position in positions:
            asked = "SELECT line FROM row WHERE position = ?"
            yield self.place(position), json.loads(self._tables.execute(asked, (position,)).fetchone()[0])

    def saying(self, words: str) -> Mask:
        """Rows whose request or justification has the words, as they stand there but for capitals."""
        found = np.zeros(self.size, np.bool_)
        asked = self._tables.execute("SELECT position FROM said WHERE instr(words, ?)", (words.lower(),))
        found[np.fromiter((one[0] for one in asked), np.int64)] = True
        return found

    def count(self, chosen: dict[str, set[str]], found: Mask) -> tuple[Mask, list[Facet]]:
        """Rows with one of the chosen values of each facet, and how all facets are distributed.

        A facet's own choice does not change its own counts: they say what choosing another value would find.
        """
        columns = {name: self._column(name) for name in self._names()}
        masks = {}
        for name, wanted in chosen.items():
            labels, positions, codes = columns[name]
            mask = np.zeros(len(found), np.bool_)
            mask[positions[np.isin(codes, [at for at, label in enumerate(labels) if label in wanted])]] = True
            masks[name] = mask
        counted = []
        for name, (labels, positions, codes) in columns.items():
            others = found.copy()
            for other, mask in masks.items():
                if other != name:
                    others &= mask
            counts = np.bincount(codes[others[positions]], minlength=len(labels))
            counted.append(Facet(name, labels, counts, np.bincount(codes, minlength=len(labels))))
        matching = found.copy()
        for mask in masks.values():
            matching &= mask
        return matching, counted

    def names(self) -> set[str]:
        """The facets that there are."""
        return set(self._names())

    def _names(self) -> list[str]:
        known = [str(one[0]) for one in self._tables.execute("SELECT name FROM facet")]
        axes = sorted(name for name in known if name.startswith(AXIS))
        return [*(name for name in NAMES if name in known), *axes]

    def _column(self, name: str) -> tuple[list[str], NDArray[np.int32], NDArray[np.int32]]:
        asked = "SELECT labels, positions, codes FROM facet WHERE name = ?"
        labels, positions, codes = self._tables.execute(asked, (name,)).fetchone()
        return json.loads(labels), np.frombuffer(positions, np.int32), np.frombuffer(codes, np.int32)


@contextlib.contextmanager
def opened(path: Path, known_as: str) -> Iterator[RowIndex | None]:
    """The index of a dataset with that fingerprint; None where there is none, or that of another one.

    :raises DatasetIndexError: it is damaged; it is removed, so that the next one who asks has it made anew.
    """
    if not path.is_file():
        yield None
        return
    with contextlib.ExitStack() as stack:
        try:
            index = stack.enter_context(RowIndex(path))
            current = index.fingerprint == known_as
        except (sqlite3.DatabaseError, TypeError):  # a file that a full disk or somebody else left there
            current = False
        try:
            yield index if current else None
        except _DAMAGE as error:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            raise DatasetIndexError(
                f"{path} is damaged, and was removed: {error}.",
                hint="Try again: it is made anew. If that says the same, remove it yourself.",
            ) from error
