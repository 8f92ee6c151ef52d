"""Rows of a dataset are counted and found by what they are and say, from an index that fits the files as they are."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.factories import canonical
from tests.factories.canonical import folder_of, key_of

from marlin.dataset_files import DatasetDamagedError, DatasetUnreadableError
from marlin.datasets import browsing, indexing, row_viewing
from marlin.datasets.browsing import Among
from marlin.datasets.errors import DatasetIndexError
from marlin.datasets.facets import facets_of
from marlin.datasets.row_schemas import RowsOut
from marlin.datasets.row_viewing import Wanted
from marlin.errors import InvalidInputError, NotFoundError

ROWS = [canonical.row(number, split) for split, size in (("train", 40), ("test", 9)) for number in range(size)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return canonical.home_with(tmp_path, train=40, test=9)


def browsed(home: Path, where: Sequence[str] = (), words: str = "", start: int = 0, count: int = 100) -> RowsOut:
    """As the pages do: ask until it is ready."""
    while True:
        found = browsing.browse(home, key_of(home), Among.of(where, words), start, count)
        if found.state == "ready":
            return found
        time.sleep(0.01)


def counts_of(found: RowsOut, name: str) -> dict[str, int]:
    (facet,) = (one for one in found.facets if one.name == name)
    return {one.value: one.count for one in facet.values if one.count}


def expected(name: str, keep: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, int]:
    """The same, counted row by row."""
    counted: Counter[str] = Counter()
    for row in filter(keep, ROWS):
        counted.update(value for facet, value in facets_of(row) if facet == name)
    return dict(counted)


def test_how_rows_are_distributed_is_what_one_counts_by_hand(home: Path) -> None:
    found = browsed(home)
    assert (found.total, found.matching, len(found.rows)) == (49, 49, 49)
    names = [one.name for one in found.facets]
    assert names[:9] == [
        *("split", "label", "strength", "agreement", "category", "language", "licence", "repository", "turn")
    ]
    assert names[9:] == ["axis:correctness", "axis:security"]
    for name in names:
        assert counts_of(found, name) == expected(name)
    assert [one.id for one in found.rows] == [row["id"] for row in ROWS]


def test_values_of_a_facet_add_up_and_facets_narrow_each_other(home: Path) -> None:
    found = browsed(home, ["label=A", "label=B", "licence=MIT"])

    def labelled(row: dict[str, Any]) -> bool:
        return row["agg"]["label"] in ("A", "B")

    def licensed(row: dict[str, Any]) -> bool:
        return "MIT" in row["licences"]

    assert [one.id for one in found.rows] == [row["id"] for row in ROWS if labelled(row) and licensed(row)]
    assert counts_of(found, "label") == expected("label", licensed)
    assert counts_of(found, "licence") == expected("licence", labelled)
    assert counts_of(found, "category") == expected("category", lambda row: labelled(row) and licensed(row))


def test_words_are_searched_in_requests_and_justifications(home: Path) -> None:
    assert [one.id for one in browsed(home, words="NUMBER 17.").rows] == ["train-17-1"]
    assert [one.id for one in browsed(home, words="boundary of 23 is").rows] == ["train-23-1"]
    assert browsed(home, words="100%_").matching == 0
    both = browsed(home, ["split=test"], "a negative page size", start=2, count=3)
    assert (both.matching, [one.number for one in both.rows]) == (9, [3, 4, 5])


def test_one_goes_from_match_to_match(home: Path) -> None:
    browsed(home)
    among = Among.of(["strength=3"], "")
    strong = [row["id"] for row in ROWS if row["agg"]["strength"] == 3]
    first = row_viewing.row_of(home, key_of(home), Wanted(strong[0]), among)
    assert (first.place, first.matching, first.previous, first.next) == (1, len(strong), None, strong[1])
    last = row_viewing.row_of(home, key_of(home), Wanted(strong[-1]), among)
    assert (last.place, last.previous, last.next) == (len(strong), strong[-2], None)
    other = next(row["id"] for row in ROWS[3:] if row["id"] not in strong)
    beside = row_viewing.row_of(home, key_of(home), Wanted(other), among)
    assert (beside.place, beside.matching) == (None, len(strong))


def test_with_an_index_and_without_one_a_row_is_the_same(home: Path) -> None:
    wishes = [Wanted("train-39-1"), Wanted("test-0-1"), Wanted(split="test", number=9), Wanted()]
    without = [row_viewing.row_of(home, key_of(home), one) for one in wishes]
    browsed(home)
    assert [row_viewing.row_of(home, key_of(home), one) for one in wishes] == without
    for wanted in (Wanted("none"), Wanted(split="test", number=10)):
        with pytest.raises(DatasetUnreadableError, match="has no row"):
            row_viewing.row_of(home, key_of(home), wanted)


def test_an_empty_dataset_and_one_of_one_row_are_told(home: Path) -> None:
    canonical.dataset(folder_of(home), train=0, test=0)
    found = browsed(home, ["label=A"])
    assert (found.total, found.matching, found.facets, found.rows) == (0, 0, [], [])
    canonical.dataset(folder_of(home), train=1, test=0)
    assert (browsed(home).total, counts_of(browsed(home), "split")) == (1, {"train": 1})


def test_a_long_facet_is_cut_but_for_what_was_chosen(home: Path) -> None:
    numbers = iter(range(100))
    canonical.dataset(
        folder_of(home), train=99, test=0, change=lambda row: {**row, "source": f"https://{next(numbers):02}.example"}
    )
    (facet,) = (one for one in browsed(home, ["repository=https://98.example"]).facets if one.name == "repository")
    assert (len(facet.values), facet.more, facet.values[-1].value) == (51, 48, "https://98.example")


def test_the_index_is_made_anew_when_the_files_are_others(home: Path) -> None:
    assert browsed(home).total == 49
    canonical.dataset(folder_of(home), train=3, test=1)
    assert browsed(home).total == 4
    (cached,) = (home / indexing.FOLDER).glob("*.sqlite")
    cached.write_bytes(b"torn by a full disk" * 300)
    assert browsed(home).total == 4


def test_a_facet_that_there_is_not_is_refused_and_an_axis_that_nobody_scored_finds_nothing(home: Path) -> None:
    for wrong in ("rater=x", "label", "=A"):
        with pytest.raises(InvalidInputError, match="told apart"):
            Among.of([wrong], "")
    assert browsed(home, ["axis:beauty=A"]).matching == 0


def test_a_damaged_row_is_told_and_mending_it_is_enough(home: Path) -> None:
    file = folder_of(home) / "rows" / "train.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b'"agg":', b'"egg":', 1))
    with pytest.raises(DatasetDamagedError, match="The row train-0-1 is not as this format has rows: 'agg'"):
        browsed(home)
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetDamagedError, match="is no JSON"):
        browsed(home)
    file.write_bytes(whole)
    assert browsed(home).total == 49


def test_a_dataset_that_vanishes_says_so(home: Path) -> None:
    key = key_of(home)
    (folder_of(home) / "rows" / "train.jsonl").unlink()
    with pytest.raises(DatasetUnreadableError, match=r"rows/train\.jsonl can't be read: No such file"):
        browsed(home)
    shutil.rmtree(folder_of(home))
    with pytest.raises(NotFoundError):
        browsing.browse(home, key, Among(), 0, 1)


def test_an_index_that_can_not_be_written_says_where(home: Path) -> None:
    (home / "cache").write_text("a file is in the way")
    with pytest.raises(
        DatasetIndexError, match=r"dataset-rows/\w+\.sqlite can't be written: (Not a directory|File exists)"
    ):
        browsed(home)
    (home / "cache").unlink()
    assert browsed(home).total == 49


def test_languages_are_those_of_the_changed_files(home: Path) -> None:
    def renamed(row: dict[str, Any]) -> dict[str, Any]:
        row["a"]["patch"] = canonical.patch("src/a b.rs", "x") + 'diff --git "a/\\303\\251.ts" "b/\\303\\251.ts"\n'
        row["b"]["patch"] = ""
        return row

    canonical.dataset(folder_of(home), train=2, test=0, change=renamed)
    assert counts_of(browsed(home), "language") == {"Rust": 2, "TypeScript": 2}
