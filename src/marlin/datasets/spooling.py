"""Rows on their way, on disk: what a killed or starved build had done is not done again.

A line holds a digest of everything that its row was made from, so a row is taken over only while that is unchanged.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from marlin import __version__
from marlin.datasets.memory import Memory
from marlin.datasets.queries import Facts, Item

_SYNC_EVERY = 8 << 20
_LINE = 2
"""What a line holds beside its row. Another one is not taken over: 2 tells where a held value stands."""


def input_digest(item: Item, facts: Facts, shape: str) -> str:
    """Of all that decides an item's row: judgements, results and their records, permissions, and the code's version.

    :param shape: digest of what is asked of the row's looks.
    """
    said: list[object] = [__version__, _LINE, shape, str(facts.brief.id), facts.brief.category]
    for rating in item.ratings:
        said += [str(rating.rating_id), str(rating.review_id), rating.label, rating.gold, rating.aa]
        said.append(facts.terms.get(rating.person_id))
    for rollout, arm, attempt in facts.sides:
        raw = sorted(attempt.raw.items()) if attempt else []
        said += [rollout.commit, str(attempt.id) if attempt else None, raw, arm.name, arm.outputs_may_train]
        said += [(check.name, check.status, check.against_base) for check in rollout.checks]
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()


class Spool:
    """Rows in a file of ``folder``, in the order in which they came.

    :param memory: of the build: where it keeps the places of an earlier try's rows.
    """

    def __init__(self, folder: Path, memory: Memory | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._memory = memory or Memory()
        self.path, self._old = folder / "rows.jsonl", folder / "rows.before.jsonl"
        self._keep_unfinished()
        self._read_places()
        self._reader = self._old.open("rb") if self._old.is_file() else None
        self._writer = self.path.open("wb")
        self._unsynced = 0

    def _keep_unfinished(self) -> None:
        """The longer of two unfinished tries is the one to take over from."""
        if self.path.is_file() and (not self._old.is_file() or self.path.stat().st_size >= self._old.stat().st_size):
            self.path.replace(self._old)

    def _read_places(self) -> None:
        if not self._old.is_file():
            return
        with self._old.open("rb") as file:
            offset = 0
            for line in file:
                if not line.endswith(b"\n"):
                    break  # torn
                digest = line[:64].decode(errors="replace")
                self._memory.run("INSERT OR REPLACE INTO place VALUES (?, ?, ?)", digest, offset, len(line))
                offset += len(line)

    def known(self, digest: str) -> bytes | None:
        """The line of an earlier try that was made from the same inputs."""
        place = self._memory.one("SELECT start, length FROM place WHERE digest = ?", digest)
        if place is None or self._reader is None:
            return None
        self._reader.seek(place[0])
        line = self._reader.read(place[1])
        try:
            json.loads(line[65:])
        except ValueError:
            return None  # a crash of the machine left something else there
        return line

    @staticmethod
    def parse(line: bytes) -> dict[str, Any]:
        """The entry of a line."""
        entry: dict[str, Any] = json.loads(line[65:])
        return entry

    @staticmethod
    def line(digest: str, entry: dict[str, Any]) -> bytes:
        """An entry as a line."""
        body = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()
        return digest.encode() + b" " + body + b"\n"

    def add_line(self, line: bytes) -> None:
        """Append a line that :meth:`known` or :meth:`line` gave."""
        self._writer.write(line)
        self._unsynced += len(line)
        if self._unsynced >= _SYNC_EVERY:
            self.sync()

    def sync(self) -> None:
        """Everything so far is on the disk."""
        self._writer.flush()
        os.fsync(self._writer.fileno())
        self._unsynced = 0

    def close(self) -> None:
        """No more entries."""
        if not self._writer.closed:
            try:
                self.sync()
            finally:
                self._writer.close()
        if self._reader is not None:
            self._reader.close()

    def entries(self) -> Iterator[dict[str, Any]]:
        """All entries, once closed."""
        with self.path.open("rb") as file:
            for line in file:
                yield self.parse(line)
