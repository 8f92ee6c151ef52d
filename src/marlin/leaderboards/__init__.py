"""Leaderboards: which arm is better, on which axis, for which work, how sure; agreement; decisions."""

from marlin.leaderboards.ballots import Slice
from marlin.leaderboards.endpoints import router
from marlin.leaderboards.exporting import to_csv, to_html
from marlin.leaderboards.figure_schemas import Interval
from marlin.leaderboards.models import Question
from marlin.leaderboards.schemas import DecisionOut, LeaderboardOut, Report
from marlin.leaderboards.service import full_report
from marlin.leaderboards.votes_csv import votes_as_csv
from marlin.leaderboards.watching import Watch

__all__ = [
    "DecisionOut",
    "Interval",
    "LeaderboardOut",
    "Question",
    "Report",
    "Slice",
    "Watch",
    "full_report",
    "router",
    "to_csv",
    "to_html",
    "votes_as_csv",
]
