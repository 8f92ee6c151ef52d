"""How large a change is, because "simple and maintainable" must be measured: pure functions over two sets of files.

Cyclomatic complexity (McCabe 1976) is counted by lizard, for the languages it knows. Duplication counts added lines
that stand, six or more in a row, elsewhere in the changed files too. Dependencies are names that manifests gained.

This file is also a program, which :mod:`marlin.comparisons.measuring` runs apart from the worker, because arms write
what is read here: it needs the standard library and lizard, nothing of Marlin's.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import pickle
import re
import resource
import signal
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from types import FrameType
from typing import Any

SECONDS_A_FILE = 5.0
"""Of a processor, for one file's functions; an ordinary file of the largest size takes about one."""
SECONDS = 60
"""Of a processor, for a whole change."""
MEMORY = 1 << 30

WINDOW = 6
"""Lines in a row that make a duplicate."""

LARGEST_FILE = 400_000
"""Bytes; larger files are generated more often than written, and are only counted."""

# Possessive (`*+`): the lines are an agent's, and a long one must not be tried in every way that it could be divided.
_MANIFESTS = {
    "pyproject.toml": re.compile(
        r"""^\s*+["']([A-Za-z0-9][\w.-]*+)\s*+(?:\[[^\]]*+\])?+\s*+(?:[<>=!~;@ ].*)?["'],?\s*+$"""
    ),
    "requirements": re.compile(r"^\s*+([A-Za-z0-9][\w.-]*+)\s*+(?:\[[^\]]*+\])?+\s*+(?:[<>=!~;@].*)?$"),
    "setup.cfg": re.compile(r"^\s++([A-Za-z0-9][\w.-]*+)\s*+(?:\[[^\]]*+\])?+\s*+(?:[<>=!~;].*)?$"),
    "package.json": re.compile(r"""^\s*"((?:@[\w.-]+/)?[\w.-]+)"\s*:\s*"[\^~<>=*\dvnwghf][^"]*",?\s*$"""),
    "go.mod": re.compile(r"^\s*+(?:require\s++)?+([\w-]++(?:\.[\w-]++)++/\S++)\s++v\d\S*+"),
    "Cargo.toml": re.compile(r"""^\s*([A-Za-z0-9_-]+)\s*=\s*(?:"[\^~<>=*\d][^"]*"|\{(?=.*version).*\})\s*+$"""),
}


@dataclass(frozen=True, slots=True)
class Size:
    """The size of one result against the base.

    :ivar complexity: change of the summed cyclomatic complexity of functions in changed files, tests left out.
    :ivar most_complex: the greatest complexity of a function that the result has and the base did not have so.
    :ivar duplicated_lines: added lines that stand elsewhere in the changed files too, six or more in a row.
    :ivar unread: files too large, or not text, that count as files only.
    :ivar uncounted: files whose functions could not be counted in time, which are left out of the complexity.
    """

    files: int
    added_lines: int
    removed_lines: int
    added_test_lines: int
    complexity: int
    most_complex: int
    duplicated_lines: int
    new_dependencies: tuple[str, ...]
    unread: int
    uncounted: int = 0

    def to_json(self) -> dict[str, Any]:
        """For the database."""
        return {**asdict(self), "new_dependencies": list(self.new_dependencies)}

    def summary(self) -> str:
        """One line for people."""
        parts = [f"+{self.added_lines} −{self.removed_lines} in {self.files} file{'s' * (self.files != 1)}"]
        if self.added_test_lines:
            parts.append(f"{self.added_test_lines} of them tests")
        if self.complexity:
            parts.append(f"complexity {self.complexity:+d}")
        if self.uncounted:
            parts.append(f"functions of {self.uncounted} file{'s' * (self.uncounted != 1)} not counted in time")
        if self.duplicated_lines:
            parts.append(f"{self.duplicated_lines} duplicated lines")
        if self.new_dependencies:
            parts.append(f"new dependencies: {', '.join(self.new_dependencies)}")
        return ", ".join(parts)


