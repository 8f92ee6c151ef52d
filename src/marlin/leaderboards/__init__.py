"""Leaderboards: which arm is better, on which axis, for which work, how sure; agreement; decisions."""

from marlin.leaderboards import question_words
from marlin.leaderboards.ballots import Slice
from marlin.leaderboards.exporting import to_csv, to_html
from marlin.leaderboards.figure_schemas import Interval
from marlin.leaderboards.models import Question
from marlin.leaderboards.question_schemas import QuestionOut, QuestionWish
from marlin.leaderboards.questions import questions_of, register_question, require_newest, require_question
from marlin.leaderboards.reliabilities import contributor_reliability
from marlin.leaderboards.schemas import DecisionOut, LeaderboardOut, PlanOut, Report
from marlin.leaderboards.service import full_report, plan
from marlin.leaderboards.votes_csv import votes_as_csv
from marlin.leaderboards.watching import Watch
from marlin.leaderboards.wishes import amendment_of, wish_of

__all__ = [
    "DecisionOut",
    "Interval",
    "LeaderboardOut",
    "PlanOut",
    "Question",
    "QuestionOut",
    "QuestionWish",
    "Report",
    "Slice",
    "Watch",
    "amendment_of",
    "contributor_reliability",
    "full_report",
    "plan",
    "question_words",
    "questions_of",
    "register_question",
    "require_newest",
    "require_question",
    "to_csv",
    "to_html",
    "votes_as_csv",
    "wish_of",
]
