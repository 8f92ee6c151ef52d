"""Tasks: a repository at a commit plus a brief, and the environment that is built for it once."""

from marlin.tasks import jobs
from marlin.tasks.categories import CATEGORIES
from marlin.tasks.checks import PlannedCheck, against_base, is_test_file, plan
from marlin.tasks.code import Code, current_code, use_code, workspaces_folder
from marlin.tasks.models import BaseCheck, Brief, Environment
from marlin.tasks.outcomes import outcomes_data
from marlin.tasks.prompting import StyleSlip, style_slips
from marlin.tasks.queries import (
    base_checks,
    briefs_by_id,
    environments_by_id,
    environments_by_image,
    get_brief,
    get_environment,
)
from marlin.tasks.schemas import BaseCheckOut
from marlin.tasks.service import acceptance_checks, take_brief
from marlin.tasks.workbench import Workbench, current_workbench, put_back, use_workbench

__all__ = [
    "CATEGORIES",
    "BaseCheck",
    "BaseCheckOut",
    "Brief",
    "Code",
    "Environment",
    "PlannedCheck",
    "StyleSlip",
    "Workbench",
    "acceptance_checks",
    "against_base",
    "base_checks",
    "briefs_by_id",
    "current_code",
    "current_workbench",
    "environments_by_id",
    "environments_by_image",
    "get_brief",
    "get_environment",
    "is_test_file",
    "jobs",
    "outcomes_data",
    "plan",
    "put_back",
    "style_slips",
    "take_brief",
    "use_code",
    "use_workbench",
    "workspaces_folder",
]
