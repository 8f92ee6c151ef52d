"""Which rows are held out: by what hangs together, never by row. Pure.

Rows hang together when they share the repository, the task, the base commit (a fork has its parent's) or the words of
the request. A whole such group is in one split.
"""

from __future__ import annotations

import hashlib
from collections import Counter

from marlin.dataset_files import Split

BY = ["repository", "task", "base_commit", "request"]


class Groups:
    """Groups of rows, found as they come: a union of everything that two rows have in common."""

    def __init__(self) -> None:
        self._parents: dict[bytes, bytes] = {}
        self._rows: Counter[bytes] = Counter()

    def add(self, *, repository: str, task: str, base_commit: str, request: str) -> bytes:
        """Note a row; a key to ask :meth:`divide`'s result for."""
        words = " ".join(request.lower().split())
        facts = (("repository", repository), ("task", task), ("base", base_commit), ("request", words))
        keys = [hashlib.sha256(f"{kind}\0{value}".encode()).digest()[:16] for kind, value in facts if value]
        roots = sorted({self._root(key) for key in keys})
        for root in roots[1:]:
            self._parents[root] = roots[0]
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
