"""Tuning on a dataset's folder: preflight, masked trainers, evaluation. The optional extra ``marlin[tune]``.

It reads dataset folders alone: no database, no context. TRL, PEFT and accelerate do the training; what is added here
is what agent trajectories need and stock trainers get silently wrong (``docs/decisions/0016-tuning-apart.md``).
Importing this package imports no torch; its modules do inside their functions.
"""

from marlin.training.dataset import DatasetFolder, Pair
from marlin.training.errors import (
    PreflightRefusedError,
    RunFailedError,
    TuneExtraMissingError,
    UnknownTemplateError,
    UnreadableDatasetError,
)
from marlin.training.extra import require_extra

__all__ = [
    "DatasetFolder",
    "Pair",
    "PreflightRefusedError",
    "RunFailedError",
    "TuneExtraMissingError",
    "UnknownTemplateError",
    "UnreadableDatasetError",
    "require_extra",
]
