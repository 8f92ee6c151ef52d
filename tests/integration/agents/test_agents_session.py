"""Sessions in a real sandbox with agents that misbehave in every way the script knows."""

from __future__ import annotations

import asyncio
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from tests.factories.agents import Events, Lab

from marlin.agents import (
    AgentCrashedError,
    AgentError,
    AgentFloodError,
    AgentGarbageError,
    AgentNotReadyError,
    AgentResumeError,
    AgentSession,
    AgentSessionClosedError,
    InstalledAgent,
    MemorySink,
    PromptOutcome,
    ToolUpdate,
    WireLimits,
    load_spec,
    parse_spec,
    transcript_heading,
)
from marlin.agents.specs import AgentSpec, Quirks, TimeLimits

SMALL = WireLimits(line_bytes=2**20, total_bytes=8 * 2**20)


def changed(agent: InstalledAgent, **fields: Any) -> AgentSpec:
    return agent.spec.model_copy(update=fields)


async def play(lab: Lab, *steps: dict[str, Any], **turn: Any) -> tuple[PromptOutcome, Events]:
    """One turn of a script in a sandbox of its own."""
    agent = lab.install("scripted")
    time_limit = turn.pop("time_limit", 20)
    sandbox = await lab.open(agent, script={"turns": [{"steps": list(steps), **turn}]})
    session = await lab.start(sandbox, agent, limits=SMALL)
    events = Events()
    outcome = await session.prompt("Go", events, time_limit=time_limit)
    return outcome, events


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        ("refuse", "refused"),
        ("context_limit", "context_limit"),
        ("max_turns", "max_turns"),
        ("unknown_stop", "completed"),
        ("crash", "crashed"),
        ("garbage", "protocol_error"),
        ("flood_line", "protocol_error"),
        ("flood_lines", "protocol_error"),
    ],
)
async def test_how_a_turn_can_end(lab: Lab, behaviour: str, kind: str) -> None:
    outcome, events = await play(lab, {"message": "Now."}, {"behave": behaviour}, {"message": "After."})
    assert outcome.kind == kind
    assert "Now." in events.prose
    assert outcome.session_id
    assert outcome.detail
    if behaviour == "crash":
        assert "scripted crash" in outcome.diagnostics
        assert "scripted" not in outcome.detail


async def test_stray_lines_and_unknown_updates_do_no_harm(lab: Lab) -> None:
    outcome, events = await play(
        lab, {"behave": "some_garbage"}, {"behave": "unknown_update"}, {"message": "Fine.", "odd": 1}
    )
    assert outcome.kind == "completed"
    assert [event.kind for event in events.all] == ["message"]


async def test_an_error_answer_is_an_outcome(lab: Lab) -> None:
    outcome, _ = await play(lab, {"behave": "error", "text": "API error: HTTP 529: overloaded"})
    assert outcome.kind == "upstream_error"
    assert "529" in outcome.diagnostics


async def test_permission_is_answered_by_policy_and_told(lab: Lab) -> None:
    outcome, events = await play(lab, {"permission": "rm -rf build"})
    assert outcome.kind == "completed"
    assert events.of("notice")[0].text == "The agent asked for permission: allowed once by policy."
    assert events.output == "permission: once"


async def test_tools_report_what_went_wrong(lab: Lab) -> None:
    outcome, events = await play(
        lab,
        {"run": "echo bad; exit 3"},
        {"run": "sleep 60", "timeout": 0.3},
        {"read": "none.txt"},
        {"write": "a.py", "content": "x = 1\nx = 1\n"},
        {"edit": "a.py", "old": "x = 1", "new": "x = 2"},
        {"edit": "a.py", "old": "x = 1", "new": "x = 2", "all": True},
        {"patch": "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-nothing\n+something\n"},
        {"run": "cat a.py"},
    )
    assert outcome.kind == "completed"
    ends = [event for event in events.of("tool_update") if event.status != "running"]
    assert [event.status for event in ends] == [
        "failed",
        "failed",
        "failed",
        "completed",
        "failed",
        "completed",
        "failed",
        "completed",
    ]
    text = events.output
    assert "bad\n\nexit code 3" in text
    assert "Stopped after 0.3 s" in text
    assert "occurs 2 times" in text
    assert "x = 2\nx = 2\n" in text


