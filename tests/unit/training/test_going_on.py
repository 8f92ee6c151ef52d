"""A run goes on only as what it was begun as: the same dataset and base model."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.factories.preferences import folder, sealed_dataset

from marlin.training import record
from marlin.training.checkpoints import seal
from marlin.training.errors import RunStateError
from marlin.training.plan import Plan, RunFolder
from marlin.training.progress import read_metrics
from marlin.training.saying import silently
from marlin.training.worker import _going_on


def begun(tmp_path: Path) -> tuple[RunFolder, Plan, Path]:
    data, model = folder(tmp_path / "data", train=3, test=2), tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    (model / "model.safetensors").write_bytes(b"weights")
    plan = Plan(method="dpo", dataset=str(data), model=str(model), max_length=64)
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    record.update(run, inputs=record.inputs(plan, plan.folder, model))
    return run, plan, model


def checkpoint(run: RunFolder, step: int) -> Path:
    made = run.checkpoints / f"checkpoint-{step}"
    made.mkdir(parents=True)
    (made / "optimizer.pt").write_bytes(b"state")
    seal(made)
    return made


def test_it_goes_on_from_what_is_whole_or_says_why_it_begins_again(tmp_path: Path) -> None:
    run, plan, model = begun(tmp_path)
    assert _going_on(run, plan, model, silently) is None
    made = checkpoint(run, 5)
    assert _going_on(run, plan, model, silently) == str(made)
    (made / "optimizer.pt").write_bytes(b"zeros")
    assert _going_on(run, plan, model, silently) is None
    (said,) = [one for one in read_metrics(run.metrics_file) if one.get("event") == "torn"]
    assert (said["checkpoint"], said["from"]) == (5, "the beginning")


def test_it_does_not_go_on_with_another_base_or_dataset(tmp_path: Path) -> None:
    run, plan, model = begun(tmp_path)
    checkpoint(run, 5)
    (model / "model.safetensors").write_bytes(b"another")
    with pytest.raises(RunStateError, match="not the model that the run began with"):
        _going_on(run, plan, model, silently)
    rows = Path(plan.dataset) / "views" / "trl_pref" / "train.jsonl"
    rows.write_text("".join(rows.read_text().splitlines(keepends=True)[:2]))
    sealed_dataset(Path(plan.dataset))
    with pytest.raises(RunStateError, match="not what the run began with"):
        _going_on(run, plan, model, silently)
