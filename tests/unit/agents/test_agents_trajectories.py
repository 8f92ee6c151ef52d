from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from atif import Trajectory as Atif

from marlin.agents import RawLine, build_trajectory, render_transcript, to_atif, to_messages, trajectory_from_acp
from marlin.agents.trajectories import Trajectory


@dataclass(frozen=True)
class Tokens:
    input_tokens: int = 10
    output_tokens: int = 5
    cache_read_tokens: int = 90
    cache_write_tokens: int = 0
    reasoning_tokens: int = 2


@dataclass(frozen=True)
class Call:
    number: int
    api: str
    request_body: bytes
    response_body: bytes
    generates: bool = True
    model: str | None = "real-model"
    auxiliary: str | None = None
    status: int | None = 200
    state: str = "completed"
    started_at: datetime = datetime(2026, 11, 1, tzinfo=UTC)
    seconds: float = 1.5
    usage: Tokens | None = Tokens()
    cost_usd: Decimal | None = Decimal("0.01")


def sse(*events: dict[str, Any]) -> bytes:
    return b"".join(b"event: x\ndata: " + json.dumps(event).encode() + b"\n\n" for event in events)


# --- the same rollout (read a file, then answer) over the three APIs ---


def anthropic(number: int, messages: list[Any], answer: list[dict[str, Any]], **more: Any) -> Call:
    tools = more.pop("tools", [{"name": "Bash", "description": "run", "input_schema": {"type": "object"}}])
    body = {"model": "m", "system": [{"type": "text", "text": "Be good."}], "messages": messages, "tools": tools}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": {}}]
    for index, block in enumerate(answer):
        start = {key: "" if key in ("text", "thinking") else value for key, value in block.items() if key != "input"}
        events.append({"type": "content_block_start", "index": index, "content_block": start})
        deltas = {
            "text": {"type": "text_delta", "text": block.get("text")},
            "thinking": {"type": "thinking_delta", "thinking": block.get("thinking")},
            "tool_use": {"type": "input_json_delta", "partial_json": json.dumps(block.get("input"))},
        }
        events.append({"type": "content_block_delta", "index": index, "delta": deltas[block["type"]]})
        events.append(
            {"type": "content_block_delta", "index": index, "delta": {"type": "signature_delta", "signature": "s"}}
        )
    return Call(number, "anthropic", json.dumps(body).encode(), sse(*events, {"type": "message_stop"}), **more)


TOOL_USE = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "cat a"}}
ASKED = {"role": "user", "content": [{"type": "text", "text": "Fix it", "cache_control": {"type": "ephemeral"}}]}
RESULT = {
    "role": "user",
    "content": [
        {
            "type": "tool_result",
            "tool_use_id": "toolu_1",
            "content": [{"type": "text", "text": "one"}],
            "is_error": False,
        }
    ],
}


def anthropic_rollout() -> list[Call]:
    thought = {"type": "thinking", "thinking": "Let me see."}
    said = {"type": "text", "text": "Looking."}
    second = [{"role": "user", "content": "Fix it"}, {"role": "assistant", "content": [said, TOOL_USE]}, RESULT]
    return [
        anthropic(1, [ASKED], [thought, said, TOOL_USE]),
        anthropic(2, second, [{"type": "text", "text": "Done."}]),
    ]


def chat_rollout() -> list[Call]:
    tools = [{"type": "function", "function": {"name": "Bash", "description": "run", "parameters": {"type": "object"}}}]
    system, user = {"role": "system", "content": "Be good."}, {"role": "user", "content": "Fix it"}
    function = {"name": "Bash", "arguments": '{"command": "cat a"}'}
    assistant = {
        "role": "assistant",
        "content": "Looking.",
        "tool_calls": [{"id": "toolu_1", "type": "function", "function": function}],
    }
    first = sse(
        {"choices": [{"delta": {"reasoning_content": "Let me "}}]},
        {"choices": [{"delta": {"reasoning_content": "see.", "content": "Look"}}]},
        {"choices": [{"delta": {"content": "ing."}}]},
        {"choices": [{"delta": {"tool_calls": [{"index": 0, "id": "toolu_1", "function": {"name": "Bash"}}]}}]},
        {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": '{"command"'}}]}}]},
        {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": ': "cat a"}'}}]}}]},
        {"choices": [{"delta": {}, "finish_reason": "tool_calls"}]},
    )
    done = json.dumps({"choices": [{"message": {"role": "assistant", "content": "Done."}, "finish_reason": "stop"}]})
    history = [system, user, assistant, {"role": "tool", "tool_call_id": "toolu_1", "content": "one"}]
    return [
        Call(1, "openai-chat", json.dumps({"messages": [system, user], "tools": tools}).encode(), first),
        Call(2, "openai-chat", json.dumps({"messages": history, "tools": tools}).encode(), done.encode()),
    ]


def responses_rollout() -> list[Call]:
    tools = [{"type": "function", "name": "Bash", "description": "run", "parameters": {"type": "object"}}]
    user = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Fix it"}]}
    reasoning = {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "Let me see."}]}
    said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Looking."}]}
    call = {"type": "function_call", "call_id": "toolu_1", "name": "Bash", "arguments": '{"command": "cat a"}'}
    done = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Done."}]}
    output = {"type": "function_call_output", "call_id": "toolu_1", "output": "one"}
    body = {"instructions": "Be good.", "tools": tools}

    def answer(*items: dict[str, Any]) -> bytes:
        events = [{"type": "response.output_item.done", "item": item} for item in items]
        return sse(*events, {"type": "response.completed", "response": {"output": []}})

    return [
        Call(1, "openai-responses", json.dumps({**body, "input": [user]}).encode(), answer(reasoning, said, call)),
        Call(
            2,
            "openai-responses",
            json.dumps({**body, "input": [user, reasoning, said, call, output]}).encode(),
            json.dumps({"output": [done]}).encode(),
        ),
    ]


