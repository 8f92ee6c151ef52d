"""A dataset's folder as the trainers read it: ``dataset.json``, a pairwise view, and of ``rows/`` what evaluations ask.

Files alone, in the format of ``docs/reference/dataset-format.md``; nothing here knows how they were made. Rows are
streamed: a split may be larger than memory.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marlin.dataset_files import (
    SPLITS,
    DatasetDamagedError,
    DatasetUnreadableError,
    Split,
    read_manifest,
    read_rows,
    read_view,
    rows_path,
    view_path,
)
from marlin.training.errors import UnreadableDatasetError
from marlin.training.saying import Say, counting, silently

__all__ = ["PATCH_VIEWS", "SPLITS", "VIEW", "DatasetFolder", "Message", "Pair", "Single", "Split", "patch_size"]

Message = dict[str, Any]
VIEW = "trl_pref"
PATCH_VIEWS = ("patch_pref", "reward")
"""Views whose sides are one message with the change: no tool calls are in them."""
FORMAT_HINT = "Build it with `marlin dataset build`; docs/reference/dataset-format.md describes the folder."
_CHECK_HINT = "Put the dataset of that id back; `marlin dataset verify` says what else was changed."


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


@dataclass(frozen=True, slots=True)
class Single:
    """One result on its own, and whether it was good: what ``sft`` and ``kto`` also have of ties and lone results."""

    id: str
    prompt: list[Message]
    completion: list[Message]
    label: bool
    tools: list[dict[str, Any]]
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def task(self) -> str:
        """As of :class:`Pair`."""
        return str(self.facts.get("task_id") or self.id)


class DatasetFolder:
    """A dataset on this machine's disk. Its manifest is validated here; :meth:`check` holds the files against it.

    :param view: whose pairs: ``trl_pref``, ``patch_pref``, ``reward`` or ``axes/<axis>``.
    :param singles: ``sft`` or ``kto``: the view of single results to train on, where the dataset has rows in it.
    :raises UnreadableDatasetError: there is no such folder, it is not one of a dataset, or of a later format.
    """

    def __init__(self, path: Path, view: str = VIEW, singles: str | None = None) -> None:
        self.path, self.view = path, view
        try:
            self.manifest = read_manifest(path)
        except (DatasetUnreadableError, DatasetDamagedError) as error:
            raise UnreadableDatasetError(error.message, hint=error.hint) from error
        views = self.manifest.views
        if view not in views:
            raise UnreadableDatasetError(f"{path} has no view {view}.", hint=f"It has: {', '.join(views)}.")
        self.singles = singles if singles in views and views[singles].rows.get("train") else None

    def check(self, say: Say = silently) -> None:
        """See that the files that a run reads are those that the manifest names, to the byte.

        :raises UnreadableDatasetError: names the first that is not.
        """
        listed = {file.path: file.sha256 for file in self.manifest.files}
        wanted = [view_path(view, split) for view in (self.view, self.singles) if view for split in SPLITS]
        wanted += [name for name in (rows_path("test"),) if name in listed]
        for name in counting(wanted, say, "reading the dataset's files", len(wanted)):
            file = self.path / name
            if not file.is_file():
                raise UnreadableDatasetError(f"{self.path} has no {name}.", hint=_CHECK_HINT)
            if file_hash(file) != listed.get(name):
                raise UnreadableDatasetError(f"{file} is not the file that dataset.json names.", hint=_CHECK_HINT)

    def file(self, split: Split) -> Path:
        """Where the pairs of a split are."""
        return self.path / view_path(self.view, split)

    @property
    def has_tools(self) -> bool:
        """Whether its pairs are trajectories, with tool calls."""
        return self.view not in PATCH_VIEWS

    @property
    def split_hash(self) -> str:
        """Of which row is in which split, as the manifest says it."""
        return self.manifest.split.hash

    def results(self) -> dict[str, dict[str, Any]]:
        """Of each held-out row, from its canonical form: sizes of both changes, key axis, how many judged it."""
        try:
            return {row["id"]: _result(row, self._preferred(row)) for row in read_rows(self.path, "test")}
        except (DatasetDamagedError, KeyError) as error:
            raise UnreadableDatasetError(f"rows/test.jsonl can't be read: {error}", hint=_CHECK_HINT) from error

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
        return self.manifest.id

    @property
    def synthetic(self) -> bool:
        """Made from simulated judgement: nothing learnt from it is about real engineers."""
        return self.manifest.synthetic

    def amount(self, split: Split, view: str | None = None) -> int:
        """Rows of a split, as the manifest counts them; 0 where it doesn't."""
        found = self.manifest.views.get(view or self.view)
        return found.rows.get(split, 0) if found is not None else 0

    def pairs(self, split: Split) -> Iterator[Pair]:
        """Stream a split.

        :raises UnreadableDatasetError: a line is no pair; it names file and line.
        """
        for where, row, otherwise in self._lines(self.view, split):
            yield _pair(row, where, otherwise)

    def single_results(self, split: Split) -> Iterator[Single]:
        """Stream the results of :attr:`singles`, each on its own.

        :raises UnreadableDatasetError: a line is no result; it names file and line.
        """
        if self.singles is not None:
            for where, row, otherwise in self._lines(self.singles, split):
                yield _single(row, where, otherwise)

    def _lines(self, view: str, split: Split) -> Iterator[tuple[str, dict[str, Any], str]]:
        file = self.path / view_path(view, split)
        try:
            for number, row in enumerate(read_view(self.path, view, split), start=1):
                yield f"{file.name}:{number}", row, f"{split}-{number}"
        except (DatasetUnreadableError, DatasetDamagedError) as error:
            raise UnreadableDatasetError(error.message, hint=error.hint) from error
        except OSError as error:
            raise UnreadableDatasetError(f"{file} can't be read: {error}", hint=_CHECK_HINT) from error

    def hashes(self) -> dict[str, str]:
        """SHA-256 of the files that a run reads: what it was really trained on, whatever the manifest says."""
        found: dict[str, str] = {split: file_hash(self.file(split)) for split in SPLITS}
        if self.singles is not None:
            found[self.singles] = file_hash(self.path / view_path(self.singles, "train"))
        return found


