"""JUnit XML reports of a test run, read into outcomes per test: pure.

Whoever wrote the code under test may have written the report too. A document type is refused, and with it every entity
(expansion, files and addresses elsewhere); elements, depth and names have limits; nothing in a report is a command.

What was read is written out again as lines below the command's output: people read it in the log, the outcomes are read
from there like any runner's, and a log that is kept has all that was known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.parsers import expat

from marlin.tasks.outcome_formats import Outcome, Reading

DEPTH = 32
"""Elements within elements; runners nest five deep."""

TESTS = 200_000
"""Tests that are read of one report."""

NAME = 400
"""Characters of a test's name that are kept."""

SECTION_BYTES = 512 * 1024
"""What the lines of a section may take; tests that failed come first."""

_HEAD = "=== JUnit XML: "
_PARTIAL = " (not all tests are listed)"
_SIGNS: dict[Outcome, str] = {"failed": "✕ ", "not_run": "- ", "passed": "✓ "}
_WORDS: dict[Outcome, str] = {"passed": "passed", "failed": "failed", "not_run": "skipped"}
_BREAKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


class NotAReportError(ValueError):
    """The bytes are no JUnit report, or one that is not read."""


@dataclass(frozen=True, slots=True)
class Report:
    """Outcomes by test, and whether these are all."""

    outcomes: Mapping[str, Outcome]
    whole: bool


def read_report(data: bytes) -> Report:
    """The outcomes in a report.

    :raises NotAReportError: it is no well-formed XML whose root is a test suite, has a document type, or is
        nested deeper than :data:`DEPTH`.
    """
    reader = _Reader()
    try:
        reader.parse(data)
    except expat.ExpatError as error:
        raise NotAReportError(f"no well-formed XML: {error}") from error
    return Report(reader.outcomes, reader.whole)


class _Reader:
    def __init__(self) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.whole = True
        self._stack: list[str] = []
        self._test: str | None = None
        self._outcome: Outcome = "passed"

    def parse(self, data: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = lambda *_: 0
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.Parse(data, True)

    def _refuse(self, *_: object) -> None:
        raise NotAReportError("it has a document type")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if not self._stack and name not in ("testsuite", "testsuites"):
            raise NotAReportError("its root is no test suite")
        self._stack.append(name)
        if len(self._stack) > DEPTH:
            raise NotAReportError(f"nested deeper than {DEPTH} elements")
        if name == "testcase":
            self._test, self._outcome = _name(attributes), "passed"
        elif self._test is not None and name in ("failure", "error"):
            self._outcome = "failed"
        elif self._test is not None and name == "skipped" and self._outcome == "passed":
            self._outcome = "not_run"

    def _end(self, _: str) -> None:
        if self._stack.pop() != "testcase" or self._test is None:
            return
        test, self._test = self._test, None
        before = self.outcomes.get(test)
        if before is None and len(self.outcomes) >= TESTS:
            self.whole = False
        elif before is None or self._outcome == "failed" or (before == "not_run" and self._outcome == "passed"):
            # Of several tests of one name, and of one that was tried again, a failure is never hidden by a success.
            self.outcomes[test] = self._outcome


def _name(attributes: Mapping[str, str]) -> str | None:
    """``class::name``, in one line; a file's name where there is no class."""
    name = _BREAKS.sub(" ", attributes.get("name", "")).strip()
    group = _BREAKS.sub(" ", attributes.get("classname") or attributes.get("file") or "").strip()
    whole = f"{group}::{name}" if group and group != name else name
    return whole[:NAME] if name else None


def together(reports: Iterable[Report], *, whole: bool) -> Report:
    """Several reports as one. ``whole``: whether none was left out."""
    outcomes: dict[str, Outcome] = {}
    for report in reports:
        whole = whole and report.whole
        for test, outcome in report.outcomes.items():
            if outcomes.get(test) != "failed":
                outcomes[test] = outcome if outcome != "not_run" else outcomes.get(test, outcome)
    return Report(outcomes, whole)


def counted(report: Report) -> str:
    """What a report says in a few words, such as ``12 passed, 1 failed``."""
    count = Counter(report.outcomes.values())
    order: tuple[Outcome, ...] = ("failed", "passed", "not_run")
    return ", ".join(f"{count[outcome]} {_WORDS[outcome]}" for outcome in order if count[outcome]) or "no tests"


def section(report: Report, paths: Sequence[str]) -> bytes:
    """The lines to put below a command's output."""
    shown = ", ".join(_BREAKS.sub(" ", path) for path in paths[:3])
    more = f" and {len(paths) - 3} more files" if len(paths) > 3 else ""
    lines: list[str] = []
    size = 0
    order = list(_SIGNS)
    for test, outcome in sorted(report.outcomes.items(), key=lambda entry: order.index(entry[1])):
        line = _SIGNS[outcome] + test
        size += len(line.encode(errors="replace")) + 1
        if size > SECTION_BYTES:
            break
        lines.append(line)
    partial = "" if report.whole and len(lines) == len(report.outcomes) else _PARTIAL
    head = f"{_HEAD}{counted(report)}{partial} · {shown}{more}"
    return "\n".join(["", head, *lines, ""]).encode(errors="replace")


def split_section(lines: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """A log's lines up to the section of a report, and the section; empty where there is none."""
    at = next((at for at in range(len(lines) - 1, -1, -1) if lines[at].startswith(_HEAD)), len(lines))
    return lines[:at], lines[at:]


def read_section(lines: Sequence[str]) -> Reading | None:
    """The outcomes in the lines of a section."""
    if not lines:
        return None
    reading = Reading()
    outcomes = {sign: outcome for outcome, sign in _SIGNS.items()}
    for line in lines[1:]:
        if (outcome := outcomes.get(line[:2])) is not None:
            reading.add(line[2:], outcome)
    count = Counter(outcome for _, outcome, _ in reading.entries)
    if _PARTIAL not in lines[0]:
        reading.claim(count["passed"], count["failed"])
    return reading
