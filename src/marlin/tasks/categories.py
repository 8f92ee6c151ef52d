"""What kind of work a brief asks for."""

from __future__ import annotations

from typing import Literal, get_args

Category = Literal[
    "bug_fix",
    "feature",
    "refactor",
    "security",
    "performance",
    "tests",
    "documentation",
    "chore",
    "code_review",
    "explanation",
    "ambiguous",
    "greenfield",
]

CATEGORIES: tuple[str, ...] = get_args(Category)
