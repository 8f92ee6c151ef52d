"""What can go wrong with a comparison."""

from __future__ import annotations

from marlin.errors import ConflictError, InvalidInputError, MarlinError, NotFoundError, UnavailableError


class ComparisonNotFoundError(NotFoundError):
    """There is no such comparison, or the caller may not know of it."""

    code = "comparison-not-found"


class TurnNotFoundError(NotFoundError):
    """The comparison has no such turn."""

    code = "turn-not-found"


class TurnRunningError(ConflictError):
    """Both arms have to stop first."""

    code = "turn-running"


class TurnNotRateableError(ConflictError):
    """Neither side has a result, or the turn was cancelled."""

    code = "turn-not-rateable"


class AlreadyRatedError(ConflictError):
    """The turn has a rating."""

    code = "already-rated"


class NotRatedError(ConflictError):
    """The turn has to be rated first."""

    code = "not-rated"


class ComparisonClosedError(ConflictError):
    """It was submitted, accepted or cancelled."""

    code = "comparison-closed"


class RepeatRefusedError(ConflictError):
    """These results can't be judged a second time, or not by this person."""

    code = "repeat-refused"


class JudgedOnceMoreError(ConflictError):
    """Its contributor is judging the same results once more, and should not be swayed by what they said before."""

    code = "judged-once-more"


class TurnLimitError(ConflictError):
    """The campaign allows no further turn."""

    code = "turn-limit"


class FollowUpOutdatedError(ConflictError):
    """A newer draft was saved elsewhere. ``details["draft"]`` is the newer one; what was sent now was not kept."""

    code = "draft-outdated"


class ExpectationOutdatedError(ConflictError):
    """It was changed elsewhere. ``details["text"]`` is what it says now; what was sent was not kept."""

    code = "draft-outdated"


class ContinueFromError(InvalidInputError):
    """Which side the next turn starts from has to be said."""

    code = "continue-from"


class ArmBrokenError(UnavailableError):
    """An arm can't run as it is configured; only an operator can mend that."""

    code = "arm-broken"


class RolloutDefectError(MarlinError):
    """Marlin itself failed in a way nobody foresaw; the log has the traceback."""

    code = "defect"


class TooManyMarksError(InvalidInputError):
    """A person marked more files as viewed than one comparison can hold."""

    code = "too-many-marks"


class LinterFailedError(UnavailableError):
    """A linter did not do its work on a result."""

    code = "linter-failed"


class TooManyStreamsError(MarlinError):
    """The person follows as many event streams as one may."""

    status = 429
    exit_code = 6
    code = "too-many-streams"
