"""Datasets: from accepted ratings to frozen, versioned exports that load with no glue.

Read ``building`` (the way through), then ``rows`` (one canonical row) and ``shaping`` (its views). The folder itself is
:mod:`marlin.dataset_files`.
"""

from marlin.datasets.building import build
from marlin.datasets.deciding import Said, decide_and_record, settle
from marlin.datasets.errors import (
    DatasetDiskError,
    DatasetDiskFullError,
    DatasetFolderError,
    DatasetListError,
    DatasetWishError,
    HeldFileError,
    NoSplitError,
    NothingToExportError,
)
from marlin.datasets.held import HeldStore
from marlin.datasets.holding import decisions_for, held_values
from marlin.datasets.registry import note_dataset
from marlin.datasets.wishes import Wish
from marlin.datasets.writing import Built

__all__ = [
    "Built",
    "DatasetDiskError",
    "DatasetDiskFullError",
    "DatasetFolderError",
    "DatasetListError",
    "DatasetWishError",
    "HeldFileError",
    "HeldStore",
    "NoSplitError",
    "NothingToExportError",
    "Said",
    "Wish",
    "build",
    "decide_and_record",
    "decisions_for",
    "held_values",
    "note_dataset",
    "settle",
]
