"""What a run will cost, before it starts: tokens, steps, memory. Estimates say that they are."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from marlin.training.errors import ModelNotFoundError
from marlin.training.plan import Plan
from marlin.training.report import Report

BYTES = {"float32": 4, "bfloat16": 2}
TRAINED_BYTES = 16
"""For each trained weight in float32: itself, its gradient, Adam's two moments."""
KEPT = 3.07
"""Bytes kept for the backward pass without checkpointing: per token and input or output of an adapted layer."""
WORKING = 4.6
"""Bytes that one layer takes at most while its backward pass is computed, per token and input or output of it."""
# Both fitted to three shapes, four methods and twelve runs in bfloat16 on a GPU: docs/reference/benchmarks-tuning.md.
# The adapter is computed in float32, which is why these are more than the activations of the base alone.


@dataclass(frozen=True, slots=True)
class Shape:
    """A model's size, known without its weights."""

    parameters: int
    layers: int
    width: int
    vocabulary: int
    linear: int
    """Sum over the adapted layers of inputs + outputs: a LoRA of rank r has r times as many weights."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What it takes.

    :ivar full_steps: how many there would be without ``max_steps``.
    :ivar tokens: that the model reads while it trains, all epochs; of each pair both sides, by SFT the preferred one.
    :ivar trained_tokens: of these, those that the model of the row wrote. A reward model learns a score instead.
    :ivar forward_passes: a token is read this often (the reference reads it too).
    :ivar flops: estimated; divide by what the hardware really does.
    :ivar memory: bytes on one device, estimated from the longest sequence; sharding is counted.
    :ivar disk: bytes of the adapter and of two checkpoints.
    """

    rows: int
    steps: int
    tokens: int
    trained_tokens: int
    forward_passes: int
    flops: float
    adapter_parameters: int
    memory: int
    memory_parts: dict[str, int]
    disk: int
    full_steps: int

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def shape_of(model: str) -> Shape:
    """Read a model's configuration and count its weights, allocating none.

    :raises ModelNotFoundError: transformers knows no such model.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    try:
        config = AutoConfig.from_pretrained(model, trust_remote_code=False)
        with torch.device("meta"):
            bare = AutoModelForCausalLM.from_config(config)
    except (OSError, ValueError, KeyError) as error:
        raise ModelNotFoundError(
            f"No language model can be made of {model}/config.json: {str(error).splitlines()[0]}",
            hint="Name a causal language model of a family that this version of transformers knows.",
        ) from error
    text = config.get_text_config()
    head = bare.get_output_embeddings()
    linear = sum(
        layer.in_features + layer.out_features
        for layer in bare.modules()
        if isinstance(layer, torch.nn.Linear) and layer is not head
    )
    return Shape(
        sum(weight.numel() for weight in bare.parameters()),
        int(text.num_hidden_layers),
        int(text.hidden_size),
        int(text.vocab_size),
        linear,
    )


def estimated(plan: Plan, report: Report, shape: Shape, *, rows: int | None = None) -> Cost:
    """The cost of a plan on what the preflight found.

    :param rows: training rows, if some are repeated; otherwise the pairs (for KTO, twice as many completions).
    """
    train = report.amounts["train"]
    pairs = train.pairs if rows is None else rows
    repeats = pairs / max(train.pairs, 1)
    if plan.method == "kto" and report.singles is None:
        pairs *= 2
    if plan.method == "kto":  # what is left over of the last batch is not trained on
        pairs = pairs - pairs % plan.batch or pairs
    full = math.ceil(max(1, math.ceil(pairs / plan.step_of())) * plan.epochs)
    steps = min(full, plan.max_steps or full)
    read = plan.epochs * repeats * steps / full
    alone = plan.method == "sft"  # it reads the preferred side and no other
    tokens = round((train.chosen_tokens if alone else train.tokens) * read)
    trained = round((train.chosen_trained_tokens if alone else train.trained_tokens) * read)
    reference = {"sft": 0, "reward": 0, "dpo": 1, "kto": 1}[plan.method]
    # KTO reads mismatched completions as well, with policy and reference
    forward = 1 + reference if plan.method != "kto" else 4
    adapter = shape.linear * plan.lora_rank
    # weights 2 flops a token forward and, since they are frozen, 2 backward; checkpointing computes forward again
    flops = 2.0 * shape.parameters * tokens * (forward + 1 + (1 if plan.gradient_checkpointing else 0))
    parts = memory_parts(plan, report.max_length, shape)
    return Cost(
        pairs,
        steps,
        tokens,
        trained,
        forward,
        flops,
        adapter,
        sum(parts.values()),
        parts,
        adapter * (4 + 2 * 12) + 4_000_000,
        full,
    )


def memory_parts(plan: Plan, length: int, shape: Shape) -> dict[str, int]:
    """Bytes on one device, for a batch of sequences of full length; sharding is counted."""
    adapter = shape.linear * plan.lora_rank
    share = plan.processes if plan.scale in ("fsdp2", "zero3") else 1
    sequences = plan.batch * (1 if plan.method in ("sft", "kto") else 2)
    tokens = sequences * length
    width = BYTES[plan.dtype]
    if plan.gradient_checkpointing:
        activations = 2 * shape.layers * shape.width + WORKING * shape.linear / shape.layers
    else:
        activations = KEPT * shape.linear
    return {
        "base weights": shape.parameters * width // share,
        "adapter, gradients and optimizer": adapter * TRAINED_BYTES // share,
        "activations": round(tokens * activations * width / BYTES["bfloat16"]),
    }
