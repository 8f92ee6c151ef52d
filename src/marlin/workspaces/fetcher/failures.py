"""What can go wrong while fetching, in words for the person who named the source."""

from __future__ import annotations


class Failure(Exception):
    """Fetching can't go on.

    :param code: ``not-found``, ``no-commit``, ``empty``, ``too-large``, ``unsafe``, ``refused``, ``unavailable``.
    """

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
