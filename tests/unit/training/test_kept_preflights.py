"""A preflight is done again once anything that it depends on has changed, and only then."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.factories.preferences import folder, sealed_dataset

from marlin.training import kept_preflights
from marlin.training.dataset import DatasetFolder
from marlin.training.kept_preflights import _kept, _key, _lasting
from marlin.training.lengths import lengths_of
from marlin.training.report import Amount, Check, Report

ASKED = {"max_length": None, "leave_out_long": False}
REPORT = Report(
    "x",
    synthetic=True,
    max_length=512,
    lengths=lengths_of([5, 90, 400]),
    amounts={"train": Amount(3, 2, 1000, 400, 600), "test": Amount()},
    checks=(Check("truncated", "3 pairs", "raise it", 3, 9, False, ("a", "b")),),
    left_out={"train": ("c",)},
    singles="kto",
)


def test_a_report_is_read_as_it_was_written() -> None:
    assert Report.from_json(json.loads(json.dumps(REPORT.to_json()))) == REPORT


@pytest.fixture
def model(tmp_path: Path) -> Path:
    made = tmp_path / "model"
    (made / "additional_chat_templates").mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "chat_template.jinja", "additional_chat_templates/tools.jinja"):
        (made / name).write_text(name)
    (made / "model.safetensors").write_bytes(b"weights")
    return made


def changed(file: Path) -> Callable[[], None]:
    return lambda: file.write_text(file.read_text() + " ")


def test_whatever_a_preflight_depends_on_makes_it_another(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = folder(tmp_path / "data", train=3, test=2)

    def key(**asked: Any) -> str:
        return _key(DatasetFolder(data), model, {**ASKED, **asked})

    keys = [key(), key(max_length=64), key(leave_out_long=True)]
    for name in ("config.json", "tokenizer.json", "chat_template.jinja", "additional_chat_templates/tools.jinja"):
        changed(model / name)()
        keys.append(key())
    changed(data / "views" / "trl_pref" / "train.jsonl")()
    keys.append(key())
    sealed_dataset(data, synthetic=True)  # another id, and another manifest
    keys.append(key())
    monkeypatch.setattr(kept_preflights, "installed_versions", lambda *_: {"transformers": "6"})
    keys.append(key())
    monkeypatch.setattr(kept_preflights, "_code", lambda: {"preflight.py": "mended"})
    keys.append(key())
    assert len(set(keys)) == len(keys)
    changed(model / "model.safetensors")()
    assert key() == keys[-1]  # no preflight reads weights


def test_what_is_kept_is_used_unless_it_is_torn_or_was_changed(tmp_path: Path) -> None:
    made: list[int] = []

    def found() -> tuple[Report, bool]:
        def make() -> Report:
            made.append(1)
            return REPORT

        return _kept(tmp_path / "kept", "key", Report.from_json, Report.to_json, make, _lasting)

    assert [found(), found()] == [(REPORT, False), (REPORT, True)]
    (file,) = (tmp_path / "kept").iterdir()
    whole = file.read_text()
    for broken in (whole[:-20], whole.replace('"synthetic": true', '"synthetic": false'), "[]", "{}"):
        file.write_text(broken)
        assert found() == (REPORT, False)
        assert found() == (REPORT, True)
    assert len(made) == 5
    assert not _lasting(replace(REPORT, checks=(Check("endless-template", "it took 20 s of a busy machine", "wait"),)))


def test_where_nothing_can_be_written_beside_the_dataset_it_is_done_each_time(tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    for _ in range(2):
        assert _kept(tmp_path / "kept", "key", Report.from_json, Report.to_json, lambda: REPORT) == (REPORT, False)
