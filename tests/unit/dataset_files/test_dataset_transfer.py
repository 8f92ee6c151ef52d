"""Datasets travel whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from tests.unit.dataset_files.test_dataset_folder import make

from marlin.dataset_files import (
    DatasetDamagedError,
    DatasetPlaceError,
    DatasetUnreadableError,
    pull,
    push,
    read_manifest,
    verify,
)


@pytest.fixture
def store() -> Iterator[fsspec.AbstractFileSystem]:
    """An object store, in memory."""
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]
    yield memory
    memory.store.clear()


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_what_was_pushed_comes_back_to_the_byte(tmp_path: Path, store: fsspec.AbstractFileSystem) -> None:
    made = make(tmp_path / "made")
    told: list[int] = []
    there = push(made, "memory://bucket/sets", told.append)
    assert sum(told) == sum(file.bytes for file in read_manifest(made).files)
    here = pull(there, tmp_path / "back")
    assert contents(here) == contents(made)
    assert here.name == f"spring-{read_manifest(made).id[:12]}"
    assert pull(there, tmp_path / "back") == here
    assert [path.name for path in (tmp_path / "back").iterdir()] == [here.name]


def test_a_folder_is_a_place_too(tmp_path: Path) -> None:
    made = make(tmp_path / "made")
    there = push(made, str(tmp_path / "shelf"))
    assert contents(Path(there.removeprefix("file://"))) == contents(made)


def test_a_store_that_nobody_knows_is_told_by_its_name(tmp_path: Path) -> None:
    made = make(tmp_path / "made")
    with pytest.raises(DatasetPlaceError, match=r"^No kind of store is called s4://\.$"):
        push(made, "s4://bucket/sets")
    with pytest.raises(DatasetPlaceError, match=r"^No kind of store is called s4://\.$"):
        pull("s4://bucket/sets/spring", tmp_path / "back")


def test_until_all_has_arrived_there_is_no_dataset_and_the_next_try_goes_on(
    tmp_path: Path, store: fsspec.AbstractFileSystem
) -> None:
    made = make(tmp_path / "made")

    class Lost(Exception):
        pass

    def lose(_: int) -> None:
        raise Lost

    with pytest.raises(DatasetPlaceError, match="Lost"):
        push(made, "memory://bucket", lose)
    assert len(store.find("/bucket")) == 1
    with pytest.raises(DatasetUnreadableError):
        pull("memory://bucket/made", tmp_path / "back")
    assert verify(pull(push(made, "memory://bucket"), tmp_path / "back")).problems == ()


def test_a_damaged_dataset_neither_leaves_nor_arrives(tmp_path: Path, store: fsspec.AbstractFileSystem) -> None:
    made = make(tmp_path / "made")
    there = push(made, "memory://bucket")
    store.pipe("/bucket/made/rows/test.jsonl", b'{"id":"x-9"}\n')
    with pytest.raises(DatasetDamagedError, match="was changed"):
        pull(there, tmp_path / "back")
    assert list((tmp_path / "back").iterdir()) == []
    (made / "rows" / "test.jsonl").write_bytes(b"")
    with pytest.raises(DatasetDamagedError, match="not whole"):
        push(made, "memory://elsewhere")
    assert store.find("/elsewhere") == []


def test_a_hostile_manifest_writes_nowhere_else(tmp_path: Path, store: fsspec.AbstractFileSystem) -> None:
    made = make(tmp_path / "made")
    data = json.loads((made / "dataset.json").read_bytes())
    data["files"][0]["path"] = "../../stolen"
    store.pipe("/bucket/bad/dataset.json", json.dumps(data).encode())
    store.pipe("/bucket/stolen", b"x")
    with pytest.raises(DatasetDamagedError, match="leads out"):
        pull("memory://bucket/bad", tmp_path / "deep" / "back")
    assert not (tmp_path / "stolen").exists()
    assert not (tmp_path / "deep" / "stolen").exists()


def test_a_hostile_name_is_no_way_out_either(tmp_path: Path, store: fsspec.AbstractFileSystem) -> None:
    made = make(tmp_path / "made")
    manifest = read_manifest(made)
    named = manifest.model_copy(update={"name": "../../out"}).sealed()
    (made / "dataset.json").write_bytes(named.to_bytes())
    there = push(made, "memory://bucket")  # whole by its hashes
    with pytest.raises(DatasetDamagedError, match="name"):
        pull(there, tmp_path / "deep" / "back")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("out")] == []


@pytest.mark.parametrize("url", ["nonsense://x", "s3://bucket/x"])
def test_a_place_that_can_not_be_reached_says_what_to_do(tmp_path: Path, url: str) -> None:
    with pytest.raises(DatasetPlaceError) as refused:
        push(make(tmp_path / "made"), url)
    assert refused.value.hint


def test_a_dataset_of_before_there_was_more_to_say_is_whole_still(tmp_path: Path) -> None:
    made = make(tmp_path / "made")
    data = json.loads((made / "dataset.json").read_bytes())
    assert {"licences", "consent", "benchmarks"} <= data.keys()
    for name in ("licences", "consent", "benchmarks"):
        del data[name]
    (made / "dataset.json").write_text(json.dumps(data))
    old = read_manifest(made).expected_id()
    (made / "dataset.json").write_text(json.dumps(data | {"id": old}))
    assert verify(made).problems == ()
    assert json.loads(read_manifest(made).to_bytes()) == data | {"id": old}


def test_what_changes_while_it_is_pushed_is_not_taken_for_whole(
    tmp_path: Path, store: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(tmp_path / "made")
    first = read_manifest(made).files[0]
    put = type(store).put_file

    def late(self: fsspec.AbstractFileSystem, source: str, target: str, **more: Any) -> None:
        if source.endswith(first.path):
            Path(source).write_bytes(b"x" * first.bytes)
        put(self, source, target, **more)

    monkeypatch.setattr(type(store), "put_file", late)
    with pytest.raises(DatasetDamagedError, match="changed while"):
        push(made, "memory://bucket")
    assert store.find("/bucket") == []


def test_a_pull_onto_a_damaged_copy_says_so(tmp_path: Path, store: fsspec.AbstractFileSystem) -> None:
    there = push(make(tmp_path / "made"), "memory://bucket")
    here = pull(there, tmp_path / "back")
    (here / "rows" / "test.jsonl").write_bytes(b"mine\n")
    with pytest.raises(DatasetDamagedError, match="was there, and is not whole"):
        pull(there, tmp_path / "back")
    assert (here / "rows" / "test.jsonl").read_bytes() == b"mine\n"
    here.rename(tmp_path / "aside")
    assert verify(pull(there, tmp_path / "back")).problems == ()


def test_what_was_there_before_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system of fsspec is one for the whole process, and keeps lists of what it saw."""
    there = push(make(tmp_path / "made"), str(tmp_path / "shelf"))
    forgot: list[bool] = []
    monkeypatch.setattr(
        type(fsspec.filesystem("file")), "invalidate_cache", lambda *_, **__: forgot.append(True), raising=False
    )
    pull(there, tmp_path / "back")
    assert forgot