def measure(
    before: Mapping[str, bytes | None],
    after: Mapping[str, bytes | None],
    lines: Mapping[str, tuple[int, int]],
    *,
    tests: Collection[str] = (),
    seconds_a_file: float = SECONDS_A_FILE,
) -> Size:
    """Measure a change.

    :param lines: each changed path's added and removed lines, as git counts them.
    :param before: each changed path's content on the base; None where it did not exist.
    :param after: the same paths' content in the result; None where it was deleted.
    :param tests: the paths that are test files.
    """
    added: dict[str, list[str]] = {}
    complexity = unread = uncounted = most = 0
    for path in sorted(lines):
        old, new = _text(before.get(path)), _text(after.get(path))
        if old is None or new is None:
            unread += 1
            continue
        added[path] = _added_lines(old, new)
        if path in tests:
            continue
        were, are = (_functions(path, text, seconds_a_file) for text in (old, new))
        if were is None or are is None:
            uncounted += 1
            continue
        complexity += sum(are.values()) - sum(were.values())
        most = max([most, *(value for name, value in are.items() if were.get(name) != value)])
    return Size(
        files=len(lines),
        added_lines=sum(gained for gained, _ in lines.values()),
        removed_lines=sum(lost for _, lost in lines.values()),
        added_test_lines=sum(gained for path, (gained, _) in lines.items() if path in tests),
        complexity=complexity,
        most_complex=most,
        duplicated_lines=_duplicated(after, added),
        new_dependencies=_new_dependencies(before, after),
        unread=unread,
        uncounted=uncounted,
    )


def _text(data: bytes | None) -> str | None:
    if data is None:
        return ""
    if len(data) > LARGEST_FILE or b"\0" in data[:8000]:
        return None
    return data.decode(errors="replace")


def _added_lines(old: str, new: str) -> list[str]:
    """Lines that the new text has more often than the old one, in order: what may be duplicated."""
    extra = Counter(new.splitlines()) - Counter(old.splitlines())
    gained = []
    for line in new.splitlines():
        if extra[line] > 0:
            extra[line] -= 1
            gained.append(line)
    return gained


def _functions(path: str, text: str, seconds: float) -> Counter[str] | None:
    """Complexity by function name; empty for languages that lizard does not know; None where it takes too long."""
    if not text:
        return Counter()
    lizard = importlib.import_module("lizard")
    if lizard.get_reader_for(path) is None:
        return Counter()
    try:
        with _at_most(seconds):
            found = lizard.analyze_file.analyze_source_code(path, text).function_list
    except _TooLongError:
        return None
    except (RecursionError, IndexError, ValueError, AttributeError, TypeError, KeyError):
        return Counter()  # a file that its reader can't follow has no functions for us
    return Counter({function.long_name: function.cyclomatic_complexity for function in found})


class _TooLongError(BaseException):
    """The time is over: no reader may take it for an error of its own."""


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """:raises _TooLongError: in the block, once it has used so much of a processor."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _TooLongError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _duplicated(after: Mapping[str, bytes | None], added: Mapping[str, list[str]]) -> int:
    windows: Counter[tuple[str, ...]] = Counter()
    lines = {path: [line.strip() for line in (_text(after.get(path)) or "").splitlines()] for path in added}
    for text in lines.values():
        windows.update(_windows(text))
    duplicated = 0
    for path, text in lines.items():
        fresh = Counter(line.strip() for line in added[path])
        marked: set[int] = set()
        for start, window in enumerate(_windows(text)):
            if (
                windows[window] > 1
                and all(fresh[line] for line in window if line)
                and sum(map(bool, window)) >= WINDOW - 1
            ):
                marked |= set(range(start, start + WINDOW))
        duplicated += len(marked)
    return duplicated


def _windows(lines: list[str]) -> list[tuple[str, ...]]:
    return [tuple(lines[start : start + WINDOW]) for start in range(len(lines) - WINDOW + 1)]


def _new_dependencies(before: Mapping[str, bytes | None], after: Mapping[str, bytes | None]) -> tuple[str, ...]:
    gained: set[str] = set()
    for path in after:
        name = PurePosixPath(path).name
        kind = "requirements" if re.fullmatch(r"requirements[\w.-]*\.(txt|in)", name) else name
        pattern = _MANIFESTS.get(kind)
        if pattern is not None:
            gained |= _names(pattern, after.get(path)) - _names(pattern, before.get(path))
    return tuple(sorted(gained))


def _names(pattern: re.Pattern[str], data: bytes | None) -> set[str]:
    lines = (_text(data) or "").splitlines()
    return {found[1].lower() for line in lines if (found := pattern.match(line))}


def main() -> None:
    """Measure what comes in, within limits that the kernel keeps: seconds and bytes are the program's arguments."""
    seconds, memory = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    before, after, lines, tests = pickle.load(sys.stdin.buffer)  # noqa: S301 (from the worker that started this)
    json.dump(measure(before, after, lines, tests=tests).to_json(), sys.stdout)


if __name__ == "__main__":
    main()
