"""Two processes on a CPU, weights sharded by FSDP2: what one process learns, two learn, and one may be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from tests.processes.learning import close_losses, losses, same_adapter, workers
from tests.training.conftest import data, home, model, plan, run

from marlin.training import record
from marlin.training.checkpoints import last_whole
from marlin.training.launch import start
from marlin.training.plan import Plan, RunFolder
from marlin.training.worker import train

__all__ = ["data", "home", "model", "plan", "run"]
RunOf = Callable[..., RunFolder]
PlanOf = Callable[..., Plan]
TWO = {"batch": 4, "scale": "fsdp2", "processes": 2}


def starting(run: RunFolder) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.processes.sharded_worker", "start", str(run.path)])


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
    assert list(losses(two)) == list(range(1, 17))
    close_losses(alone, two)
    same_adapter(alone, two)


@pytest.mark.parametrize("method", ["sft", "reward", "kto"])
def test_every_method_learns_in_two_processes_what_it_learns_in_one(plan: PlanOf, run: RunOf, method: str) -> None:
    alone, two = run(plan(method, save_steps=1000), "alone"), run(plan(method, save_steps=1000, **TWO), "two")
    train(alone)
    assert starting(two).wait() == 0
    close_losses(alone, two)


def test_two_copies_of_the_model_learn_what_one_does(plan: PlanOf, run: RunOf) -> None:
    """As accelerate and torchrun do it on a CPU as well: nothing is told to them."""
    alone, two = run(plan("dpo"), "alone"), run(plan("dpo", **TWO | {"scale": "ddp"}), "two")
    train(alone)
    start(two)
    close_losses(alone, two)
    same_adapter(alone, two)


def test_zero3_learns_in_two_processes_what_is_learnt_in_one(plan: PlanOf, run: RunOf) -> None:
    """Needs deepspeed, and DS_ACCELERATOR=cpu."""
    alone, two = run(plan("dpo"), "alone"), run(plan("dpo", **TWO | {"scale": "zero3"}), "two")
    train(alone)
    assert starting(two).wait() == 0
    close_losses(alone, two)
    same_adapter(alone, two)
