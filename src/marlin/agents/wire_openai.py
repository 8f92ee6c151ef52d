"""OpenAI Chat Completions and Responses → :mod:`marlin.agents.conversation`. Pure.

Source: https://platform.openai.com/docs/api-reference/chat and …/responses
"""

from __future__ import annotations

import json
from typing import Any

from .conversation import (
    Draft,
    Message,
    Request,
    ToolUse,
    function_tool,
    is_stream,
    objects,
    parse_arguments,
    sse_events,
)
from .json_text import read_json


def read_chat_request(body: dict[str, Any]) -> Request:
    """The history and tools of a chat completion."""
    messages = [_chat_message(item) for item in objects(body.get("messages"))]
    tools = []
    for tool in objects(body.get("tools")):
        function = tool.get("function") or {}
        tools.append(function_tool(function.get("name"), function.get("description"), function.get("parameters")))
    return Request(tuple(messages), tuple(tools))


def read_chat_response(body: bytes) -> Message | None:
    """The assistant's message of the first choice; None when the body holds no whole one."""
    if not is_stream(body):
        choices = objects(read_json(body).get("choices"))
        return _chat_message({"role": "assistant", **(choices[0].get("message") or {})}) if choices else None
    text, reasoning, ended = "", "", False
    calls: dict[int, dict[str, str]] = {}
    for event in sse_events(body):
        for choice in objects(event.get("choices"))[:1]:
            delta = choice.get("delta") or {}
            text += delta.get("content") or ""
            reasoning += delta.get("reasoning_content") or delta.get("reasoning") or ""
            for part in objects(delta.get("tool_calls")):
                call = calls.setdefault(part.get("index", 0), {"id": "", "name": "", "arguments": ""})
                function = part.get("function") or {}
                call["id"] = part.get("id") or call["id"]
                call["name"] += function.get("name") or ""
                call["arguments"] += function.get("arguments") or ""
            ended = ended or bool(choice.get("finish_reason"))
    if not ended:
        return None
    uses = [ToolUse(c["id"], c["name"], parse_arguments(c["arguments"])) for _, c in sorted(calls.items())]
    return Message("assistant", text, reasoning, tuple(uses))


def read_responses_request(body: dict[str, Any]) -> Request:
    """The history and tools of a response."""
    messages: list[Message] = []
    if isinstance(body.get("instructions"), str) and body["instructions"]:
        messages.append(Message("system", body["instructions"]))
    given = body.get("input")
    items = [{"role": "user", "content": given}] if isinstance(given, str) else objects(given)
    messages += _from_items(items)
    tools = []
    for tool in objects(body.get("tools")):
        if tool.get("type") in ("function", "custom"):
            tools.append(function_tool(tool.get("name"), tool.get("description"), tool.get("parameters")))
        else:
            tools.append(function_tool(tool.get("name") or tool.get("type"), "", None))
    notes: tuple[str, ...] = ()
    if body.get("previous_response_id"):
        notes = ("the upstream held part of the history (previous_response_id): it is not in this record",)
    return Request(tuple(messages), tuple(tools), notes)


def read_responses_response(body: bytes) -> Message | None:
    """The assistant's message; None when the body holds no whole one."""
    if not is_stream(body):
        whole = read_json(body)
        return _only(_from_items(objects(whole.get("output")))) if "output" in whole else None
    items: list[dict[str, Any]] = []
    for event in sse_events(body):
        if event.get("type") == "response.output_item.done" and isinstance(event.get("item"), dict):
            items.append(event["item"])
        elif event.get("type") in ("response.completed", "response.incomplete"):
            whole = objects((event.get("response") or {}).get("output"))
            return _only(_from_items(whole or items))
    return None


def _only(messages: list[Message]) -> Message | None:
    return next((message for message in messages if message.role == "assistant"), Message("assistant"))


def _chat_message(item: dict[str, Any]) -> Message:
    role = {"developer": "system", "function": "tool"}.get(str(item.get("role")), str(item.get("role")))
    content = item.get("content")
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else objects(content)
    texts = [str(part.get("text") or part.get("refusal") or "") for part in parts]
    left_out = [str(part.get("type")) for part in parts if part.get("type") not in ("text", "refusal")]
    if isinstance(item.get("refusal"), str) and item["refusal"]:
        texts.append(item["refusal"])
    uses = []
    for call in objects(item.get("tool_calls")):
        function = call.get("function") or call.get("custom") or {}
        given = function.get("arguments") if "arguments" in function else function.get("input")
        uses.append(ToolUse(str(call.get("id")), str(function.get("name")), parse_arguments(given)))
    return Message(
        role=role if role in ("system", "user", "assistant", "tool") else "user",  # type: ignore[arg-type]
        text="\n\n".join(text for text in texts if text),
        reasoning=str(item.get("reasoning_content") or item.get("reasoning") or ""),
        tool_uses=tuple(uses),
        tool_call_id=str(item["tool_call_id"]) if item.get("tool_call_id") else None,
        left_out=tuple(left_out),
    )


def _from_items(items: list[dict[str, Any]]) -> list[Message]:
    """Messages from Responses items: neighbouring output items are one assistant's message."""
    messages: list[Message] = []
    draft: Draft | None = None
    for item in items:
        kind = item.get("type") or "message"
        is_output = kind == "reasoning" or kind.endswith("_call") or item.get("role") == "assistant"
        if is_output:
            draft = draft or Draft("assistant")
            _add_output(draft, kind, item)
            continue
        if draft:
            messages.append(draft.done())
            draft = None
        if kind.endswith("_call_output"):
            messages.append(_tool_output(item))
        elif kind == "message":
            messages.append(_chat_message({**item, "content": _plain(item.get("content"))}))
    if draft:
        messages.append(draft.done())
    return messages


def _add_output(draft: Draft, kind: str, item: dict[str, Any]) -> None:
    if kind == "message":
        message = _chat_message({"role": "assistant", "content": _plain(item.get("content"))})
        draft.texts.append(message.text)
        draft.left_out += message.left_out
    elif kind == "reasoning":
        parts = objects(item.get("content")) or objects(item.get("summary"))
        text = "\n\n".join(str(part.get("text", "")) for part in parts)
        draft.reasoning.append(text)
        if not text:
            draft.left_out.append("encrypted reasoning")
    else:
        given = next((item[key] for key in ("arguments", "input", "action") if key in item), None)
        arguments = {"input": given} if kind == "custom_tool_call" else parse_arguments(given)
        name = item.get("name") or kind.removesuffix("_call")
        draft.tool_uses.append(ToolUse(str(item.get("call_id") or item.get("id")), str(name), arguments))


def _tool_output(item: dict[str, Any]) -> Message:
    output = item.get("output")
    if isinstance(output, list):
        text = "\n".join(str(part.get("text", "")) for part in objects(output))
    else:
        text = output if isinstance(output, str) else json.dumps(output)
    return Message("tool", text, tool_call_id=str(item.get("call_id")))


def _plain(content: Any) -> Any:
    """Responses names its text parts ``input_text`` and ``output_text``."""
    if not isinstance(content, list):
        return content
    return [
        {**part, "type": "text"} if part.get("type") in ("input_text", "output_text", "summary_text") else part
        for part in objects(content)
    ]
