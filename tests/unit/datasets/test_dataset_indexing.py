"""An index of rows comes to an end: whatever they hold, whoever else makes one, and whatever became of the file."""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from tests.factories import canonical
from tests.factories.canonical import folder_of, key_of

from marlin.dataset_files import DatasetDamagedError, find_row, trace
from marlin.dataset_files.parsing import numbered
from marlin.datasets import browsing, indexing, registry, row_viewing
from marlin.datasets.browsing import Among
from marlin.datasets.errors import DatasetIndexError
from marlin.datasets.row_schemas import RowsOut
from marlin.datasets.row_viewing import Wanted

HALF = "half \ud83d of one"
WHOLE = "half � of one"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return canonical.home_with(tmp_path, train=40, test=9)


def asked(home: Path) -> RowsOut:
    return browsing.browse(home, key_of(home), Among(), 0, 100)


def browsed(home: Path) -> RowsOut:
    """As the pages do: ask until it is ready."""
    while (found := asked(home)).state != "ready":
        time.sleep(0.01)
    return found


def cached(home: Path) -> list[str]:
    return sorted(path.name for path in (home / indexing.FOLDER).iterdir() if not path.name.startswith("."))


def written(home: Path, row: dict[str, Any], **how: Any) -> None:
    """A dataset of one row, as another program may write it."""
    (folder_of(home) / "rows" / "train.jsonl").write_text(json.dumps(row, **how) + "\n", encoding="utf-8")
    (folder_of(home) / "rows" / "test.jsonl").write_text("", encoding="utf-8")
    canonical.sealed(folder_of(home))


def test_half_characters_are_read_as_what_can_be_shown(home: Path) -> None:
    row = canonical.row(0)
    row |= {"request": HALF, "source": HALF, "licences": [HALF], "comparison_id": HALF}
    row["ratings"][0]["justification"] = row["agg"]["label"] = HALF
    row["agg"]["axes"] = {HALF: 1.0}
    row["a"] |= {"patch": HALF, "messages": [{"role": "assistant", "content": HALF}]}
    written(home, row)
    found = browsed(home)
    assert (found.rows[0].title, found.rows[0].repository) == (WHOLE, WHOLE)
    assert f"axis:{WHOLE}" in [one.name for one in found.facets]
    shown = row_viewing.row_of(home, key_of(home), Wanted())
    messages = row_viewing.messages_of(home, key_of(home), shown.id, "a", 0)
    preview = registry.preview(home, key_of(home), "rows", "train", 0, 1)
    for told in (found, shown, messages, *preview):
        assert WHOLE in told.model_dump_json()
    assert row_viewing.patch_of(home, key_of(home), shown.id, "a") == WHOLE
    assert trace(find_row(folder_of(home), shown.id)[1])["source"] == WHOLE


@pytest.mark.parametrize("depth", [150, 300])
def test_a_message_that_is_nested_too_deeply_is_told(home: Path, depth: int) -> None:
    row, deep = canonical.row(0), "[" * depth + "]" * depth
    row["b"]["messages"][0]["tool_calls"] = json.loads(deep)
    written(home, row)
    assert row_viewing.row_of(home, key_of(home), Wanted()).b.messages == 3
    if depth < 200:
        assert deep in row_viewing.messages_of(home, key_of(home), row["id"], "b", 0).model_dump_json()
        return
    with pytest.raises(DatasetDamagedError, match="a message of b is nested too deeply to be shown"):
        row_viewing.messages_of(home, key_of(home), row["id"], "b", 0)


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
def test_what_is_no_number_is_told_and_not_read_for_ever(home: Path, number: str) -> None:
    file = folder_of(home) / "rows" / "train.jsonl"
    file.write_text(file.read_text().replace('"strength":0', f'"strength":{number}'), encoding="utf-8")
    for ask in (lambda: browsed(home), lambda: find_row(folder_of(home), "none")):
        with pytest.raises(DatasetDamagedError, match="no number"):
            ask()


def test_no_more_is_read_at_once_than_a_row_can_have(home: Path) -> None:
    file = folder_of(home) / "rows" / "train.jsonl"
    file.write_bytes(b"12345\n1234567890")
    lines = numbered(file, most=6)
    assert next(lines) == (1, b"12345\n")
    with pytest.raises(DatasetDamagedError, match=r"train\.jsonl:2 is longer than a row can be: more than 6 bytes"):
        next(lines)


def test_a_pipe_in_place_of_rows_is_told_and_not_waited_for(home: Path) -> None:
    file = folder_of(home) / "rows" / "train.jsonl"
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(DatasetDamagedError, match="is no file of rows"):
        browsed(home)


def test_an_index_that_is_damaged_inside_is_told_once_and_made_anew(home: Path) -> None:
    good = browsed(home)
    (file,) = (home / indexing.FOLDER).glob("*.sqlite")
    whole = file.read_bytes()
    for damaged in (
        whole[:8192] + bytes(len(whole) - 8192),
        whole.replace(b'"category"', b'"cadegory"'),
        whole.replace(b'["train"', b'[~train"'),
    ):
        file.write_bytes(damaged)
        with pytest.raises(DatasetIndexError, match=r"\.sqlite is damaged, and was removed"):
            asked(home)
        assert browsed(home) == good


def test_a_dataset_that_is_replaced_while_it_is_read_is_read_as_it_is_then(home: Path) -> None:
    (home / indexing.FOLDER).mkdir(parents=True)
    with (home / indexing.FOLDER / ".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as another process has it that makes an index
        assert asked(home).state == asked(home).state == "reading"
        canonical.dataset(folder_of(home), train=3, test=1)
        assert asked(home).state == "reading"
    assert browsed(home).total == 4
    assert cached(home) == [f"{key_of(home)}.sqlite"]


def test_what_a_kill_left_and_indexes_of_datasets_that_are_gone_go(home: Path) -> None:
    browsed(home)
    other = canonical.dataset(home / "datasets" / "spring-2", train=2, test=1)
    (home / indexing.FOLDER / f"{key_of(home)}.4711.tmp").write_text("half of one")
    (home / indexing.FOLDER / "notes.txt").write_text("somebody else's")
    folder_of(home).rename(home / "elsewhere")
    browsing.browse(home, registry.dataset_key(other), Among(), 0, 1)
    while browsing.browse(home, registry.dataset_key(other), Among(), 0, 1).state != "ready":
        time.sleep(0.01)
    assert cached(home) == sorted([f"{registry.dataset_key(other)}.sqlite", "notes.txt"])
