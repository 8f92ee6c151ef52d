"""What a build has to know again of every row, in a file: more rows need no more memory.

SQLite keeps a few pages at hand, and the rest in the file. Nothing outlives the build: another try fills it anew.
"""

from __future__ import annotations

import hashlib
import sqlite3
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_PAGES_KIB = 2048
"""Of the file that are in memory at a time."""
_TABLES = """
CREATE TABLE place (digest TEXT PRIMARY KEY, file INTEGER NOT NULL, start INTEGER NOT NULL, length INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE kept (number INTEGER PRIMARY KEY, id TEXT NOT NULL, knot BLOB NOT NULL);
CREATE TABLE seen (kind TEXT NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (kind, digest)) WITHOUT ROWID;
CREATE TABLE signature (kind TEXT NOT NULL, number INTEGER NOT NULL, numbers BLOB NOT NULL,
    PRIMARY KEY (kind, number)) WITHOUT ROWID;
CREATE TABLE band (key INTEGER PRIMARY KEY, number INTEGER NOT NULL);
CREATE TABLE knot (key BLOB PRIMARY KEY, parent BLOB NOT NULL, held INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE request (number INTEGER PRIMARY KEY, knot BLOB NOT NULL);
CREATE TABLE size (knot BLOB PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE parcel (place BLOB PRIMARY KEY, knot BLOB NOT NULL, rows INTEGER NOT NULL) WITHOUT ROWID;
"""


class Memory:
    """Tables of one build, and nobody else's; they go when it is closed.

    :param path: the file to make anew. Without one all is in memory.
    :raises sqlite3.OperationalError: later, from any call: there is no room for the file.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        if path is not None:
            path.unlink(missing_ok=True)
        # Threads take turns. One transaction without a journal: what is unfinished at the end is of no use to anybody.
        self._tables = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._tables.close)
        self._tables.executescript(f"PRAGMA journal_mode = OFF; PRAGMA cache_size = -{_PAGES_KIB};")
        self._tables.executescript(f"BEGIN; {_TABLES}")

    def run(self, statement: str, *values: Any) -> int:
        """Change something; how many rows were."""
        return self._tables.execute(statement, values).rowcount

    def one(self, statement: str, *values: Any) -> Any:
        """The first row; None if there is none."""
        return self._tables.execute(statement, values).fetchone()

    def rows(self, statement: str, *values: Any) -> Iterator[Any]:
        """All rows, a few at a time."""
        return self._tables.execute(statement, values)

    def see(self, kind: str, value: str) -> None:
        """Note that there is such a value: it counts once."""
        digest = hashlib.sha256(value.encode(errors="replace")).digest()[:16]
        self.run("INSERT OR IGNORE INTO seen VALUES (?, ?)", kind, digest)

    def count(self, kind: str) -> int:
        """How many different values of a kind were seen."""
        return int(self.one("SELECT count(*) FROM seen WHERE kind = ?", kind)[0])

    def close(self) -> None:
        """Let go of the file, and of what is in it."""
        self._tables.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
