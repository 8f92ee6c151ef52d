"""What can go wrong with questions and leaderboards."""

from __future__ import annotations

from typing import ClassVar

from marlin.errors import ConflictError, InvalidInputError, NotFoundError


class QuestionInvalidError(InvalidInputError):
    """The question does not fit the campaign."""

    code: ClassVar[str] = "question-invalid"


class QuestionRegisteredError(ConflictError):
    """The campaign has a question; another one needs a reason."""

    code: ClassVar[str] = "question-registered"


class QuestionMissingError(NotFoundError):
    """The campaign has no question yet."""

    code: ClassVar[str] = "question-missing"


class SliceUnknownError(InvalidInputError):
    """There is no such axis, category, language or agent among the votes."""

    code: ClassVar[str] = "slice-unknown"
