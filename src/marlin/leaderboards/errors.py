"""What can go wrong with questions and leaderboards."""

from __future__ import annotations

from typing import ClassVar

from marlin.errors import ConflictError, InvalidInputError, NotFoundError


class QuestionInvalidError(InvalidInputError):
    """The question does not fit the campaign."""

    code: ClassVar[str] = "question-invalid"


class QuestionRegisteredError(ConflictError):
    """The campaign has a question; another one says which version it amends, and why."""

    code: ClassVar[str] = "question-registered"


class QuestionChangedError(ConflictError):
    """The question was amended since the version that the caller saw: ``version`` is the newest, ``changes`` says what
    is different in it."""

    code: ClassVar[str] = "question-changed"


class QuestionMissingError(NotFoundError):
    """The campaign has no question yet."""

    code: ClassVar[str] = "question-missing"


class SliceUnknownError(InvalidInputError):
    """There is no such axis, category, language or agent among the votes."""

    code: ClassVar[str] = "slice-unknown"
