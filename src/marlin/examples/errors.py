"""What can go wrong with examples."""

from __future__ import annotations

from typing import ClassVar

from marlin.errors import MarlinError, NotFoundError


class ExampleNotFoundError(NotFoundError):
    """There is no example of this name."""

    code: ClassVar[str] = "example-not-found"


class BrokenExampleError(MarlinError):
    """An example's files do not follow the format in ``marlin/examples/README.md``: a defect of this installation."""

    code: ClassVar[str] = "broken-example"
