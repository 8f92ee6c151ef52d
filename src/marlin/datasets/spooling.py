"""Rows on their way, on disk: what a killed or starved build had done is not done again.

A line holds a digest of everything that its row was made from, so a row is taken over only while that is unchanged.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from marlin import __version__
from marlin.datasets.memory import Memory
from marlin.datasets.queries import Facts, Item

_SYNC_EVERY = 8 << 20
_LINE = 4
"""What a line holds, and of what. Another one is not taken over: 2 tells where a held value stands, 3 whether there are
too many, 4 has the licences that ``REUSE.toml`` names."""


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

    :param memory: of the build: where it keeps the places of earlier tries' rows.
    """

    def __init__(self, folder: Path, memory: Memory | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._memory = memory or Memory()
        self.path = folder / "rows.jsonl"
        self._readers = self._unfinished(folder)
        self._writer = self.path.open("wb")
        self._unsynced = 0

    def _unfinished(self, folder: Path) -> list[BinaryIO]:
        """The files of earlier tries, longest first. One whose rows are all in longer ones is taken away.

        There are several where tries asked for different things: each keeps what it had done.
        """
        if self.path.is_file():
            numbers = itertools.count(1)
            self.path.rename(
                next(path for one in numbers if not (path := folder / f"rows.before-{one}.jsonl").exists())
            )
        old = sorted(folder.glob("rows.before*.jsonl"), key=lambda path: (-path.stat().st_size, path.name))
        readers: list[BinaryIO] = []
        for path in old:
            if self._read_places(path, len(readers)):
                readers.append(path.open("rb"))
            else:
                path.unlink()
        return readers

    def _read_places(self, path: Path, number: int) -> int:
        """How many rows there are in it that no file before it had."""
        new = 0
        with path.open("rb") as file:
            offset = 0
            for line in file:
                if not line.endswith(b"\n"):
                    break  # torn
                digest = line[:64].decode(errors="replace")
                place = (digest, number, offset, len(line))
                new += self._memory.run("INSERT OR IGNORE INTO place VALUES (?, ?, ?, ?)", *place)
                offset += len(line)
        return new

    def known(self, digest: str) -> bytes | None:
        """The line of an earlier try that was made from the same inputs."""
        place = self._memory.one("SELECT file, start, length FROM place WHERE digest = ?", digest)
        if place is None:
            return None
        reader = self._readers[place[0]]
        reader.seek(place[1])
        line: bytes = reader.read(place[2])
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
        for reader in self._readers:
            reader.close()

    def entries(self) -> Iterator[dict[str, Any]]:
        """All entries, once closed."""
        with self.path.open("rb") as file:
            for line in file:
                yield self.parse(line)
