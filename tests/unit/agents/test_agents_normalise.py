from __future__ import annotations

import json
from typing import Any

import pytest

from marlin.agents import (
    MessageChunk,
    Normaliser,
    Notice,
    Plan,
    Redactor,
    ThoughtChunk,
    ToolCall,
    ToolUpdate,
    normalise,
)
from marlin.agents.normalise import MOST_OPEN_CALLS, OUTPUT_LIMIT


def text(kind: str, value: str, **more: Any) -> dict[str, Any]:
    return {"sessionUpdate": kind, "content": {"type": "text", "text": value}, **more}


def call(**fields: Any) -> dict[str, Any]:
    return {"sessionUpdate": "tool_call", "toolCallId": "toolu_1", **fields}


def update(**fields: Any) -> dict[str, Any]:
    return {"sessionUpdate": "tool_call_update", "toolCallId": "toolu_1", **fields}


def shown(value: str) -> list[dict[str, Any]]:
    return [{"type": "content", "content": {"type": "text", "text": value}}]


CLAUDE = [
    call(_meta={"claudeCode": {"toolName": "Bash"}}, title="Terminal", kind="execute", rawInput={}, status="pending"),
    update(title="ls -la", rawInput={"command": "ls -la"}),
    update(rawInput={"command": "ls -la", "description": "Run a command"}, content=shown("Run a command")),
    update(status="completed", rawOutput="a.txt", content=shown("```console\na.txt\n```")),
]
OPENCODE = [
    call(
        title="bash",
        kind="execute",
        status="pending",
        locations=[{"path": "/workspace"}],
        rawInput={"cwd": "/workspace"},
    ),
    update(status="in_progress", kind="execute", title="ls -la", rawInput={"command": "ls -la", "cwd": "/workspace"}),
    update(status="completed", title="ls -la", content=shown("a.txt"), rawOutput={"output": "a.txt", "metadata": {}}),
]
CODEX = [
    call(
        title="ls -la",
        kind="execute",
        status="in_progress",
        content=[{"type": "terminal", "terminalId": "x"}],
        rawInput={"command": ["bash", "-lc", "ls -la"], "cwd": "/workspace"},
        _meta={"terminal_info": {}},
    ),
    update(status="completed", _meta={"terminal_output_delta": {"data": "a.txt", "terminal_id": "x"}}),
]


@pytest.mark.parametrize("updates", [CLAUDE, OPENCODE, CODEX], ids=["claude", "opencode", "codex"])
def test_the_same_command_looks_the_same_whichever_agent_ran_it(updates: list[dict[str, Any]]) -> None:
    assert normalise(updates, Redactor()) == [
        ToolCall(call_id="c1", title="Run: ls -la", tool="execute", input="ls -la"),
        ToolUpdate(call_id="c1", status="completed", output="a.txt"),
    ]


def test_an_edit_is_a_patch_and_paths_are_relative() -> None:
    diff = {"type": "diff", "path": "/workspace/src/a.py", "oldText": "x = 1\n", "newText": "x = 2\n"}
    events = normalise(
        [
            call(kind="edit", title="Edit", rawInput={"file_path": "/workspace/src/a.py"}, content=[diff]),
            update(status="completed", rawOutput="The file has been updated. Claude knows."),
        ],
        Redactor(),
    )
    assert isinstance(events[0], ToolCall)
    assert events[0].title == "Edit src/a.py"
    assert isinstance(events[1], ToolUpdate)
    assert events[1].patch == "--- a/src/a.py\n+++ b/src/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"
    assert events[2] == ToolUpdate(call_id="c1", status="completed")


def test_an_edit_without_a_diff_is_described_by_its_arguments() -> None:
    events = normalise(
        [
            call(kind="edit", rawInput={"filePath": "/workspace/a", "oldString": "1\n", "newString": "2\n"}),
            update(status="failed", content=shown("oldString not found")),
        ],
        Redactor(),
    )
    assert isinstance(events[1], ToolUpdate)
    assert "-1\n+2\n" in events[1].patch
    assert events[2:] == [ToolUpdate(call_id="c1", status="failed", output="oldString not found")]