ROLLOUTS = {"anthropic": anthropic_rollout, "chat": chat_rollout, "responses": responses_rollout}


@pytest.mark.parametrize("name", ROLLOUTS)
def test_the_same_rollout_is_the_same_trajectory_over_each_api(name: str) -> None:
    trajectory = build_trajectory(reversed(ROLLOUTS[name]()))
    (conversation,) = to_messages(trajectory)
    assert conversation["messages"] == [
        {"role": "system", "content": "Be good."},
        {"role": "user", "content": "Fix it"},
        {
            "role": "assistant",
            "content": "Looking.",
            "reasoning_content": "Let me see.",
            "tool_calls": [
                {"id": "toolu_1", "type": "function", "function": {"name": "Bash", "arguments": {"command": "cat a"}}}
            ],
        },
        {"role": "tool", "tool_call_id": "toolu_1", "name": "Bash", "content": "one"},
        {"role": "assistant", "content": "Done."},
    ]
    assert [tool["function"]["name"] for tool in conversation["tools"]] == ["Bash"]
    assert not trajectory.compacted
    assert trajectory.left_out == {}


@pytest.mark.parametrize("name", ROLLOUTS)
def test_atif_is_valid_and_says_what_each_step_cost(name: str) -> None:
    document = to_atif(build_trajectory(ROLLOUTS[name]()), agent="a", version="1", session_id="s", model="real-model")
    parsed = Atif.model_validate(json.loads(json.dumps(document)))
    assert [step.source for step in parsed.steps] == ["system", "user", "agent", "agent"]
    step = parsed.steps[2]
    assert step.reasoning_content == "Let me see."
    assert step.observation is not None
    assert step.observation.results[0].content == "one"
    assert step.metrics is not None
    assert (step.metrics.prompt_tokens, step.metrics.cached_tokens, step.metrics.completion_tokens) == (100, 90, 5)
    assert parsed.final_metrics is not None
    assert parsed.final_metrics.total_cost_usd == pytest.approx(0.02)


def test_history_from_before_the_rollout_is_context_and_not_a_target() -> None:
    earlier = [ASKED, {"role": "assistant", "content": [{"type": "text", "text": "Earlier."}]}]
    trajectory = build_trajectory(
        [anthropic(1, [*earlier, {"role": "user", "content": "Go on"}], [{"type": "text", "text": "Now."}])]
    )
    copied = [(turn.message.text, turn.copied) for turn in trajectory.turns]
    assert copied == [("Be good.", False), ("Fix it", True), ("Earlier.", True), ("Go on", False), ("Now.", False)]
    document = to_atif(trajectory, agent="a", version="1")
    Atif.model_validate(document)
    assert [step.get("is_copied_context") for step in document["steps"]] == [None, True, True, None, None]


def test_what_is_not_the_conversation_is_left_out_and_counted() -> None:
    main = anthropic_rollout()
    title = anthropic(
        3, [{"role": "user", "content": "Title for: Fix it"}], [{"type": "text", "text": "Fix"}], tools=[]
    )
    denied = anthropic(4, [ASKED], [], auxiliary="denied", status=404)
    small = anthropic(5, [ASKED], [{"type": "text", "text": "x"}], auxiliary="mapped")
    failed = Call(6, "anthropic", b"{}", b"", status=529)
    torn = Call(7, "anthropic", main[0].request_body, main[0].response_body[:-40])
    counted = Call(8, "anthropic", b"{}", b"{}", generates=False)
    subagent = anthropic(
        9, [{"role": "user", "content": "Search"}], [{"type": "text", "text": "Found"}], tools=[{"name": "Grep"}]
    )
    odd = Call(10, "unknown-api", b"{}", b"{}")
    trajectory = build_trajectory([*main, title, denied, small, failed, torn, counted, subagent, odd])
    assert [turn.message.text for turn in trajectory.turns][-1] == "Done."
    assert trajectory.left_out == {
        "side request without tools": 1,
        "auxiliary model": 2,
        "failed or refused": 1,
        "not understood": 2,
        "not a generation": 1,
        "side conversation": 1,
    }