async def test_output_of_a_command_streams(lab: Lab) -> None:
    _, events = await play(lab, {"run": "echo one; sleep 0.4; echo two"})
    assert [event.output for event in events.of("tool_update") if event.output] == ["one\n", "two\n"]


async def test_a_turn_without_a_script_says_so_honestly(lab: Lab) -> None:
    agent = lab.install("scripted")
    sandbox = await lab.open(agent)
    session = await lab.start(sandbox, agent)
    events = Events()
    outcome = await session.prompt("Go", events)
    assert outcome.kind == "completed"
    assert "nothing for turn 1" in events.prose
    assert "I have changed nothing" in events.prose


async def test_a_told_conversation_counts_as_turns_played(lab: Lab) -> None:
    agent = lab.install("scripted")
    turns = [{"steps": [{"message": f"This is turn {number}."}]} for number in (1, 2, 3)]
    turns.append({"match": "please hurry", "steps": [{"message": "Matched."}]})
    sandbox = await lab.open(agent, script={"turns": turns})
    session = await lab.start(sandbox, agent)
    events = Events()
    await session.prompt(f"{transcript_heading(2)}\n\nNow go on", events)
    assert events.prose == "This is turn 3."
    await session.prompt("and please hurry", events)
    assert events.prose.endswith("Matched.")


async def test_the_time_limit_stops_a_turn(lab: Lab) -> None:
    outcome, events = await play(lab, {"run": "sleep 600"}, time_limit=0.5)
    assert outcome.kind == "timed_out"
    assert "time limit of 0.5 s" in outcome.detail
    assert events.of("tool_update")[-1] == ToolUpdate(call_id="c1", status="cancelled")


async def test_an_agent_that_ignores_a_cancel_is_ended_with_all_it_left(lab: Lab) -> None:
    agent = lab.install("scripted")
    steps = [{"run": "exec sleep 1001", "background": True}, {"run": "exec sleep 1002"}]
    sandbox = await lab.open(agent, script={"turns": [{"ignore_cancel": True, "steps": steps}]})
    spec = changed(agent, time_limits=TimeLimits(cancel=0.3))
    session = await lab.start(sandbox, agent, spec=spec)
    events = Events()
    prompting = asyncio.create_task(session.prompt("Go", events))
    while len(events.of("tool_call")) < 2:
        await asyncio.sleep(0.02)
    await session.cancel()
    outcome = await prompting
    assert outcome.kind == "cancelled"
    assert "did not answer in time" in outcome.detail
    assert events.of("tool_update")[-1].status == "cancelled"
    assert "The turn was cancelled." in events.of("notice")[-1].text
    listed = await sandbox.exec(["sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"], timeout=10)
    assert b"sleep 100" not in listed.stdout
    with pytest.raises(AgentSessionClosedError, match="ended"):
        await session.prompt("Again", events)
    again = await lab.start(sandbox, agent, resume=outcome.session_id)
    events = Events()
    assert (await again.prompt("Go on", events)).kind == "completed"
    assert "nothing for turn 2" in events.prose


async def test_a_hanging_agent_can_be_cancelled(lab: Lab) -> None:
    agent = lab.install("scripted")
    sandbox = await lab.open(agent, script={"turns": [{"steps": [{"plan": ["x"]}, {"behave": "hang"}]}]})
    session = await lab.start(sandbox, agent, spec=changed(agent, time_limits=TimeLimits(cancel=0.3)))
    events = Events()
    prompting = asyncio.create_task(session.prompt("Go", events))
    while not events.all:
        await asyncio.sleep(0.02)
    await session.cancel()
    assert (await prompting).kind == "cancelled"


async def test_cancelling_the_coroutine_leaves_a_session_that_can_be_closed(lab: Lab) -> None:
    agent = lab.install("scripted")
    sandbox = await lab.open(agent, script={"turns": [{"steps": [{"plan": ["x"]}, {"run": "sleep 600"}]}]})
    session = await lab.start(sandbox, agent)
    events = Events()
    prompting = asyncio.create_task(session.prompt("Go", events))
    while not events.all:
        await asyncio.sleep(0.02)
    prompting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await prompting
    await session.close(hard=True)
    await session.cancel()
    await session.close()


