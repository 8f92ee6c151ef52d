"""The study behind docs/reference/statistics-study.md can be run again, and its page is made of what it found."""

from __future__ import annotations

import json
from pathlib import Path

from tests.benchmarks.statistics.cells import KEPT, Cells
from tests.benchmarks.statistics.covering import coverage, two_way
from tests.benchmarks.statistics.drawing import gain, valid
from tests.benchmarks.statistics.looking import control, fraud, per_vote, rules, type_one
from tests.benchmarks.statistics.page import PAGE, written
from tests.benchmarks.statistics.registered import registered
from tests.benchmarks.statistics.speed import speeds
from tests.benchmarks.statistics.strength import strength


def test_the_page_is_made_of_what_the_study_found(tmp_path: Path) -> None:
    kept = tmp_path / "results.json"
    kept.write_text(KEPT.read_text())
    cells = Cells(path=kept)  # all of it is kept, so nothing is computed
    parts = {
        "speed": speeds,
        "type-one": type_one,
        "per-vote": per_vote,
        "rules": rules,
        "control": control,
        "registered": registered,
        "strength": strength,
        "fraud": fraud,
        "coverage": coverage,
        "two-way": two_way,
        "drawing": gain,
        "drawing-valid": valid,
    }
    page = written({name: part(cells, 1.0) for name, part in parts.items()}, "a machine", "a day")
    assert kept.read_text() == KEPT.read_text()
    there = PAGE.read_text().splitlines()
    tables = [line for line in page.splitlines() if line.startswith("|")]
    assert len(tables) > 60
    assert not [line for line in tables if line not in there]


def test_a_cell_is_computed_once_and_alike(tmp_path: Path) -> None:
    cells = Cells(path=tmp_path / "results.json")
    first = fraud(cells, 0.05)
    assert fraud(Cells(path=tmp_path / "results.json"), 0.05) == first
    again = fraud(Cells(("fraud",), tmp_path / "results.json"), 0.05)
    assert [cell["colluding"] for cell in again] == [cell["colluding"] for cell in first]
    assert len(json.loads((tmp_path / "results.json").read_text())) == 3
