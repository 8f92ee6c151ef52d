"""Per-test outcomes, read from what real runners printed (outputs/), and what changed against the base.

The outputs of pytest, unittest, Jest, Vitest and Node.js were recorded from real runs; those of Go and Cargo follow
their documentation.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marlin.tasks.outcomes import LISTED, TestRun, compare_runs, lines_of, outcomes_data, read_outcomes

OUTPUTS = Path(__file__).parent / "outputs"
PYTEST_FAILED = {f"tests/test_a.py::{name}" for name in ("test_bad", "test_p[c::d - e]", "test_err", "test_late")}
PYTEST_PASSED = {f"tests/test_a.py::{name}" for name in ("test_ok", "test_p[a - b]", "test_p[[x]]", "TestC::test_m")}
UNITTEST_FAILED = {f"tests.test_u.T.{name}" for name in ("test_bad", "test_err", "test_sub")}
NODE_FAILED, NODE_PASSED = {"breaks", "suite › inner bad"}, {"adds", "suite › inner ok"}
VITEST_FAILED = {"src/zz.test.ts > breaks", "src/zz.test.ts > suite > inner > bad"}
VITEST_PASSED = {"src/zz.test.ts > adds", "src/zz.test.ts > suite > inner ok"}
JEST_FAILED = {"a.test.js › breaks", "a.test.js › suite › inner › bad", "c.test.js"}
JEST_PASSED = {"a.test.js › adds", "a.test.js › suite › inner ok", "b.test.js › fine"}
GO = "example.org/shop/parse.TestParse"


def read(name: str) -> bytes:
    return (OUTPUTS / f"{name}.txt").read_bytes()


@pytest.mark.parametrize(
    ("name", "runner", "named", "failed", "passed"),
    [
        ("pytest-quiet", "pytest", "failures", PYTEST_FAILED, set()),
        ("pytest-all", "pytest", "all", PYTEST_FAILED, PYTEST_PASSED),
        ("pytest-verbose", "pytest", "all", PYTEST_FAILED, PYTEST_PASSED),
        ("pytest-broken", "pytest", "all", {"tests/test_broken.py"}, set()),
        ("unittest-quiet", "unittest", "failures", UNITTEST_FAILED, set()),
        ("unittest-verbose", "unittest", "all", UNITTEST_FAILED, {"tests.test_u.T.test_ok"}),
        ("node-spec", "node --test", "all", NODE_FAILED, NODE_PASSED),
        ("node-tap", "TAP", "all", NODE_FAILED, NODE_PASSED),
        ("vitest-default", "Vitest", "failures", VITEST_FAILED, set()),
        ("vitest-verbose", "Vitest", "all", VITEST_FAILED, VITEST_PASSED),
        ("jest-default", "Jest", "failures", JEST_FAILED, set()),
        ("jest-verbose", "Jest", "all", JEST_FAILED, JEST_PASSED),
        ("go-verbose", "go test", "all", {GO, f"{GO}/a_b"}, {"example.org/shop/parse.TestAdd", f"{GO}/empty"}),
        ("go-plain", "go test", "failures", {GO, f"{GO}/a_b", "example.org/shop/broken (did not build or run)"}, set()),
        (
            "cargo",
            "cargo test",
            "all",
            {"src/lib.rs tests::breaks"},
            {
                *("src/lib.rs tests::adds", "src/lib.rs tests::panics", "tests/whole.rs adds"),
                "doc-tests shop src/lib.rs - add (line 3)",
            },
        ),
    ],
)
def test_what_runners_print(name: str, runner: str, named: str, failed: set[str], passed: set[str]) -> None:
    run = read_outcomes(read(name))
    assert run is not None
    assert (run.runners, run.named) == ((runner,), named)
    assert {test for test, outcome in run.outcomes.items() if outcome == "failed"} == failed
    assert {test for test, outcome in run.outcomes.items() if outcome == "passed"} == passed


def test_output_that_no_runner_wrote_is_not_guessed_at() -> None:
    for output in (b"", b"ok\nok then\n", b"make: *** [check] Error 2\n", b"\xff\xfe", b"1..2\n"):
        assert read_outcomes(output) is None
    assert outcomes_data(None, b"all good\n") == {"runners": []}


def test_a_name_that_the_summary_counts_and_the_output_lacks_makes_the_reading_partial() -> None:
    cut = read("pytest-quiet").replace(b"FAILED tests/test_a.py::test_bad - assert 1 == 2\n", b"")
    run = read_outcomes(cut)
    assert run is not None
    assert run.named == "some"


def run_of(named: str = "all", **outcomes: str) -> TestRun:
    return TestRun(("pytest",), outcomes, named)  # type: ignore[arg-type]


def test_changes_against_the_base_fall_into_groups_the_worst_first() -> None:
    base = run_of(a="passed", b="failed", c="failed", d="passed", e="failed", f="passed")
    now = run_of(a="failed", b="failed", c="passed", e="not_run", f="passed", g="failed", h="passed")
    assert [(test.name, test.group, test.base, test.now) for test in compare_runs(base, now)] == [
        ("a", "newly_failing", "passed", "failed"),
        ("g", "newly_failing", "not_run", "failed"),
        ("b", "still_failing", "failed", "failed"),
        ("c", "newly_passing", "failed", "passed"),
        ("e", "no_longer_run", "failed", "not_run"),
        ("d", "no_longer_run", "passed", "not_run"),
    ]


def test_where_passing_tests_have_no_names_nothing_is_said_of_them() -> None:
    base, now = run_of("failures", b="failed", c="failed"), run_of("failures", a="failed", b="failed")
    assert [(test.name, test.group, test.base, test.now) for test in compare_runs(base, now)] == [
        ("a", "newly_failing", "not_failing", "failed"),
        ("b", "still_failing", "failed", "failed"),
        ("c", "no_longer_failing", "failed", "not_failing"),
    ]


def test_where_the_base_says_nothing_a_failing_test_is_not_called_new() -> None:
    for base in (None, run_of("some", x="failed")):
        assert [(test.name, test.group) for test in compare_runs(base, run_of(a="failed", x="passed"))][:1] == [
            ("a", "failing")
        ]
    assert compare_runs(run_of(a="passed", b="failed"), run_of("some", c="passed")) == []


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["passed", "failed", "not_run"])),
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["passed", "failed", "not_run"])),
)
def test_every_failing_test_is_told_once_and_no_test_twice(base: dict[str, str], now: dict[str, str]) -> None:
    changed = compare_runs(run_of(**base), run_of(**now))
    names = [test.name for test in changed]
    assert len(names) == len(set(names))
    assert {test for test, outcome in now.items() if outcome == "failed"} <= set(names)
    same = {test for test in base.keys() & now.keys() if base[test] == now[test] != "failed"}
    assert same.isdisjoint(names)


@pytest.mark.parametrize(
    ("name", "test", "head"),
    [
        ("pytest-quiet", "tests/test_a.py::test_bad", "___ test_bad ___"),
        ("pytest-quiet", "tests/test_a.py::test_late", "ERROR at teardown of test_late"),
        ("unittest-verbose", "tests.test_u.T.test_err", "ERROR: test_err"),
        ("vitest-default", "src/zz.test.ts > breaks", " FAIL  src/zz.test.ts > breaks"),
        ("jest-default", "a.test.js › breaks", "  ● breaks"),
        ("cargo", "src/lib.rs tests::breaks", "---- tests::breaks stdout"),
        ("go-plain", GO, "--- FAIL: TestParse (0"),
    ],
)
def test_the_place_in_the_log_is_the_head_of_the_failure(name: str, test: str, head: str) -> None:
    data = outcomes_data(None, read(name))
    line = next(entry["line"] for entry in data["changed"] if entry["name"] == test)
    assert head in lines_of(read(name))[line - 1]


def test_what_is_kept_is_bounded_and_what_is_counted_is_not() -> None:
    lines = [f"FAILED tests/test_a.py::test_{number} - no" for number in range(1000)]
    output = "\n".join(
        ["=========== short test summary info ============", *lines, "1000 failed in 1.00s", ""]
    ).encode()
    data = outcomes_data(b"3 passed in 0.1s\n", output)
    assert data["counts"] == {"newly_failing": 1000}
    assert len(data["changed"]) == LISTED
    assert (data["named"], data["base_named"]) == ("all", "failures")


@pytest.mark.parametrize(
    "piece",
    [
        "\r",
        " ",
        "a.py::",
        "ok ",
        "1 a, ",
        "\x1b[",
        "FAIL x.y | ",
        "✓ a (1 ",
        "(1 ms",
        "x > ",
        ". ",
        "- [",
        "test a ... ",
    ],
)
def test_hostile_output_is_read_in_one_pass(piece: str) -> None:
    """A line so long that an expression which goes back over it would outlast the test's limit."""
    for start in ("", "ok", "FAILED ", " FAIL ", "PASS ", "[gw0] [ 1%] PASSED ", "test ", "  ✓ ", "✔ "):
        line = start + piece * (60_000 // len(piece)) + "!\n"
        outcomes_data(None, b"==== short test summary info ====\n" + line.encode() + b"1..1\n")
