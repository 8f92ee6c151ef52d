"""What an agent does while it works, as shown live: a closed vocabulary with no room for identity.

Events are for eyes only. They are derived from raw ACP traffic by keeping the fields named here and dropping the rest
(``_meta``, cost, tokens, agent info, model lists …), because those tell the arms apart. Training data comes from the
gateway's raw exchanges, never from here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MessageChunk(_Event):
    """Text the agent addresses to the person, in pieces; pieces with the same ``message_id`` belong together."""

    kind: Literal["message"] = "message"
    message_id: str
    text: str


class ThoughtChunk(_Event):
    """The agent's visible reasoning, in pieces."""

    kind: Literal["thought"] = "thought"
    message_id: str
    text: str


class Location(_Event):
    """A file (relative to the workspace) and line a tool call touches."""

    path: str
    line: int | None = None


class ToolCall(_Event):
    """A tool call has begun. Another one with the same ``call_id`` replaces it: arguments arrive in pieces."""

    kind: Literal["tool_call"] = "tool_call"
    call_id: str
    title: str
    """Normalised, so that two different agents look alike (``Run: pytest -q``, ``Read src/a.py``)."""
    tool: Literal["read", "edit", "delete", "move", "search", "execute", "think", "fetch", "other"] = "other"
    locations: list[Location] = Field(default_factory=list)
    input: str = ""
    """The command, pattern or path, as text."""


class ToolUpdate(_Event):
    """A tool call went on or ended."""

    kind: Literal["tool_update"] = "tool_update"
    call_id: str
    status: Literal["running", "completed", "failed", "cancelled"]
    output: str = ""
    """Output to append, terminal colour codes kept."""
    patch: str = ""
    """A unified diff of what the call says it changed; the truth is the diff of the snapshot."""


class PlanEntry(_Event):
    content: str
    status: Literal["pending", "in_progress", "completed"] = "pending"


class Plan(_Event):
    """The agent's plan, whole; replaces the one before."""

    kind: Literal["plan"] = "plan"
    entries: list[PlanEntry]


class Notice(_Event):
    """Something the platform did or saw: a permission answered by policy, output cut, a call closed after a cancel."""

    kind: Literal["notice"] = "notice"
    text: str


AgentEvent = Annotated[MessageChunk | ThoughtChunk | ToolCall | ToolUpdate | Plan | Notice, Field(discriminator="kind")]
"""Any event of an agent."""
