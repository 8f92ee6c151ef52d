"""What any agent must do, for every agent: two turns, a resume from a copied HOME, a cancel, blind events."""

from __future__ import annotations

import asyncio
import os
from pathlib import PurePosixPath
from typing import Any

import pytest
from atif import Trajectory as Atif
from tests.factories.agents import REAL_MODEL, Events, Lab
from tests.factories.model_server import ReadFile, Shell, Text, Thinking, Turn, WriteFile

from marlin.agents import (
    InstalledAgent,
    Redactor,
    build_trajectory,
    load_spec,
    read_jsonl,
    to_atif,
    to_messages,
    trajectory_from_acp,
)

# Others, such as opencode (large: 1.2 GB of memory), by name: MARLIN_TEST_AGENTS="opencode" pytest … -k opencode
AGENTS = ["scripted", "minimal", "claude-code", "codex", *os.environ.get("MARLIN_TEST_AGENTS", "").split()]

LOOP = "echo begun; i=0; while [ $i -lt 300 ]; do i=$((i+1)); sleep 0.2; done; echo ended"
TURNS = (
    Turn(
        [
            [
                Thinking("I wonder."),
                Text("I am SentinelArm, made by Anthropic; hello."),
                Shell("echo one > a.txt; echo made"),
            ],
            [WriteFile("/workspace/b.py", "print(1)\n")],
            [Text("The first turn is done.")],
        ]
    ),
    Turn([[ReadFile("/workspace/a.txt"), Shell("echo two >> a.txt; cat a.txt")], [Text("The second turn is done.")]]),
    Turn([[Shell(LOOP)], [Text("Never said.")]]),
)
SCRIPT: dict[str, Any] = {
    "turns": [
        {
            "steps": [
                {"thought": "I wonder."},
                {"message": "I am SentinelArm, made by Anthropic; hello."},
                {"run": "echo one > a.txt; echo made"},
                {"write": "b.py", "content": "print(1)\n"},
                {"message": "The first turn is done."},
            ]
        },
        {"steps": [{"run": "echo two >> a.txt; cat a.txt"}, {"message": "The second turn is done."}]},
        {"steps": [{"run": LOOP}, {"message": "Never said."}]},
    ]
}


def script_for(agent: InstalledAgent) -> dict[str, Any] | None:
    return SCRIPT if agent.spec.name == "scripted" else None


@pytest.mark.parametrize("name", AGENTS)
async def test_two_turns_with_a_resume_from_a_copied_home_then_a_cancel(lab: Lab, name: str) -> None:
    agent = lab.install(name)
    lab.says(*TURNS)

    # turn one
    events = Events()
    sandbox = await lab.open(agent, script=script_for(agent))
    session = await lab.start(sandbox, agent)
    first = await session.prompt("Make two files", events, time_limit=90)
    assert (first.kind, first.stop_reason) == ("completed", "end_turn"), first
    await session.close()
    assert await sandbox.read_file(PurePosixPath("/workspace/a.txt")) == b"one\n"
    assert await sandbox.read_file(PurePosixPath("/workspace/b.py")) == b"print(1)\n"
    check_blind(events, name)
    assert "I am [redacted], made by [redacted]; hello." in events.prose
    assert "The first turn is done." in events.prose
    run = next(event for event in events.of("tool_call") if event.tool == "execute")
    assert (run.title, run.input) == ("Run: echo one > a.txt; echo made", "echo one > a.txt; echo made")
    ends = {event.call_id: event.status for event in events.of("tool_update")}
    assert set(ends.values()) == {"completed"}
    assert "made" in events.output
    assert len(ends) == 2

    # turn two: another sandbox, another process, a copy of HOME
    files, home = await sandbox.seal("first")
    events = Events()
    sandbox = await lab.open(agent, script=script_for(agent), files=files, home=home)
    session = await lab.start(sandbox, agent, resume=first.session_id)
    assert events.all == []
    second = await session.prompt("And go on", events, time_limit=90)
    assert second.kind == "completed", second
    assert second.session_id == first.session_id
    assert await sandbox.read_file(PurePosixPath("/workspace/a.txt")) == b"one\ntwo\n"
    assert "The first turn" not in events.dump()
    assert "The second turn is done." in events.prose
    check_blind(events, name)
    check_trajectory(lab, agent)

    # turn three is cancelled while a command runs
    events = Events()
    prompting = asyncio.create_task(session.prompt("Now for long", events, time_limit=90))
    while not events.of("tool_call"):
        await asyncio.sleep(0.05)
        assert not prompting.done(), prompting
    await session.cancel()
    third = await prompting
    assert third.kind == "cancelled", third
    assert {event.status for event in events.of("tool_update") if event.status != "running"} == {"cancelled"}
    assert "cancelled" in events.of("notice")[-1].text
    assert b"while [" not in (
        await sandbox.exec(["sh", "-c", "cat /proc/[0-9]*/cmdline || true"], timeout=10)
    ).stdout.replace(b"cat /proc", b"")
    lab.backend.store.remove(files.name)
    lab.backend.store.remove(home.name)


