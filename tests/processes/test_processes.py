"""Two processes on a CPU, weights sharded by FSDP2: what one process learns, two learn, and one may be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tests.training.conftest import data, home, model, plan, run

from marlin.training import record
from marlin.training.checkpoints import last_whole
from marlin.training.plan import Plan, RunFolder
from marlin.training.progress import read_metrics
from marlin.training.worker import train

__all__ = ["data", "home", "model", "plan", "run"]
RunOf = Callable[..., RunFolder]
PlanOf = Callable[..., Plan]
TWO = {"batch": 4, "scale": "fsdp2", "processes": 2}


def workers(run: RunFolder) -> dict[int, int]:
    """The training processes of a run: process ids by rank."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            facts = dict(one.split(b"=", 1) for one in (process / "environ").read_bytes().split(b"\0") if b"=" in one)
        except OSError:
            continue
        if str(run.path).encode() in words and b"LOCAL_RANK" in facts:
            found[int(facts[b"RANK"])] = int(process.name)
    return found


def starting(run: RunFolder) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.processes.sharded_worker", "start", str(run.path)])


def losses(run: RunFolder) -> dict[int, float]:
    return {one["step"]: one["loss"] for one in read_metrics(run.metrics_file) if "loss" in one}


def test_two_processes_learn_what_one_does_though_one_of_them_is_killed(plan: PlanOf, run: RunOf) -> None:
    alone, two = run(plan("dpo", save_steps=1000), "alone"), run(plan("dpo", save_steps=2, **TWO), "two")
    train(alone)
    first = starting(two)
    deadline = time.monotonic() + 1400
    while not list(two.checkpoints.glob("checkpoint-*/marlin-whole.json")):
        assert first.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(workers(two)[1], signal.SIGKILL)
    assert first.wait() != 0
    assert "of the run's 2 processes ended" in record.read(two)["failure"]["message"]
    assert not workers(two)
    assert last_whole(two.checkpoints)[0] is not None

    assert starting(two).wait() == 0
    assert record.read(two)["failure"] is None
    assert list(losses(two)) == list(losses(alone)) == list(range(1, 17))
    for step, loss in losses(alone).items():
        assert abs(losses(two)[step] - loss) < 0.02, step
    _same_adapter(alone, two)


def _same_adapter(alone: RunFolder, two: RunFolder) -> None:
    whole, sharded = (load_file(one.adapter / "adapter_model.safetensors") for one in (alone, two))
    assert whole.keys() == sharded.keys()
    for name, weight in whole.items():
        assert torch.allclose(weight, sharded[name], atol=2e-3), name


@pytest.mark.parametrize("method", ["sft", "reward", "kto"])
def test_every_method_learns_in_two_processes_what_it_learns_in_one(plan: PlanOf, run: RunOf, method: str) -> None:
    alone, two = run(plan(method, save_steps=1000), "alone"), run(plan(method, save_steps=1000, **TWO), "two")
    train(alone)
    assert starting(two).wait() == 0
    assert list(losses(two)) == list(losses(alone))
    for step, loss in losses(alone).items():
        assert abs(losses(two)[step] - loss) < 0.02, step


def test_zero3_learns_in_two_processes_what_is_learnt_in_one(plan: PlanOf, run: RunOf) -> None:
    """Needs deepspeed, and DS_ACCELERATOR=cpu."""
    alone, two = run(plan("dpo"), "alone"), run(plan("dpo", **TWO | {"scale": "zero3"}), "two")
    train(alone)
    assert starting(two).wait() == 0
    assert list(losses(two)) == list(losses(alone))
    for step, loss in losses(alone).items():
        assert abs(losses(two)[step] - loss) < 0.02, step
    _same_adapter(alone, two)
