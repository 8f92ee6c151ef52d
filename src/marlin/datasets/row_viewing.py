"""One canonical row as a comparison, and what its sides say and changed, each read when it is asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic_core import PydanticSerializationError

from marlin.dataset_files import (
    DatasetDamagedError,
    DatasetUnreadableError,
    Place,
    Split,
    parsed,
    places,
    read_manifest,
    read_place,
)
from marlin.datasets.browsing import EVERYTHING, Among
from marlin.datasets.indexing import index_at_hand
from marlin.datasets.registry import find_folder
from marlin.datasets.row_index import RowIndex
from marlin.datasets.row_schemas import Part, RowMessagesOut, RowOut

MOST_SAID = 1 << 20
"""Characters of messages that are told at once; one message may be longer, and is told by itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which row: by its id, or by its place in a split, from 1."""

    row_id: str | None = None
    split: Split = "train"
    number: int = 1

    def is_at(self, place: Place) -> bool:
        """Whether a place is that of the row."""
        if self.row_id is not None:
            return place.row_id == self.row_id
        return (place.split, place.number) == (self.split, self.number)


def row_of(home: Path, dataset_id: str, wanted: Wanted, among: Among = EVERYTHING) -> RowOut:
    """A row, without what its sides say and changed.

    :param among: what rows around it have to be; all, where no index is at hand.
    :raises NotFoundError: no such dataset. :raises DatasetUnreadableError: it is gone, or has no such row.
    :raises DatasetDamagedError: the row can't be read.
    """
    folder = find_folder(home, dataset_id)
    manifest = read_manifest(folder)
    of = manifest.split.rows
    with index_at_hand(home, folder, manifest) as index:
        if index is not None:
            return _row_by_index(folder, index, wanted, of, among)
    before: Place | None = None
    found: Place | None = None
    for place in places(folder):
        if found is not None:
            return _row(folder, found, of, before, place)
        if wanted.is_at(place):
            found = place
        else:
            before = place
    if found is None:
        raise no_row(wanted)
    return _row(folder, found, of, before, None)


def _row_by_index(folder: Path, index: RowIndex, wanted: Wanted, of: dict[str, int], among: Among) -> RowOut:
    by_number = wanted.row_id is None
    at = index.find_number(wanted.split, wanted.number) if by_number else index.find(wanted.row_id or "")
    if at is None:
        raise no_row(wanted)
    if not among:
        near = [index.place(one) if 0 <= one < index.size else None for one in (at - 1, at + 1)]
        return _row(folder, index.place(at), of, near[0], near[1])
    matching = among.positions(index)
    before, after = int(np.searchsorted(matching, at)), int(np.searchsorted(matching, at, side="right"))
    previous = index.place(int(matching[before - 1])) if before > 0 else None
    following = index.place(int(matching[after])) if after < len(matching) else None
    row = _row(folder, index.place(at), of, previous, following)
    return row.model_copy(update={"matching": len(matching), "place": before + 1 if after > before else None})


def line_of(home: Path, dataset_id: str, row_id: str) -> bytes:
    """A row's line as it lies in the file. Raises as :func:`row_of`."""
    folder = find_folder(home, dataset_id)
    return read_place(folder, _find(home, folder, row_id))


def patch_of(home: Path, dataset_id: str, row_id: str, side: str) -> str:
    """What a side changed, as git prints it. Raises as :func:`row_of`."""
    patch = _part(_read(home, dataset_id, row_id), side, "patch")
    if not isinstance(patch, str):
        raise _not_as_written(row_id, f"{side}.patch is no text")
    return patch


def messages_of(home: Path, dataset_id: str, row_id: str, part: Part, start: int) -> RowMessagesOut:
    """What was said before both sides (``prompt``) or by one, from a message on. Raises as :func:`row_of`."""
    row = _read(home, dataset_id, row_id)
    said = row.get("prompt") or [] if part == "prompt" else _part(row, part, "messages")
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        raise _not_as_written(row_id, f"the messages of {part} are no list of messages")
    told: list[dict[str, Any]] = []
    size = 0
    try:
        for message in said[start:]:
            size += len(json.dumps(message, ensure_ascii=False))
            if told and size > MOST_SAID:
                break
            told.append(message)
        found = RowMessagesOut(messages=told, start=start, total=len(said))
        found.model_dump_json()
    except (RecursionError, PydanticSerializationError) as error:  # the answer can't be nested as deeply as a row can
        raise _not_as_written(row_id, f"a message of {part} is nested too deeply to be shown") from error
    return found


def _row(folder: Path, found: Place, of: dict[str, int], before: Place | None, after: Place | None) -> RowOut:
    row = parsed(folder, found, read_place(folder, found))
    around = (before.row_id if before else None, after.row_id if after else None)
    return RowOut.of_row(row, found, of.get(found.split, found.number), around)


def _read(home: Path, dataset_id: str, row_id: str) -> dict[str, Any]:
    folder = find_folder(home, dataset_id)
    place = _find(home, folder, row_id)
    return parsed(folder, place, read_place(folder, place))


def _find(home: Path, folder: Path, row_id: str) -> Place:
    with index_at_hand(home, folder, read_manifest(folder)) as index:
        if index is not None and (at := index.find(row_id)) is not None:
            return index.place(at)
    found = next((place for place in places(folder) if place.row_id == row_id), None)
    if found is None:
        raise no_row(Wanted(row_id))
    return found


def _part(row: dict[str, Any], side: str, name: str) -> Any:
    try:
        return row[side][name]
    except (KeyError, TypeError) as error:
        raise _not_as_written(str(row.get("id")), f"no {side}.{name}") from error


def _not_as_written(row_id: str, what: str) -> DatasetDamagedError:
    return DatasetDamagedError(
        f"The row {row_id} is not as this format has rows: {what}", hint="Build the dataset again."
    )


def no_row(wanted: Wanted) -> DatasetUnreadableError:
    """What to raise where a dataset lacks a row."""
    which = wanted.row_id if wanted.row_id is not None else f"{wanted.number:,} in {wanted.split}"
    return DatasetUnreadableError(f"The dataset has no row {which}.", hint="Open one from the page of the dataset.")
