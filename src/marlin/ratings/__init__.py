"""Ratings: drafts, a contributor's answers for each turn, the submission checker."""

from marlin.ratings.endpoints import router
from marlin.ratings.errors import (
    DraftOutdatedError,
    RatingIncompleteError,
    RatingNotFoundError,
    SubmissionRefusedError,
)
from marlin.ratings.models import Rating, RatingDraft, Submission
from marlin.ratings.queries import current_ratings, rating_history

__all__ = [
    "DraftOutdatedError",
    "Rating",
    "RatingDraft",
    "RatingIncompleteError",
    "RatingNotFoundError",
    "Submission",
    "SubmissionRefusedError",
    "current_ratings",
    "rating_history",
    "router",
]
