"""What can go wrong with reviews."""

from __future__ import annotations

from typing import ClassVar

from marlin.errors import ForbiddenError, InvalidInputError


class OwnWorkError(ForbiddenError):
    """Nobody reviews their own work."""

    code: ClassVar[str] = "own-work"


class CommentsMissingError(InvalidInputError):
    """A comparison is returned with comments that say what to mend."""

    code: ClassVar[str] = "comments-missing"
