"""Which rows are held out: by what hangs together, never by row.

Rows hang together when they share the repository, the task, the base commit (a fork has its parent's) or the words of
the request, or nearly its words. A whole such group is in one split.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

from marlin.dataset_files import Split
from marlin.datasets.memory import Memory
from marlin.datasets.nearness import Nearness, words_of

BY = ["repository", "task", "base_commit", "request", "near_request"]


def _key(kind: str, value: str) -> bytes:
    return hashlib.sha256(f"{kind}\0{value}".encode()).digest()[:16]


class Division(Protocol):
    """Which split each row is in."""

    def split_of(self, key: bytes) -> Split:
        """By the key that :meth:`Groups.add` gave for the row."""


class Groups:
    """Groups of rows, found as they come: a union of everything that two rows have in common.

    :param memory: of the build. Without one all is in memory.
    :ivar joined_by_nearness: rows that a nearly equal request alone put into an earlier row's group.
    """

    def __init__(self, memory: Memory | None = None) -> None:
        self._memory = memory or Memory()
        self._near = Nearness(memory=self._memory, kind="request")
        self.joined_by_nearness = 0

    def add(self, *, repository: str, task: str, base_commit: str, request: str) -> bytes:
        """Note a row; a key to ask a :class:`Division` for."""
        words = " ".join(request.lower().split())
        facts = (("repository", repository), ("task", task), ("base", base_commit), ("request", words))
        keys = [_key(kind, value) for kind, value in facts if value]
        roots = {self._root(key) for key in keys}
        if words:
            number, near = self._near.add(words_of(words))
            self._memory.run("INSERT INTO request VALUES (?, ?)", number, keys[-1])
            by_nearness = {self._root(self._request(other)) for other in near}
            self.joined_by_nearness += bool(by_nearness - roots)
            roots |= by_nearness
        first, *others = sorted(roots)
        for root in others:
            self._hang(root, first)
        self._memory.run("INSERT INTO size VALUES (?, 1) ON CONFLICT DO UPDATE SET rows = rows + 1", keys[0])
        return keys[0]

    def divide(self, *, seed: str, test_fraction: float) -> Division | None:
        """The split of every row; None where there is a single group, so nothing can be held out.

        Groups in the order of their seeded hash, until the test split has its share; one at least on either side. What
        is returned holds until the next call.
        """
        groups, rows = self._parcel_out(seed.encode())
        if groups < 2:
            return None
        held = 0
        statement = "SELECT knot, rows FROM parcel ORDER BY place LIMIT ?"
        for root, size in self._memory.rows(statement, groups - 1):
            if held and held + size / 2 > test_fraction * rows:
                break
            self._memory.run("UPDATE knot SET held = 1 WHERE key = ?", root)
            held += size
        return self

    def everything(self, split: Split) -> Division:
        """All rows in one split."""
        return _Whole(split)

    def split_of(self, key: bytes) -> Split:
        """Where :meth:`divide` has put a row."""
        held = self._memory.one("SELECT held FROM knot WHERE key = ?", self._root(key))[0]
        return "test" if held else "train"

    def _parcel_out(self, seed: bytes) -> tuple[int, int]:
        """Put the groups in the order of their hash; how many there are, and how many rows they have together."""
        self._memory.run("UPDATE knot SET held = 0 WHERE held")
        self._memory.run("DELETE FROM parcel")
        add = "INSERT INTO parcel VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET rows = rows + excluded.rows"
        for key, rows in self._memory.rows("SELECT knot, rows FROM size"):
            root = self._root(key)
            self._memory.run(add, hashlib.sha256(seed + b"\0" + root).digest(), root, rows)
        groups, rows = self._memory.one("SELECT count(*), coalesce(sum(rows), 0) FROM parcel")
        return groups, rows

    def _request(self, number: int) -> bytes:
        found: bytes = self._memory.one("SELECT knot FROM request WHERE number = ?", number)[0]
        return found

    def _root(self, key: bytes) -> bytes:
        """What a key hangs from in the end; all that was on the way hangs from it directly then."""
        way = []
        while (parent := self._parent(key)) != key:
            way.append(key)
            key = parent
        for one in way[:-1]:
            self._hang(one, key)
        return key

    def _parent(self, key: bytes) -> bytes:
        known = self._memory.one("SELECT parent FROM knot WHERE key = ?", key)
        if known is None:
            self._memory.run("INSERT INTO knot (key, parent) VALUES (?, ?)", key, key)
            return key
        parent: bytes = known[0]
        return parent

    def _hang(self, key: bytes, parent: bytes) -> None:
        self._memory.run("UPDATE knot SET parent = ? WHERE key = ?", parent, key)


class _Whole:
    def __init__(self, split: Split) -> None:
        self._split = split

    def split_of(self, key: bytes) -> Split:
        return self._split
