"""What can go wrong with a brief."""

from __future__ import annotations

from marlin.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError


class BriefNotFoundError(NotFoundError):
    """There is no such brief, or it is someone else's."""

    code = "brief-not-found"


class BriefChangedError(ConflictError):
    """It was edited elsewhere since it was opened."""

    code = "brief-changed"


class BriefInUseError(ConflictError):
    """A comparison uses it, or it is being prepared: it can't change now."""

    code = "brief-in-use"


class BriefNotReadyError(ConflictError):
    """It has to be prepared before it can be used."""

    code = "brief-not-ready"


class BriefIncompleteError(InvalidInputError):
    """It lacks something without which it can't be prepared."""

    code = "brief-incomplete"


class BaseImageError(InvalidInputError):
    """The campaign does not offer this base image."""

    code = "base-image"


class SetUpFailedError(InvalidInputError):
    """The set-up command failed or took too long; the log says why."""

    code = "set-up-failed"


class SearchesBusyError(UnavailableError):
    """Too many searches wait for their turn."""

    code = "searches-busy"
