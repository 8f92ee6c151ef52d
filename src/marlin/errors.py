"""The errors that Marlin raises on purpose, on one page.

Every error a person can cause, or can mend, derives from :class:`MarlinError` and says what to do about it. Contexts
and libraries subclass the six kinds below in their own ``errors`` module; the kind decides the HTTP status (RFC 9457
problem details) and the exit code of the command line. Anything else that escapes is a defect.
"""

from __future__ import annotations

from typing import Any, ClassVar


class MarlinError(Exception):
    """Something went wrong that a person can understand and act on.

    :param message: what happened, in a sentence that names the thing concerned.
    :param hint: what to do now, in a sentence.
    :param details: machine-readable facts for the problem document; never secrets, never the identity of an arm.
    """

    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details


class InvalidInputError(MarlinError):
    """The request can't be carried out as it stands: change it and send it again."""

    status = 422
    exit_code = 2
    code = "invalid-input"


class NotFoundError(MarlinError):
    """There is no such thing, or the caller may not know of it."""

    status = 404
    exit_code = 3
    code = "not-found"


class ForbiddenError(MarlinError):
    """The caller is known, and may not do this."""

    status = 403
    exit_code = 4
    code = "forbidden"


class ConflictError(MarlinError):
    """The thing is in a state that does not allow this (still running, already rated, …)."""

    status = 409
    exit_code = 5
    code = "conflict"


class UnavailableError(MarlinError):
    """Something Marlin depends on is missing, full, down or too slow: mend it and try again."""

    status = 503
    exit_code = 6
    code = "unavailable"


class UnsupportedHostError(UnavailableError):
    """This machine can't isolate untrusted work; Marlin refuses to run it. ``hint`` says how to fix that."""

    code = "unsupported-host"
