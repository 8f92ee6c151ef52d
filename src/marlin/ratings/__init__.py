"""Ratings: drafts, a contributor's answers for each turn, the submission checker."""

from marlin.ratings.checker import TEXTS
from marlin.ratings.cited import Cited
from marlin.ratings.errors import (
    DraftOutdatedError,
    RatingIncompleteError,
    RatingNotFoundError,
    SubmissionRefusedError,
)
from marlin.ratings.facts import cited_nowhere
from marlin.ratings.models import Comment, Rating, RatingDraft, Submission
from marlin.ratings.queries import current_ratings, rating_history, worked_on_since

__all__ = [
    "TEXTS",
    "Cited",
    "Comment",
    "DraftOutdatedError",
    "Rating",
    "RatingDraft",
    "RatingIncompleteError",
    "RatingNotFoundError",
    "Submission",
    "SubmissionRefusedError",
    "cited_nowhere",
    "current_ratings",
    "rating_history",
    "worked_on_since",
]
