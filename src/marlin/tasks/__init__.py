"""Tasks: a repository at a commit plus a brief, and the environment that is built for it once."""

from marlin.tasks.models import BaseCheck, Brief, Environment
from marlin.tasks.queries import base_checks, get_brief, get_environment
from marlin.tasks.schemas import BaseCheckOut
from marlin.tasks.service import record_base_check, take_brief

__all__ = [
    "BaseCheck",
    "BaseCheckOut",
    "Brief",
    "Environment",
    "base_checks",
    "get_brief",
    "get_environment",
    "record_base_check",
    "take_brief",
]
