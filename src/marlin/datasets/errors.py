"""Why no dataset can be made."""

from __future__ import annotations

from typing import Any

from marlin.errors import ConflictError, InvalidInputError, UnavailableError


class NothingToExportError(ConflictError):
    """The campaign has no accepted rating that the filters let through."""

    code = "dataset-empty"

    def __init__(self, message: str, *, hint: str, held: dict[str, Any] | None = None) -> None:
        super().__init__(message, hint=hint)
        self.held = held or {}


class NoSplitError(ConflictError):
    """Everything hangs together, so no part can be held out."""

    code = "dataset-no-split"


class DatasetBusyError(ConflictError):
    """Another process builds the same dataset in the same folder."""

    code = "dataset-busy"


class DatasetDiskFullError(UnavailableError):
    """No room; what was done so far is kept and used by the next try."""

    code = "dataset-disk-full"


class DatasetDiskError(UnavailableError):
    """A disk fails, or what the build had there was taken away; what can still be read is used by the next try."""

    code = "dataset-disk"


class DatasetStorageError(UnavailableError):
    """The storage with the records of model calls can't be read now; what was made so far is used by the next try."""

    code = "dataset-storage"


class DatasetListError(UnavailableError):
    """A dataset is whole, but it can't be noted where the web app looks for it."""

    code = "dataset-list"


class DatasetFolderError(InvalidInputError):
    """Nothing can be written where the dataset is wanted."""

    code = "dataset-folder"


class DatasetStoppedError(UnavailableError):
    """A process of the build was ended from outside; what was done so far is used by the next try."""

    code = "dataset-stopped"


class DatasetWishError(InvalidInputError):
    """Filters that can't be."""

    code = "dataset-wish"


class DatasetIndexError(ConflictError):
    """The index of a dataset's rows can't be written: the message says where, and why."""

    code = "dataset-index"


class HeldFileError(UnavailableError):
    """What a campaign's builds held back can't be read or written: the message names the file."""

    code = "dataset-held-file"


class HeldDecidedError(ConflictError):
    """Somebody else has decided otherwise since the list was read.

    :ivar details: ``held``: the id, decision, name and time of each such value.
    """

    code = "dataset-held-decided"
