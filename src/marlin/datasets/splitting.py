"""Which rows are held out: by what hangs together, never by row. Pure.

Rows hang together when they share the repository, the task, the base commit (a fork has its parent's) or the words of
the request, or nearly its words. A whole such group is in one split.
"""

from __future__ import annotations

import hashlib
from collections import Counter

from marlin.dataset_files import Split
from marlin.datasets.nearness import Nearness, words_of

BY = ["repository", "task", "base_commit", "request", "near_request"]


def _key(kind: str, value: str) -> bytes:
    return hashlib.sha256(f"{kind}\0{value}".encode()).digest()[:16]


class Groups:
    """Groups of rows, found as they come: a union of everything that two rows have in common.

    :ivar joined_by_nearness: rows that a nearly equal request alone put into an earlier row's group.
    """

    def __init__(self) -> None:
        self._parents: dict[bytes, bytes] = {}
        self._rows: Counter[bytes] = Counter()
        self._near = Nearness()
        self._requests: list[bytes] = []
        self.joined_by_nearness = 0

    def add(self, *, repository: str, task: str, base_commit: str, request: str) -> bytes:
        """Note a row; a key to ask :meth:`divide`'s result for."""
        words = " ".join(request.lower().split())
        facts = (("repository", repository), ("task", task), ("base", base_commit), ("request", words))
        keys = [_key(kind, value) for kind, value in facts if value]
        roots = {self._root(key) for key in keys}
        if words:
            _, near = self._near.add(words_of(words))
            self._requests.append(keys[-1])
            by_nearness = {self._root(self._requests[other]) for other in near}
            self.joined_by_nearness += bool(by_nearness - roots)
            roots |= by_nearness
        first, *others = sorted(roots)
        for root in others:
            self._parents[root] = first
        self._rows[keys[0]] += 1
        return keys[0]

    def divide(self, *, seed: str, test_fraction: float) -> dict[bytes, Split] | None:
        """The split of every key; None where there is a single group, so nothing can be held out.

        Groups in the order of their seeded hash, until the test split has its share; one at least on either side.
        """
        sizes: Counter[bytes] = Counter()
        for key, rows in self._rows.items():
            sizes[self._root(key)] += rows
        order = sorted(sizes, key=lambda root: hashlib.sha256(seed.encode() + b"\0" + root).digest())
        if len(order) < 2:
            return None
        wanted = test_fraction * sum(sizes.values())
        test: set[bytes] = set()
        held = 0
        for root in order[:-1]:
            if test and held + sizes[root] / 2 > wanted:
                break
            test.add(root)
            held += sizes[root]
        return {key: "test" if self._root(key) in test else "train" for key in self._rows}

    def everything(self, split: Split) -> dict[bytes, Split]:
        """All keys in one split."""
        return dict.fromkeys(self._rows, split)

    def _root(self, key: bytes) -> bytes:
        while (parent := self._parents.setdefault(key, key)) != key:
            self._parents[key] = self._parents[parent]
            key = self._parents[key]
        return key
