"""What can go wrong with a sandbox or a layer."""

from __future__ import annotations

from typing import Any

from marlin.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError, UnsupportedHostError
from marlin.sandboxes.protocol import ExecResult

__all__ = [
    "CommandNotFoundError",
    "DiskFullError",
    "ExecTimeoutError",
    "LayerError",
    "LayerExistsError",
    "LayerNotFoundError",
    "SandboxError",
    "SandboxFileError",
    "SandboxGoneError",
    "UnavailableSlotError",
    "UnsupportedHostError",
]


class SandboxError(UnavailableError):
    """A sandbox could not do what was asked."""

    code = "sandbox"


class UnavailableSlotError(SandboxError):
    """Too many sandboxes on this machine at once."""

    code = "too-many-sandboxes"


class SandboxGoneError(ConflictError):
    """The sandbox was sealed or destroyed, or the process that kept it died."""

    code = "sandbox-gone"


class ExecTimeoutError(UnavailableError):
    """A command ran longer than it was allowed to, and was killed."""

    code = "exec-timeout"

    def __init__(self, message: str, *, result: ExecResult, hint: str | None = None, **details: Any) -> None:
        super().__init__(message, hint=hint, **details)
        self.result = result
        """The output until then."""


class CommandNotFoundError(NotFoundError):
    """There is no such executable in the sandbox."""

    code = "command-not-found"


class SandboxFileError(InvalidInputError):
    """A file in a sandbox can't be read or written."""

    code = "sandbox-file"


class DiskFullError(UnavailableError):
    """No room: in the sandbox's quota, or on the machine's disk."""

    code = "disk-full"


class LayerError(InvalidInputError):
    """A directory tree or an archive can't become a layer."""

    code = "layer"


class LayerNotFoundError(NotFoundError):
    """The layer store holds no such layer."""

    code = "layer-not-found"


class LayerExistsError(ConflictError):
    """A sealed layer never changes: the name is taken."""

    code = "layer-exists"
