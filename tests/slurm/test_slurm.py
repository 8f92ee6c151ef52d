"""``sbatch launch.sh`` on two machines: what one process learns, two machines learn, and one of them may die."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.processes.learning import close_losses, losses, same_adapter, workers
from tests.slurm.cluster import Cluster, running
from tests.training.conftest import data, home, model, plan, run

from marlin.training import commands, record
from marlin.training.checkpoints import last_whole
from marlin.training.plan import Plan, RunFolder
from marlin.training.worker import train

__all__ = ["data", "home", "model", "plan", "run"]
RunOf = Callable[..., RunFolder]
PlanOf = Callable[..., Plan]
TWO = {"batch": 4, "processes": 2, "nodes": 2}


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("slurm") / "cluster", Path(os.environ["MARLIN_SLURM_PROGRAMS"])) as cluster:
        yield cluster


def written(run: RunFolder, plan: Plan) -> Path:
    """What is submitted, but that the cluster has no GPUs to give."""
    script = run.path / "launch.sh"
    script.write_text(commands.script(plan, run).replace("#SBATCH --gpus-per-node=1\n", ""))
    return script


def test_two_machines_learn_what_one_does_though_a_process_of_one_is_killed(
    plan: PlanOf, run: RunOf, cluster: Cluster
) -> None:
    alone = run(plan("dpo", save_steps=1000), "alone")
    wanted = plan("dpo", save_steps=2, scale="ddp", **TWO)
    two = run(wanted, "two machines at 50 %")
    script = written(two, wanted)
    train(alone)

    job = cluster.submitted(script)
    until = time.monotonic() + 600
    while not list(two.checkpoints.glob("checkpoint-*/marlin-whole.json")):
        assert cluster.state(job) in ("PENDING", "RUNNING", "CONFIGURING"), two.log_file.read_text()
        assert time.monotonic() < until
        time.sleep(0.05)
    found = workers(two)
    spaces = {rank: os.readlink(f"/proc/{process}/ns/net") for rank, process in found.items()}
    assert len(set(spaces.values())) == 2  # they talk over the network, each from a machine of its own
    os.kill(found[1], signal.SIGKILL)
    assert cluster.ended(job) == "FAILED"
    assert not workers(two)
    assert last_whole(two.checkpoints)[0] is not None

    assert cluster.ended(cluster.submitted(script)) == "COMPLETED", two.log_file.read_text()
    assert record.read(two)["state"] == "trained"
    assert record.read(two)["failure"] is None
    assert list(losses(two)) == list(range(1, 17))
    close_losses(alone, two)
    same_adapter(alone, two)


@pytest.mark.parametrize("method", ["sft", "reward", "kto"])
def test_every_method_learns_on_two_machines_what_it_learns_in_one_process(
    plan: PlanOf, run: RunOf, cluster: Cluster, method: str
) -> None:
    alone = run(plan(method, save_steps=1000), "alone")
    wanted = plan(method, save_steps=1000, scale="ddp", **TWO)
    two = run(wanted, "two")
    train(alone)
    assert cluster.ended(cluster.submitted(written(two, wanted))) == "COMPLETED", two.log_file.read_text()
    close_losses(alone, two)


def test_weights_sharded_over_two_machines_learn_what_one_process_does(
    plan: PlanOf, run: RunOf, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "WORKER", "tests.processes.sharded_worker")
    alone = run(plan("dpo", save_steps=1000), "alone")
    wanted = plan("dpo", save_steps=1000, scale="fsdp2", **TWO)
    two = run(wanted, "two")
    train(alone)
    assert cluster.ended(cluster.submitted(written(two, wanted))) == "COMPLETED", two.log_file.read_text()
    close_losses(alone, two)
    same_adapter(alone, two)


def test_a_cancelled_job_leaves_nothing_running_and_can_be_submitted_again(
    plan: PlanOf, run: RunOf, cluster: Cluster
) -> None:
    wanted = plan("dpo", save_steps=2, scale="ddp", **TWO)
    two = run(wanted, "two")
    script = written(two, wanted)
    job = cluster.submitted(script)
    until = time.monotonic() + 600
    while not list(two.checkpoints.glob("checkpoint-*/marlin-whole.json")):
        assert time.monotonic() < until
        time.sleep(0.05)
    cluster("scancel", str(job))
    assert cluster.ended(job) == "CANCELLED"
    until = time.monotonic() + 60
    while workers(two):
        assert time.monotonic() < until
        time.sleep(0.1)
    assert cluster.ended(cluster.submitted(script)) == "COMPLETED", two.log_file.read_text()
    assert list(losses(two)) == list(range(1, 17))


def test_what_a_lost_machine_interrupts_goes_on_by_itself_when_it_is_back(
    plan: PlanOf, run: RunOf, cluster: Cluster
) -> None:
    alone = run(plan("dpo", save_steps=1000), "alone")
    wanted = plan("dpo", save_steps=2, scale="ddp", **TWO)
    two = run(wanted, "two")
    train(alone)
    job = cluster.submitted(written(two, wanted))
    until = time.monotonic() + 600
    while not list(two.checkpoints.glob("checkpoint-*/marlin-whole.json")):
        assert time.monotonic() < until
        time.sleep(0.05)
    cluster.lose("two")
    while cluster.state(job) == "RUNNING":
        assert time.monotonic() < until
        time.sleep(0.3)
    assert cluster.state(job) in ("PENDING", "COMPLETING", "CONFIGURING")  # it is in the queue again, and waits
    cluster.start("two")
    assert cluster.ended(job) == "COMPLETED", two.log_file.read_text()
    close_losses(alone, two)
    same_adapter(alone, two)
