"""Reading a dataset's folder, row by row: a split may be larger than memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from marlin.dataset_files.errors import DatasetDamagedError, DatasetUnreadableError
from marlin.dataset_files.layout import MANIFEST, SPLITS, Split, rows_path, view_path
from marlin.dataset_files.manifest import FORMAT, Manifest
from marlin.dataset_files.parsing import numbered, row_of

_LARGEST_MANIFEST = 64 * 2**20
"""Bytes; a dataset's own has some kilobytes."""
_HINT = "Name the folder that `marlin dataset build` printed; it holds dataset.json."


def read_manifest(root: Path) -> Manifest:
    """The manifest of the dataset in ``root``.

    :raises DatasetUnreadableError: there is none, or a newer Marlin wrote it.
    :raises DatasetDamagedError: it is not one.
    """
    path = root / MANIFEST
    try:
        # a pipe, say, would be waited for, and a device read for ever
        if path.exists() and (not path.is_file() or path.stat().st_size > _LARGEST_MANIFEST):
            raise DatasetDamagedError(f"{path} is no manifest, but something else.", hint="Build the dataset again.")
        data = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise DatasetUnreadableError(f"{root} holds no dataset.", hint=_HINT) from error
    except OSError as error:
        raise DatasetUnreadableError(f"{root} can't be read: {error.strerror}.", hint=_HINT) from error
    except (ValueError, RecursionError) as error:
        raise DatasetDamagedError(f"{path} is no JSON: {error}", hint="Build the dataset again.") from error
    if isinstance(data, dict) and isinstance(data.get("format"), int) and data["format"] > FORMAT:
        raise DatasetUnreadableError(
            f"{root} is a dataset of format {data['format']}; this Marlin reads up to {FORMAT}.", hint="Update Marlin."
        )
    try:
        manifest = Manifest.model_validate(data)
        manifest.expected_id()
    except ValidationError as error:
        what = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
        raise DatasetDamagedError(f"{path} is no manifest: {what}", hint="Build the dataset again.") from error
    except (
        ValueError,
        RecursionError,
    ) as error:  # no number, half a character, too deep: what was never written as one
        raise DatasetDamagedError(f"{path} is no manifest: {error}", hint="Build the dataset again.") from error
    return manifest


def read_rows(root: Path, split: Split) -> Iterator[dict[str, Any]]:
    """The canonical rows of a split; nothing if it has none. Raises as :func:`read_view`."""
    return _lines(root / rows_path(split))


def read_view(root: Path | str, view: str, split: Split) -> Iterator[dict[str, Any]]:
    """The rows of a view.

    :raises DatasetUnreadableError: the dataset has no such view or split, or its file can't be read.
    :raises DatasetDamagedError: a line is no JSON object, or too long; it names file and line.
    """
    known = read_manifest(Path(root)).views
    if view not in known:
        raise DatasetUnreadableError(f"The dataset has no view {view!r}.", hint=f"It has: {', '.join(known)}.")
    if split not in SPLITS:
        raise DatasetUnreadableError(f"The dataset has no split {split!r}.", hint=f"It has: {', '.join(SPLITS)}.")
    return _lines(Path(root) / view_path(view, split))


def find_row(root: Path, row_id: str) -> tuple[Split, dict[str, Any]]:
    """One canonical row, and the split it is in.

    :raises DatasetUnreadableError: there is no such row.
    """
    for split in SPLITS:
        for row in read_rows(root, split):
            if row.get("id") == row_id:
                return split, row
    raise DatasetUnreadableError(
        f"The dataset has no row {row_id}.", hint="Ids stand in each line of rows/ and views/."
    )


def trace(row: dict[str, Any]) -> dict[str, Any]:
    """Where a canonical row comes from, without what was said: commits, images, versions, who judged, what follows.

    :raises DatasetDamagedError: the row does not say it all.
    """
    try:
        return _traced(row)
    except (KeyError, TypeError) as error:
        raise DatasetDamagedError(
            f"The row {row.get('id')} does not say where it comes from: {error}", hint="Build the dataset again."
        ) from error


def _traced(row: dict[str, Any]) -> dict[str, Any]:
    facts = (
        "id",
        "comparison_id",
        "turn",
        "campaign",
        "task_id",
        "repository",
        "source",
        "base_commit",
        "start_commit",
    )
    more = ("environment", "rubric_version", "guidelines_version")
    side = ("arm", "agent", "model", "commit", "source", "sandbox")
    return {
        **{name: row[name] for name in (*facts, *more)},
        **{name: {fact: row[name][fact] for fact in side} for name in ("a", "b")},
        "raters": [rating["rater"] for rating in row["ratings"]],
        "agg": row["agg"],
    }


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    for number, line in numbered(path):
        yield row_of(path, number, line)
