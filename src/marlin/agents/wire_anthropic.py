"""Anthropic Messages → :mod:`marlin.agents.conversation`. Pure.

Source: https://docs.anthropic.com/en/api/messages and …/messages-streaming
"""

from __future__ import annotations

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


def read_request(body: dict[str, Any]) -> Request:
    """The history and tools of a request."""
    messages: list[Message] = []
    system = body.get("system")
    text = system if isinstance(system, str) else "\n\n".join(str(part.get("text", "")) for part in objects(system))
    if text:
        messages.append(Message("system", text))
    for item in objects(body.get("messages")):
        messages += _messages(item)
    tools = []
    for tool in objects(body.get("tools")):
        schema = tool.get("input_schema")
        tools.append(function_tool(tool.get("name"), tool.get("description"), schema))
    return Request(tuple(messages), tuple(tools))


def read_response(body: bytes) -> Message | None:
    """The assistant's message; None when the body holds no whole one."""
    if not is_stream(body):
        whole = read_json(body)
        return _assistant(objects(whole.get("content"))) if whole.get("type") == "message" else None
    blocks: dict[int, dict[str, Any]] = {}
    ended = False
    for event in sse_events(body):
        kind, index = event.get("type"), event.get("index", 0)
        if kind == "content_block_start":
            blocks[index] = {**(event.get("content_block") or {}), "pieces": []}
        elif kind == "content_block_delta" and index in blocks:
            delta = event.get("delta") or {}
            piece = delta.get("text") or delta.get("thinking") or delta.get("partial_json") or ""
            blocks[index]["pieces"].append(piece)
        elif kind == "message_stop":
            ended = True
    if not ended:
        return None
    return _assistant([_joined(block) for _, block in sorted(blocks.items())])


def _joined(block: dict[str, Any]) -> dict[str, Any]:
    text = "".join(block["pieces"])
    kind = block.get("type")
    if kind == "text":
        return {"type": kind, "text": str(block.get("text") or "") + text}
    if kind == "thinking":
        return {"type": kind, "thinking": str(block.get("thinking") or "") + text}
    if kind in ("tool_use", "server_tool_use"):
        given = parse_arguments(text) if text else parse_arguments(block.get("input"))
        return {"type": kind, "id": block.get("id"), "name": block.get("name"), "input": given}
    return block


def _messages(item: dict[str, Any]) -> list[Message]:
    content = item.get("content")
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else objects(content)
    if item.get("role") == "assistant":
        return [_assistant(blocks)]
    tools = [_tool_result(block) for block in blocks if block.get("type") == "tool_result"]
    rest = [block for block in blocks if block.get("type") != "tool_result"]
    draft = Draft("system" if item.get("role") == "system" else "user")
    _add(draft, rest)
    return [*tools, draft.done()] if rest else tools


def _assistant(blocks: list[dict[str, Any]]) -> Message:
    draft = Draft("assistant")
    _add(draft, blocks)
    return draft.done()


def _add(draft: Draft, blocks: list[dict[str, Any]]) -> None:
    for block in blocks:
        kind = block.get("type")
        if kind == "text":
            draft.texts.append(str(block.get("text", "")))
        elif kind == "thinking":
            draft.reasoning.append(str(block.get("thinking", "")))
        elif kind in ("tool_use", "server_tool_use"):
            use = ToolUse(str(block.get("id")), str(block.get("name")), parse_arguments(block.get("input")))
            draft.tool_uses.append(use)
        else:
            draft.left_out.append(str(kind))


def _tool_result(block: dict[str, Any]) -> Message:
    content = block.get("content")
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else objects(content)
    return Message(
        "tool",
        "\n".join(str(part.get("text", "")) for part in parts if part.get("type") == "text"),
        tool_call_id=str(block.get("tool_use_id")),
        failed=bool(block.get("is_error")),
        left_out=tuple(str(part.get("type")) for part in parts if part.get("type") != "text"),
    )
