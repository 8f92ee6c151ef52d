"""Comparisons: two blinded arms work on one task, turn by turn. See the main flow in ``jobs.run_turn``."""

from marlin.comparisons import jobs
from marlin.comparisons.archive import archive_finished
from marlin.comparisons.blinding import SIDES, Side, opaque_id
from marlin.comparisons.deciding import WAITING, Outcome, mark_disputed, mark_reopened, mark_reviewed
from marlin.comparisons.marking import marking_rated
from marlin.comparisons.measures import OTHER_LANGUAGE, Measures, measures_of
from marlin.comparisons.modelling import WorkerGateway, use_gateway
from marlin.comparisons.models import Attempt, Comparison, Rollout, Turn
from marlin.comparisons.opening import SideResult, require_revealed, revealed_commits, side_result
from marlin.comparisons.pairs import FirstPair, first_pairs
from marlin.comparisons.queries import (
    REVIEWABLE,
    by_side,
    comparisons_by_id,
    get_comparison,
    judged_by,
    require_owner,
    submitted_comparisons,
    turn_of,
    visible_comparison,
)
from marlin.comparisons.repeating import REPEATABLE, give_back, repeat_comparison
from marlin.comparisons.results import Change, change_of, count_lines, count_steps
from marlin.comparisons.schemas import ComparisonCreate, ComparisonOut
from marlin.comparisons.service import (
    OPEN,
    RatedSide,
    TurnToRate,
    create_comparison,
    mark_rated,
    mark_submitted,
    mark_unrated,
    turn_to_rate,
)
from marlin.comparisons.trajectories import last_attempt, last_attempts, load_trajectory, read_trajectory
from marlin.comparisons.unblinding import has_looked
from marlin.comparisons.views import comparison_out

__all__ = [
    "OPEN",
    "OTHER_LANGUAGE",
    "REPEATABLE",
    "REVIEWABLE",
    "SIDES",
    "WAITING",
    "Attempt",
    "Change",
    "Comparison",
    "ComparisonCreate",
    "ComparisonOut",
    "FirstPair",
    "Measures",
    "Outcome",
    "RatedSide",
    "Rollout",
    "Side",
    "SideResult",
    "Turn",
    "TurnToRate",
    "WorkerGateway",
    "archive_finished",
    "by_side",
    "change_of",
    "comparison_out",
    "comparisons_by_id",
    "count_lines",
    "count_steps",
    "create_comparison",
    "first_pairs",
    "get_comparison",
    "give_back",
    "has_looked",
    "jobs",
    "judged_by",
    "last_attempt",
    "last_attempts",
    "load_trajectory",
    "mark_disputed",
    "mark_rated",
    "mark_reopened",
    "mark_reviewed",
    "mark_submitted",
    "mark_unrated",
    "marking_rated",
    "measures_of",
    "opaque_id",
    "read_trajectory",
    "repeat_comparison",
    "require_owner",
    "require_revealed",
    "revealed_commits",
    "side_result",
    "submitted_comparisons",
    "turn_of",
    "turn_to_rate",
    "use_gateway",
    "visible_comparison",
]
