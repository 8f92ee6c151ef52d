"""The durable store, on a real folder, in memory, and on a disk that is full."""

import io
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from marlin.workspaces import ArchiveMissingError, DurableStore, StorageFullError


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> DurableStore:
    url = (tmp_path / "store").as_uri() if request.param == "file" else f"memory://{tmp_path.name}"
    return DurableStore(url, scratch=tmp_path / "scratch")


def test_objects_are_found_by_their_content(store: DurableStore) -> None:
    key = store.put(io.BytesIO(b"hello" * 1000))
    assert store.put(io.BytesIO(b"hello" * 1000)) == key
    assert store.put_from(lambda target: target.write(b"hello" * 1000)) == key
    assert store.exists(key)
    assert store.size(key) == 5000
    assert store.get(key) == b"hello" * 1000
    with store.open(key) as source:
        assert source.read(5) == b"hello"


def test_what_is_not_there_says_so(store: DurableStore) -> None:
    assert not store.exists("0" * 64)
    with pytest.raises(ArchiveMissingError):
        store.get("0" * 64)
    with pytest.raises(ArchiveMissingError):
        store.size("0" * 64)
    assert store.record("commits/a/b") is None
    with pytest.raises(ValueError, match="key"):
        store.get("../etc/passwd")
    with pytest.raises(ValueError, match="record"):
        store.set_record("../x", b"")


def test_records_are_replaced_whole(store: DurableStore) -> None:
    store.set_record("commits/a/b", b"one")
    store.set_record("commits/a/b", b"two")
    assert store.record("commits/a/b") == b"two"


def test_changed_bytes_are_noticed(tmp_path: Path) -> None:
    store = DurableStore(tmp_path.as_uri())
    key = store.put(io.BytesIO(b"x" * 100))
    (tmp_path / "objects" / key[:2] / key).write_bytes(b"y" * 100)
    with pytest.raises(ArchiveMissingError, match="does not hold"):
        store.get(key)


def test_an_interrupted_write_leaves_nothing(tmp_path: Path) -> None:
    store = DurableStore(tmp_path.as_uri())

    def fails(target: io.BufferedIOBase) -> None:
        target.write(b"half")
        raise RuntimeError("the worker died here")

    with pytest.raises(RuntimeError):
        store.put_from(fails)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_many_writers_at_once(tmp_path: Path) -> None:
    store = DurableStore(tmp_path.as_uri())
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: store.put(io.BytesIO(b"same" * 5000)), range(40)))
    assert len(keys) == 1
    assert list((tmp_path / "incoming").iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_full_disk_keeps_what_was_there_and_nothing_half(small_disk: Path) -> None:
    store = DurableStore((small_disk / "store").as_uri())
    kept = store.put(io.BytesIO(b"a" * 100_000))
    with pytest.raises(StorageFullError) as caught:
        store.put(io.BytesIO(b"b" * 300_000))
    assert caught.value.hint
    assert store.get(kept) == b"a" * 100_000
    assert [path.name for path in small_disk.rglob("*") if path.is_file()] == [kept]
    store.put(io.BytesIO(b"c" * 1000))
