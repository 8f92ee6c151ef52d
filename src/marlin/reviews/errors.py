"""What can go wrong with reviews."""

from __future__ import annotations

from typing import ClassVar

from marlin.errors import ConflictError, ForbiddenError, InvalidInputError


class OwnWorkError(ForbiddenError):
    """Nobody reviews their own work."""

    code: ClassVar[str] = "own-work"


class UnblindedError(ForbiddenError):
    """Whoever has seen which arm is which does not decide."""

    code: ClassVar[str] = "unblinded"

    @classmethod
    def looked(cls) -> UnblindedError:
        """The one thing there is to say, wherever somebody would decide."""
        return cls(
            "You have looked at which arm is which here.",
            hint="Somebody who has not looked decides; that was recorded.",
        )


class CommentsMissingError(InvalidInputError):
    """A comparison is returned with comments or remarks that say what to mend."""

    code: ClassVar[str] = "comments-missing"


class RemarkError(InvalidInputError):
    """A remark is on nothing that was answered, or cites what is not there. ``details["errors"]`` names each."""

    code: ClassVar[str] = "remark-refused"


class AdjudicationRefusedError(ConflictError):
    """There is no disagreement to decide, or what was judged can't be sent back."""

    code: ClassVar[str] = "adjudication-refused"


class ReviewDraftOutdatedError(ConflictError):
    """A newer draft was saved elsewhere. ``details["draft"]`` is the newer one; what was sent now was not kept."""

    code: ClassVar[str] = "draft-outdated"


class SimulatedReviewerError(ForbiddenError):
    """A simulated reviewer decides in synthetic campaigns alone."""

    code: ClassVar[str] = "simulated-person"


class DecidedMeanwhileError(ConflictError):
    """Somebody else has decided on it. What was sent was not recorded."""

    code: ClassVar[str] = "decided-meanwhile"


class DisputeRefusedError(ConflictError):
    """There is nothing to dispute, or it was disputed before."""

    code: ClassVar[str] = "dispute-refused"


class OwnRejectionError(ForbiddenError):
    """Nobody decides on a dispute of their own rejection."""

    code: ClassVar[str] = "own-rejection"


class DisputesOnlyError(ForbiddenError):
    """An operator who is no reviewer decides on disputes alone."""

    code: ClassVar[str] = "disputes-only"


class DecisionNotYoursError(ForbiddenError):
    """Whoever decided can take it back; a rejection operators can, too."""

    code: ClassVar[str] = "decision-not-yours"


class ReopenRefusedError(ConflictError):
    """There is no decision to take back, or something rests on it by now."""

    code: ClassVar[str] = "reopen-refused"
