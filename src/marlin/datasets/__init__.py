"""Datasets: from accepted ratings to frozen, versioned exports that load with no glue.

Read ``building`` (the way through), then ``rows`` (one canonical row) and ``shaping`` (its views). The folder itself is
:mod:`marlin.dataset_files`.
"""

from marlin.datasets.building import Built, build
from marlin.datasets.errors import DatasetDiskFullError, DatasetWishError, NoSplitError, NothingToExportError
from marlin.datasets.wishes import Wish

__all__ = [
    "Built",
    "DatasetDiskFullError",
    "DatasetWishError",
    "NoSplitError",
    "NothingToExportError",
    "Wish",
    "build",
]
