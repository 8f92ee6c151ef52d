"""A conversation with a model in one form, whichever API carried it. Pure."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any, Literal

from .json_text import read_json

Role = Literal["system", "user", "assistant", "tool"]

UNPARSED = "_unparsed"
"""Argument name for tool arguments that are not a JSON object; its value is their text."""

REMINDER = re.compile(
    r"(?:(?<!\s)\s++)?<system-reminder>[^<]*+(?:<(?!/?system-reminder>)[^<]*+)*+</system-reminder>\s*+"
)
"""What a harness puts between. Read in one pass: the text may be anything, a megabyte of its first half too."""
_DEEPEST = 64
"""Objects and arrays within each other. Readers of JSON give up at some hundred; nothing that a tool takes has ten."""
_REMINDS = "<system-reminder>"
"""Looked for before the pattern, which tries every blank of a text that has none."""


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A call of a tool by the model."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    :ivar reasoning: visible reasoning of an assistant's message; signatures and encrypted parts are left out.
    :ivar tool_call_id: of a tool's message: which call it answers.
    :ivar failed: the tool's message reports an error.
    :ivar left_out: parts that text can't hold (images, encrypted reasoning), by kind.
    """

    role: Role
    text: str = ""
    reasoning: str = ""
    tool_uses: tuple[ToolUse, ...] = ()
    tool_call_id: str | None = None
    failed: bool = False
    left_out: tuple[str, ...] = ()

    def key(self) -> tuple[object, ...]:
        """What must agree for two messages to be the same one.

        Harnesses move cache marks, drop reasoning and add reminders between calls: none of that counts.
        """
        text = REMINDER.sub("", self.text) if _REMINDS in self.text else self.text
        return (self.role, text.strip(), tuple(use.id for use in self.tool_uses), self.tool_call_id)


@dataclass(frozen=True, slots=True)
class Request:
    """What a model was asked: the history, and the tools it could use."""

    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] = ()
    """As OpenAI-style function definitions."""
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """A message being put together from parts."""

    role: Role
    texts: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    tool_uses: list[ToolUse] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def done(self) -> Message:
        """The message."""
        return Message(
            role=self.role,
            text="\n\n".join(text for text in self.texts if text),
            reasoning="\n\n".join(text for text in self.reasoning if text),
            tool_uses=tuple(self.tool_uses),
            left_out=tuple(self.left_out),
        )


def parse_arguments(value: Any) -> dict[str, Any]:
    """Tool arguments as a dict; text that is no plain JSON object is kept under ``_unparsed``."""
    if not isinstance(value, str):
        if isinstance(value, dict) and is_plain(value):
            return value
        return {} if value is None else {UNPARSED: json.dumps(value)}
    if not value.strip():
        return {}
    try:
        parsed = read_json(value.encode(errors="replace"))
    except (ValueError, RecursionError):
        return {UNPARSED: value}
    return parsed if isinstance(parsed, dict) and is_plain(parsed) else {UNPARSED: value}


def is_plain(value: Any) -> bool:
    """Whether everybody can read a JSON value again: no NaN or infinity, which Python reads, and nested little."""
    waiting = [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        if isinstance(one, float) and not math.isfinite(one):
            return False
        if isinstance(one, dict | list):
            if depth == _DEEPEST:
                return False
            waiting += [(part, depth + 1) for part in (one.values() if isinstance(one, dict) else one)]
    return True


def function_tool(name: Any, description: Any, parameters: Any) -> dict[str, Any]:
    """An OpenAI-style tool definition."""
    return {
        "type": "function",
        "function": {
            "name": str(name),
            "description": description if isinstance(description, str) else "",
            "parameters": parameters if isinstance(parameters, dict) else {"type": "object", "properties": {}},
        },
    }


def sse_events(body: bytes) -> list[dict[str, Any]]:
    """The JSON objects of a stream of server-sent events; a torn last event is left out."""
    events = []
    for block in re.split(rb"\r\n\r\n|\n\n|\r\r", body):
        data = b"\n".join(
            line[5:].removeprefix(b" ") for line in re.split(rb"\r\n|\n|\r", block) if line.startswith(b"data:")
        )
        if data and data.strip() != b"[DONE]":
            try:
                event = read_json(data)
            except ValueError:
                continue
            if isinstance(event, dict):
                events.append(event)
    return events


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a JSON array; empty for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def is_stream(body: bytes) -> bool:
    """Whether a response body is server-sent events rather than one JSON object."""
    return not body.lstrip().startswith((b"{", b"["))
