"""What a run is said to cost follows from what the preflight counted."""

from __future__ import annotations

from marlin.training.cost import Shape, estimated
from marlin.training.lengths import Lengths
from marlin.training.plan import Plan
from marlin.training.report import Amount, Report

SHAPE = Shape(parameters=7_000_000_000, layers=32, width=4096, vocabulary=150_000, linear=2_000_000)
REPORT = Report(
    "x",
    synthetic=False,
    max_length=16_384,
    lengths=Lengths(),
    amounts={
        "train": Amount(
            pairs=1000,
            tasks=300,
            tokens=20_000_000,
            trained_tokens=3_000_000,
            chosen_tokens=9_000_000,
            chosen_trained_tokens=1_200_000,
        )
    },
)
PLAN = Plan(method="dpo", dataset="d", model="m", max_length=16_384)


def test_steps_and_tokens_are_counted() -> None:
    found = estimated(PLAN, REPORT, SHAPE)
    assert (found.steps, found.rows, found.tokens) == (32, 1000, 20_000_000)  # 1000 pairs by 32
    twice = estimated(PLAN.changed(epochs=2.0), REPORT, SHAPE)
    assert (twice.steps, twice.tokens, twice.trained_tokens) == (64, 40_000_000, 6_000_000)
    preferred = estimated(PLAN.changed(method="sft"), REPORT, SHAPE)
    assert (preferred.tokens, preferred.trained_tokens) == (9_000_000, 1_200_000)
    assert estimated(PLAN.changed(method="kto", batch=2), REPORT, SHAPE).rows == 2000
    assert estimated(PLAN, REPORT, SHAPE, rows=2000).tokens == 40_000_000
    assert found.adapter_parameters == 64_000_000


def test_a_trial_costs_what_its_steps_cost_and_says_of_how_many_they_are() -> None:
    found = estimated(PLAN.changed(max_steps=8), REPORT, SHAPE)
    assert (found.steps, found.full_steps, found.tokens, found.trained_tokens) == (8, 32, 5_000_000, 750_000)
    more = estimated(PLAN.changed(max_steps=100), REPORT, SHAPE)
    assert (more.steps, more.full_steps, more.tokens) == (32, 32, 20_000_000)
    half = estimated(PLAN.changed(epochs=0.1, max_steps=4), REPORT, SHAPE)
    assert (half.steps, half.full_steps) == (4, 4)


def test_completions_that_fill_no_batch_make_no_step_of_kto() -> None:
    plan = PLAN.changed(method="kto", batch=8, accumulation=2)
    assert (estimated(plan, REPORT, SHAPE, rows=17).steps, estimated(plan, REPORT, SHAPE, rows=17).rows) == (2, 32)
    assert estimated(plan, REPORT, SHAPE, rows=3).rows == 6


def test_memory_falls_with_what_is_meant_to_lower_it() -> None:
    found = estimated(PLAN, REPORT, SHAPE)
    assert found.memory == sum(found.memory_parts.values())
    assert found.memory_parts["base weights"] == 14_000_000_000
    for cheaper, dearer in (
        (PLAN, PLAN.changed(gradient_checkpointing=False)),
        (PLAN, PLAN.changed(batch=2)),
        (PLAN, PLAN.changed(dtype="float32")),
        (PLAN.changed(scale="fsdp2", processes=8), PLAN),
    ):
        assert estimated(cheaper, REPORT, SHAPE).memory < estimated(dearer, REPORT, SHAPE).memory
    assert estimated(PLAN.changed(gradient_checkpointing=False), REPORT, SHAPE).flops < found.flops