def test_output_that_grows_is_appended_once() -> None:
    events = normalise(
        [
            call(kind="execute", rawInput={"command": "x"}, status="in_progress"),
            update(content=shown("one\n")),
            update(content=shown("one\ntwo\n")),
            update(status="completed", content=shown("one\ntwo\nthree\n")),
        ],
        Redactor(),
    )
    assert [event.output for event in events if isinstance(event, ToolUpdate)] == ["one\n", "two\n", "three\n"]


def test_long_output_is_cut_and_says_so() -> None:
    events = normalise(
        [call(kind="execute", rawInput={"command": "x"}), update(status="completed", content=shown("y" * 400_000))],
        Redactor(),
    )
    assert sum(len(event.output) for event in events if isinstance(event, ToolUpdate)) == OUTPUT_LIMIT
    assert isinstance(events[-1], Notice)


def test_text_is_redacted_across_chunks_and_tool_output_never_is() -> None:
    events = normalise(
        [
            text("agent_thought_chunk", "I am Cla"),
            text("agent_thought_chunk", "ude."),
            text("agent_message_chunk", "Hello from Sentinel", messageId="msg_01abc"),
            text("agent_message_chunk", "Arm!", messageId="msg_01abc"),
            call(kind="execute", rawInput={"command": "claude --version"}),
            update(status="completed", content=shown("claude 2.0 SentinelArm")),
        ],
        Redactor(["SentinelArm"]),
    )
    said = "".join(event.text for event in events if isinstance(event, MessageChunk | ThoughtChunk))
    assert said == "I am [redacted].Hello from [redacted]!"
    assert {event.message_id for event in events if isinstance(event, MessageChunk | ThoughtChunk)} == {"m1", "m2"}
    tool = next(event for event in events if isinstance(event, ToolCall))
    assert tool.title == "Run: [redacted] --version"
    assert events[-1] == ToolUpdate(call_id="c1", status="completed", output="claude 2.0 SentinelArm")


def test_nothing_but_the_named_fields_gets_through() -> None:
    secret = "SENTINEL-IDENTITY"
    updates = [
        {"sessionUpdate": "available_commands_update", "availableCommands": [{"name": secret}]},
        {"sessionUpdate": "usage_update", "used": 1, "cost": {"amount": 2}, "_meta": {"model": secret}},
        {"sessionUpdate": "current_mode_update", "currentModeId": secret},
        {"sessionUpdate": "config_option_update", "configOptions": [{"value": secret}]},
        {"sessionUpdate": "session_info_update", "title": secret},
        {"sessionUpdate": "weather_report", "text": secret},
        text("user_message_chunk", secret),
        text("agent_message_chunk", "Hi.", _meta={"model": secret}, messageId=secret),
        {
            "sessionUpdate": "plan",
            "entries": [{"content": "do it", "status": "odd", "priority": secret}],
            "_meta": secret,
        },
        call(toolCallId=secret, title=secret, kind="think", _meta={"toolName": secret}, status="completed"),
        call(toolCallId="2", title=secret, kind="switch_mode", status="completed"),
    ]
    normaliser = Normaliser(Redactor())
    events = [event for item in updates for event in normaliser.feed(item)] + normaliser.flush()
    assert secret not in json.dumps([event.model_dump() for event in events])
    assert [event.kind for event in events] == [
        "message",
        "plan",
        "tool_call",
        "tool_update",
        "tool_call",
        "tool_update",
    ]
    assert isinstance(events[1], Plan)
    assert events[1].entries[0].status == "pending"
    assert normaliser.dropped["weather_report"] == 1


def test_places_outside_the_repository_are_not_locations() -> None:
    events = normalise(
        [
            call(kind="read", rawInput={"file_path": "/home/agent/.claude/plans/a.md"}, status="in_progress"),
            update(toolCallId="2", kind="read", rawInput={"path": "/workspace/openai/x.py"}, status="in_progress"),
        ],
        Redactor(),
    )
    assert [event.title for event in events if isinstance(event, ToolCall)] == [
        "Read ~/.[redacted]/plans/a.md",
        "Read openai/x.py",
    ]


