"""The datasets of this installation: those in its data folder, and those that were built or pulled elsewhere from here.

Nothing of a dataset is in the database: its folder is the truth. A folder may be gone, or somebody else's: then that
one says so, and the others stay.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from marlin.dataset_files import MANIFEST, Manifest, Split, read_manifest, read_view, rows_path, view_path
from marlin.dataset_files import read_rows as canonical_rows
from marlin.datasets.errors import DatasetListError, HeldFileError
from marlin.datasets.held import HeldStore, Values, newest
from marlin.datasets.schemas import DatasetOut, DatasetRow, PreviewRow
from marlin.errors import MarlinError, NotFoundError

LIST = "datasets.jsonl"
FOLDER = "datasets"
MOST_DATASETS = 200
MOST_SHOWN = 64 * 1024
"""Characters of a row: a trajectory may have a million."""
ROWS = "rows"
"""The canonical rows, where a view is asked for."""


def note_dataset(home: Path, folder: Path) -> None:
    """Remember a dataset outside of the data folder; nothing is to be done for one that is known.

    :raises DatasetListError: the list can't be written.
    """
    here = folder.resolve()
    if here in _folders(home):
        return
    try:
        _append(home / LIST, here)
    except OSError as error:
        raise DatasetListError(
            f"{here} is whole, but {error.filename or home / LIST} can't be written: {error.strerror}.",
            hint="The dataset can be used. For the web app to show it, mend that and run the same command again.",
        ) from error


def _append(path: Path, here: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    line = (json.dumps({"path": str(here)}) + "\n").encode()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = b"\n" + line  # a full disk tore the last one: this one must not be lost with it
        if os.write(descriptor, line) < len(line):  # one write: two commands at once don't mix their lines
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    finally:
        os.close(descriptor)


def list_datasets(home: Path) -> list[DatasetRow]:
    """The newest ones, the one written last first; those that are gone come last."""
    waiting = _Waiting(home)
    rows = [_read(folder, waiting)[0] for folder in _folders(home)]
    oldest = datetime.min.replace(tzinfo=UTC)
    rows.sort(key=lambda row: (row.written_at or oldest, row.name), reverse=True)
    return rows[:MOST_DATASETS]


def get_dataset(home: Path, dataset_id: str) -> DatasetOut:
    """One dataset.

    :raises NotFoundError: this installation knows none with this id.
    """
    row, manifest, problem = _read(find_folder(home, dataset_id), _Waiting(home))
    return DatasetOut(**row.model_dump(), manifest=manifest, problem=problem)


def find_folder(home: Path, dataset_id: str) -> Path:
    """Where a dataset lies. Raises as :func:`get_dataset`."""
    found = next((folder for folder in _folders(home) if dataset_key(folder) == dataset_id), None)
    if found is None:
        raise NotFoundError("There is no such dataset.", hint="Open it from the list of datasets.")
    return found


def dataset_key(folder: Path) -> str:
    """The id of a dataset here: of where it is, since a copy may lie elsewhere."""
    return hashlib.sha256(str(folder).encode()).hexdigest()[:16]


def keys_present(home: Path) -> Iterator[str]:
    """The ids of datasets that are where they are said to be."""
    return (dataset_key(folder) for folder in _folders(home) if (folder / MANIFEST).exists())


def preview(home: Path, dataset_id: str, view: str, split: Split, start: int, count: int) -> list[PreviewRow]:
    """Rows of a view, or the canonical ones (``rows``), from one on.

    :param start: how many to pass over.
    :raises NotFoundError: no such dataset. :raises DatasetUnreadableError: no such view.
    :raises DatasetDamagedError: a line is no JSON object.
    """
    folder = find_folder(home, dataset_id)
    lines: Iterator[dict[str, Any]] = canonical_rows(folder, split) if view == ROWS else read_view(folder, view, split)
    shown = []
    for number, row in enumerate(itertools.islice(lines, start, start + count), start + 1):
        text = json.dumps(row, indent=2, ensure_ascii=False)
        row_id = str(row["id"]) if "id" in row else None
        shown.append(PreviewRow(number=number, row_id=row_id, text=text[:MOST_SHOWN], cut=len(text) > MOST_SHOWN))
    return shown


def file_of(home: Path, dataset_id: str, view: str, split: Split) -> Path:
    """The file of a view's split, as it lies in the folder.

    :raises NotFoundError: no such dataset, or no such file in it.
    """
    folder = find_folder(home, dataset_id)
    name = rows_path(split) if view == ROWS else view_path(view, split)
    listed = {file.path for file in read_manifest(folder).files}
    path = folder / name
    if name not in listed or not path.is_file():
        raise NotFoundError(f"The dataset has no file {name}.", hint="Choose a view and a split that its page lists.")
    return path


def folders_of(home: Path) -> list[Path]:
    """Where datasets of this installation lie: its own folder for them, and others that it knows of."""
    return list(dict.fromkeys([(home / FOLDER).resolve(), *(folder.parent for folder in _folders(home))]))


def _folders(home: Path) -> list[Path]:
    found: dict[Path, None] = {}
    root = home / FOLDER
    if root.is_dir():
        found |= dict.fromkeys(path.parent.resolve() for path in sorted(root.glob(f"*/{MANIFEST}")))
    try:
        lines = (home / LIST).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        lines = []
    for line in lines:
        try:
            found[Path(json.loads(line)["path"])] = None
        except (ValueError, KeyError, TypeError):  # torn by a full disk
            continue
    return list(found)


class _Waiting:
    """How many values wait in each folder, each file read once for all the datasets beside it."""

    def __init__(self, home: Path) -> None:
        self._folders = folders_of(home)
        self._values: dict[str, dict[Path, Values | str]] = {}

    def of(self, folder: Path, campaigns: list[str]) -> dict[str, object]:
        """``undecided`` of the campaigns' values that are held in the folder, and ``held_problem``."""
        count, problem = 0, None
        for campaign in campaigns:
            found = self._of(campaign)
            here = found.get(folder, {})
            if isinstance(here, str):
                problem = here
                continue
            stores = [values for values in found.values() if not isinstance(values, str)]
            for name in here:
                count += not newest([values[name] for values in stores if name in values]).decision
        return {"undecided": count, "held_problem": problem}

    def _of(self, campaign: str) -> dict[Path, Values | str]:
        if campaign not in self._values:
            self._values[campaign] = {folder: _held(folder, campaign) for folder in self._folders}
        return self._values[campaign]


