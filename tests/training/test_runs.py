"""Real runs of tiny models: trained, killed, resumed, out of disk, evaluated, reloaded, merged."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.factories.preferences import KINDS
from transformers import AutoModelForCausalLM
from typer.testing import CliRunner

from marlin.cli import app
from marlin.training import record
from marlin.training.checkpoints import SEAL
from marlin.training.dataset import DatasetFolder
from marlin.training.errors import InvalidRunError, RunStateError
from marlin.training.evaluation import evaluated
from marlin.training.holding import Holder
from marlin.training.launch import prepared, start
from marlin.training.models import local_model
from marlin.training.plan import Plan, RunFolder
from marlin.training.progress import read_metrics
from marlin.training.rows import training_rows
from marlin.training.scoring import loaded, scored
from marlin.training.templates import load_tokenizer, prepare
from marlin.training.worker import train

RunOf = Callable[..., RunFolder]
PlanOf = Callable[..., Plan]
SMALL = "--batch 8 --accumulation 1 --learning-rate 4e-3 --lora-rank 8 --dtype float32 --no-gradient-checkpointing"


def marlin(*words: str, status: int = 0) -> str:
    found = CliRunner().invoke(app, ["tune", *words])
    assert found.exit_code == status, found.output
    return found.output


def weights(run: RunFolder) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return load_file(run.adapter / "adapter_model.safetensors")


def test_a_run_that_is_killed_goes_on_and_ends_like_one_that_was_not(
    data: Path, model: Path, tmp_path: Path, plan: PlanOf, run: RunOf
) -> None:
    output = tmp_path / "killed"
    words = ["dpo", str(data), "--model", str(model), "--output", str(output), *SMALL.split()]
    assert "Nobody is there to agree" in marlin(*words, status=2)
    said = marlin(*words, "--epochs", "2", "--save-steps", "2", "--yes", "--prepare-only")
    assert "16 steps over 64 rows" in said
    assert (output / "run.yaml").is_file()
    assert "not empty" in marlin(*words, "--yes", status=5)
    killed = RunFolder(output)
    process = subprocess.Popen([sys.executable, "-m", "marlin", "tune", "resume", str(output)])
    deadline = time.monotonic() + 600
    while len(list(killed.checkpoints.glob(f"checkpoint-*/{SEAL}"))) < 2:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.kill()  # it alone, as the kernel does: its worker ends with it
    process.wait()
    assert _ended(record.read(killed)["pid"])
    assert record.read(killed)["state"] == "training"  # an orphan had gone on to the end
    *_, earlier, newest = sorted(
        (one.parent for one in killed.checkpoints.glob(f"checkpoint-*/{SEAL}")), key=lambda one: int(one.name[11:])
    )
    state = bytearray((newest / "optimizer.pt").read_bytes())
    state[len(state) // 2] ^= 255  # of the same size, and loads without a word
    (newest / "optimizer.pt").write_bytes(state)
    torn = killed.checkpoints / "checkpoint-15"
    torn.mkdir()
    (torn / "trainer_state.json").write_text("{")
    said = marlin("resume", str(output))
    assert "Checkpoint 15 can't be used: it was not written to its end." in said
    assert f"can't be used: optimizer.pt has other bytes than were saved. Going on from {earlier.name}." in said
    started = [one["step"] for one in read_metrics(killed.metrics_file) if one.get("event") == "started"]
    assert started[-1] == int(earlier.name[11:])
    steps = [one["step"] for one in read_metrics(killed.metrics_file) if "loss" in one]
    assert steps == list(range(1, 17))

    whole = run(plan("dpo", max_length=killed.plan().max_length, save_steps=1000), "whole")
    train(whole)
    resumed = weights(killed)
    apart = {name: float((weight - resumed[name]).abs().max()) for name, weight in weights(whole).items()}
    assert max(apart.values()) < 1e-6, apart

    _evaluated_reloaded_and_merged(killed, model, tmp_path)
    assert "trained already" in marlin("resume", str(output), status=5)
    saved = killed.adapter / "adapter_model.safetensors"
    saved.write_bytes(saved.read_bytes()[:-1] + b"\1")
    for words in (("evaluate", str(output)), ("merge", str(output), "--output", str(tmp_path / "other"))):
        assert "is not what was trained" in marlin(*words, status=5)


def _evaluated_reloaded_and_merged(run: RunFolder, model: Path, tmp_path: Path) -> None:
    said = marlin("evaluate", str(run.path))
    assert "nothing about any model" in said.replace("\n", " ")
    found = json.loads((run.path / "evaluation.json").read_text())
    assert found["accuracy"]["mean"] >= 0.8
    assert found["accuracy"]["tasks"] == 12
    assert not found["drift_alarm"]
    kept = record.read(run)
    assert kept["state"] == "trained"
    assert kept["inputs"]["dataset"]["files"] == DatasetFolder(Path(run.plan().dataset)).hashes()
    assert kept["adapter_hash"] == record.folder_hash(run.adapter, ("*.safetensors", "adapter_config.json"))
    assert kept["inputs"]["versions"]["trl"] == "1.16.0"
    assert len(kept["inputs"]["model"]["hash"]) == 64
    assert list((run.path / "tensorboard").rglob("events.out.tfevents.*"))
    assert not list(run.adapter.glob("*.bin"))
    merged = tmp_path / "merged"
    words = [sys.executable, "-m", "marlin", "tune", "merge", str(run.path), "--output", str(merged)]
    said = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "FutureWarning" not in said.stderr, said.stderr  # of the libraries, about each other
    tokenizer = load_tokenizer(str(model))
    adapted = loaded(run.plan(), run, tokenizer, local_model(str(model))).eval()
    ids = torch.tensor([[5, 6, 7, 8, 9, 10]])
    with torch.inference_mode():
        one, other = adapted(ids).logits, AutoModelForCausalLM.from_pretrained(merged).eval()(ids).logits
        base = AutoModelForCausalLM.from_pretrained(model).eval()(ids).logits
    assert torch.allclose(one, other, atol=1e-4)
    assert not torch.allclose(one, base, atol=1e-2)
    assert load_tokenizer(str(merged)).chat_template == tokenizer.chat_template


def _ended(pid: int) -> bool:
    """Within ten seconds; what nobody has waited for counts."""
    for _ in range(100):
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.1)
    return False


def test_a_run_that_ends_while_somebody_waits_for_it_is_not_trained_again(plan: PlanOf, run: RunOf) -> None:
    made = run(plan("dpo"))
    record.update(made, state="training")
    heard: list[Holder | None] = []

    def ends(who: Holder | None) -> None:
        heard.append(who)
        record.update(made, state="trained")
        fcntl.flock(held, fcntl.LOCK_UN)

    with (made.path / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(RunStateError, match="trained already"):
            start(made, waiting=ends)
    assert heard == [None]
    assert not made.log_file.exists()
    assert "There is no folder" in marlin("resume", str(made.path / "none"), status=2)


def test_more_processes_than_rows_are_refused_before_anything_is_written(plan: PlanOf, tmp_path: Path) -> None:
    for several, said in ((9, "9 processes take 72 rows at once, and there are 64"), (10**9, "8,000,000,000 rows")):
        with pytest.raises(InvalidRunError, match=said):
            prepared(plan("dpo", scale="fsdp2", processes=several, nodes=1), tmp_path / "run")
    assert not (tmp_path / "run").exists()
    assert prepared(plan("dpo", scale="fsdp2", processes=8, nodes=2), tmp_path / "run").cost.rows == 64


def test_shuffled_labels_teach_nothing(plan: PlanOf, run: RunOf) -> None:
    control = run(plan("dpo", control="shuffled-labels", save_steps=1000))
    train(control)
    found = evaluated(control.plan(), DatasetFolder(Path(control.plan().dataset)), scored(control))
    assert found.accuracy is not None
    print(found.accuracy)
    assert found.accuracy.mean <= 0.65
    assert any("This was a control" in words for words in found.conclusion)


def test_sft_learns_what_the_model_wrote_and_nothing_else(plan: PlanOf, run: RunOf, tmp_path: Path) -> None:
    asked = plan("sft", epochs=1.0, save_steps=1000, max_steps=6)
    tokenizer = load_tokenizer(asked.model)
    prepare(tokenizer)
    for row in training_rows(asked, tokenizer, "train", tmp_path / "cache"):
        learnt = tokenizer.decode([token for token in row["labels"] if token >= 0])
        assert any(proof in learnt for _, _, proof, _ in KINDS)
        assert "passed" not in learnt  # a tool said so
        assert "fix the" not in learnt
    made = run(asked)
    train(made)
    losses = [one["loss"] for one in read_metrics(made.metrics_file) if "loss" in one]
    assert len(losses) == 6  # of 8
    assert losses[-1] < losses[0]


def test_a_reward_model_learns_the_easy_signal_and_is_loaded_with_its_head(plan: PlanOf, run: RunOf) -> None:
    made = run(plan("reward", epochs=2.0, save_steps=1000))
    train(made)
    found = evaluated(made.plan(), DatasetFolder(Path(made.plan().dataset)), scored(made))
    assert found.accuracy is not None
    print(found.accuracy)
    assert found.accuracy.mean >= 0.8
    assert found.drift is None
    with pytest.raises(Exception, match="can't be served"):
        marlin_merge(made)


def marlin_merge(run: RunFolder) -> Any:
    from marlin.training.merge import merged

    return merged(run, run.path / "merged")


def test_kto_learns_the_easy_signal_from_single_completions(plan: PlanOf, run: RunOf) -> None:
    made = run(plan("kto", epochs=1.0, save_steps=1000))
    train(made)
    found = evaluated(made.plan(), DatasetFolder(Path(made.plan().dataset)), scored(made))
    assert found.accuracy is not None
    print(found.accuracy)
    assert found.accuracy.mean >= 0.8


def test_a_full_disk_is_told_and_the_run_goes_on_once_there_is_room(plan: PlanOf, run: RunOf, tmp_path: Path) -> None:
    """On a file system of a few megabytes, in a mount namespace of its own."""
    made = run(plan("sft", epochs=1.0, save_steps=2))
    disk = tmp_path / "disk"
    disk.mkdir()
    script = f"""
        set -e
        mount -t tmpfs -o size=700k tmpfs {disk}
        cp -r {made.path}/. {disk}
        if {sys.executable} -m marlin tune resume {disk} 2>{tmp_path}/full; then exit 9; fi
        cp {disk}/record.json {tmp_path}/full.json || true
        mount -o remount,size=100m {disk}
        {sys.executable} -m marlin tune resume {disk} >{tmp_path}/resumed 2>&1
        cp {disk}/record.json {tmp_path}/done.json
    """
    done = subprocess.run(["unshare", "-rm", "bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr + (tmp_path / "full").read_text()
    assert "is full" in (tmp_path / "full").read_text()
    assert json.loads((tmp_path / "done.json").read_text())["state"] == "trained"
    shutil.rmtree(disk)
