"""What the test runners of JavaScript print, read into outcomes per test: Jest, Vitest and Node.js. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from marlin.tasks.outcome_formats import Outcome, Reading

_MARKS: dict[str, Outcome] = {
    **dict.fromkeys("✓✔√", "passed"),
    **dict.fromkeys("✕✖×✗", "failed"),
    **dict.fromkeys("○↓﹣-✎", "not_run"),
}
_COUNT = re.compile(r"(?<!\d)(\d{1,9}) (failed|passed)")


def read_jest(lines: Sequence[str]) -> Reading | None:
    """Jest: ``●`` heads each failure; with ``--verbose``, or one file, every test stands below its file."""
    reading, file = Reading(), ""
    suites: list[tuple[int, str]] = []
    broken = 0
    for line in lines:
        if found := re.match(r"^(?:PASS|FAIL) +(?:\S+ +)?(\S+\.\w+)(?: \([\d.]+ m?s\))?$", line):
            file, suites = found[1].removeprefix("./"), []
        elif found := re.match(r"^Tests: +(\S.*), \d+ total$", line):
            counts = {word: int(number) for number, word in _COUNT.findall(found[1])}
            reading.claim(counts.get("passed", 0), counts.get("failed", 0) + broken)
        elif file and (found := re.match(r"^  ● (.+)$", line)):
            if found[1] == "Test suite failed to run":
                broken += (file, "failed", "") not in reading.entries
                reading.add(file, "failed")
            elif not found[1].startswith("Console"):
                reading.add(f"{file} › {found[1]}", "failed")
        elif file and (found := re.match(r"^( {2,})([✓✔√✕✖○✎]) (?:skipped |todo )?(.+?)(?: \([\d.]+ m?s\))?$", line)):
            outer = [name for indent, name in suites if indent < len(found[1])]
            reading.add(" › ".join([file, *outer, found[3]]), _MARKS[found[2]])
        elif file and (found := re.match(r"^( {2,12})(\S.*)$", line)):
            suites = [(indent, name) for indent, name in suites if indent < len(found[1])]
            suites.append((len(found[1]), found[2]))
    return reading if reading.failed is not None else None


def read_vitest(lines: Sequence[str]) -> Reading | None:
    """Vitest: ``FAIL`` heads each failure; its verbose reporter names every test on a line of its own."""
    reading = Reading()
    broken: set[str] = set()
    for line in lines:
        if found := re.match(r"^ +Tests +(?:(\S.*) \(\d+\)|no tests)$", line):
            counts = {word: int(number) for number, word in _COUNT.findall(found[1] or "")}
            reading.claim(counts.get("passed", 0), counts.get("failed", 0) + len(broken))
        elif found := re.match(r"^ FAIL +(?:\|.*\| )?(\S+\.\w+) \[ .* \]$", line):
            broken.add(found[1])  # a file that did not load
            reading.add(found[1], "failed")
        elif found := re.match(r"^ FAIL +(?:\|.*\| )?(\S+\.\w+ > .+)$", line):
            reading.add(found[1].strip(), "failed")
        elif found := re.match(r"^ ([✓×↓]) (?:\|.*\| )?(\S+\.\w+ > .+?)(?: \d+m?s)?$", line):
            reading.add(found[2], _MARKS[found[1]])
    return reading if reading.failed is not None else None


def read_node(lines: Sequence[str]) -> Reading | None:
    """``node --test`` with its spec reporter. A suite's own line sums up the tests in it."""
    reading, ended = Reading(), False
    suites: list[tuple[int, str]] = []
    claims: dict[str, int] = {}
    for line in lines:
        if line.startswith("✖ failing tests:"):
            ended = True  # the same once more
        elif found := re.match(r"^ℹ (pass|fail|cancelled) (\d{1,9})$", line):
            claims[found[1]] = claims.get(found[1], 0) + int(found[2])
        elif ended:
            continue
        elif found := re.match(r"^( *)▶ (.+)$", line):
            suites = [(indent, name) for indent, name in suites if indent < len(found[1])]
            suites.append((len(found[1]), found[2]))
        elif found := re.match(r"^( *)([✔✖﹣]) (.+?) \([\d.]+m?s\)( # (?:SKIP|TODO).*)?$", line):
            indent, name = len(found[1]), found[3]
            if suites and suites[-1] == (indent, name):
                suites.pop()
                continue
            outer = [suite for above, suite in suites if above < indent]
            reading.add(" › ".join([*outer, name]), "not_run" if found[4] else _MARKS[found[2]])
    if "pass" not in claims:
        return None
    reading.claim(claims["pass"], claims.get("fail", 0) + claims.get("cancelled", 0))
    return reading


READERS = {"Jest": read_jest, "Vitest": read_vitest, "node --test": read_node}
"""By the name of the runner."""