def _held(folder: Path, campaign: str) -> Values | str:
    try:
        return HeldStore(folder, campaign).read()
    except HeldFileError as error:
        return error.message


def _read(folder: Path, waiting: _Waiting) -> tuple[DatasetRow, Manifest | None, str | None]:
    row = DatasetRow(id=dataset_key(folder), name=folder.name, path=str(folder), state="unreadable")
    try:
        written = datetime.fromtimestamp((folder / MANIFEST).stat().st_mtime, UTC)
    except OSError:
        return row.model_copy(update={"state": "gone"}), None, "The folder was moved or removed."
    try:
        manifest = read_manifest(folder)
        facts = _facts(manifest) | waiting.of(folder.parent, manifest.campaigns)
    except MarlinError as error:
        return row.model_copy(update={"written_at": written}), None, error.message
    return row.model_copy(update={"state": "ready", "written_at": written} | facts), manifest, None


def _facts(manifest: Manifest) -> dict[str, object]:
    return {
        "manifest_id": manifest.id,
        "campaigns": manifest.campaigns,
        "synthetic": manifest.synthetic,
        "rows": manifest.counts.get("rows", 0),
        "pairs": manifest.counts.get("pairs", 0),
        "trajectory_pairs": manifest.counts.get("trajectory_pairs", 0),
        "split_rows": manifest.split.rows,
        "bytes": sum(file.bytes for file in manifest.files),
    }
