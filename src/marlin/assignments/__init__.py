"""Assignments: who does what next. Overlap, gold tasks, caps, qualification; knows no ratings."""

from marlin.assignments.gold import record_rating
from marlin.assignments.models import Assignment, GoldTask
from marlin.assignments.queries import assignment_of, is_gold

__all__ = ["Assignment", "GoldTask", "assignment_of", "is_gold", "record_rating"]
