"""What can keep somebody from an assignment."""

from __future__ import annotations

from typing import ClassVar

from marlin.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError


class AssignmentNotFoundError(NotFoundError):
    """There is no such assignment, or it is someone else's."""

    code: ClassVar[str] = "assignment-not-found"


class AssignmentOverError(ConflictError):
    """It was begun, skipped or released, or its time is over."""

    code: ClassVar[str] = "assignment-over"


class AssignmentPausedError(ConflictError):
    """The campaign hands out nothing new for now."""

    code: ClassVar[str] = "assignment-paused"


class CampaignFullError(ConflictError):
    """The campaign has as many comparisons as it wants."""

    code: ClassVar[str] = "campaign-full"


class ShareReachedError(ConflictError):
    """The person has as much of the campaign as one person may have."""

    code: ClassVar[str] = "share-reached"


class NotQualifiedError(ForbiddenError):
    """The person agreed with too few of the gold tasks that come first."""

    code: ClassVar[str] = "not-qualified"


class NothingToQualifyError(ConflictError):
    """Gold tasks come first, and there is none for this person now."""

    code: ClassVar[str] = "nothing-to-qualify"


class AssignmentRequiredError(ConflictError):
    """In this campaign a comparison begins with an assignment."""

    code: ClassVar[str] = "assignment-required"


class GoldRefusedError(ConflictError):
    """This comparison can't be a gold task."""

    code: ClassVar[str] = "gold-refused"


class GoldAnswerError(InvalidInputError):
    """The known answer names an axis that the rubric lacks."""

    code: ClassVar[str] = "gold-answer"


class SimulatedPersonError(ForbiddenError):
    """A simulated person takes part in synthetic campaigns alone."""

    code: ClassVar[str] = "simulated-person"
