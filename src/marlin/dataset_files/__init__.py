"""A dataset's folder: its layout, its manifest, reading it, proving that it is whole. Files alone, never the database.

Described in ``docs/reference/dataset-format.md``; made by :mod:`marlin.datasets`, read by whoever trains.
"""

from marlin.dataset_files.errors import DatasetDamagedError, DatasetPlaceError, DatasetUnreadableError
from marlin.dataset_files.layout import CARD, CROISSANT, MANIFEST, SPLITS, VIEWS, Split, ViewSpec, rows_path, view_path
from marlin.dataset_files.loading import load_dataset
from marlin.dataset_files.manifest import (
    FORMAT,
    BenchmarkState,
    LeftOut,
    Manifest,
    ManifestFile,
    SplitRule,
    ViewState,
    canonical_json,
    seen_by,
)
from marlin.dataset_files.places import Place, lines_of, parsed, places, read_place
from marlin.dataset_files.reading import find_row, read_manifest, read_rows, read_view, trace
from marlin.dataset_files.transfer import pull, push, require_place
from marlin.dataset_files.verifying import Verified, verify

__all__ = [
    "CARD",
    "CROISSANT",
    "FORMAT",
    "MANIFEST",
    "SPLITS",
    "VIEWS",
    "BenchmarkState",
    "DatasetDamagedError",
    "DatasetPlaceError",
    "DatasetUnreadableError",
    "LeftOut",
    "Manifest",
    "ManifestFile",
    "Place",
    "Split",
    "SplitRule",
    "Verified",
    "ViewSpec",
    "ViewState",
    "canonical_json",
    "find_row",
    "lines_of",
    "load_dataset",
    "parsed",
    "places",
    "pull",
    "push",
    "read_manifest",
    "read_place",
    "read_rows",
    "read_view",
    "require_place",
    "rows_path",
    "seen_by",
    "trace",
    "verify",
    "view_path",
]
