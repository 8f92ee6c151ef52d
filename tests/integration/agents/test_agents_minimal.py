"""The minimal agent against a scripted endpoint that fails in the known ways."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tests.factories.agents import Events, Lab
from tests.factories.model_server import Fault, Shell, Text, ToolCall, Turn

from marlin.agents import PromptOutcome


async def ask(lab: Lab, *turns: Turn, time_limit: float = 30) -> tuple[PromptOutcome, Events]:
    agent = lab.install("minimal")
    lab.says(*turns)
    sandbox = await lab.open(agent)
    session = await lab.start(sandbox, agent)
    events = Events()
    return await session.prompt("Go", events, time_limit=time_limit), events


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("unauthorized", times=None), "upstream_error"),
        (Fault("context_length", times=None), "context_limit"),
        (Fault("model_not_found", times=None), "upstream_error"),
        (Fault("reset_mid_stream", times=None), "upstream_error"),
        (Fault("rate_limited", times=1), "completed"),
        (Fault("server_error", times=1), "completed"),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else value,
)
async def test_failing_endpoints(lab: Lab, fault: Fault, kind: str) -> None:
    outcome, events = await ask(lab, Turn([[fault, Text("Here is the answer.")]]))
    assert outcome.kind == kind, outcome
    if kind == "completed":
        assert events.prose == "Here is the answer."


async def test_a_stalled_stream_is_cancelled_at_once(lab: Lab) -> None:
    agent = lab.install("minimal")
    lab.says(Turn([[Fault("stall_mid_stream", seconds=60), Text("A long answer. " * 20)]]))
    sandbox = await lab.open(agent)
    session = await lab.start(sandbox, agent)
    prompting = asyncio.create_task(session.prompt("Go", Events()))
    while not lab.model.requests:
        await asyncio.sleep(0.02)
    await session.cancel()
    outcome = await prompting
    assert (outcome.kind, outcome.stop_reason) == ("cancelled", "cancelled")
    assert outcome.seconds < 20


async def test_odd_tool_calls_get_an_answer_and_long_output_is_shortened(lab: Lab) -> None:
    outcome, events = await ask(
        lab,
        Turn(
            [
                [ToolCall("launch_rocket", {})],
                [ToolCall("edit", {"path": "none.txt", "old": "a", "new": "b"})],
                [ToolCall("read", {})],
                [ToolCall("write", {"path": "sub/new.txt", "content": "hello\n"})],
                [ToolCall("edit", {"path": "sub/new.txt", "old": "hello", "new": "bye"})],
                [Shell("cat sub/new.txt; seq 1 20000")],
                [Text("Done.")],
            ]
        ),
    )
    assert outcome.kind == "completed"
    results = [message["content"] for message in json.loads(lab.exchanges.exchanges[-1].request_body)["messages"]]
    told = "\n".join(text for text in results if text)
    assert "there is no tool named 'launch_rocket'" in told
    assert "FileNotFoundError" in told
    assert "KeyError" in told
    assert "bye\n1\n2\n" in told
    assert "bytes left out" in told
    assert len(told) < 40_000
    assert [event.status for event in events.of("tool_update") if event.status in ("failed", "completed")] == [
        "failed",
        "failed",
        "completed",
        "completed",
        "completed",
    ]


async def test_the_prompt_is_short(lab: Lab) -> None:
    await ask(lab, Turn([[Text("Hi.")]]))
    body: dict[str, Any] = json.loads(lab.exchanges.exchanges[0].request_body)
    system = body["messages"][0]["content"]
    # About four characters make a token of English prose; the system prompt alone, and with its tools.
    assert len(system) / 4 < 350
    assert len(system + json.dumps(body["tools"])) / 4 < 850
