"""The three APIs a scripted model speaks: reading a request's conversation, writing an answer, streamed or whole.

Shapes follow the public references of Anthropic Messages, OpenAI Chat Completions and OpenAI Responses.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .model_scenario import Conversation, Refusal, Text, Thinking, Tool, ToolCall

Said = Text | Thinking | Refusal | ToolCall


@dataclass(frozen=True)
class Counted:
    """What an answer claims to have used, in tokens; ``prompt`` counts all of it, cached parts included."""

    prompt: int
    cache_read: int
    cache_write: int
    output: int
    reasoning: int


@dataclass(frozen=True)
class Answer:
    """One model call's answer, before it is put into an API's words."""

    number: int
    """Of the call on this server; makes the ids."""
    model: str
    said: Sequence[Said]
    counted: Counted
    include_usage: bool = True
    """Chat streams report usage only when asked."""


def _sse(data: Mapping[str, Any], event: str | None = None) -> bytes:
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def _pieces(text: str, size: int = 24) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content or () if isinstance(part, dict))


def _tool(name: str, schema: Any, kind: str = "function") -> Tool:
    schema = schema if isinstance(schema, dict) else {}
    return Tool(name, schema.get("properties") or {}, schema.get("required") or (), kind)


# --- Anthropic Messages -----------------------------------------------------------------------------------------------


def read_messages(body: Mapping[str, Any]) -> Conversation:
    """The conversation of an Anthropic Messages request."""
    state = Conversation(tools=[_tool(t.get("name", ""), t.get("input_schema")) for t in body.get("tools") or ()])
    for message in body.get("messages") or ():
        content = message.get("content")
        if message.get("role") == "assistant":
            state.says_assistant()
        elif message.get("role") == "user":
            blocks = content if isinstance(content, list) else []
            results = sum(1 for block in blocks if block.get("type") == "tool_result")
            if results:
                state.has_results(results)
            else:
                state.says_user(_text_of(content))
    return state


def _blocks(answer: Answer) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    for index, part in enumerate(answer.said):
        match part:
            case Text(text) | Refusal(text):
                blocks.append({"type": "text", "text": text})
            case Thinking(text):
                blocks.append({"type": "thinking", "thinking": text, "signature": f"c2lnbmVk{answer.number}"})
            case ToolCall(name, arguments):
                call = f"toolu_{answer.number:04d}{index:02d}"
                blocks.append({"type": "tool_use", "id": call, "name": name, "input": dict(arguments)})
    return blocks


def _anthropic_stop(answer: Answer) -> str:
    if any(isinstance(part, Refusal) for part in answer.said):
        return "refusal"
    return "tool_use" if any(isinstance(part, ToolCall) for part in answer.said) else "end_turn"


def _anthropic_usage(counted: Counted) -> dict[str, Any]:
    return {
        "input_tokens": counted.prompt - counted.cache_read - counted.cache_write,
        "cache_creation_input_tokens": counted.cache_write,
        "cache_read_input_tokens": counted.cache_read,
        "output_tokens": counted.output,
        "service_tier": "standard",
    }


def messages_whole(answer: Answer) -> dict[str, Any]:
    """An Anthropic message."""
    return {
        "id": f"msg_{answer.number:04d}",
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": _blocks(answer),
        "stop_reason": _anthropic_stop(answer),
        "stop_sequence": None,
        "usage": _anthropic_usage(answer.counted),
    }


def messages_events(answer: Answer) -> Iterator[bytes]:
    """The same, streamed."""

    def event(kind: str, **fields: Any) -> bytes:
        return _sse({"type": kind, **fields}, kind)

    head = {**messages_whole(answer), "content": [], "stop_reason": None}
    head["usage"] = {**head["usage"], "output_tokens": 1}
    yield event("message_start", message=head)
    for index, block in enumerate(_blocks(answer)):
        kind = block["type"]
        empty = {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""}, "tool_use": {"input": {}}}[kind]
        yield event("content_block_start", index=index, content_block={**block, **empty})
        if index == 0:
            yield event("ping")
        text = json.dumps(block["input"]) if kind == "tool_use" else block[kind]
        name, field = {
            "text": ("text_delta", "text"),
            "thinking": ("thinking_delta", "thinking"),
            "tool_use": ("input_json_delta", "partial_json"),
        }[kind]
        for piece in _pieces(text):
            yield event("content_block_delta", index=index, delta={"type": name, field: piece})
        if kind == "thinking":
            signed = {"type": "signature_delta", "signature": block["signature"]}
            yield event("content_block_delta", index=index, delta=signed)
        yield event("content_block_stop", index=index)
    stop = {"stop_reason": _anthropic_stop(answer), "stop_sequence": None}
    yield event("message_delta", delta=stop, usage=_anthropic_usage(answer.counted))
    yield event("message_stop")


# --- OpenAI Chat Completions ------------------------------------------------------------------------------------------


def read_chat(body: Mapping[str, Any]) -> Conversation:
    """The conversation of a Chat Completions request."""
    tools = [tool.get("function") or {} for tool in body.get("tools") or ()]
    state = Conversation(tools=[_tool(tool.get("name", ""), tool.get("parameters")) for tool in tools])
    for message in body.get("messages") or ():
        match message.get("role"):
            case "assistant":
                state.says_assistant()
            case "tool":
                state.has_results()
            case "user":
                state.says_user(_text_of(message.get("content")))
    return state


def _chat_calls(answer: Answer) -> list[dict[str, Any]]:
    calls = [part for part in answer.said if isinstance(part, ToolCall)]
    return [
        {
            "id": f"call_{answer.number:04d}{index:02d}",
            "type": "function",
            "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments))},
        }
        for index, call in enumerate(calls)
    ]


def _chat_usage(counted: Counted) -> dict[str, Any]:
    return {
        "prompt_tokens": counted.prompt,
        "completion_tokens": counted.output,
        "total_tokens": counted.prompt + counted.output,
        "prompt_tokens_details": {"cached_tokens": counted.cache_read},
        "completion_tokens_details": {"reasoning_tokens": counted.reasoning},
    }


def _joined(answer: Answer, kind: type[Text] | type[Thinking] | type[Refusal]) -> str:
    return "".join(part.text for part in answer.said if isinstance(part, kind))


def chat_whole(answer: Answer) -> dict[str, Any]:
    """A chat completion."""
    calls = _chat_calls(answer)
    message: dict[str, Any] = {"role": "assistant", "content": _joined(answer, Text) or None}
    message["refusal"] = _joined(answer, Refusal) or None
    if thought := _joined(answer, Thinking):
        message["reasoning_content"] = thought
    if calls:
        message["tool_calls"] = calls
    return {
        "id": f"chatcmpl-{answer.number:04d}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": answer.model,
        "system_fingerprint": "fp_44709d6fcb",
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}],
        "usage": _chat_usage(answer.counted),
    }


def chat_events(answer: Answer) -> Iterator[bytes]:
    """The same, streamed; usage comes in a last chunk if the request asked for it."""
    base = {key: value for key, value in chat_whole(answer).items() if key not in ("choices", "usage")}
    base["object"] = "chat.completion.chunk"

    def chunk(delta: Mapping[str, Any], finish: str | None = None) -> bytes:
        return _sse({**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    yield chunk({"role": "assistant", "content": ""})
    for part in answer.said:
        field = {Text: "content", Thinking: "reasoning_content", Refusal: "refusal"}.get(type(part))
        if field and not isinstance(part, ToolCall):
            for piece in _pieces(part.text):
                yield chunk({field: piece})
    calls = _chat_calls(answer)
    for index, call in enumerate(calls):
        function = call["function"]
        head = {**call, "index": index, "function": {"name": function["name"], "arguments": ""}}
        yield chunk({"tool_calls": [head]})
        for piece in _pieces(function["arguments"]):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield chunk({}, "tool_calls" if calls else "stop")
    if answer.include_usage:
        yield _sse({**base, "choices": [], "usage": _chat_usage(answer.counted)})
    yield b"data: [DONE]\n\n"


# --- OpenAI Responses -------------------------------------------------------------------------------------------------


def read_responses(body: Mapping[str, Any]) -> Conversation:
    """The conversation of a Responses request."""
    state = Conversation(tools=list(_response_tools(body.get("tools") or ())))
    given = body.get("input")
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given or ()
    for item in items:
        kind = item.get("type", "message")
        if kind.endswith("_call_output"):
            state.has_results()
        elif kind == "message" and item.get("role") == "user":
            state.says_user(_text_of(item.get("content")))
        elif item.get("role") not in ("system", "developer"):
            state.says_assistant()
    return state


def _response_tools(tools: Sequence[Mapping[str, Any]]) -> Iterator[Tool]:
    for tool in tools:
        if tool.get("type") == "namespace":
            yield from _response_tools(tool.get("tools") or ())
        else:
            kind = str(tool.get("type", "function"))
            yield _tool(str(tool.get("name") or kind), tool.get("parameters"), kind)


def _items(answer: Answer) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for index, part in enumerate(answer.said):
        mark = f"{answer.number:04d}{index:02d}"
        match part:
            case Thinking(text):
                summary = [{"type": "summary_text", "text": text}]
                items.append(
                    {"type": "reasoning", "id": f"rs_{mark}", "summary": summary, "encrypted_content": "c2VhbGVk"}
                )
            case Text(text):
                content: dict[str, Any] = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
                items.append(_message(mark, content))
            case Refusal(text):
                items.append(_message(mark, {"type": "refusal", "refusal": text}))
            case ToolCall("local_shell", arguments):
                action = {"type": "exec", "env": {}, **arguments}
                call = {"type": "local_shell_call", "id": f"lsh_{mark}", "call_id": f"call_{mark}", "action": action}
                items.append({**call, "status": "completed"})
            case ToolCall(name, arguments):
                call = {"type": "function_call", "id": f"fc_{mark}", "call_id": f"call_{mark}", "name": name}
                items.append({**call, "arguments": json.dumps(dict(arguments)), "status": "completed"})
    return items


def _message(mark: str, content: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "message", "id": f"msg_{mark}", "role": "assistant", "status": "completed", "content": [content]}


def _responses_usage(counted: Counted) -> dict[str, Any]:
    return {
        "input_tokens": counted.prompt,
        "input_tokens_details": {"cached_tokens": counted.cache_read},
        "output_tokens": counted.output,
        "output_tokens_details": {"reasoning_tokens": counted.reasoning},
        "total_tokens": counted.prompt + counted.output,
    }


def responses_whole(answer: Answer) -> dict[str, Any]:
    """A response object."""
    return {
        "id": f"resp_{answer.number:04d}",
        "object": "response",
        "created_at": 1_700_000_000,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "model": answer.model,
        "output": _items(answer),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": _responses_usage(answer.counted),
        "metadata": {},
    }


def responses_events(answer: Answer) -> Iterator[bytes]:
    """The same, streamed."""
    whole = responses_whole(answer)
    sequence = iter(range(1_000_000))

    def event(kind: str, **fields: Any) -> bytes:
        return _sse({"type": kind, "sequence_number": next(sequence), **fields}, kind)

    head = {**whole, "status": "in_progress", "output": [], "usage": None}
    yield event("response.created", response=head)
    yield event("response.in_progress", response=head)
    for index, item in enumerate(whole["output"]):
        at = {"item_id": item["id"], "output_index": index}
        empty = {"message": {"content": []}, "function_call": {"arguments": ""}, "reasoning": {"summary": []}}
        opened = {**item, "status": "in_progress", **empty.get(item["type"], {})}
        yield event("response.output_item.added", output_index=index, item=opened)
        if item["type"] == "function_call":
            for piece in _pieces(item["arguments"]):
                yield event("response.function_call_arguments.delta", **at, delta=piece)
            yield event("response.function_call_arguments.done", **at, arguments=item["arguments"])
        elif item["type"] == "message":
            part = item["content"][0]
            name, field = ("output_text", "text") if part["type"] == "output_text" else ("refusal", "refusal")
            at["content_index"] = 0
            yield event("response.content_part.added", **at, part={**part, field: ""})
            for piece in _pieces(part[field]):
                yield event(f"response.{name}.delta", **at, delta=piece)
            yield event(f"response.{name}.done", **at, **{field: part[field]})
            yield event("response.content_part.done", **at, part=part)
        elif item["type"] == "reasoning":
            at["summary_index"] = 0
            part = item["summary"][0]
            yield event("response.reasoning_summary_part.added", **at, part={**part, "text": ""})
            for piece in _pieces(part["text"]):
                yield event("response.reasoning_summary_text.delta", **at, delta=piece)
            yield event("response.reasoning_summary_text.done", **at, text=part["text"])
            yield event("response.reasoning_summary_part.done", **at, part=part)
        yield event("response.output_item.done", output_index=index, item=item)
    yield event("response.completed", response=whole)
