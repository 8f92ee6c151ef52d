"""What can be wrong with a dataset's folder."""

from __future__ import annotations

from marlin.errors import ConflictError, NotFoundError, UnavailableError


class DatasetUnreadableError(NotFoundError):
    """There is no dataset, view or row of that name, or the folder is not one of a dataset."""

    code = "dataset-unreadable"


class DatasetDamagedError(ConflictError):
    """A dataset's files are not those that its manifest names."""

    code = "dataset-damaged"


class DatasetPlaceError(UnavailableError):
    """A store can't be reached, read or written."""

    code = "dataset-place"
