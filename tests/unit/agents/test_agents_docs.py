"""The reference says what the code does."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

from marlin.agents import parse_spec
from marlin.agents.installing import PROGRAMS
from marlin.agents.specs import PLACEHOLDERS, AgentSpec, Install, OutcomeKind, Quirks, TimeLimits

DOCS = Path(__file__).parents[3] / "docs"
REFERENCE = (DOCS / "reference/agent-specs.md").read_text()


def test_the_reference_lists_every_field_placeholder_and_outcome() -> None:
    nested = {"install": Install, "quirks": Quirks, "time_limits": TimeLimits}
    fields = set(AgentSpec.model_fields) - set(nested) - {"source"}
    fields |= {f"{part}.{name}" for part, model in nested.items() for name in model.model_fields}
    for name in fields | {f"${{{name}}}" for name in PLACEHOLDERS} | set(get_args(OutcomeKind)):
        assert f"`{name}`" in REFERENCE, name


def test_the_reference_lists_every_step_and_behaviour_of_a_script() -> None:
    source = (PROGRAMS / "scripted_agent.py").read_text()
    tree = ast.parse(source)
    compared = {
        node.comparators[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and isinstance(node.left, ast.Name)
        and node.left.id == "how"
        and isinstance(node.comparators[0], ast.Constant)
    }
    known = next(
        [element.value for element in node.value.elts if isinstance(element, ast.Constant)]
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]) == "known"
        and isinstance(node.value, ast.Tuple)
    )
    assert len(compared) > 10
    for name in compared | set(known):
        assert f"`{name}`" in REFERENCE, name


def test_the_example_of_the_how_to_is_a_valid_spec() -> None:
    text = (DOCS / "how-to/add-an-agent.md").read_text()
    example = text.split("```toml\n", 1)[1].split("```", 1)[0]
    assert parse_spec(example).name == "my-agent"
