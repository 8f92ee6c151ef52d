"""The most telling cases of the kill matrix; ``scripts/kill-matrix`` runs all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.acceptance import kill_faults
from tests.acceptance.kill_cases import Stage, kill_all_in_one, kill_everything, kill_postgres, play
from tests.acceptance.kill_matrix import all_in_one


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """One Marlin for the cases that restart it."""
    with all_in_one() as made:
        yield made


def test_a_side_that_had_finished_is_not_run_again_after_a_kill(stage: Stage) -> None:
    told = play(stage, kill_all_in_one, "one side finished")
    assert "A: attempt 1 lost, attempt 2 completed; B: attempt 1 completed" in told


def test_a_killed_database_comes_back_under_a_working_turn(stage: Stage) -> None:
    assert "attempt" in play(stage, kill_postgres, "prompting")


def test_everything_killed_while_checking_goes_on_with_the_result_that_was_captured(stage: Stage) -> None:
    assert "A: attempt 1 completed" in play(stage, kill_everything, "checking")


def test_turn_two_runs_on_a_second_worker_that_has_nothing() -> None:
    assert "attempt 1 completed" in kill_faults.empty_second_worker()
