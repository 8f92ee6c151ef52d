"""Estimated against measured memory of a GPU: ``python -m tests.benchmarks.tuning_memory [--output FOLDER]``.

``marlin tune`` says before it starts how much memory a device will need. Here that figure stands beside what torch
allocated at most, over models of random weights, methods, lengths and batches, for some steps of full length each.
Needs a GPU and the environment of ``make setup-tune``.
"""

from __future__ import annotations

import argparse
import gc
import json
from pathlib import Path
from typing import Any

from tests.benchmarks.laps import tell
from tests.benchmarks.tuning import SHAPES, folder_of, made, marlin_trainer

from marlin.training.cost import memory_parts, shape_of
from marlin.training.plan import Plan

STEPS = 4
MODELS: dict[str, dict[str, int]] = {
    "Qwen2.5-0.5B": SHAPES["small"].model,
    "Qwen2.5-1.5B": {
        "vocab_size": 151_936,
        "hidden_size": 1536,
        "intermediate_size": 8960,
        "num_hidden_layers": 28,
        "num_attention_heads": 12,
    },
    "1.1B, small vocabulary": {
        "vocab_size": 32_000,
        "hidden_size": 2048,
        "intermediate_size": 5632,
        "num_hidden_layers": 22,
        "num_attention_heads": 32,
        "num_key_value_heads": 4,
    },
    "Qwen2.5-3B": {
        "vocab_size": 151_936,
        "hidden_size": 2048,
        "intermediate_size": 11_008,
        "num_hidden_layers": 36,
        "num_attention_heads": 16,
    },
}
"""Shapes; the weights are random. The estimate was fitted without the last one and its runs."""
RUNS: list[tuple[str, dict[str, Any]]] = [
    ("Qwen2.5-0.5B", {"method": "dpo", "batch": 4}),
    ("Qwen2.5-0.5B", {"method": "dpo", "batch": 4, "gradient_checkpointing": False}),
    ("Qwen2.5-0.5B", {"method": "dpo", "batch": 2, "max_length": 3072}),
    ("Qwen2.5-0.5B", {"method": "dpo", "batch": 4, "lora_rank": 128}),
    ("Qwen2.5-0.5B", {"method": "sft", "batch": 8}),
    ("Qwen2.5-0.5B", {"method": "reward", "batch": 4}),
    ("Qwen2.5-0.5B", {"method": "kto", "batch": 4}),
    ("Qwen2.5-1.5B", {"method": "dpo", "batch": 2}),
    ("Qwen2.5-1.5B", {"method": "dpo", "batch": 1, "gradient_checkpointing": False}),
    ("Qwen2.5-1.5B", {"method": "sft", "batch": 4}),
    ("1.1B, small vocabulary", {"method": "dpo", "batch": 4}),
    ("1.1B, small vocabulary", {"method": "sft", "batch": 4, "gradient_checkpointing": False}),
    ("Qwen2.5-3B", {"method": "dpo", "batch": 3, "max_length": 1536}),
    ("Qwen2.5-3B", {"method": "dpo", "batch": 1, "max_length": 1000, "gradient_checkpointing": False}),
    ("Qwen2.5-3B", {"method": "sft", "batch": 2, "max_length": 1000, "lora_rank": 16}),
    ("Qwen2.5-3B", {"method": "reward", "batch": 2, "max_length": 1536}),
    ("Qwen2.5-3B", {"method": "kto", "batch": 2, "max_length": 1536}),
]


def measured(plan: Plan, where: Path) -> dict[str, Any]:
    """Train some steps; bytes allocated at most, and what was estimated."""
    import torch
    from transformers import TrainerCallback

    class Some(TrainerCallback):
        """Ends after some steps."""

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            control.should_training_stop = state.global_step >= STEPS

    gc.collect()
    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    trainer = marlin_trainer(plan, folder_of(plan, where))
    trainer.add_callback(Some())
    trainer.train()
    found = {"peak": torch.cuda.max_memory_allocated() - before, "left_before": before}
    del trainer
    parts = memory_parts(plan, plan.max_length, shape_of(plan.model))
    return {**found, "estimated": sum(parts.values()), "parts": parts}


def main() -> None:
    """Measure all, print a table, and keep it with the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("build/benchmark-tuning-memory"))
    parser.add_argument("--only", choices=list(MODELS), help="runs of this model alone")
    given = parser.parse_args()
    where = given.output.resolve()
    import torch

    lines = ["| model, method | batch, tokens | estimated | measured | estimated / measured |", "|---|---|---|---|---|"]
    kept = []
    for number, (name, asked) in enumerate(RUNS):
        if given.only not in (None, name):
            continue
        tell(f"{name}: {asked}")
        data, model = made(SHAPES["small"], where / name.split(",")[0], shape=MODELS[name], pairs=48)
        plan = Plan(**{"dataset": str(data), "model": str(model), "max_length": 2048, "accumulation": 1, **asked})
        found = measured(plan, where / f"run-{number}")
        kept.append({"model": name, **asked, "max_length": plan.max_length, **found})
        extra = "" if plan.gradient_checkpointing else ", no checkpointing"
        extra += f", rank {plan.lora_rank}" if plan.lora_rank != 32 else ""
        lines.append(
            f"| {name}, {plan.method}{extra} | {plan.batch} × {plan.max_length:,} | {found['estimated'] / 1e9:.2f} GB "
            f"| {found['peak'] / 1e9:.2f} GB | {found['estimated'] / found['peak']:.2f} |"
        )
        tell(lines[-1])
        (where / "memory.json").write_text(json.dumps({"device": torch.cuda.get_device_name(), "runs": kept}, indent=1))
    text = f"Device: {torch.cuda.get_device_name()}; torch {torch.__version__}.\n\n" + "\n".join(lines) + "\n"
    print(text)
    (where / "memory.md").write_text(text)


if __name__ == "__main__":
    main()