def test_open_calls_are_closed_and_a_late_end_of_a_cancelled_one_says_cancelled() -> None:
    normaliser = Normaliser(Redactor())
    normaliser.feed(call(kind="execute", rawInput={"command": "sleep 9"}, status="in_progress"))
    normaliser.feed(update(toolCallId="2", kind="execute", rawInput={"command": "sleep 8"}, status="in_progress"))
    assert normaliser.open_calls() == ["c1", "c2"]
    normaliser.cancelling = True
    late = normaliser.feed(update(status="completed", content=shown("User aborted")))
    assert late == [ToolUpdate(call_id="c1", status="cancelled")]
    assert normaliser.close_open("cancelled") == [ToolUpdate(call_id="c2", status="cancelled")]
    assert normaliser.feed(update(status="completed")) == []


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"sessionUpdate": None},
        {"sessionUpdate": "agent_message_chunk"},
        {"sessionUpdate": "agent_message_chunk", "content": {"type": "text", "text": 3}},
        {"sessionUpdate": "plan", "entries": "no"},
        {"sessionUpdate": "plan", "entries": [3, {"content": 4}]},
        {"sessionUpdate": "tool_call", "content": "no", "locations": 3, "rawInput": [1], "status": "completed"},
        {
            "sessionUpdate": "tool_call",
            "content": [3, {"type": "diff", "path": "/x", "newText": 4}],
            "status": "failed",
        },
        {"sessionUpdate": "tool_call", "rawInput": {"command": 5, "path": []}, "kind": [], "status": {}},
        {"sessionUpdate": "tool_call_update", "_meta": [], "status": "completed"},
    ],
)
def test_malformed_updates_break_nothing(broken: dict[str, Any]) -> None:
    normalise([broken, text("agent_message_chunk", "still here")], Redactor())


def test_what_a_call_says_once_is_not_kept_and_repeated_whole_with_each_update() -> None:
    places = [{"path": f"/workspace/{number}.py"} for number in range(100_000)]
    normaliser = Normaliser(Redactor())
    first = normaliser.feed(call(kind="read", title="Read", rawInput={"path": "/workspace/0.py"}, locations=places))
    (again,) = normaliser.feed(update(rawInput={"path": "/workspace/1.py", "junk": [[]] * 1_000_000}))
    assert isinstance(first[-1], ToolCall)
    assert isinstance(again, ToolCall)
    assert len(first[-1].locations) == len(again.locations) == 50
    assert sum(len(str(kept.raw)) for kept in normaliser._calls.values()) < 2_000_000


def test_calls_that_never_end_are_shown_up_to_a_number() -> None:
    normaliser = Normaliser(Redactor())
    for number in range(MOST_OPEN_CALLS + 5):
        normaliser.feed({**call(kind="execute", rawInput={"command": "ls"}), "toolCallId": str(number)})
    assert len(normaliser.open_calls()) == MOST_OPEN_CALLS
    assert normaliser.dropped["tool_call"] == 5


def test_an_ended_call_is_forgotten() -> None:
    normaliser = Normaliser(Redactor())
    for each in CLAUDE:
        normaliser.feed(each)
    (ended,) = normaliser._calls.values()
    assert not ended.raw
    assert not ended.shown
    assert normaliser.feed(update(status="in_progress", title="again")) == []


def test_identity_words_in_output_are_counted_and_left() -> None:
    normaliser = Normaliser(Redactor(["shop-arm"]))
    normaliser.feed(call(kind="execute", title="env", rawInput={"command": "env"}))
    for piece in ("ANTHROPIC", "ANTHROPIC_MODEL=x\nSHOP-ARM=1\n", "ANTHROPIC_MODEL=x\nSHOP-ARM=1\nsrc/openai/a.py\n"):
        events = normaliser.feed(update(content=shown(piece)))
    ended = normaliser.feed(update(status="completed"))
    told = "".join(event.output for event in [*events, *ended] if isinstance(event, ToolUpdate))
    assert "src/openai/a.py" in told
    assert dict(normaliser.in_output) == {"anthropic_model": 1, "shop-arm": 1}, "not the repository's own file"


def test_identity_words_are_counted_in_a_call_that_was_cut_off() -> None:
    normaliser = Normaliser(Redactor())
    normaliser.feed(call(kind="execute", title="ps", rawInput={"command": "ps"}))
    normaliser.feed(update(content=shown("node claude\n")))
    normaliser.close_open("cancelled")
    assert dict(normaliser.in_output) == {"claude": 1}
