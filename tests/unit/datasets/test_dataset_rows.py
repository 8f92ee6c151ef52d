"""A canonical row is shown as a comparison, whichever one, however long, and whatever has become of its file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.factories import canonical
from tests.factories.canonical import folder_of, key_of

from marlin.dataset_files import DatasetDamagedError, DatasetUnreadableError
from marlin.datasets import row_viewing
from marlin.datasets.row_viewing import MOST_SAID, Wanted
from marlin.errors import NotFoundError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return canonical.home_with(tmp_path, train=3, test=1)


def test_a_row_is_found_by_its_id_and_by_its_place(home: Path) -> None:
    by_id = row_viewing.row_of(home, key_of(home), Wanted("train-1-1"))
    assert by_id == row_viewing.row_of(home, key_of(home), Wanted(split="train", number=2))
    made = canonical.row(1)
    assert (by_id.split, by_id.number, by_id.of) == ("train", 2, 3)
    assert (by_id.a.arm, by_id.b.newly_failing, by_id.a.messages, by_id.prompt_messages) == ("next", 0, 3, 2)
    assert by_id.a.patch_bytes == len(made["a"]["patch"].encode())
    assert [one.justification for one in by_id.ratings] == [made["ratings"][0]["justification"]]
    assert (by_id.image, by_id.tools, by_id.licences) == ("python-3.12", ["bash"], made["licences"])


def test_one_goes_from_row_to_row_over_the_splits(home: Path) -> None:
    seen = [row_viewing.row_of(home, key_of(home), Wanted())]
    while (following := seen[-1].next) is not None:
        seen.append(row_viewing.row_of(home, key_of(home), Wanted(following)))
    assert [one.id for one in seen] == ["train-0-1", "train-1-1", "train-2-1", "test-0-1"]
    assert [one.previous for one in seen] == [None, *[one.id for one in seen[:-1]]]


def test_what_sides_say_and_changed_is_told_apart_from_the_row(home: Path) -> None:
    made = canonical.row(0, "test")
    assert row_viewing.patch_of(home, key_of(home), "test-0-1", "b") == made["b"]["patch"]
    assert row_viewing.messages_of(home, key_of(home), "test-0-1", "prompt", 0).messages == made["prompt"]
    rest = row_viewing.messages_of(home, key_of(home), "test-0-1", "a", 2)
    assert (rest.messages, rest.start, rest.total) == (made["a"]["messages"][2:], 2, 3)
    assert json.loads(row_viewing.line_of(home, key_of(home), "test-0-1")) == made


def test_a_long_conversation_comes_in_parts_and_a_longer_message_by_itself(home: Path) -> None:
    long = [{"role": "tool", "content": "x" * (MOST_SAID // 2)}] * 5 + [
        {"role": "tool", "content": "y" * MOST_SAID * 2}
    ]

    def lengthened(row: dict[str, Any]) -> dict[str, Any]:
        row["a"]["messages"] = long
        return row

    canonical.dataset(folder_of(home), train=1, test=0, change=lengthened)
    parts, start = [], 0
    while start < 6:
        told = row_viewing.messages_of(home, key_of(home), "train-0-1", "a", start)
        parts.append(len(told.messages))
        start += len(told.messages)
    assert parts == [1, 1, 1, 1, 1, 1]
    assert row_viewing.messages_of(home, key_of(home), "train-0-1", "a", 6).messages == []


def test_a_history_that_is_not_shared_has_no_message(home: Path) -> None:
    canonical.dataset(folder_of(home), change=lambda row: {**row, "prompt": None, "tools": None})
    assert row_viewing.row_of(home, key_of(home), Wanted()).prompt_messages is None
    assert row_viewing.messages_of(home, key_of(home), "train-0-1", "prompt", 0).total == 0


def test_ids_of_any_spelling_are_found(home: Path) -> None:
    odd = iter(['with "quotes"', "é\u202e", "a\\b"])
    canonical.dataset(folder_of(home), train=3, test=0, change=lambda row: {**row, "id": next(odd)})
    assert row_viewing.row_of(home, key_of(home), Wanted("é\u202e")).next == "a\\b"


@pytest.mark.parametrize("wanted", [Wanted("train-9-1"), Wanted(split="test", number=2)])
def test_a_row_that_is_not_there_is_named(home: Path, wanted: Wanted) -> None:
    with pytest.raises(DatasetUnreadableError, match=r"has no row (train-9-1|2 in test)"):
        row_viewing.row_of(home, key_of(home), wanted)


def test_an_empty_dataset_has_no_first_row(home: Path) -> None:
    canonical.dataset(folder_of(home), train=0, test=0)
    with pytest.raises(DatasetUnreadableError, match="no row 1 in train"):
        row_viewing.row_of(home, key_of(home), Wanted())


def test_a_dataset_that_vanishes_while_it_is_looked_at_says_so(home: Path) -> None:
    key = key_of(home)
    (folder_of(home) / "rows" / "test.jsonl").unlink()
    with pytest.raises(DatasetUnreadableError, match=r"rows/test.jsonl can't be read: No such file"):
        row_viewing.row_of(home, key, Wanted("test-0-1"))
    shutil.rmtree(folder_of(home))
    with pytest.raises(NotFoundError, match="no such dataset"):
        row_viewing.row_of(home, key, Wanted("train-0-1"))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{torn", r"train\.jsonl:2 is no JSON"),
        (b"[1]", r"train\.jsonl:2 is no JSON object"),
        (b'{"turn": 1}', r"train\.jsonl:2 has no id"),
        (b'{"id":"odd","agg":1}', "row odd is not as this format has rows: 'environment'"),
    ],
)
def test_a_damaged_row_is_named_by_file_and_line(home: Path, line: bytes, says: str) -> None:
    file = folder_of(home) / "rows" / "train.jsonl"
    lines = file.read_bytes().splitlines()
    file.write_bytes(b"\n".join([lines[0], line]) + b"\n")
    with pytest.raises(DatasetDamagedError, match=says):
        row_viewing.row_of(home, key_of(home), Wanted(split="train", number=2))


def test_a_row_without_a_part_says_which(home: Path) -> None:
    canonical.dataset(folder_of(home), change=lambda row: {**row, "a": {"messages": "none"}})
    with pytest.raises(DatasetDamagedError, match=r"no a\.patch"):
        row_viewing.patch_of(home, key_of(home), "train-0-1", "a")
    with pytest.raises(DatasetDamagedError, match="no list of messages"):
        row_viewing.messages_of(home, key_of(home), "train-0-1", "a", 0)