def test_one_process_at_a_time_fetches_a_dataset(tmp_path: Path, store: fsspec.AbstractFileSystem) -> None:
    there = push(make(tmp_path / "made"), "memory://bucket")

    def second(_bytes: int) -> None:
        with pytest.raises(DatasetPlaceError, match="Another process fetches"):
            pull(there, tmp_path / "back")

    assert verify(pull(there, tmp_path / "back", second)).problems == ()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk with very little room."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_at_either_end_is_named_and_the_next_try_goes_on(
    tmp_path: Path, store: fsspec.AbstractFileSystem, small: Path
) -> None:
    made = make(tmp_path / "made")
    there = push(made, "memory://bucket")
    with pytest.raises(DatasetPlaceError, match=f"no room left in .*{small.name}"):
        push(made, str(small / "pushed"))
    with pytest.raises(DatasetPlaceError, match=f"no room left in .*{small.name}"):
        pull(there, small / "back")
    subprocess.run(["mount", "-o", "remount,size=8m", str(small)], check=True)
    assert verify(Path(push(made, str(small / "pushed")).removeprefix("file://"))).problems == ()
    assert verify(pull(there, small / "back")).problems == ()
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    with pytest.raises(DatasetPlaceError, match="elsewhere can't be written: Read-only") as refused:
        pull(there, small / "elsewhere")
    assert "--to" in str(refused.value.hint)


def test_a_full_disk_is_told_from_a_wrong_address(tmp_path: Path, store: fsspec.AbstractFileSystem) -> None:
    there = push(make(tmp_path / "made"), "memory://bucket")

    def full(_bytes: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path))

    with pytest.raises(DatasetPlaceError, match="no room left") as refused:
        pull(there, tmp_path / "back", full)
    assert "goes on" in str(refused.value.hint)
    assert verify(pull(there, tmp_path / "back")).problems == ()


def test_all_that_takes_long_is_told_as_it_goes(tmp_path: Path, store: fsspec.AbstractFileSystem) -> None:
    made = make(tmp_path / "made")
    size = sum(file.bytes for file in read_manifest(made).files)
    copied, proved, fetched, sizes, whole = list[int](), list[int](), list[int](), list[int](), list[int]()
    there = push(made, "memory://bucket", copied.append, proving=proved.append)
    assert (sum(copied), sum(proved)) == (size, size)
    pull(there, tmp_path / "back", fetched.append, sized=sizes.append, proving=whole.append)
    assert (sum(fetched), sizes, sum(whole)) == (size, [size], size)
