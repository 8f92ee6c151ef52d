"""Counts and their nouns in what commands print."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from tests.unit.leaderboards.test_leaderboards_exporting import decision

from marlin.cli import question_prints, report
from marlin.cli.simulate import _left
from marlin.counted import counted
from marlin.simulation import Progress


def test_one_is_one_and_a_mean_is_what_it_is_told_as() -> None:
    assert [counted(count, "vote") for count in (0, 1, 2, 1200)] == ["0 votes", "1 vote", "2 votes", "1,200 votes"]
    assert [counted(mean, "vote") for mean in (0.6, 1.4, 1.6)] == ["1 vote", "1 vote", "2 votes"]
    assert counted(2, "person", "people") == "2 people"


def test_versions_of_a_question_count_what_was_accepted_before() -> None:
    told = io.StringIO()
    screen = Console(file=told, width=200)
    versions = [decision().question.model_copy(update={"accepted_before": count}) for count in (1, 1200)]
    question_prints.print_versions(screen, versions, {})
    assert "; 1 comparison accepted before." in told.getvalue()
    assert "; 1,200 comparisons accepted before." in told.getvalue()


def test_a_report_says_what_one_comparison_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    told = io.StringIO()
    monkeypatch.setattr(report, "console", Console(file=told, width=200))
    report._print_decision(decision().model_copy(update={"comparisons": 1, "spent_usd": 280}))
    assert "Spent $280 on 1 comparison." in told.getvalue()


def test_an_interrupted_simulation_of_one_comparison_says_so() -> None:
    progress = Progress(1)
    progress.campaign = "campaign"
    assert "0 of 1 comparison accepted" in _left(progress, None)
