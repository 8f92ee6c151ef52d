"""A dataset's folder is proven whole, or says what is wrong."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from marlin.dataset_files import (
    VIEWS,
    DatasetDamagedError,
    DatasetUnreadableError,
    Manifest,
    ManifestFile,
    SplitRule,
    ViewState,
    find_row,
    read_manifest,
    read_view,
    seen_by,
    verify,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "made")


def make(root: Path) -> Path:
    files = {
        "rows/train.jsonl": b'{"id":"a-1"}\n{"id":"b-1"}\n',
        "rows/test.jsonl": b'{"id":"c-1"}\n',
        "views/trl_pref/train.jsonl": b'{"id":"a-1","prompt":[]}\n',
    }
    listed = []
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        listed.append(ManifestFile(path=name, sha256=digest, bytes=len(data), rows=data.count(b"\n")))
    rule = SplitRule(
        by=["repository"],
        seed="0",
        test_fraction=0.3,
        rows={"train": 2, "test": 1},
        hash=hashlib.sha256(b"a-1\ttrain\nb-1\ttrain\nc-1\ttest\n").hexdigest(),
    )
    manifest = Manifest(
        name="spring",
        campaigns=["spring"],
        synthetic=False,
        marlin="0",
        filters={},
        rubric_versions=[1],
        guidelines_versions=[1],
        axes=["correctness"],
        counts={"rows": 3},
        left_out=[],
        scrubbed={},
        split=rule,
        views={"trl_pref": ViewState(reader="TRL", content="trajectory", verified=False, rows={"train": 1, "test": 0})},
        files=listed,
    )
    (root / "dataset.json").write_bytes(manifest.sealed().to_bytes())
    return root


def test_a_whole_dataset_has_no_problems(folder: Path) -> None:
    found = verify(folder)
    assert found.problems == ()
    assert found.files == 3
    assert found.bytes == sum(path.stat().st_size for path in folder.rglob("*.jsonl"))


def test_the_id_depends_on_contents_alone(folder: Path, tmp_path: Path) -> None:
    assert read_manifest(make(tmp_path / "again")).id == read_manifest(folder).id


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda root: (root / "rows/test.jsonl").unlink(), "rows/test.jsonl is missing"),
        (lambda root: (root / "rows/test.jsonl").write_bytes(b'{"id":"d-1"}\n'), "rows/test.jsonl was changed"),
        (lambda root: (root / "rows/more.jsonl").write_bytes(b"{}\n"), "rows/more.jsonl does not belong"),
        (lambda root: rename(root, "autumn"), "not what its id says"),
        (lambda root: lead_out(root), "leads out of the dataset"),
    ],
)
def test_every_harm_is_found(folder: Path, harm: object, said: str) -> None:
    harm(folder)  # type: ignore[operator]
    assert any(said in problem for problem in verify(folder).problems)


def rename(root: Path, name: str) -> None:
    data = json.loads((root / "dataset.json").read_text())
    (root / "dataset.json").write_text(json.dumps(data | {"name": name}))


def lead_out(root: Path) -> None:
    outside = root.parent / "outside.jsonl"
    (root / "rows/test.jsonl").rename(outside)
    (root / "rows/test.jsonl").symlink_to(outside)


def test_rows_and_views_are_read(folder: Path) -> None:
    assert find_row(folder, "c-1") == ("test", {"id": "c-1"})
    assert [row["id"] for row in read_view(folder, "trl_pref", "train")] == ["a-1"]
    assert list(read_view(folder, "trl_pref", "test")) == []
    with pytest.raises(DatasetUnreadableError, match="no row"):
        find_row(folder, "z-9")
    with pytest.raises(DatasetUnreadableError, match="no view"):
        list(read_view(folder, "nothing", "train"))


def test_what_is_no_dataset_says_so(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnreadableError, match="holds no dataset"):
        read_manifest(tmp_path)
    (tmp_path / "dataset.json").write_text("{")
    with pytest.raises(DatasetDamagedError, match="no JSON"):
        read_manifest(tmp_path)
    (tmp_path / "dataset.json").write_text('{"format": 99}')
    with pytest.raises(DatasetUnreadableError, match="format 99"):
        read_manifest(tmp_path)
    (tmp_path / "dataset.json").write_text('{"format": 1}')
    with pytest.raises(DatasetDamagedError, match="no manifest"):
        read_manifest(tmp_path)


def test_a_torn_line_names_its_place(folder: Path) -> None:
    (folder / "views/trl_pref/train.jsonl").write_bytes(b'{"id":"a-1"}\n{"id"')
    with pytest.raises(DatasetDamagedError, match=r"train\.jsonl:2"):
        list(read_view(folder, "trl_pref", "train"))


def test_a_view_says_which_version_loaded_it_and_datasets_made_before_still_read() -> None:
    assert [seen_by(said) for said in ("trl 1.16.0", True, False)] == ["trl 1.16.0", "yes", "unverified"]
    for said in ("trl 1.16.0", True, False):
        state = ViewState(reader="TRL", content="patch", verified=said, rows={"train": 1, "test": 0})
        assert ViewState.model_validate_json(state.model_dump_json()).verified == said
    assert {name for name, spec in VIEWS.items() if not spec.verified} == {"openai_pref", "openai_patch"}


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000 + "]" * 200_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        "[]",
        '{"filters": {"a": "\\ud800"}}',
        '{"filters": {"a": NaN}}',
    ],
)
def test_whatever_a_manifest_says_is_told(folder: Path, text: str) -> None:
    if text.startswith('{"filters"'):
        text = (folder / "dataset.json").read_text().replace('"filters": {}', text[1:-1])
    (folder / "dataset.json").write_text(text)
    with pytest.raises(DatasetDamagedError):
        verify(folder)


def test_a_pipe_is_no_manifest_and_belongs_to_no_dataset(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "link").symlink_to("/")
    assert verify(folder).problems == ("link does not belong to the dataset", "pipe does not belong to the dataset")
    (folder / "dataset.json").unlink()
    os.mkfifo(folder / "dataset.json")
    with pytest.raises(DatasetDamagedError, match="something else"):
        read_manifest(folder)


@pytest.mark.parametrize("path", ["a\0b", "a" * 5_000])
def test_a_name_that_no_file_has_is_a_problem_like_others(folder: Path, path: str) -> None:
    found = read_manifest(folder)
    files = [found.files[0].model_copy(update={"path": path}), *found.files[1:]]
    (folder / "dataset.json").write_bytes(found.model_copy(update={"files": files}).sealed().to_bytes())
    assert any("can't be read" in one for one in verify(folder).problems)


@pytest.mark.parametrize("line", [b'{"x":1}\n', b'{"id":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n"])
def test_a_row_without_an_id_is_told(folder: Path, line: bytes) -> None:
    found = read_manifest(folder)
    (folder / "rows" / "test.jsonl").write_bytes(line)
    told = {"sha256": hashlib.sha256(line).hexdigest(), "bytes": len(line), "rows": 1}
    files = [one.model_copy(update=told if one.path == "rows/test.jsonl" else {}) for one in found.files]
    (folder / "dataset.json").write_bytes(found.model_copy(update={"files": files}).sealed().to_bytes())
    with pytest.raises(DatasetDamagedError):
        verify(folder)
