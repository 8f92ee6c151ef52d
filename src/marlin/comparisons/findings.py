"""Which findings of a linter are new in a result: pure.

A finding on a line that was there before is new when the base has none of its rule on that line. One on an added line
is new unless a line of the same text that the change took away had it: moved code brings nothing new. Both may be the
change's doing (a last use removed leaves an unused import behind), so both are told, and told apart.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from marlin.comparisons.linters import Finding

_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


class LineMap:
    """Which line of the base a line of the result was.

    :param hunks: per hunk of a diff without context: old start, old count, new start, new count.
    """

    def __init__(self, hunks: Iterable[tuple[int, int, int, int]]) -> None:
        self._hunks = sorted(hunks, key=lambda hunk: hunk[2])
        # Git names the line before an empty range; this names the line after it.
        self._starts = [new + (count == 0) for _, _, new, count in self._hunks]

    @classmethod
    def of(cls, patch: bytes) -> LineMap:
        """From ``git diff -U0`` of one file."""
        number = [
            tuple(1 if group is None else int(group) for group in found.groups()) for found in _HUNK.finditer(patch)
        ]
        return cls((old, old_count, new, new_count) for old, old_count, new, new_count in number)

    def before(self, line: int) -> int | None:
        """The line's number on the base; None for an added line."""
        at = bisect.bisect_right(self._starts, line) - 1
        if at < 0:
            return line
        old, old_count, _, new_count = self._hunks[at]
        past = line - self._starts[at]
        return None if past < new_count else old + (old_count == 0) + old_count + past - new_count


@dataclass(frozen=True, slots=True)
class LintedFile:
    """A changed file on both sides of the change.

    :ivar path, old_path: its name in the result, and on the base (None where it did not exist).
    :ivar lines: from the result's lines to the base's; an added file has none of those.
    """

    path: str
    old_path: str | None
    lines: LineMap | None
    text: Sequence[str]
    old_text: Sequence[str]


@dataclass(slots=True)
class Compared:
    """What the change did to a linter's findings."""

    on_changed_lines: list[Finding] = field(default_factory=list)
    elsewhere: list[Finding] = field(default_factory=list)
    """New on lines that the change did not touch."""
    gone: int = 0


def compare(files: Sequence[LintedFile], now: Sequence[Finding], base: Sequence[Finding]) -> Compared:
    """The new findings in ``files``, in the order of the files and their lines."""
    by_path = _by_path(now)
    by_old_path = _by_path(base)
    compared = Compared()
    added: list[tuple[str, str, Finding]] = []
    removed: Counter[tuple[str, str]] = Counter()
    for file in files:
        before = list(by_old_path.get(file.old_path or "", ()))
        stood = Counter((finding.line, finding.rule) for finding in before)
        for finding in by_path.get(file.path, ()):
            was = file.lines.before(finding.line) if file.lines else None
            if was is None:
                added.append((finding.rule, _line(file.text, finding.line), finding))
            elif stood[was, finding.rule] > 0:
                stood[was, finding.rule] -= 1
            else:
                compared.elsewhere.append(finding)
        for (line, rule), count in stood.items():
            removed[rule, _line(file.old_text, line)] += count
    for rule, text, finding in added:
        if removed[rule, text] > 0:
            removed[rule, text] -= 1
        else:
            compared.on_changed_lines.append(finding)
    compared.gone = removed.total()
    return compared


def _by_path(findings: Iterable[Finding]) -> Mapping[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda finding: (finding.line, finding.column, finding.rule)):
        found.setdefault(finding.path, []).append(finding)
    return found


def _line(text: Sequence[str], number: int) -> str:
    return text[number - 1].strip() if 0 < number <= len(text) else ""
