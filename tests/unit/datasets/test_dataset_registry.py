"""The datasets of an installation are told as they lie there: whole, gone, or somebody else's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.factories import preferences

from marlin.datasets import DatasetListError, HeldStore, deciding, note_dataset, registry
from marlin.errors import MarlinError, NotFoundError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """One dataset in the data folder, and a newer one elsewhere."""
    preferences.folder(tmp_path / "home" / "datasets" / "spring-1", train=8, test=2)
    elsewhere = preferences.folder(tmp_path / "shelf" / "autumn-2", train=4, test=1, seed=2)
    note_dataset(tmp_path / "home", elsewhere)
    os.utime(tmp_path / "home" / "datasets" / "spring-1" / "dataset.json", (1, 1))
    return tmp_path / "home"


def test_an_installation_without_any_has_none(tmp_path: Path) -> None:
    assert registry.list_datasets(tmp_path / "nothing") == []


def test_the_last_written_comes_first_and_each_once(home: Path) -> None:
    note_dataset(home, home / "datasets" / "spring-1")
    with (home / registry.LIST).open("a") as file:
        file.write('{"path": torn')
    assert [(one.name, one.state) for one in registry.list_datasets(home)] == [
        ("autumn-2", "ready"),
        ("spring-1", "ready"),
    ]


def test_what_is_gone_or_unreadable_says_so_and_the_others_stay(home: Path, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "shelf" / "autumn-2")
    (home / "datasets" / "torn").mkdir()
    (home / "datasets" / "torn" / "dataset.json").write_text('{"format": 1')
    found = {one.name: one for one in registry.list_datasets(home)}
    assert {name: one.state for name, one in found.items()} == {
        "spring-1": "ready",
        "autumn-2": "gone",
        "torn": "unreadable",
    }
    torn = registry.get_dataset(home, found["torn"].id)
    assert torn.manifest is None
    assert "no JSON" in (torn.problem or "")


def test_values_that_wait_for_a_person_are_counted(home: Path) -> None:
    store = HeldStore(home / "datasets", "test")
    store.note(
        {name: {"name": "KEY", "shown": "abc… (12 characters)", "rows": ["r-1"], "count": 1} for name in ("one", "two")}
    )
    decided = deciding.prepare(home, "test", {"one": deciding.Said("keep")}, by="me")
    assert decided is not None
    decided.show()
    assert {one.name: one.undecided for one in registry.list_datasets(home)} == {"spring-1": 1, "autumn-2": 0}
    store.path.write_text('{"one": {"shown": 1')
    found = {one.name: one for one in registry.list_datasets(home)}
    assert found["spring-1"].state == "ready"
    assert str(store.path) in (found["spring-1"].held_problem or "")
    assert found["autumn-2"].held_problem is None


def test_rows_are_shown_as_they_lie_there_and_long_ones_are_cut(home: Path) -> None:
    folder = home / "datasets" / "spring-1"
    file = folder / "views" / "trl_pref" / "train.jsonl"
    lines = file.read_text().splitlines()
    lines[1] = json.dumps({"id": "long", "prompt": "x" * 100_000})
    file.write_text("\n".join(lines) + "\n")
    key = registry.dataset_key(folder)
    shown = registry.preview(home, key, "trl_pref", "train", 1, 2)
    assert [(row.number, row.cut, len(row.text) <= registry.MOST_SHOWN) for row in shown] == [
        (2, True, True),
        (3, False, True),
    ]
    assert json.loads(shown[1].text) == json.loads(lines[2])
    assert registry.preview(home, key, "trl_pref", "train", 8, 2) == []


@pytest.mark.parametrize("view", ["../../../etc", "rows/../../x", "kto", ""])
def test_only_files_of_the_manifest_are_served(home: Path, view: str) -> None:
    key = registry.dataset_key(home / "datasets" / "spring-1")
    with pytest.raises(NotFoundError):
        registry.file_of(home, key, view, "train")
    with pytest.raises(MarlinError):
        registry.preview(home, key, view, "train", 0, 1)
    with pytest.raises(NotFoundError):
        registry.find_folder(home, "0" * 16)


def test_a_full_disk_loses_no_dataset_and_is_named(home: Path, tmp_path: Path) -> None:
    small, third = tmp_path / "small", preferences.folder(tmp_path / "shelf" / "winter-3", train=4, test=1, seed=3)
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(small)], check=True)
    try:
        (small / registry.LIST).write_bytes((home / registry.LIST).read_bytes().ljust(4090) + b"\n")
        with pytest.raises(DatasetListError, match=r"whole, but .*datasets\.jsonl can't be written: No space"):
            note_dataset(small, third)
        assert {one.name for one in registry.list_datasets(small)} == {"autumn-2"}
        subprocess.run(["mount", "-o", "remount,size=64k", str(small)], check=True)
        note_dataset(small, third)
        assert {one.name for one in registry.list_datasets(small)} == {"autumn-2", "winter-3"}
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_torn_line_costs_no_other_and_a_known_dataset_is_noted_once(home: Path, tmp_path: Path) -> None:
    known = (home / registry.LIST).read_bytes()
    note_dataset(home, tmp_path / "shelf" / "autumn-2")
    note_dataset(home, home / "datasets" / "spring-1")
    assert (home / registry.LIST).read_bytes() == known
    with (home / registry.LIST).open("a") as file:
        file.write('{"path": "/half')  # a full disk
    third = preferences.folder(tmp_path / "shelf" / "winter-3", train=4, test=1, seed=3)
    note_dataset(home, third)
    assert {one.name for one in registry.list_datasets(home)} == {"spring-1", "autumn-2", "winter-3"}
