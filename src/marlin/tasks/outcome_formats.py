"""What test runners print, read into outcomes per test: pure, one function a format.

Every expression here is linear in the length of a line: what is read was written by whoever wants to.

Each gives the outcomes it could name, and what the runner itself claims in its summary. Nothing is guessed: whether
every test was told apart is decided by holding the two against each other (:mod:`marlin.tasks.outcomes`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["passed", "failed", "not_run"]


@dataclass(slots=True)
class Reading:
    """What one format's reader found.

    :ivar entries: (test, outcome, word); a test may have several, such as passing and then failing in its teardown.
    :ivar passed, failed: what the runner claims; None when it claims nothing.
    """

    entries: set[tuple[str, Outcome, str]] = field(default_factory=set)
    passed: int | None = None
    failed: int | None = None

    def add(self, test: str, outcome: Outcome, word: str = "") -> None:
        """Note a test's outcome."""
        self.entries.add((test, outcome, word))

    def claim(self, passed: int, failed: int) -> None:
        """Add to what the runner claims: one command may run it several times."""
        self.passed = (self.passed or 0) + passed
        self.failed = (self.failed or 0) + failed


_PYTEST_WORDS: dict[str, Outcome] = {
    "PASSED": "passed",
    "XPASS": "passed",
    "FAILED": "failed",
    "ERROR": "failed",
    "SKIPPED": "not_run",
    "XFAIL": "not_run",
}
_PYTEST_END = re.compile(r"^=* ?((?:\d+ [a-z]+(?:, )?)+) in [\d.]+m?s\b.*$")
_PYTEST_VERBOSE = re.compile(r"^(?:\[gw\d+\] )?([^\s:]+\.py::.+?) (PASSED|FAILED|SKIPPED|XFAIL|XPASS|ERROR)(?: .*)?$")
_PYTEST_WORKER = re.compile(r"^\[gw\d+\] \[ *\d+%\] (PASSED|FAILED|SKIPPED|XFAIL|XPASS|ERROR) ([^\s:]+\.py::.+)$")
_PYTEST_SUMMARY = re.compile(r"^(PASSED|FAILED|XFAIL|XPASS|ERROR) (\S+?\.\w+(?:(?:::| - ).*)?)$")


def read_pytest(lines: Sequence[str]) -> Reading | None:
    """Verbose lines, and the short summary that pytest prints of failures (of all with ``-rA``)."""
    reading = Reading()
    in_summary = False
    for line in lines:
        if line.startswith("====") and "=====" in line[-6:]:
            in_summary = "short test summary info" in line
        if end := _PYTEST_END.match(line):
            counts = {word.rstrip("s"): int(number) for number, word in re.findall(r"(\d{1,9}) ([a-z]+)", end[1])}
            if counts.keys() & {"passed", "failed", "error", "skipped", "xfailed", "xpassed", "deselected"}:
                in_summary = False
                reading.claim(
                    counts.get("passed", 0) + counts.get("xpassed", 0), counts.get("failed", 0) + counts.get("error", 0)
                )
        elif in_summary and (found := _PYTEST_SUMMARY.match(line)):
            reading.add(_without_reason(found[2]), _PYTEST_WORDS[found[1]], found[1])
        elif found := _PYTEST_VERBOSE.match(line):
            reading.add(found[1], _PYTEST_WORDS[found[2]], found[2])
        elif found := _PYTEST_WORKER.match(line):
            reading.add(found[2].rstrip(), _PYTEST_WORDS[found[1]], found[1])
    return reading if reading.failed is not None else None


def _without_reason(text: str) -> str:
    """``path::test[a - b] - reason`` without the reason; parameters may hold " - " too."""
    at = text.find("::")
    bracket = text.find("[", at) if at >= 0 else -1
    if bracket >= 0 and " - " not in text[:bracket]:
        end = text.find("] - ", bracket)
        return text[: end + 1] if end >= 0 else text
    return text.split(" - ", 1)[0]


