"""What is known from public benchmarks, by the lists that a person gives. Lists have the shape of the SWE-bench family.

A row is known from a list when it has an entry's repository and base commit, when either's request holds half of the
other's runs of eight words, or when a side made four fifths of the lines that an entry's reference patch adds.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marlin.datasets.errors import DatasetWishError
from marlin.datasets.nearness import lines_of

_RUN = 8
_SHARED_WORDS = 0.5
_SHARED_LINES = 0.8
_FEWEST_LINES = 3
_SHORTEST_LINE = 8
_SHAPE = (
    "Give a JSON or JSON Lines file whose entries have repo and base_commit, problem_statement or patch, as SWE-bench."
)


@dataclass(frozen=True, slots=True)
class BenchmarkList:
    """One list. :ivar name: of its file. :ivar sha256: of its bytes."""

    name: str
    sha256: str
    entries: int


class Benchmarks:
    """Everything that the lists say, ready to be asked about rows.

    :ivar lists: what was given, in that order.
    :param whole_repositories: whether a row is known as soon as a list has its repository.
    :raises DatasetWishError: a file can't be read, or is no such list.
    """

    def __init__(self, paths: Sequence[Path] = (), *, whole_repositories: bool = False) -> None:
        self.lists: list[BenchmarkList] = []
        self._whole = whole_repositories
        self._of: list[int] = []
        self._repositories: dict[str, int] = {}
        self._commits: dict[tuple[str, str], int] = {}
        self._runs: dict[bytes, list[int]] = defaultdict(list)
        self._run_counts: list[int] = []
        self._lines: dict[bytes, list[int]] = defaultdict(list)
        self._line_counts: list[int] = []
        for path in paths:
            self._read(path)

    def _read(self, path: Path) -> None:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise DatasetWishError(f"The list {path} can't be read: {error.strerror}.", hint=_SHAPE) from error
        entries = list(_entries(path, data))
        if not entries:
            raise DatasetWishError(f"The list {path} has no entry.", hint=_SHAPE)
        self.lists.append(BenchmarkList(path.name, hashlib.sha256(data).hexdigest(), len(entries)))
        for entry in entries:
            self._add(entry, len(self.lists) - 1)

    def _add(self, entry: dict[str, Any], owner: int) -> None:
        number = len(self._of)
        self._of.append(owner)
        repository = repository_name(str(entry.get("repo") or ""))
        if repository:
            self._repositories.setdefault(repository, owner)
            if entry.get("base_commit"):
                self._commits.setdefault((repository, str(entry["base_commit"]).lower()), owner)
        runs = _runs(str(entry.get("problem_statement") or ""))
        self._run_counts.append(len(runs))
        for run in runs:
            self._runs[run].append(number)
        lines = _added(str(entry.get("patch") or ""))
        self._line_counts.append(len(lines))
        for line in lines:
            self._lines[line].append(number)

    def known(self, row: dict[str, Any]) -> tuple[int, str] | None:
        """The list that a canonical row is known from, by its place, and by what; None for a row that is in none."""
        repository = repository_name(row["source"] or "")
        for commit in (row["base_commit"], row["start_commit"]):
            owner = self._commits.get((repository, str(commit).lower()))
            if owner is not None:
                return owner, "same repository and base commit"
        if self._whole and repository in self._repositories:
            return self._repositories[repository], "same repository"
        owner = self._by_request(row["request"])
        if owner is not None:
            return owner, "same request"
        owner = next((found for side in ("a", "b") if (found := self._by_patch(row[side]["patch"])) is not None), None)
        return None if owner is None else (owner, "same change")

    def _by_request(self, request: str) -> int | None:
        runs = _runs(request)
        shared = Counter(number for run in runs for number in self._runs.get(run, ()))
        for number, count in shared.most_common():
            if count >= _SHARED_WORDS * min(len(runs), self._run_counts[number]):
                return self._of[number]
        return None

    def _by_patch(self, patch: str) -> int | None:
        shared = Counter(number for line in _added(patch) for number in self._lines.get(line, ()))
        for number, count in shared.most_common():
            wanted = self._line_counts[number]
            if wanted >= _FEWEST_LINES and count >= _SHARED_LINES * wanted:
                return self._of[number]
        return None


def repository_name(source: str) -> str:
    """``owner/name`` in small letters, of an address or of such a name; empty where there is none."""
    parts = [part for part in source.replace(":", "/").rstrip("/").removesuffix(".git").split("/") if part]
    return "/".join(parts[-2:]).lower() if len(parts) >= 2 else ""


def _entries(path: Path, data: bytes) -> Iterable[dict[str, Any]]:
    try:
        text = data.decode()
        found = json.loads(text) if text.lstrip()[:1] == "[" else [json.loads(one) for one in text.splitlines() if one]
    except (ValueError, RecursionError) as error:
        raise DatasetWishError(f"The list {path} is neither JSON nor JSON Lines: {error}.", hint=_SHAPE) from error
    for number, entry in enumerate(found, 1):
        useful = isinstance(entry, dict) and (
            (entry.get("repo") and entry.get("base_commit")) or entry.get("problem_statement") or entry.get("patch")
        )
        if not useful:
            raise DatasetWishError(f"Entry {number} of the list {path} says nothing to compare.", hint=_SHAPE)
        yield entry


def _runs(text: str) -> set[bytes]:
    words = "".join(character if character.isalnum() else " " for character in text.lower()).split()
    return {_digest(" ".join(words[at : at + _RUN])) for at in range(len(words) - _RUN + 1)}


def _added(patch: str) -> set[bytes]:
    return {_digest(line) for line in lines_of(patch) if line[0] == "+" and len(line) > _SHORTEST_LINE}


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=8).digest()
