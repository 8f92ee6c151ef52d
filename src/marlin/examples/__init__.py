"""Example campaigns, briefs, scripts of scripted arms, the sample repository. Formats: ``README.md`` beside this."""

from marlin.examples.briefs import (
    AcceptanceCheck,
    ExampleBrief,
    checks_dir,
    expected_results,
    has_brief,
    list_briefs,
    load_brief,
)
from marlin.examples.campaigns import list_campaigns, load_campaign_text
from marlin.examples.errors import BrokenExampleError, ExampleNotFoundError
from marlin.examples.repositories import repository_commit
from marlin.examples.sample import sample_repository_commit
from marlin.examples.scripts import Script, ScriptedTurn, list_families, load_script, script_families, script_path

__all__ = [
    "AcceptanceCheck",
    "BrokenExampleError",
    "ExampleBrief",
    "ExampleNotFoundError",
    "Script",
    "ScriptedTurn",
    "checks_dir",
    "expected_results",
    "has_brief",
    "list_briefs",
    "list_campaigns",
    "list_families",
    "load_brief",
    "load_campaign_text",
    "load_script",
    "repository_commit",
    "sample_repository_commit",
    "script_families",
    "script_path",
]