def test_a_rewritten_history_becomes_segments_and_is_flagged() -> None:
    summary = {"role": "user", "content": "Summary: a was read. Go on."}
    trajectory = build_trajectory(
        [*anthropic_rollout(), anthropic(3, [summary], [{"type": "text", "text": "Really done."}])]
    )
    assert trajectory.compacted
    assert [len(conversation["messages"]) for conversation in to_messages(trajectory)] == [5, 3]
    document = to_atif(trajectory, agent="a", version="1")
    Atif.model_validate(document)
    assert document["extra"]["compacted"] is True
    assert "compaction" in document["notes"]


def test_no_answered_call_is_an_empty_trajectory_that_says_why() -> None:
    trajectory = build_trajectory([Call(1, "anthropic", b"{}", b"", status=401)])
    assert trajectory.segments == ()
    assert trajectory.left_out == {"failed or refused": 1}
    Atif.model_validate(to_atif(trajectory, agent="a", version="1"))


def test_arguments_that_are_no_json_are_kept_as_text() -> None:
    body = json.dumps({"messages": [{"role": "user", "content": "x"}], "tools": []}).encode()
    call = {"id": "1", "type": "function", "function": {"name": "bash", "arguments": '{"command": '}}
    answer = {"choices": [{"message": {"role": "assistant", "content": None, "tool_calls": [call]}}]}
    trajectory = build_trajectory([Call(1, "openai-chat", body, json.dumps(answer).encode())])
    assert trajectory.turns[-1].message.tool_uses[0].arguments == {"_unparsed": '{"command": '}


@pytest.mark.parametrize("odd", ['{"a": NaN}', '{"a": 1e999}', '{"a":' * 600 + "1" + "}" * 600])
def test_what_can_not_be_written_again_is_kept_as_text_or_not_understood(odd: str) -> None:
    body = json.dumps({"messages": [{"role": "user", "content": "x"}], "tools": []}).encode()
    call = {"id": "1", "type": "function", "function": {"name": "bash", "arguments": odd}}
    answer = {"choices": [{"message": {"role": "assistant", "content": None, "tool_calls": [call]}}]}
    trajectory = build_trajectory([Call(1, "openai-chat", body, json.dumps(answer).encode())])
    assert trajectory.turns[-1].message.tool_uses[0].arguments == {"_unparsed": odd}
    tool = f'{{"messages": [], "tools": [{{"function": {{"name": "bash", "parameters": {odd}}}}}]}}'.encode()
    trajectory = build_trajectory([Call(1, "openai-chat", tool, json.dumps(answer).encode())])
    assert trajectory.left_out == {"not understood": 1}


def acp_lines() -> list[RawLine]:
    def update(**fields: Any) -> RawLine:
        return RawLine("from_agent", 0.0, {"method": "session/update", "params": {"sessionId": "s", "update": fields}})

    def text(kind: str, value: str) -> RawLine:
        return update(sessionUpdate=kind, content={"type": "text", "text": value})

    output = [{"type": "content", "content": {"type": "text", "text": "one"}}]
    return [
        text("agent_message_chunk", "replayed history"),
        RawLine(
            "to_agent",
            0.0,
            {"id": 3, "method": "session/prompt", "params": {"prompt": [{"type": "text", "text": "Fix it"}]}},
        ),
        text("agent_thought_chunk", "Hm."),
        text("agent_message_chunk", "Look"),
        text("agent_message_chunk", "ing."),
        RawLine("from_agent", 0.0, None, "stray log line"),
        update(sessionUpdate="tool_call", toolCallId="c", kind="execute", rawInput={"command": "cat a"}),
        update(sessionUpdate="tool_call_update", toolCallId="c", status="completed", content=output),
        text("agent_message_chunk", "Done."),
        RawLine("from_agent", 0.0, {"id": 3, "result": {"stopReason": "end_turn"}}),
        text("agent_message_chunk", "late"),
    ]


def test_an_agent_without_model_calls_has_a_trajectory_of_what_it_reported() -> None:
    trajectory = trajectory_from_acp(acp_lines())
    assert trajectory.source == "acp"
    assert [(turn.message.role, turn.message.text) for turn in trajectory.turns] == [
        ("user", "Fix it"),
        ("assistant", "Looking."),
        ("tool", "one"),
        ("assistant", "Done."),
    ]
    document = to_atif(trajectory, agent="scripted", version="1")
    parsed = Atif.model_validate(document)
    assert parsed.steps[1].llm_call_count == 0
    assert document["extra"]["source"] == "acp"


def test_a_told_conversation_counts_its_turns_and_shortens_results() -> None:
    trajectory: Trajectory = build_trajectory(anthropic_rollout())
    told = render_transcript(trajectory)
    assert told.startswith("Conversation so far (1 turn).")
    assert '[ran Bash: {"command": "cat a"}]' in told
    assert "Be good." not in told
    assert "Let me see." not in told
    long = [turn.message for turn in trajectory_from_acp(acp_lines()).turns]
    assert "characters left out" not in render_transcript(long)
