"""Masked DPO beside plain TRL: ``python -m tests.benchmarks.tuning [--shape tiny|small] [--rounds N]``.

Needs the environment of ``make setup-tune`` (or one with a build of torch for GPUs). Made at run time: pairs of
trajectories whose tool output is the source of Python's own library, and a model of random weights in the shape of
Qwen2.5-0.5B (``small``, for a GPU) or far smaller (``tiny``, to see on two cores that everything works). Each trainer
runs in a process of its own, in turn (ABBA), on the same pairs with the same batch and length. Counted are the tokens
of real sequences, not padding; the first steps are left out. What comes out says nothing about quality.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.laps import tell
from tests.factories import preferences
from tests.training import tiny

from marlin.training import record
from marlin.training.dataset import DatasetFolder
from marlin.training.plan import Plan, RunFolder

WARM_UP = 3
"""Steps before the clock starts: kernels are chosen and memory is taken in these."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A model of random weights, and the pairs it is trained on."""

    pairs: int
    batch: int
    words: int
    """Characters of library source in each tool answer."""
    dtype: str
    model: dict[str, int]


SHAPES = {
    "tiny": Shape(
        pairs=24,
        batch=2,
        words=400,
        dtype="float32",
        model={"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4},
    ),
    "small": Shape(
        pairs=160,
        batch=4,
        words=6000,
        dtype="bfloat16",
        model={
            "vocab_size": 151_936,
            "hidden_size": 896,
            "intermediate_size": 4864,
            "num_hidden_layers": 24,
            "num_attention_heads": 14,
        },
    ),
}


def made(
    sizes: Shape, where: Path, *, shape: dict[str, int] | None = None, pairs: int | None = None
) -> tuple[Path, Path]:
    """A dataset and a model, unless they are there.

    :param shape: of the model, in place of its own; :param pairs: likewise.
    """
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    data, model = where / "data", where / "model"
    if (model / "config.json").is_file():
        return data, model
    sources = sorted(Path(random.__file__).parent.glob("*.py"))
    texts = [file.read_text(encoding="utf-8") for file in sources[:120]]
    rng = random.Random(1)

    def lengthened(row: dict[str, Any], _: str) -> dict[str, Any]:
        for side in ("chosen", "rejected"):
            for message in row[side]:
                if message["role"] == "tool":
                    text = rng.choice(texts)
                    start = rng.randrange(max(1, len(text) - sizes.words))
                    message["content"] += "\n" + text[start : start + rng.randrange(sizes.words // 2, sizes.words)]
        return row

    preferences.folder(data, train=pairs or sizes.pairs, test=24, change=lengthened)
    tokenizer = tiny.tokenizer(texts, vocab_size=16_000)
    tokenizer.save_pretrained(model)
    torch.manual_seed(1)
    config = Qwen2Config(
        **{"vocab_size": len(tokenizer), "num_key_value_heads": 2, **(shape or sizes.model)},
        max_position_embeddings=32_768,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
        tie_word_embeddings=True,
    )
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):  # random numbers for a large model take long
        Qwen2ForCausalLM(config).to(getattr(torch, sizes.dtype)).save_pretrained(model)
    return data, model


def plan_of(shape: Shape, data: Path, model: Path) -> Plan:
    """The same for both."""
    from marlin.training.preflight import preflight
    from marlin.training.templates import load_tokenizer

    report = preflight(DatasetFolder(data), load_tokenizer(str(model)), max_length=None, positions=32_768)
    report.require()
    return Plan(
        method="dpo",
        dataset=str(data),
        model=str(model),
        max_length=report.max_length,
        batch=shape.batch,
        accumulation=1,
        dtype=shape.dtype,  # type: ignore[arg-type]
        save_steps=100_000,
        log_steps=5,
    )


class Clock:
    """Times of the ends of steps, with the device's work done."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def callback(self) -> Any:
        """For a trainer."""
        import torch
        from transformers import TrainerCallback

        ends = self.ends

        class Ends(TrainerCallback):
            """Notes them."""

            def on_step_end(self, *_: Any, **__: Any) -> None:
                if torch.cuda.is_available():
                    torch.cuda.synchronize()
                ends.append(time.perf_counter())

        return Ends()


def marlin_trainer(plan: Plan, run: RunFolder) -> Any:
    """Marlin's, as its worker makes it."""
    from marlin.training.templates import load_tokenizer, prepare
    from marlin.training.trainers import built

    tokenizer = load_tokenizer(plan.model)
    prepare(tokenizer, tools=True)
    return built(plan, run, tokenizer, Path(plan.model))


def plain_trainer(plan: Plan, run: RunFolder) -> Any:
    """TRL's own, with the same settings, reading the same file by itself."""
    from datasets import Dataset
    from transformers import AutoTokenizer
    from trl import DPOConfig, DPOTrainer

    from marlin.training.trainers import _common, _lora, causal

    rows = [json.loads(line) for line in plan.folder.file("train").read_text().splitlines()]
    kept = [{key: row[key] for key in ("prompt", "chosen", "rejected")} for row in rows]
    settings = {**_common(plan, run), "remove_unused_columns": True}
    return DPOTrainer(
        model=causal(plan, Path(plan.model)),
        args=DPOConfig(**settings, beta=plan.beta, loss_type=["sigmoid", "sft"], loss_weights=[1.0, plan.sft_weight]),
        train_dataset=Dataset.from_list([{**row, "tools": json.dumps(preferences.TOOLS)} for row in kept]),
        processing_class=AutoTokenizer.from_pretrained(plan.model),
        peft_config=_lora(plan, task_type="CAUSAL_LM"),
    )


def one(which: str, plan: Plan, run: RunFolder) -> dict[str, float]:
    """Train once, in this process."""
    import torch

    cuda = torch.cuda.is_available()
    started = time.perf_counter()
    trainer = (marlin_trainer if which == "marlin" else plain_trainer)(plan, run)
    clock, counted = Clock(), []
    trainer.add_callback(clock.callback())
    stock = trainer.data_collator

    def counting(rows: list[dict[str, Any]]) -> Any:
        batch = stock(rows)
        counted.append(int(batch["attention_mask"].sum()))
        return batch

    trainer.data_collator = counting
    ready = time.perf_counter()
    if cuda:
        torch.cuda.reset_peak_memory_stats()
    trainer.train()
    seconds = clock.ends[-1] - clock.ends[WARM_UP - 1]
    tokens = sum(counted[WARM_UP : len(clock.ends)])
    return {
        "tokens_per_second": tokens / seconds,
        "tokens_a_step": tokens / (len(clock.ends) - WARM_UP),
        "steps": len(clock.ends),
        "seconds_to_prepare": ready - started,
        "peak_bytes": torch.cuda.max_memory_allocated() if cuda else 0,
    }


def reloaded(plan: Plan, where: Path) -> dict[str, Any]:
    """Train by the command's own worker, then load what it saved into a fresh base: the same logits, not the base's."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    from marlin.training.cost import estimated, shape_of
    from marlin.training.preflight import preflight
    from marlin.training.templates import load_tokenizer
    from marlin.training.worker import train

    run = folder_of(plan, where / "run")
    train(run)
    report = preflight(plan.folder, load_tokenizer(plan.model), max_length=plan.max_length, positions=32_768)
    cost = estimated(plan, report, shape_of(plan.model))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    base = AutoModelForCausalLM.from_pretrained(plan.model, dtype=torch.float32).to(device).eval()
    ids = torch.arange(10, 74, device=device)[None]
    with torch.inference_mode():
        plain = base(ids).logits
        tuned = PeftModel.from_pretrained(base, str(run.adapter)).eval()
        first = tuned(ids).logits
        merged = tuned.merge_and_unload()(ids).logits
    return {
        "adapter_bytes": sum(file.stat().st_size for file in run.adapter.glob("*.safetensors")),
        "largest_change_of_a_logit": float((first - plain).abs().max()),
        "largest_difference_after_merging": float((first - merged).abs().max()),
        "estimated_bytes": cost.memory,
        "estimated_parts": cost.memory_parts,
        "flops": cost.flops,
        "state": record.read(run)["state"],
    }


def folder_of(plan: Plan, path: Path) -> RunFolder:
    """A run's folder, with its plan written."""
    run = RunFolder(path)
    path.mkdir(parents=True)
    run.plan_file.write_text(plan.to_yaml())
    record.update(run, state="prepared", inputs=record.inputs(plan, plan.folder, Path(plan.model)))
    return run


def _child(where: Path, shape: str, which: str, number: int) -> dict[str, Any]:
    words = [sys.executable, "-m", "tests.benchmarks.tuning", "--shape", shape, "--output", str(where)]
    said = subprocess.run([*words, "--only", which, "--number", str(number)], capture_output=True, text=True)
    if said.returncode:
        raise SystemExit(f"{which} failed:\n{said.stdout[-3000:]}\n{said.stderr[-6000:]}")
    found: dict[str, Any] = json.loads(said.stdout.strip().splitlines()[-1])
    return found


def table(found: dict[str, list[dict[str, float]]], again: dict[str, Any], device: str) -> str:
    """What was measured, as Markdown."""

    def middle(which: str, what: str) -> float:
        return median(one[what] for one in found[which])

    ratios = [
        ours["tokens_per_second"] / theirs["tokens_per_second"]
        for ours, theirs in zip(found["marlin"], found["trl"], strict=True)
    ]
    lines = [
        f"Device: {device}. Rounds: {len(ratios)}.",
        "",
        "| what | Marlin | plain TRL | Marlin / TRL |",
        "|---|---|---|---|",
        f"| tokens a second | {middle('marlin', 'tokens_per_second'):,.0f} | {middle('trl', 'tokens_per_second'):,.0f} "
        f"| {median(ratios):.2f} (rounds: {', '.join(f'{one:.2f}' for one in ratios)}) |",
    ]
    for name, key, scale, unit in (
        ("tokens a step", "tokens_a_step", 1, ""),
        ("loading and encoding", "seconds_to_prepare", 1, " s"),
        ("peak memory of the device", "peak_bytes", 1e9, " GB"),
    ):
        ours, theirs = middle("marlin", key) / scale, middle("trl", key) / scale
        ratio = f"{ours / theirs:.2f}" if theirs else "–"
        digits = 0 if scale == 1 and not unit else 2
        lines.append(f"| {name} | {ours:,.{digits}f}{unit} | {theirs:,.{digits}f}{unit} | {ratio} |")
    peak = middle("marlin", "peak_bytes")
    if peak:
        lines += [
            "",
            f"Estimated before the start: {again['estimated_bytes'] / 1e9:.2f} GB; measured {peak / 1e9:.2f}.",
        ]
    lines += [
        "",
        f"The adapter ({again['adapter_bytes'] / 1e6:.1f} MB) reloads: it changes logits of the base by up to "
        f"{again['largest_change_of_a_logit']:.3g}; "
        f"merged, they differ by {again['largest_difference_after_merging']:.1g}.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print the table, and keep it with the numbers in the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=list(SHAPES), default="tiny")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--output", type=Path, default=Path("build/benchmark-tuning"))
    parser.add_argument("--only", choices=["marlin", "trl", "reload"], help=argparse.SUPPRESS)
    parser.add_argument("--number", type=int, default=0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    shape, where = SHAPES[asked.shape], asked.output.resolve()
    data, model = made(shape, where)
    plan = plan_of(shape, data, model)
    if asked.only == "reload":
        print(json.dumps(reloaded(plan, where / "reload")))
        return
    if asked.only:
        print(json.dumps(one(asked.only, plan, folder_of(plan, where / f"{asked.only}-{asked.number}"))))
        return
    import torch

    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} threads"
    found: dict[str, list[dict[str, float]]] = {"marlin": [], "trl": []}
    for number in range(asked.rounds):
        for which in ("marlin", "trl") if number % 2 == 0 else ("trl", "marlin"):
            tell(f"round {number + 1}: {which}")
            found[which].append(_child(where, asked.shape, which, number))
            tell(json.dumps(found[which][-1]))
    tell("training once more by the worker, and loading its adapter")
    again = _child(where, asked.shape, "reload", 0)
    said = table(found, again, device)
    print(said)
    (where / "table.md").write_text(said)
    numbers = {"device": device, "torch": torch.__version__, **found, "reload": again}
    (where / "numbers.json").write_text(json.dumps(numbers, indent=1))


if __name__ == "__main__":
    main()
