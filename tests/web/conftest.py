"""A browser test that fails is run a second time, and told (docs/decisions/0024-browser-tests-run-twice.md)."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder starts its own pages and browser, so a second run begins anew."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What failed the first time, with all that is known of it: a test that needs two tries has a race in it."""
    for report in terminalreporter.getreports("rerun"):
        terminalreporter.section(f"failed the first time, was run again: {report.nodeid}", yellow=True)
        terminalreporter.write_line(report.longreprtext)
