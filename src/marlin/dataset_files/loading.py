"""A view as the ``datasets`` library has it, for whoever trains in Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from marlin.dataset_files.errors import DatasetUnreadableError
from marlin.dataset_files.layout import SPLITS, view_path
from marlin.dataset_files.reading import read_manifest
from marlin.errors import UnavailableError


def load_dataset(root: Path | str, view: str = "trl_pref") -> Any:
    """A ``datasets.DatasetDict`` with those of the splits that have rows.

    Arguments of tools stay objects of their own, as `datasets` 4 and later read JSON Lines.

    :raises DatasetUnreadableError: there is no such dataset or view, or the view has no row.
    :raises UnavailableError: the library is not installed.
    """
    try:
        import datasets
    except ImportError as error:
        raise UnavailableError(
            "The library `datasets` is not installed.",
            hint="Install it (`pip install datasets`; `make setup-tune` brings it too), or read rows with "
            "marlin.dataset_files.read_view.",
        ) from error
    folder = Path(root)
    known = read_manifest(folder).views
    if view not in known:
        raise DatasetUnreadableError(f"The dataset has no view {view!r}.", hint=f"It has: {', '.join(known)}.")
    files = {split: str(folder / view_path(view, split)) for split in SPLITS if known[view].rows.get(split)}
    if not files:
        full = [name for name, state in known.items() if any(state.rows.values())]
        raise DatasetUnreadableError(
            f"The view {view!r} has no row.", hint=f"`marlin dataset show` tells why. These have: {', '.join(full)}."
        )
    return datasets.load_dataset("json", data_files=files)
