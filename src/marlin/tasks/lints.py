"""Lints of a brief while it is being written: pure functions from text to remarks.

A remark is advice (``warning``) or a reason why the brief can't be started (``error``). The rules are those that make a
prompt a bad sample of what professionals ask an agent to do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from marlin.tasks.categories import CATEGORIES
from marlin.tasks.prompting import style_slips

_PRESCRIPTION = re.compile(
    r"^[^\S\n]*+(?:[-*]|\d{1,4}[.)])[^\S\n]*+(?:on line|in line|change line|rename the variable"
    r"|add (?:the|this) line|replace .{1,60} with )",
    re.IGNORECASE | re.MULTILINE,
)
_CODE_BLOCK = re.compile(r"```.*?```", re.DOTALL)
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Lint:
    """A remark about one field of a brief."""

    code: str
    severity: Literal["warning", "error"]
    field: str
    message: str
    hint: str


def lint(
    *, prompt: str, acceptance_criteria: str, category: str, source: str = "", test_command: str = ""
) -> list[Lint]:
    """All remarks about a brief, errors first."""
    remarks = [
        *_required(prompt=prompt, source=source, category=category),
        *_style(prompt),
        *_evidence(acceptance_criteria=acceptance_criteria, category=category, test_command=test_command),
    ]
    return sorted(remarks, key=lambda remark: remark.severity != "error")


def _required(*, prompt: str, source: str, category: str) -> list[Lint]:
    found = []
    if not prompt.strip():
        found.append(Lint("no-prompt", "error", "prompt", "There is no prompt yet.", "Say what the agent should do."))
    if not source.strip():
        found.append(
            Lint("no-source", "error", "source", "No repository is named.", "Paste its https URL, or a pull request's.")
        )
    if category not in CATEGORIES:
        found.append(Lint("no-category", "error", "category", "No category is chosen.", "Choose the closest one."))
    return found


def _style(prompt: str) -> list[Lint]:
    prose = _CODE_BLOCK.sub("", prompt)
    words = len(_WORDS.findall(prose))
    found: list[Lint] = []
    found += [
        Lint(slip.code, "warning", "prompt", slip.message, slip.hint)
        for slip in {slip.code: slip for slip in style_slips(prompt)}.values()
    ]
    if len(_PRESCRIPTION.findall(prose)) >= 3 or prompt.count("```") >= 6:
        found.append(
            Lint(
                "over-prescribed",
                "warning",
                "prompt",
                "The prompt dictates the edit line by line.",
                "Say what must be true afterwards and leave the how to the agent, or nothing is left to compare.",
            )
        )
    if 0 < words < 8:
        found.append(
            Lint(
                "too-short",
                "warning",
                "prompt",
                f"The prompt has {words} words.",
                "Name the behaviour you want and where it shows; a short prompt makes the comparison a lottery.",
            )
        )
    return found


def _evidence(*, acceptance_criteria: str, category: str, test_command: str) -> list[Lint]:
    found = []
    if not acceptance_criteria.strip() and category not in {"explanation", "code_review", "ambiguous"}:
        found.append(
            Lint(
                "no-acceptance-criterion",
                "warning",
                "acceptance_criteria",
                "There is no acceptance criterion.",
                "Write how you will tell a right result from a wrong one, before you see either.",
            )
        )
    if not test_command.strip() and category in {"bug_fix", "feature", "refactor", "security", "tests"}:
        found.append(
            Lint(
                "no-test-command",
                "warning",
                "test_command",
                "There is no test command.",
                "With one, Marlin runs it on the base and on both results, so that you need not.",
            )
        )
    return found
