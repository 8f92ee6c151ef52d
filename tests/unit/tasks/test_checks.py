"""Which checks a result gets, and what they say."""

from __future__ import annotations

import pytest

from marlin.tasks.checks import AcceptanceCheck, against_base, is_test_file, plan, summarise


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/unit/data.json", True),
        ('"tests/caf\\351.json"', True),
        ('"src/tests\\351.json"', False),
        ("src/pkg/test_io.py", True),
        ("pkg/io_test.go", True),
        ("web/src/App.test.tsx", True),
        ("conftest.py", True),
        ("src/latest.py", False),
        ("docs/testing.md", False),
        ("contest.py", False),
    ],
)
def test_test_files_are_told_from_others(path: str, expected: bool) -> None:
    assert is_test_file(path) is expected


def test_the_bases_tests_are_put_back_only_when_a_result_touched_tests() -> None:
    quiet = plan(test_command="pytest", acceptance=[], changed=["src/a.py"], time_limit_seconds=5)
    assert [check.kind for check in quiet] == ["test_command"]
    touched = plan(test_command="pytest", acceptance=[], changed=["src/a.py", "tests/test_a.py"], time_limit_seconds=5)
    assert [check.kind for check in touched] == ["test_command", "test_command_base_tests"]
    assert touched[1].restore == ("tests/test_a.py",)


def test_acceptance_checks_run_without_a_test_command_too() -> None:
    planned = plan(test_command=" ", acceptance=[AcceptanceCheck("safe", "sh c", 9)], changed=[], time_limit_seconds=5)
    assert [(check.kind, check.hidden_files, check.time_limit_seconds) for check in planned] == [
        ("acceptance", True, 9)
    ]


@pytest.mark.parametrize(
    ("base", "now", "expected"),
    [
        ("passed", "passed", "same"),
        ("passed", "failed", "newly_failing"),
        ("passed", "timed_out", "newly_failing"),
        ("failed", "passed", "newly_passing"),
        ("failed", "timed_out", "same"),
        ("error", "failed", "unknown"),
        (None, "passed", "unknown"),
    ],
)
def test_against_base(base: str | None, now: str, expected: str) -> None:
    assert against_base(base, now) == expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (b"..F\n\x1b[31m===== \x1b[1m1 failed, 2 passed\x1b[0m in 0.12s =====\n", "1 failed, 2 passed"),
        (b"1 passed in 0.01s\n", "1 passed"),
        (b"...\n----\nRan 14 tests in 0.020s\n\nOK\n", "14 tests: OK"),
        (b"Ran 3 tests in 0.1s\n\nFAILED (failures=1)\n", "3 tests: FAILED (failures=1)"),
        (b"ok - a\nnot ok - b: no\nok - c\n", "1 failed, 2 passed"),
        (b"Traceback\nValueError: x\n", "ValueError: x"),
        (b"", "no output"),
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_summaries(output: bytes, expected: str) -> None:
    assert summarise(output) == expected
