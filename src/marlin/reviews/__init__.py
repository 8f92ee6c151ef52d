"""Reviews: the queue, accepting and returning; ``accepted_ratings`` is the one source of everything downstream."""

from marlin.reviews.accepted import AcceptedRating, accepted_ratings
from marlin.reviews.errors import CommentsMissingError, OwnWorkError, RemarkError, ReviewDraftOutdatedError
from marlin.reviews.models import Adjudication, Review, ReviewDraft
from marlin.reviews.queries import reviews_of
from marlin.reviews.votes import AcceptedVote, accepted_votes, votes_version

__all__ = [
    "AcceptedRating",
    "AcceptedVote",
    "Adjudication",
    "CommentsMissingError",
    "OwnWorkError",
    "RemarkError",
    "Review",
    "ReviewDraft",
    "ReviewDraftOutdatedError",
    "accepted_ratings",
    "accepted_votes",
    "reviews_of",
    "votes_version",
]