_UNITTEST_RAN = re.compile(r"^Ran (\d{1,9}) tests? in [\d.]+s$")
_UNITTEST_END = re.compile(r"^(OK|FAILED|NO TESTS RAN)(?: \((.*)\))?$")
_UNITTEST_NAME = re.compile(r"^(\w+) \(([\w.<>]+)\)(.*)$")
_UNITTEST_RESULT = re.compile(r"(?:^|\.\.\. )(ok|FAIL|ERROR|skipped .*|expected failure|unexpected success)$")


def read_unittest(lines: Sequence[str]) -> Reading | None:
    """``unittest``: the headers of failures; with ``-v`` every test."""
    reading = Reading()
    ran: int | None = None
    open_test = ""
    for at, line in enumerate(lines):
        header = (
            line.startswith(("FAIL: ", "ERROR: ", "UNEXPECTED SUCCESS: "))
            and at > 0
            and lines[at - 1].startswith("=" * 70)
        )
        if header:
            word, _, name = line.partition(": ")
            test, part = _unittest_name(name)
            reading.add(test, "failed", f"{word}{part}")
            open_test = ""
        elif found := _UNITTEST_RAN.match(line):
            ran = int(found[1])
        elif ran is not None and (found := _UNITTEST_END.match(line)):
            counts = {
                name: int(number) for name, number in re.findall(r"(?<![a-z ])([a-z ]+)=(\d{1,9})", found[2] or "")
            }
            counts = {name.strip(): number for name, number in counts.items()}
            failed = counts.get("failures", 0) + counts.get("errors", 0) + counts.get("unexpected successes", 0)
            broken = {test for test, outcome, _ in reading.entries if outcome == "failed" and "(" not in test}
            idle = counts.get("skipped", 0) + counts.get("expected failures", 0)
            reading.claim(max(0, ran - idle - len(broken)), failed)
            ran = None
        else:
            open_test = _unittest_verbose(line, open_test, reading)
    return reading if reading.failed is not None else None


def _unittest_verbose(line: str, open_test: str, reading: Reading) -> str:
    """A line of ``-v``; the test that is still open after it: its result may stand below a line of its docstring."""
    if _UNITTEST_NAME.match(line):
        open_test = _unittest_name(line.split(" ... ")[0])[0]
    result = _UNITTEST_RESULT.search(line)
    if not open_test or not result:
        return open_test
    word = result[1].split(" ")[0]
    if word == "ok":
        reading.add(open_test, "passed", "ok")
    elif word in ("skipped", "expected"):
        reading.add(open_test, "not_run", word)
    return ""


def _unittest_name(text: str) -> tuple[str, str]:
    """``test_x (tests.T.test_x) (i=1)`` as ``tests.T.test_x`` and the subtest."""
    found = _UNITTEST_NAME.match(text)
    if not found:
        return text.strip(), ""
    method, place, part = found.groups()
    if method in ("setUpClass", "setUpModule", "tearDownClass", "tearDownModule"):
        return f"{place} ({method})", part
    return (place if place.endswith(f".{method}") else f"{place}.{method}"), part


_GO_RESULT = re.compile(r"^\s*--- (PASS|FAIL|SKIP): (\S+) \([\d.]+s\)$")
_GO_PACKAGE = re.compile(r"^(ok|FAIL|\?) *\t(\S+)(?:\s.*)?$")
_GO_OUTCOMES: dict[str, Outcome] = {"PASS": "passed", "FAIL": "failed", "SKIP": "not_run"}


def read_go(lines: Sequence[str]) -> Reading | None:
    """``go test``, plain, ``-v`` or ``-json``."""
    if any(line.startswith(('{"Time"', '{"Action"')) for line in lines):
        return _read_go_json(lines)
    reading = Reading()
    waiting: list[tuple[str, str]] = []
    started = packages = 0
    for line in lines:
        if found := _GO_RESULT.match(line):
            waiting.append((found[2], found[1]))
        elif line.startswith("=== RUN "):
            started += 1
        elif found := _GO_PACKAGE.match(line):
            packages += 1
            for test, word in waiting:
                reading.add(f"{found[2]}.{test}", _GO_OUTCOMES[word])
            if found[1] == "FAIL" and not any(word == "FAIL" for _, word in waiting):
                reading.add(f"{found[2]} (did not build or run)", "failed")
            waiting = []
    if packages == 0 or not (started or reading.entries or any(line.startswith("ok  \t") for line in lines)):
        return None
    count = Counter(outcome for _, outcome, _ in reading.entries)
    # Without -v the failing tests are named and the passing ones are not.
    reading.claim(count["passed"] if started else -1, count["failed"])
    if started and started != sum(_go_tests(reading)):
        reading.passed, reading.failed = None, None
    return reading


