"""A dataset's folder as the trainers read it: ``dataset.json``, a pairwise view, and of ``rows/`` what evaluations ask.

Files alone, in the format of ``docs/reference/dataset-format.md``; nothing here knows how they were made. Rows are
streamed: a split may be larger than memory.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from marlin.training.errors import UnreadableDatasetError

Message = dict[str, Any]
Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = ("train", "test")
FORMAT = 1
VIEW = "trl_pref"
PATCH_VIEWS = ("patch_pref", "reward")
"""Views whose sides are one message with the change: no tool calls are in them."""
FORMAT_HINT = "Build it with `marlin dataset build`; docs/reference/dataset-format.md describes the folder."


@dataclass(frozen=True, slots=True)
class Pair:
    """One preference: a shared history, and how each side went on from it.

    :ivar facts: everything else that the row says, such as its task, category and strength.
    """

    id: str
    prompt: list[Message]
    chosen: list[Message]
    rejected: list[Message]
    tools: list[dict[str, Any]]
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def task(self) -> str:
        """What the split and the intervals go by; a row without one is a task of its own."""
        return str(self.facts.get("task_id") or self.id)


class DatasetFolder:
    """A dataset on this machine's disk.

    :param view: whose pairs: ``trl_pref``, ``patch_pref``, ``reward`` or ``axes/<axis>``.
    :raises UnreadableDatasetError: there is no such folder, it is not one of a dataset, or of a later format.
    """

    def __init__(self, path: Path, view: str = VIEW) -> None:
        self.path, self.view = path, view
        file = path / "dataset.json"
        if not file.is_file():
            raise UnreadableDatasetError(f"{path} has no dataset.json, so it is no dataset.", hint=FORMAT_HINT)
        try:
            self.card: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UnreadableDatasetError(f"{file} can't be read: {error}", hint=FORMAT_HINT) from error
        if self.card.get("format", FORMAT) != FORMAT:
            raise UnreadableDatasetError(
                f"{path} has format {self.card['format']}; this Marlin reads {FORMAT}.", hint="Update Marlin."
            )
        for split in SPLITS:
            if not self.file(split).is_file():
                raise UnreadableDatasetError(f"{path} has no {self.file(split).relative_to(path)}.", hint=FORMAT_HINT)

    def file(self, split: Split) -> Path:
        """Where the pairs of a split are."""
        return self.path / "views" / self.view / f"{split}.jsonl"

    @property
    def has_tools(self) -> bool:
        """Whether its pairs are trajectories, with tool calls."""
        return self.view not in PATCH_VIEWS

    @property
    def split_hash(self) -> str | None:
        """Of which row is in which split, as the manifest says it."""
        found = (self.card.get("split") or {}).get("hash")
        return str(found) if found else None

    def results(self) -> dict[str, dict[str, Any]]:
        """Of each held-out row, from its canonical form: sizes of both changes, key axis, how many judged it."""
        file = self.path / "rows" / "test.jsonl"
        if not file.is_file():
            return {}
        with file.open(encoding="utf-8") as lines:
            return {row["id"]: _result(row, self._preferred(row)) for row in map(json.loads, lines)}

    def _preferred(self, row: dict[str, Any]) -> str | None:
        """The side that this view calls chosen: overall, or by its axis, whose scores below zero are for A."""
        agg = row.get("agg") or {}
        if not self.view.startswith("axes/"):
            return agg.get("label")
        score = (agg.get("axes") or {}).get(self.view.removeprefix("axes/"))
        return None if not score else "A" if score < 0 else "B"

    @property
    def id(self) -> str:
        """The dataset's content address, as it says itself."""
        return str(self.card.get("id") or "unnamed")

    @property
    def synthetic(self) -> bool:
        """Made from simulated judgement: nothing learnt from it is about real engineers."""
        return bool(self.card.get("synthetic"))

    def pairs(self, split: Split) -> Iterator[Pair]:
        """Stream a split.

        :raises UnreadableDatasetError: a line is no pair; it names file and line.
        """
        file = self.file(split)
        try:
            with file.open(encoding="utf-8") as lines:
                for number, line in enumerate(lines, start=1):
                    if line.strip():
                        yield _pair(line, f"{file.name}:{number}", f"{split}-{number}")
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableDatasetError(f"{file} can't be read: {error}", hint=FORMAT_HINT) from error

    def hashes(self) -> dict[str, str]:
        """SHA-256 of the files that a run reads: what it was really trained on, whatever the card says."""
        return {split: file_hash(self.file(split)) for split in SPLITS}


def file_hash(file: Path) -> str:
    """SHA-256 of a file's bytes."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _pair(line: str, where: str, otherwise: str) -> Pair:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise UnreadableDatasetError(f"{where} is no JSON: {error}", hint=FORMAT_HINT) from error
    if not isinstance(row, dict):
        raise UnreadableDatasetError(f"{where} is no object.", hint=FORMAT_HINT)
    sides = {}
    for key in ("prompt", "chosen", "rejected"):
        messages = row.pop(key, None)
        if not isinstance(messages, list) or not all(isinstance(one, dict) and one.get("role") for one in messages):
            raise UnreadableDatasetError(f"{where} has no list of messages under “{key}”.", hint=FORMAT_HINT)
        sides[key] = messages
    tools = row.pop("tools", None)
    if isinstance(tools, str):  # as TRL accepts it
        try:
            tools = json.loads(tools)
        except ValueError as error:
            raise UnreadableDatasetError(f"{where} has tools that are no JSON: {error}", hint=FORMAT_HINT) from error
    if not isinstance(tools or [], list):
        raise UnreadableDatasetError(f"{where} has tools that are no list.", hint=FORMAT_HINT)
    name = row.get("id") or otherwise
    return Pair(id=str(name), tools=tools or [], facts=row, **sides)


def _result(row: dict[str, Any], preferred: str | None) -> dict[str, Any]:
    agg, ratings = row.get("agg") or {}, row.get("ratings") or []
    found: dict[str, Any] = {"raters": agg.get("n")}
    axes = Counter(rating["key_axis"] for rating in ratings if rating.get("key_axis"))
    if axes:
        found["key_axis"] = axes.most_common(1)[0][0]
    if preferred in ("A", "B"):
        chosen, rejected = ("a", "b") if preferred == "A" else ("b", "a")
        for side, key in (("chosen", chosen), ("rejected", rejected)):
            patch = (row.get(key) or {}).get("patch")
            if isinstance(patch, str):
                found[f"{side}_changed_lines"], found[f"{side}_changed_files"] = patch_size(patch)
    return found


def patch_size(patch: str) -> tuple[int, int]:
    """Lines added and removed by a git patch, and the files that it changes."""
    lines = files = 0
    within = False
    for line in patch.splitlines():
        if line.startswith("diff --git "):
            files, within = files + 1, False
        elif line.startswith("@@"):
            within = True
        elif within and line[:1] in ("+", "-"):
            lines += 1
    return lines, files
