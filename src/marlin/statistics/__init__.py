"""Which arm is better, how sure that is, and what the next dollar buys: a library on arrays and tables.

It knows no database and no web. Make :class:`Votes`, then ask: strengths (:func:`davidson`, :func:`bradley_terry`,
:func:`graded`, :func:`controlled`), agreement, reliability, a registered question (:func:`planned`,
:func:`assessed`), where to spend next. Every result carries its :class:`Provenance`. Importing it imports scipy: do so
where it is used.
"""

from marlin.statistics.agreement import Agreement, Answers, Ceiling, against_people, alpha, pairwise
from marlin.statistics.allocation import Allocation, PairPlan, items_to_judge, pairs_to_buy
from marlin.statistics.bootstrap import Resampled, bootstrap
from marlin.statistics.bradley_terry import bradley_terry, davidson
from marlin.statistics.clustered_mean import ClusteredMean, clustered_mean, support
from marlin.statistics.control_variate import Controlled, ControlSignal, controlled_mean
from marlin.statistics.covariates import ControlledScores, controlled
from marlin.statistics.decision import assessed, looked
from marlin.statistics.design import Outlook, Plan, Question, detectable, planned
from marlin.statistics.e_process import Anytime, anytime, anytime_path, betting
from marlin.statistics.errors import InvalidQuestionError, InvalidVotesError, NotEnoughVotesError
from marlin.statistics.estimates import Estimate
from marlin.statistics.ordinal import graded
from marlin.statistics.partiality import Partiality, partiality
from marlin.statistics.provenance import Provenance
from marlin.statistics.reliability import (
    Controls,
    Drift,
    Reliability,
    SelfConsistency,
    SideBias,
    aa_controls,
    dawid_skene,
    drift,
    self_consistency,
    side_bias,
)
from marlin.statistics.scores import Scores
from marlin.statistics.spending import Boundaries, boundaries, upper_boundaries
from marlin.statistics.states import Look, State, Verdict
from marlin.statistics.votes import BOTH_BAD, TIE, Votes
from marlin.statistics.wording import grades, percent

__all__ = [
    "BOTH_BAD",
    "TIE",
    "Agreement",
    "Allocation",
    "Answers",
    "Anytime",
    "Boundaries",
    "Ceiling",
    "ClusteredMean",
    "ControlSignal",
    "Controlled",
    "ControlledScores",
    "Controls",
    "Drift",
    "Estimate",
    "InvalidQuestionError",
    "InvalidVotesError",
    "Look",
    "NotEnoughVotesError",
    "Outlook",
    "PairPlan",
    "Partiality",
    "Plan",
    "Provenance",
    "Question",
    "Reliability",
    "Resampled",
    "Scores",
    "SelfConsistency",
    "SideBias",
    "State",
    "Verdict",
    "Votes",
    "aa_controls",
    "against_people",
    "alpha",
    "anytime",
    "anytime_path",
    "assessed",
    "betting",
    "bootstrap",
    "boundaries",
    "bradley_terry",
    "clustered_mean",
    "controlled",
    "controlled_mean",
    "davidson",
    "dawid_skene",
    "detectable",
    "drift",
    "graded",
    "grades",
    "items_to_judge",
    "looked",
    "pairs_to_buy",
    "pairwise",
    "partiality",
    "percent",
    "planned",
    "self_consistency",
    "side_bias",
    "support",
    "upper_boundaries",
]
