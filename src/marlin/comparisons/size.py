"""How large a change is, because "simple and maintainable" must be measured: pure functions over two sets of files.

Cyclomatic complexity (McCabe 1976) is counted by lizard, for the languages it knows. Duplication counts added lines
that stand, six or more in a row, elsewhere in the changed files too. Dependencies are names that manifests gained.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from marlin.tasks import is_test_file


def _load_lizard() -> Any:
    """lizard, without what it does to ``sys.path``: it puts the folder of the program that runs first.

    With ``python -m marlin`` that is the folder of this package, whose parts then hide the standard library's.
    """
    before = list(sys.path)
    try:
        return importlib.import_module("lizard")
    finally:
        sys.path[:] = before


lizard = _load_lizard()

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
        if self.duplicated_lines:
            parts.append(f"{self.duplicated_lines} duplicated lines")
        if self.new_dependencies:
            parts.append(f"new dependencies: {', '.join(self.new_dependencies)}")
        return ", ".join(parts)


def measure(
    before: Mapping[str, bytes | None], after: Mapping[str, bytes | None], lines: Mapping[str, tuple[int, int]]
) -> Size:
    """Measure a change.

    :param lines: each changed path's added and removed lines, as git counts them.
    :param before: each changed path's content on the base; None where it did not exist.
    :param after: the same paths' content in the result; None where it was deleted.
    """
    added: dict[str, list[str]] = {}
    complexity = unread = most = 0
    for path in sorted(lines):
        old, new = _text(before.get(path)), _text(after.get(path))
        if old is None or new is None:
            unread += 1
            continue
        added[path] = _added_lines(old, new)
        if is_test_file(path):
            continue
        were, are = _functions(path, old), _functions(path, new)
        complexity += sum(are.values()) - sum(were.values())
        most = max([most, *(value for name, value in are.items() if were.get(name) != value)])
    return Size(
        files=len(lines),
        added_lines=sum(gained for gained, _ in lines.values()),
        removed_lines=sum(lost for _, lost in lines.values()),
        added_test_lines=sum(gained for path, (gained, _) in lines.items() if is_test_file(path)),
        complexity=complexity,
        most_complex=most,
        duplicated_lines=_duplicated(after, added),
        new_dependencies=_new_dependencies(before, after),
        unread=unread,
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


def _functions(path: str, text: str) -> Counter[str]:
    """Complexity by function name; empty for languages that lizard does not know."""
    if not text or lizard.get_reader_for(path) is None:
        return Counter()
    try:
        found = lizard.analyze_file.analyze_source_code(path, text).function_list
    except (RecursionError, IndexError, ValueError, AttributeError, TypeError):
        return Counter()  # a file that its reader can't follow has no functions for us
    return Counter({function.long_name: function.cyclomatic_complexity for function in found})


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
