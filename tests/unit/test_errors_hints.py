"""An error that a person can meet on a page says what to do about it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import marlin

ROOT = Path(marlin.__file__).parent
FACING = ("accounts", "campaigns", "tasks", "comparisons", "ratings", "reviews", "terminals", "http")
INTERNAL = {"ValueError", "TypeError", "RuntimeError", "NotAReportError"}
"""Raised and caught within a context; a report that is none is told in its check's log."""
PLACES = sorted(path for name in FACING for path in (ROOT / name).rglob("*.py"))


@pytest.mark.parametrize("path", PLACES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_refused_comes_with_a_hint(path: Path) -> None:
    silent = []
    for node in ast.walk(ast.parse(path.read_text())):
        call = node.exc if isinstance(node, ast.Raise) else None
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or not call.args:
            continue
        ours = call.func.id.endswith("Error") and call.func.id not in INTERNAL
        if ours and not {"hint", "errors", None} & {keyword.arg for keyword in call.keywords}:
            silent.append(f"line {node.lineno}: {call.func.id}")
    assert not silent