def check_blind(events: Events, name: str) -> None:
    text = events.dump().lower()
    spec = load_spec(name)
    vendors = ["claude", "anthropic", "openai", "gpt", "codex", "opencode", "toolu_", "call_0", "scripted", "minimal"]
    for word in (*vendors, "sentinelarm", REAL_MODEL, "sentinel-upstream", "sentinel-key", spec.version.lower()):
        if len(word) > 2:
            assert word not in text, (word, text)


def check_trajectory(lab: Lab, agent: InstalledAgent) -> None:
    if agent.spec.api is None:
        trajectory = trajectory_from_acp(read_jsonl(lab.raw))
    else:
        runs = [exchange.run_id for exchange in lab.exchanges.exchanges]
        mine = [exchange for exchange in lab.exchanges.exchanges if exchange.run_id == runs[-1]]
        trajectory = build_trajectory(mine)
        assert not trajectory.compacted
        generated = [turn for turn in trajectory.turns if turn.generation]
        assert [turn.generation.model for turn in generated if turn.generation] == [REAL_MODEL] * len(generated)
        assert len(generated) == 2, [turn.message for turn in generated]
        assert any(turn.copied for turn in trajectory.turns)
    document = to_atif(trajectory, agent=agent.spec.name, version=agent.spec.version)
    Atif.model_validate(document)
    messages = to_messages(trajectory)[-1]["messages"]
    assert messages[-1]["content"] == "The second turn is done."
    prompts = [message["content"] for message in messages if message["role"] == "user"]
    assert any("Make two files" in text for text in prompts)
    assert any("And go on" in text for text in prompts)


@pytest.mark.parametrize("name", [name for name in AGENTS if name != "scripted"])
async def test_the_sandbox_never_learns_the_real_model_or_key(lab: Lab, name: str) -> None:
    agent = lab.install(name)
    lab.says(Turn([[Shell("env; cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'")], [Text("Done.")]]))
    events = Events()
    sandbox = await lab.open(agent)
    session = await lab.start(sandbox, agent)
    outcome = await session.prompt("Show everything", events, time_limit=90)
    assert outcome.kind == "completed", outcome
    for text in (lab.raw_text(), events.dump()):
        assert REAL_MODEL not in text
        assert "sentinel-key" not in text
        assert "sentinel-upstream" not in text
    result = await sandbox.exec(
        ["sh", "-c", "grep -rlE 'sentinel-(model|key|upstream)' /home/agent || true"], timeout=20
    )
    assert result.stdout == b""
    assert {exchange.model for exchange in lab.exchanges.exchanges} == {REAL_MODEL}


@pytest.mark.parametrize("name", [name for name in AGENTS if name != "scripted"])
async def test_what_commands_inherit_does_not_name_the_harness(lab: Lab, name: str) -> None:
    agent = lab.install(name)
    lab.says(Turn([[Shell("env | sort")], [Text("Done.")]]))
    events = Events()
    session = await lab.start(await lab.open(agent), agent)
    outcome = await session.prompt("Show the environment", events, time_limit=90)
    assert outcome.kind == "completed", outcome
    shown = [event.output for event in events.of("tool_update") if event.output]
    assert any("HOME=" in text for text in shown)
    lines = [line for text in shown for line in text.splitlines()]
    # Codex has programs of its own in its folder, which its commands may call.
    named = [line for line in lines if Redactor().count(line) and not line.startswith("PATH=")]
    assert named == [], shown