def file_hash(file: Path, read: Callable[[int], None] | None = None) -> str:
    """SHA-256 of a file's bytes.

    :param read: called with how many megabytes have been read.
    """
    digest, done = hashlib.sha256(), 0
    with file.open("rb", buffering=0) as stream:
        while part := stream.read(_PART):
            digest.update(part)
            done += len(part)
            if read is not None:
                read(done // 1_000_000)
    return digest.hexdigest()


_PART = 4_194_304


def _pair(row: dict[str, Any], where: str, otherwise: str) -> Pair:
    sides = {key: _messages(row, key, where) for key in ("prompt", "chosen", "rejected")}
    tools = _tools(row, where)
    return Pair(id=str(row.get("id") or otherwise), tools=tools, facts=row, **sides)


def _single(row: dict[str, Any], where: str, otherwise: str) -> Single:
    """A row of `kto`, or of `sft`: there the completion is all that follows the last user's words."""
    label = row.pop("label", True) is True
    if "messages" in row:
        whole = _messages(row, "messages", where)
        after = max((at for at, message in enumerate(whole, start=1) if message["role"] == "user"), default=0)
        prompt, completion = whole[:after], whole[after:]
    else:
        prompt, completion = _messages(row, "prompt", where), _messages(row, "completion", where)
    name = "-".join(str(row[key]) for key in ("id", "side") if row.get(key)) or otherwise
    tools = _tools(row, where)
    return Single(id=name, prompt=prompt, completion=completion, label=label, tools=tools, facts=row)


def _messages(row: dict[str, Any], key: str, where: str) -> list[Message]:
    messages = row.pop(key, None)
    if not isinstance(messages, list) or not all(isinstance(one, dict) and one.get("role") for one in messages):
        raise UnreadableDatasetError(f"{where} has no list of messages under “{key}”.", hint=FORMAT_HINT)
    return messages


def _tools(row: dict[str, Any], where: str) -> list[dict[str, Any]]:
    tools = row.pop("tools", None)
    if isinstance(tools, str):  # as TRL accepts it
        try:
            tools = json.loads(tools)
        except ValueError as error:
            raise UnreadableDatasetError(f"{where} has tools that are no JSON: {error}", hint=FORMAT_HINT) from error
    if not isinstance(tools or [], list):
        raise UnreadableDatasetError(f"{where} has tools that are no list.", hint=FORMAT_HINT)
    return tools or []


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
