"""What runs of one and of several processes are compared by."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file

from marlin.training.plan import RunFolder
from marlin.training.progress import read_metrics


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


def losses(run: RunFolder) -> dict[int, float]:
    """By step."""
    return {one["step"]: one["loss"] for one in read_metrics(run.metrics_file) if "loss" in one}


def close_losses(alone: RunFolder, several: RunFolder) -> None:
    """The same steps, and at each the same loss but for rounding."""
    assert list(losses(several)) == list(losses(alone))
    for step, loss in losses(alone).items():
        assert abs(losses(several)[step] - loss) < 0.02, step


def same_adapter(alone: RunFolder, several: RunFolder) -> None:
    """The same weights but for rounding."""
    whole, sharded = (load_file(one.adapter / "adapter_model.safetensors") for one in (alone, several))
    assert whole.keys() == sharded.keys()
    for name, weight in whole.items():
        assert torch.allclose(weight, sharded[name], atol=2e-3), name
