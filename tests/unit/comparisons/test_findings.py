"""Which findings are new: the map of lines, moved code, and what linters print."""

from __future__ import annotations

import difflib
import json

from hypothesis import given
from hypothesis import strategies as st

from marlin.comparisons.findings import LineMap, LintedFile, compare
from marlin.comparisons.linters import LINTERS, Finding

RUFF, OXLINT = LINTERS


def hunks(old: list[str], new: list[str]) -> list[tuple[int, int, int, int]]:
    """As git writes them: an empty range is named by the line before it."""
    return [
        (a + (b > a), b - a, c + (d > c), d - c)
        for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag != "equal"
    ]


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abcd"), max_size=12))
def test_a_kept_line_leads_to_the_same_text_and_every_line_of_the_base_is_met_once(
    old: list[str], new: list[str]
) -> None:
    lines = LineMap(hunks(old, new))
    before = [lines.before(number) for number in range(1, len(new) + 1)]
    kept = [(number, was) for number, was in enumerate(before, 1) if was is not None]
    assert all(new[number - 1] == old[was - 1] for number, was in kept)
    assert len({was for _, was in kept}) == len(kept)
    added = sum(count for _, _, _, count in hunks(old, new))
    assert before.count(None) == added


def test_hunks_are_read_from_gits_own_words() -> None:
    patch = b"--- a/x\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n@@ -3 +5 @@ def f():\n-@@ -9,9 +9,9 @@\n+d\n"
    patch += b"@@ -7,2 +8,0 @@\n-e\n-f\n"
    lines = LineMap.of(patch)
    assert [lines.before(number) for number in range(1, 11)] == [None, None, 1, 2, None, 4, 5, 6, 9, 10]


def finding(line: int, rule: str = "R1", path: str = "x.py") -> Finding:
    return Finding(path, line, 1, rule, "says so", "ruff")


def linted(old: list[str], new: list[str], path: str = "x.py", old_path: str | None = "x.py") -> LintedFile:
    lines = LineMap(hunks(old, new)) if old_path else None
    return LintedFile(path, old_path, lines, new, old)


def test_lines_that_moved_bring_nothing_new_and_a_copy_does() -> None:
    old, new = ["bad", "one", "two"], ["one", "two", "  bad"]
    assert compare([linted(old, new)], [finding(3)], [finding(1)]).on_changed_lines == []
    twice = compare([linted(old, [*new, "bad"])], [finding(3), finding(4)], [finding(1)])
    assert [found.line for found in twice.on_changed_lines] == [4]


def test_code_that_moves_to_another_file_brings_nothing_new() -> None:
    files = [linted(["bad", "one"], ["one"]), linted([], ["bad"], "y.py", None)]
    compared = compare(files, [finding(1, path="y.py")], [finding(1)])
    assert (compared.on_changed_lines, compared.elsewhere, compared.gone) == ([], [], 0)


def test_another_rule_on_a_kept_line_is_new_and_told_apart() -> None:
    compared = compare([linted(["import os", "os.x"], ["import os"])], [finding(1, "F401"), finding(1)], [finding(1)])
    assert [found.rule for found in compared.elsewhere] == ["F401"]
    assert compared.on_changed_lines == []


def test_what_the_change_mended_is_counted() -> None:
    compared = compare([linted(["bad", "one"], ["good", "one"])], [], [finding(1), finding(2)])
    assert compared.gone == 2


def test_a_renamed_file_is_held_against_its_old_name() -> None:
    compared = compare(
        [linted(["bad"], ["bad"], "new.py", "old.py")], [finding(1, path="new.py")], [finding(1, path="old.py")]
    )
    assert (compared.on_changed_lines, compared.elsewhere) == ([], [])


def test_output_that_was_cut_is_counted_not_guessed() -> None:
    whole = {"code": None, "filename": "/workspace/a/b.py", "location": {"row": 2, "column": 5}, "message": "bad"}
    output = json.dumps(whole).encode() + b'\n{"code": "F4[... dropped ...]\n'
    assert RUFF.read(output) == ([Finding("a/b.py", 2, 5, "invalid-syntax", "bad", "ruff")], 1)
    assert OXLINT.read(b'{"diagnostics": [{"message": "x"') == ([], 1)
    assert OXLINT.read(b'{"diagnostics": [{"message": "x", "filename": "a.ts", "labels": []}]}') == ([], 1)
