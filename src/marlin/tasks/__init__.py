"""Tasks: a repository at a commit plus a brief, and the environment that is built for it once."""

from marlin.tasks.code import Code, current_code, use_code
from marlin.tasks.endpoints import raw_file, router
from marlin.tasks.models import BaseCheck, Brief, Environment
from marlin.tasks.queries import base_checks, get_brief, get_environment
from marlin.tasks.schemas import BaseCheckOut
from marlin.tasks.service import record_base_check, take_brief

__all__ = [
    "BaseCheck",
    "BaseCheckOut",
    "Brief",
    "Environment",
    "Code",
    "base_checks",
    "current_code",
    "get_brief",
    "get_environment",
    "raw_file",
    "record_base_check",
    "router",
    "take_brief",
    "use_code",
]
