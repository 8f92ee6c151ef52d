"""What can go wrong with terminals."""

from __future__ import annotations

from marlin.errors import ConflictError, NotFoundError, UnavailableError


class TerminalNotFoundError(NotFoundError):
    """There is no such terminal, or it is somebody else's."""

    code = "terminal-not-found"


class TooManyTerminalsError(ConflictError):
    """The person has as many terminals open as one may."""

    code = "too-many-terminals"


class WorkerUnreachableError(UnavailableError):
    """The worker that keeps the terminal does not answer."""

    code = "worker-unreachable"
