"""The trajectory of an agent that makes no model calls, from its raw ACP log. Pure.

It says what the agent reported, not what a model saw: its source is ``acp``, and training never uses it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .conversation import Draft, Message, ToolUse, objects, parse_arguments
from .sinks import RawLine
from .tool_calls import output_of
from .trajectories import Segment, Trajectory, Turn

NOTE = "derived from what the agent reported over ACP: it made no model calls"


def trajectory_from_acp(lines: Iterable[RawLine]) -> Trajectory:
    """The trajectory of a rollout from the raw lines of its session (:func:`marlin.agents.read_jsonl`)."""
    story = _Story()
    prompting: Any = None
    for line in lines:
        message = line.message or {}
        given = message.get("params")
        params: dict[str, Any] = given if isinstance(given, dict) else {}
        if line.direction == "to_agent" and message.get("method") == "session/prompt":
            prompting = message.get("id")
            story.says_user("".join(str(part.get("text", "")) for part in objects(params.get("prompt"))))
        elif line.direction == "from_agent" and prompting is not None:
            if message.get("method") == "session/update" and isinstance(params.get("update"), dict):
                story.update(params["update"])
            elif message.get("id") == prompting and "method" not in message:
                prompting = None
    turns = tuple(Turn(message) for message in story.end())
    return Trajectory("acp", (Segment(turns, ()),) if turns else (), {}, (NOTE,))


class _Story:
    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._draft: Draft | None = None
        self._text = ""
        self._thought = ""
        self._calls: dict[str, dict[str, Any]] = {}

    def says_user(self, text: str) -> None:
        self._close()
        self._messages.append(Message("user", text))

    def update(self, update: dict[str, Any]) -> None:
        kind = update.get("sessionUpdate")
        content = update.get("content")
        text = str(content.get("text", "")) if isinstance(content, dict) else ""
        if kind == "agent_message_chunk":
            if self._calls:
                self._close()
            self._text += text
        elif kind == "agent_thought_chunk":
            if self._calls:
                self._close()
            self._thought += text
        elif kind in ("tool_call", "tool_call_update"):
            call = self._calls.setdefault(str(update.get("toolCallId")), {})
            call.update({name: value for name, value in update.items() if value not in (None, [], {})})

    def end(self) -> list[Message]:
        self._close()
        return self._messages

    def _close(self) -> None:
        """One step: what was said and thought, then the calls that followed."""
        if not (self._text or self._thought or self._calls):
            return
        draft = Draft("assistant", [self._text], [self._thought])
        results = []
        for call_id, call in self._calls.items():
            arguments = call.get("rawInput")
            name = str(call.get("kind") or "other")
            draft.tool_uses.append(
                ToolUse(call_id, name, parse_arguments(arguments if isinstance(arguments, dict) else {}))
            )
            failed = call.get("status") == "failed"
            results.append(Message("tool", output_of(call), tool_call_id=call_id, failed=failed))
        self._messages += [draft.done(), *results]
        self._text, self._thought, self._calls = "", "", {}
