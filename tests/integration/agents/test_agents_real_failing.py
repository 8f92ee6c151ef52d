"""Real agents when the model's service fails, and what is seen of a command while it runs."""

from __future__ import annotations

import pytest
from tests.factories.agents import Events, Lab
from tests.factories.model_server import Fault, Shell, Text, Turn

from marlin.agents import ToolUpdate
from marlin.gateway import Budget

REAL = ["claude-code", "codex"]


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize(
    ("fault", "kind"),
    [(Fault("unauthorized", times=None), "upstream_error"), (Fault("context_length", times=None), "context_limit")],
    ids=["refused-key", "context-full"],
)
async def test_a_failing_upstream_is_told_as_what_it_is(lab: Lab, name: str, fault: Fault, kind: str) -> None:
    agent = lab.install(name)
    lab.says(Turn([[fault, Text("Never said.")]]))
    sandbox = await lab.open(agent)
    env = {**agent.spec.env, "CLAUDE_CODE_MAX_RETRIES": "1"}
    session = await lab.start(sandbox, agent, spec=agent.spec.model_copy(update={"env": env}))
    events = Events()
    outcome = await session.prompt("Go", events, time_limit=60)
    assert outcome.kind == kind, (outcome, events.all)
    assert "sentinel-key" not in events.dump() + outcome.detail + outcome.diagnostics


@pytest.mark.parametrize("name", REAL)
async def test_a_budget_that_is_used_up_ends_the_turn(lab: Lab, name: str) -> None:
    agent = lab.install(name)
    lab.budget = Budget(calls=2)
    lab.says(Turn([[Shell("echo one")], [Shell("echo two")], [Shell("echo three")], [Text("Never said.")]]))
    sandbox = await lab.open(agent)
    session = await lab.start(sandbox, agent)
    outcome = await session.prompt("Go", Events(), time_limit=60)
    assert outcome.kind == "budget", outcome


@pytest.mark.parametrize("name", REAL)
async def test_the_output_of_a_running_command_is_seen_live(lab: Lab, name: str) -> None:
    agent = lab.install(name)
    command = "for i in 1 2 3 4 5 6; do echo line $i; sleep 0.6; done"
    lab.says(Turn([[Shell("echo quick")], [Shell(command)], [Text("Done.")]]))
    sandbox = await lab.open(agent)
    session = await lab.start(sandbox, agent)
    events = Events()
    outcome = await session.prompt("Go", events, time_limit=60)
    assert outcome.kind == "completed"
    call = events.of("tool_call")[-1].call_id
    updates = [event for event in events.all if isinstance(event, ToolUpdate) and event.call_id == call]
    early = "".join(event.output for event in updates if event.status == "running")
    assert "line 2" in early
    whole = "".join(event.output for event in updates)
    assert [whole.count(f"line {number}") for number in range(2, 7)] == [1] * 5
    assert "quick" not in whole
