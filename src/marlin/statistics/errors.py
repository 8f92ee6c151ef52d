"""The errors of statistics. Each message says what is wrong with the data or the question, each hint what to do."""

from __future__ import annotations

from marlin.errors import InvalidInputError


class InvalidVotesError(InvalidInputError):
    """The columns don't describe votes: missing values, unknown arms, lengths that differ, grades off the scale."""

    code = "invalid-votes"


class NotEnoughVotesError(InvalidInputError):
    """There are too few votes for an answer that means anything."""

    code = "not-enough-votes"


class InvalidQuestionError(InvalidInputError):
    """What is asked can't be answered by any data: an impossible level, power, cap or effect."""

    code = "invalid-question"