@pytest.mark.parametrize("how", ["load", "resume"])
async def test_both_ways_to_resume_emit_no_history(lab: Lab, how: str) -> None:
    agent = lab.install("scripted")
    script = {"turns": [{"steps": [{"message": "One."}]}, {"steps": [{"message": "Two."}]}]}
    sandbox = await lab.open(agent, script=script)
    session = await lab.start(sandbox, agent)
    await session.prompt("Go", Events())
    await session.close()
    spec = changed(agent, quirks=Quirks(resume_with=how))  # type: ignore[arg-type]
    again = await lab.start(sandbox, agent, spec=spec, resume=session.session_id)
    events = Events()
    await again.prompt("Go on", events)
    assert events.prose == "Two."
    assert f'"session/{how}"' in lab.raw_text()


async def test_a_session_that_is_not_there_can_t_be_resumed(lab: Lab) -> None:
    agent = lab.install("scripted")
    sandbox = await lab.open(agent)
    with pytest.raises(AgentResumeError, match="could not take up") as caught:
        await lab.start(sandbox, agent, resume="0123456789abcdef")
    assert "transcript" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("start", "error"),
    [
        ("crash", AgentCrashedError),
        ("garbage", AgentGarbageError),
        ("flood_line", AgentFloodError),
        ("never_ready", AgentNotReadyError),
    ],
)
async def test_how_a_start_can_fail(lab: Lab, start: str, error: type[AgentError]) -> None:
    agent = lab.install("scripted")
    sandbox = await lab.open(agent, script={"start": start})
    with pytest.raises(error) as caught:
        await lab.start(sandbox, agent, limits=SMALL, spec=changed(agent, time_limits=TimeLimits(ready=3.0)))
    assert caught.value.hint
    listed = await sandbox.exec(["sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"], timeout=10)
    assert b"scripted_agent" not in listed.stdout


async def test_a_program_that_is_not_there(lab: Lab) -> None:
    agent = lab.install("scripted")
    sandbox = await lab.open(agent)
    with pytest.raises(AgentCrashedError, match="there is no no-such-program in its sandbox"):
        await lab.start(sandbox, agent, spec=changed(agent, argv=["/opt/marlin/agent/no-such-program"]))


async def test_an_agent_that_needs_a_model_but_has_no_gateway(lab: Lab) -> None:
    agent = lab.install("minimal")
    sandbox = await lab.open(agent)
    with pytest.raises(AgentError, match="no gateway"):
        await AgentSession.start(sandbox, agent.spec, sink=MemorySink())


async def test_a_users_own_file_is_an_agent_without_code(lab: Lab, tmp_path: Path) -> None:
    """Files in HOME, environment, mode: what a spec says is what the agent finds."""
    spec = parse_spec(
        """
        name = "mine"
        version = "0.1"
        argv = ["python3", "-B", "${agent}/scripted_agent.py"]
        program = "scripted_agent.py"
        [env]
        MARLIN_SCRIPT = "${home}/.config/mine/script.json"
        GREETING = "model ${model} at ${workspace}"
        [files]
        ".config/mine/script.json" = '''{"speed": 0, "turns": [{"steps": [{"run": "echo $GREETING; id -u"}]}]}'''
        """
    )
    agent = lab.install("scripted")
    sandbox = await lab.open(agent)
    session = await lab.start(sandbox, agent, spec=spec)
    events = Events()
    await session.prompt("Go", events)
    assert events.output.startswith("model none at /workspace\n")
    assert await sandbox.read_file(PurePosixPath("/home/agent/.config/mine/script.json"))


async def test_two_prompts_at_once_are_refused(lab: Lab) -> None:
    agent = lab.install("scripted")
    sandbox = await lab.open(agent, script={"turns": [{"steps": [{"plan": ["x"]}, {"run": "sleep 60"}]}]})
    session = await lab.start(sandbox, agent)
    events = Events()
    prompting = asyncio.create_task(session.prompt("Go", events))
    while not events.all:
        await asyncio.sleep(0.02)
    with pytest.raises(AgentSessionClosedError, match="already running"):
        await session.prompt("Go", Events())
    await session.cancel()
    await prompting


def test_scripted_and_minimal_are_shipped_as_programs() -> None:
    assert load_spec("scripted").program == "scripted_agent.py"
    assert load_spec("minimal").program == "minimal_agent.py"