def _go_tests(reading: Reading) -> list[int]:
    return [1 for test, _, _ in reading.entries if not test.endswith(" (did not build or run)")]


def _read_go_json(lines: Sequence[str]) -> Reading:
    reading = Reading()
    count: Counter[Outcome] = Counter()
    words: dict[str, Outcome] = {"pass": "passed", "fail": "failed", "skip": "not_run"}
    for line in lines:
        try:
            entry = json.loads(line)
            outcome, test = words.get(entry["Action"]), entry.get("Test")
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        if outcome and test:
            reading.add(f"{entry.get('Package', '')}.{test}", outcome)
            count[outcome] += 1
    reading.claim(count["passed"], count["failed"])
    return reading


_CARGO_TEST = re.compile(r"^test (.+?) \.\.\. (ok|FAILED|ignored)\b.*$")
_CARGO_BINARY = re.compile(r"^\s*(?:Running (?:unittests )?(\S+)(?: \(.*\))?|Doc-tests (\S+))$")
_CARGO_END = re.compile(r"^test result: \w+\. (\d{1,9}) passed; (\d{1,9}) failed;")


def read_cargo(lines: Sequence[str]) -> Reading | None:
    """``cargo test``: every test by the binary it is in."""
    reading, binary = Reading(), ""
    outcomes: dict[str, Outcome] = {"ok": "passed", "FAILED": "failed", "ignored": "not_run"}
    for line in lines:
        if found := _CARGO_BINARY.match(line):
            binary = found[1] or f"doc-tests {found[2]}"
        elif found := _CARGO_TEST.match(line):
            name = re.sub(r" - should panic$", "", found[1])
            reading.add(f"{binary} {name}".strip(), outcomes[found[2]])
        elif found := _CARGO_END.match(line):
            reading.claim(int(found[1]), int(found[2]))
    return reading if reading.failed is not None else None


_TAP_LINE = re.compile(r"^( *)(not )?ok\b(?: (\d+))?(?: -)? ?(.*?)(?: # ?(SKIP|TODO|skip|todo)\b.*)?$")
_TAP_PLAN = re.compile(r"^1\.\.(\d{1,9})\b")


def read_tap(lines: Sequence[str]) -> Reading | None:
    """The Test Anything Protocol, with the subtests of version 14 and of Node.js."""
    reading = Reading()
    names: dict[int, str] = {}
    children: set[int] = set()
    planned: int | None = None
    at_top = 0
    for line in lines:
        if subtest := re.match(r"^( *)# Subtest: (.*)$", line):
            names[len(subtest[1])] = subtest[2]
            continue
        if plan := _TAP_PLAN.match(line):
            planned = (planned or 0) + int(plan[1])
            continue
        found = _TAP_LINE.match(line)
        if not found:
            continue
        depth = len(found[1])
        at_top += depth == 0
        inside = {deeper for deeper in children if deeper > depth}
        children -= inside
        if depth:
            children.add(depth)
        if inside:
            continue  # the sum of the subtests above it
        outer = [names[above] for above in sorted(names) if above < depth]
        outcome: Outcome = "not_run" if found[5] else "failed" if found[2] else "passed"
        reading.add(" › ".join([*outer, found[4].strip() or f"test {found[3]}"]), outcome)
    if planned is None or not reading.entries:
        return None
    if planned == at_top:
        count = Counter(outcome for _, outcome, _ in reading.entries)
        reading.claim(count["passed"], count["failed"])
    return reading


READERS: dict[str, Callable[[Sequence[str]], Reading | None]] = {
    "pytest": read_pytest,
    "unittest": read_unittest,
    "go test": read_go,
    "cargo test": read_cargo,
}
"""By the name of the runner. TAP is read where none of them spoke: its lines are too plain to be told from others'."""
