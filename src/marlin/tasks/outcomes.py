"""Per-test outcomes of a test run, and what changed in them against the base: pure.

Read from what the test command printed. Who wrote the code under test wrote that output too, in the end: this helps a
person to find the place to look at; the check's status is the command's exit code and nothing else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from marlin.tasks import javascript_outcomes, junit, outcome_formats
from marlin.tasks.outcome_formats import Outcome, Reading

Named = Literal["all", "failures", "some"]
"""Which tests an output names: all; all that fail; or some, so that nothing follows from a name's absence."""

Group = Literal["newly_failing", "still_failing", "failing", "newly_passing", "no_longer_failing", "no_longer_run"]

LISTED = 300
"""Tests that are kept by name; the rest is counted."""

LINES = 100_000
"""Lines of an output that are read; of more than these, the first and the last."""

CANDIDATES = 20_000
"""Lines among which a test's place is looked for."""

_COLOUR = re.compile(r"\x1b\[[0-9;:?]*[A-Za-z]")
_READERS = {**outcome_formats.READERS, **javascript_outcomes.READERS}
_FAILURE_HEAD = re.compile(r"^_{3,}|^(?:FAIL|ERROR)\b|^ FAIL |^\s*--- FAIL|^---- |^\s*●|^✖|^\s*not ok")
_FAILURE_MARK = re.compile(r"\b(?:FAILED|FAIL|ERROR|failed)\b|[✕✖×]")


@dataclass(frozen=True, slots=True)
class TestRun:
    """Outcomes of one run of a test command."""

    runners: tuple[str, ...]
    outcomes: Mapping[str, Outcome]
    named: Named

    __test__ = False  # pytest would take it for a test


def lines_of(output: bytes) -> list[str]:
    """The lines of an output as the log shows them, without colours: a carriage return begins a line too."""
    text = _COLOUR.sub("", output.decode(errors="replace"))
    return [part for line in text.split("\n") for part in line.rstrip("\r").split("\r")]


def has_report(output: bytes) -> bool:
    """Whether what JUnit XML said stands below an output."""
    return bool(junit.split_section(lines_of(output))[1])


def read_outcomes(output: bytes, *, report: bool = True) -> TestRun | None:
    """The outcomes in what a test command printed; None where no known runner spoke.

    :param report: read what JUnit XML said, and it alone, where there is such a section.
    """
    lines, section = junit.split_section([line for line in lines_of(output) if line])
    if report and (told := junit.read_section(section)) is not None:
        return TestRun(("JUnit XML",), {test: outcome for test, outcome, _ in told.entries}, _named(told))
    if len(lines) > LINES:  # what is left out is missing from the names, and so the reading is called partial
        lines = [*lines[: LINES // 2], *lines[-LINES // 2 :]]
    found = {name: reading for name, reader in _READERS.items() if (reading := reader(lines)) is not None}
    if not found and (tap := outcome_formats.read_tap(lines)) is not None:
        found = {"TAP": tap}
    if not found:
        return None
    outcomes: dict[str, Outcome] = {}
    for reading in found.values():
        for test, outcome, _ in reading.entries:
            if outcomes.get(test) != "failed":  # a test that passed and then failed to clean up has failed
                outcomes[test] = outcome if outcome != "not_run" else outcomes.get(test, outcome)
    levels = [_named(reading) for reading in found.values()]
    named: Named = "some" if "some" in levels else "failures" if "failures" in levels else "all"
    return TestRun(tuple(found), outcomes, named)


def _named(reading: Reading) -> Named:
    count = Counter(outcome for _, outcome, _ in reading.entries)
    if reading.failed is None or count["failed"] != reading.failed:
        return "some"
    return "all" if count["passed"] == reading.passed else "failures"


@dataclass(frozen=True, slots=True)
class ChangedTest:
    """A test that fails now, or whose outcome changed.

    :ivar base, now: an outcome; ``not_failing`` where only failing tests are named, ``unknown`` where not even these.
    """

    name: str
    group: Group
    base: str
    now: str


def compare_runs(base: TestRun | None, now: TestRun) -> list[ChangedTest]:
    """What changed against the base, the worst first."""
    failing_now = {test for test, outcome in now.outcomes.items() if outcome == "failed"}
    failing_then = {test for test, outcome in base.outcomes.items() if outcome == "failed"} if base else set()
    groups: dict[Group, list[ChangedTest]] = {
        group: [] for group in ("newly_failing", "failing", "still_failing", "newly_passing", "no_longer_failing")
    }
    groups["no_longer_run"] = []
    for test in sorted(failing_now):
        was = _outcome(base, test)
        group: Group = "failing" if was == "unknown" else "still_failing" if was == "failed" else "newly_failing"
        groups[group].append(ChangedTest(test, group, was, "failed"))
    for test in sorted(failing_then - failing_now):
        became = _outcome(now, test)
        by_outcome: dict[str, Group] = {"passed": "newly_passing", "not_failing": "no_longer_failing"}
        group = by_outcome.get(became, "no_longer_run")
        if became != "unknown":
            groups[group].append(ChangedTest(test, group, "failed", became))
    for test in sorted(_passed(base)):
        if _outcome(now, test) == "not_run":
            groups["no_longer_run"].append(ChangedTest(test, "no_longer_run", "passed", "not_run"))
    return [test for tests in groups.values() for test in tests]


def _passed(run: TestRun | None) -> set[str]:
    return {test for test, outcome in run.outcomes.items() if outcome == "passed"} if run else set()


def _outcome(run: TestRun | None, test: str) -> str:
    """A test's outcome in a run, as far as the run's output tells."""
    if run is None:
        return "unknown"
    if test in run.outcomes:
        return run.outcomes[test]
    return {"all": "not_run", "failures": "not_failing", "some": "unknown"}[run.named]


def outcomes_data(base: bytes | None, output: bytes) -> dict[str, Any]:
    """What a check keeps of its tests: the changed ones with their place in the log, and how far they were told apart.

    :param base: what the same command printed on the base.
    """
    # The names of a report are others than those that the runner prints: both from the one, or both from the other.
    report = has_report(output) and (base is None or has_report(base))
    now = read_outcomes(output, report=report)
    if now is None:
        return {"runners": []}
    then = read_outcomes(base, report=report) if base is not None else None
    changed = compare_runs(then, now)
    counts = Counter(test.group for test in changed)
    listed = changed[:LISTED]
    places = _places(lines_of(output), [test.name for test in listed])
    return {
        "runners": list(now.runners),
        "named": now.named,
        "base_named": then.named if then else None,
        "counts": dict(counts),
        "changed": [
            {"name": test.name, "group": test.group, "base": test.base, "now": test.now, "line": places.get(test.name)}
            for test in listed
        ],
    }


def _places(lines: Sequence[str], names: Sequence[str]) -> dict[str, int]:
    """The line, from 1, of each test in the log: the head of its failure, else where it is marked as failed."""
    short_lines = [(at, line) for at, line in enumerate(lines, 1) if len(line) < 2000]
    heads = [(at, line) for at, line in short_lines if _FAILURE_HEAD.search(line)][:CANDIDATES]
    marks = [(at, line) for at, line in short_lines if _FAILURE_MARK.search(line)][:CANDIDATES]
    places: dict[str, int] = {}
    for name in names:
        short = re.split(r"::| › | > |(?<=\w)\.(?=\w+$)", name)[-1]
        method = re.compile(rf"(?<![\w]){re.escape(short)}(?![\w])")
        for candidates in (heads, marks):
            place = next((at for at, line in candidates if short in line and method.search(line)), None)
            if place is not None:
                places[name] = place
                break
    return places
