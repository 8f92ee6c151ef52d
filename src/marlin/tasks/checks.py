"""Which checks a result gets, and what their outcome means: pure rules.

Three kinds of commands run on a result, each in a fresh sandbox on the sealed files: the repository's own test
command; the same with the base's test files put back, when the result changed any (an arm must not win by editing the
tests); and the brief's acceptance checks, which no arm has seen. A disagreement between the first two is shown, not
resolved. Linting and size follow; they inform and never fail a result, so their statuses are ``passed``, ``warning`` or
``skipped``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from marlin.workspaces import from_text

Kind = Literal["test_command", "test_command_base_tests", "acceptance", "lint", "size"]
Status = Literal["passed", "failed", "error", "timed_out", "warning", "skipped"]
AgainstBase = Literal["same", "newly_failing", "newly_passing", "unknown"]

_TEST_FOLDERS = frozenset({"test", "tests", "testing", "spec", "specs", "__tests__", "testdata", "fixtures"})
_TEST_FILE = re.compile(
    r"(^test_.*|.*_test|.*_spec|.*\.test|.*\.spec|.*Tests?)\.(py|js|jsx|ts|tsx|mjs|cjs|go|rb|rs|java|kt|cs|php|swift|c|cc|cpp)$"
    r"|^conftest\.py$|^(pytest|tox)\.ini$|^(jest|vitest)\.config\.\w+$"
)


@dataclass(frozen=True, slots=True)
class AcceptanceCheck:
    """A hidden check that came with the brief."""

    name: str
    command: str
    time_limit_seconds: float


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """A command to run on a result.

    :ivar restore: paths whose base version is put back first (removed when the base has none).
    :ivar hidden_files: mount the brief's acceptance checks, read-only.
    """

    kind: Kind
    name: str
    command: str
    time_limit_seconds: float
    restore: tuple[str, ...] = ()
    hidden_files: bool = False


def is_test_file(path: str) -> bool:
    """Whether a path is, by the customs of common languages, part of a test suite.

    :param path: in the text form of :mod:`marlin.workspaces`.
    """
    pure = PurePosixPath(os.fsdecode(from_text(path)))
    return bool(_TEST_FOLDERS & set(pure.parts[:-1])) or bool(_TEST_FILE.match(pure.name))


def plan(
    *,
    test_command: str,
    acceptance: Sequence[AcceptanceCheck],
    changed: Iterable[str],
    time_limit_seconds: float,
) -> list[PlannedCheck]:
    """The commands to run on a result, in the order they are shown.

    :param changed: paths that differ from the base, old names of renamed files included.
    """
    planned: list[PlannedCheck] = []
    if test_command.strip():
        planned.append(PlannedCheck("test_command", "Tests", test_command, time_limit_seconds))
        touched = tuple(sorted({path for path in changed if is_test_file(path)}))
        if touched:
            planned.append(
                PlannedCheck(
                    "test_command_base_tests",
                    "Tests, with the base's test files",
                    test_command,
                    time_limit_seconds,
                    restore=touched,
                )
            )
    planned += [
        PlannedCheck("acceptance", check.name, check.command, check.time_limit_seconds, hidden_files=True)
        for check in acceptance
    ]
    return planned


def against_base(base: str | None, now: str) -> AgainstBase:
    """How a status compares with that of the same check on the base."""
    if base is None or "error" in (base, now):
        return "unknown"
    if (base == "passed") == (now == "passed"):
        return "same"
    return "newly_passing" if now == "passed" else "newly_failing"


_COLOUR = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
_PYTEST = re.compile(
    r"^=* ?((?:\d+ (?:passed|failed|errors?|skipped|xfailed|xpassed|warnings?|deselected)(?:, )?)+).*$"
)
_UNITTEST_RAN = re.compile(r"^Ran (\d{1,9}) tests? in ")
_UNITTEST_END = re.compile(r"^(OK|FAILED)( \(.*\))?$")
_TAP = re.compile(r"^(not )?ok\b")


def summarise(output: bytes) -> str:
    """The line of a test run's output that says how it went (pytest, unittest, TAP), else its last line."""
    lines = [line.strip() for line in _COLOUR.sub(b"", output[-200_000:]).decode(errors="replace").splitlines()]
    lines = [line for line in lines if line]
    for line in reversed(lines[-30:]):
        if found := _PYTEST.match(line):
            return found[1].strip(", ")[:200]
    ran = next((found[1] for line in reversed(lines) if (found := _UNITTEST_RAN.match(line))), None)
    end = next((line for line in reversed(lines) if _UNITTEST_END.match(line)), None)
    if ran is not None and end is not None:
        return f"{ran} tests: {end}"[:200]
    tap = [line.startswith("not") for line in lines if _TAP.match(line)]
    if tap:
        return f"{tap.count(True)} failed, {tap.count(False)} passed" if any(tap) else f"{len(tap)} passed"
    return lines[-1][:200] if lines else "no output"
