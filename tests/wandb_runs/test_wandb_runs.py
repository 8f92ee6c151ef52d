"""A run that is logged to Weights & Biases, offline: what its own files hold is what the run measured."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import wandb
from tests.training.conftest import data, home, model, plan, run
from wandb.proto import wandb_internal_pb2

from marlin.training import record
from marlin.training.errors import RunFailedError
from marlin.training.plan import Plan, RunFolder
from marlin.training.progress import read_metrics
from marlin.training.wandb_runs import logging_to_wandb, wandb_id
from marlin.training.worker import train

__all__ = ["data", "home", "model", "plan", "run"]
SET = ("WANDB_MODE", "WANDB_PROJECT", "WANDB_DIR", "WANDB_RUN_ID", "WANDB_RESUME", "WANDB_API_KEY")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in SET:
        monkeypatch.setenv(name, "")  # so that what the worker sets is taken back
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))  # nobody is logged in


BLOCK, FULL, LAST = 32_768, 1, 4


def records(file: Path) -> Iterator[bytes]:
    """Of a log in LevelDB's format, after seven bytes of its own: each part has a checksum, a size and a kind."""
    raw, at, whole = file.read_bytes(), 7, b""
    while at + 7 <= len(raw):
        if BLOCK - at % BLOCK < 7:  # the rest of a block is filled up
            at += BLOCK - at % BLOCK
            continue
        _, size, kind = struct.unpack_from("<IHB", raw, at)
        whole += raw[at + 7 : at + 7 + size]
        at += 7 + size
        if kind in (FULL, LAST):
            yield whole
            whole = b""


def told(file: Path) -> tuple[str, dict[int, float]]:
    """The id of a run there, and the loss by step, as its file has them."""
    found: dict[int, float] = {}
    name = ""
    for raw in records(file):
        one = wandb_internal_pb2.Record()
        one.ParseFromString(raw)
        if one.HasField("run"):
            name = one.run.run_id
        row: dict[str, Any] = {
            item.key or ".".join(item.nested_key): json.loads(item.value_json) for item in one.history.item
        }
        if "train/loss" in row:
            found[int(row["train/global_step"])] = float(row["train/loss"])
    return name, found


def test_what_is_logged_there_is_what_was_measured(
    plan: Callable[..., Plan], run: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run(plan("sft", epochs=1.0, max_steps=4, save_steps=1000, log_to="tensorboard,wandb"))
    monkeypatch.setenv("WANDB_MODE", "offline")
    train(made)
    wandb.finish()  # as the end of the training process does
    (file,) = made.path.glob("wandb/offline-run-*/run-*.wandb")
    name, losses = told(file)
    assert name == wandb_id(made)
    measured = {one["step"]: one["loss"] for one in read_metrics(made.metrics_file) if "loss" in one}
    assert losses == pytest.approx(measured)
    assert list(losses) == [1, 2, 3, 4]
    assert list((made.path / "tensorboard").rglob("events.out.tfevents.*"))


def test_whoever_is_not_logged_in_is_told_so_before_a_model_is_loaded(
    plan: Callable[..., Plan], run: Callable[..., RunFolder]
) -> None:
    made = run(plan("sft", log_to="wandb"))
    with pytest.raises(RunFailedError, match="Nobody is logged in"):
        logging_to_wandb(made, first=True)
    logging_to_wandb(made, first=False)
    before = wandb_id(made)
    record.update(made, created_at="another time")
    assert wandb_id(made) != before
