"""Simulated contributors: a campaign played through the HTTP API, and the same model of votes as a pure function."""

from marlin.simulation.by_checks import ByChecks
from marlin.simulation.contributors import NOBODY, Population, Votes, draw_population, simulate_votes
from marlin.simulation.plan import AXES, Plan, PlanError, parse_collusion, parse_strengths, same_plan
from marlin.simulation.playing import Progress, Stage, Stopped, play

__all__ = [
    "AXES",
    "NOBODY",
    "ByChecks",
    "Plan",
    "PlanError",
    "Population",
    "Progress",
    "Stage",
    "Stopped",
    "Votes",
    "draw_population",
    "parse_collusion",
    "parse_strengths",
    "play",
    "same_plan",
    "simulate_votes",
]
