"""What can go wrong with drafts, ratings and submissions."""

from __future__ import annotations

from typing import ClassVar

from marlin.errors import ConflictError, InvalidInputError, NotFoundError


class RatingIncompleteError(InvalidInputError):
    """The answers don't fit the rubric. ``details["errors"]`` names each field and what it lacks."""

    code: ClassVar[str] = "rating-incomplete"


class DraftOutdatedError(ConflictError):
    """A newer draft was saved elsewhere. ``details["draft"]`` is the newer one; what was sent now was not kept."""

    code: ClassVar[str] = "draft-outdated"


class RatingsClosedError(ConflictError):
    """The comparison was submitted: its drafts and ratings can't change any more."""

    code: ClassVar[str] = "comparison-closed"


class RatingNotFoundError(NotFoundError):
    """The turn has no rating."""

    code: ClassVar[str] = "rating-not-found"


class SubmissionRefusedError(InvalidInputError):
    """The checker found errors, or warnings that were not acknowledged. ``details["problems"]`` lists them."""

    code: ClassVar[str] = "submission-refused"


class CommentOutdatedError(ConflictError):
    """The comment was changed or deleted elsewhere. ``details["comment"]`` is that version."""

    code: ClassVar[str] = "comment-outdated"


class TooManyCommentsError(ConflictError):
    """The comparison has as many comments as it may have."""

    code: ClassVar[str] = "too-many-comments"
