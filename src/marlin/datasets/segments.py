"""One side's part of a turn, and whether two sides make a pair to train on. Pure.

The shared history is what came before the first message that this rollout generated; a side is everything after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marlin.agents import Trajectory, to_messages

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """What one arm saw and did in one turn.

    :ivar source: gateway, acp or none.
    :ivar system: the harness's own instructions. :ivar history: other messages before the arm's first.
    :ivar messages: from the arm's first message on.
    :ivar refused: why it can't be trained on as a trajectory; None when it can.
    """

    source: str
    system: str = ""
    history: tuple[Message, ...] = ()
    messages: tuple[Message, ...] = ()
    tools: tuple[dict[str, Any], ...] = ()
    refused: str | None = None


def part_of(trajectory: Trajectory | None) -> Part:
    """A side's part, from its trajectory; None where nothing was recorded."""
    if trajectory is None or not trajectory.segments:
        return Part("none", refused="no conversation was recorded")
    whole = to_messages(trajectory)
    turns = [turn for segment in trajectory.segments for turn in segment.turns]
    messages = [_clean(message) for conversation in whole for message in conversation["messages"]]
    first = _first_own(trajectory, turns)
    before, after = messages[:first], messages[first:]
    system = "\n\n".join(str(message["content"]) for message in before if message["role"] == "system")
    return Part(
        source=trajectory.source,
        system=system,
        history=tuple(message for message in before if message["role"] != "system"),
        messages=tuple(after),
        tools=tuple(whole[0]["tools"]),
        refused=_refused(trajectory, after),
    )


def _first_own(trajectory: Trajectory, turns: list[Any]) -> int:
    """Where the rollout's own messages begin: at the first that it generated, or (acp) the first answer."""
    for index, turn in enumerate(turns):
        if turn.message.role == "assistant" and not turn.copied and (turn.generation or trajectory.source == "acp"):
            return index
    return len(turns)


def _refused(trajectory: Trajectory, after: list[Message]) -> str | None:
    if trajectory.source != "gateway":
        return "a side made no model calls: what it did is known from its own words only"
    if trajectory.left_out.get("not understood"):
        return "a side has a model call that can't be read"
    if trajectory.compacted:
        return "a side rewrote its history (compaction)"
    if not any(message["role"] == "assistant" for message in after):
        return "a side said nothing"
    if any("_unparsed" in call["function"]["arguments"] for message in after for call in message.get("tool_calls", ())):
        return "a side called a tool with arguments that are no JSON object"
    return None


def _clean(message: Message) -> Message:
    return {name: value for name, value in message.items() if name != "copied"}


@dataclass(frozen=True, slots=True)
class Shared:
    """What both sides began from. :ivar refused: why the two make no pair of trajectories; None when they do."""

    prompt: tuple[Message, ...] | None
    tools: tuple[dict[str, Any], ...] | None
    refused: str | None


def shared(a: Part, b: Part, request: str, *, first: bool) -> Shared:
    """The history and tools that two sides had in common.

    Two harnesses wrap the same request in words of their own: in a first turn the request itself is what they share.

    :param request: what the contributor asked. :param first: whether nothing came before it.
    """
    refused = a.refused or b.refused
    same_words = _keys(a.history) == _keys(b.history) and bool(a.history)
    if not same_words and not first:
        return Shared(None, None, refused or "the sides' histories differ")
    history = a.history if same_words else ({"role": "user", "content": request},)
    system = [{"role": "system", "content": a.system}] if a.system and a.system == b.system else []
    tools = _tools(a.tools, b.tools)
    if tools is None:
        return Shared((*system, *history), None, refused or "the sides have different tools of the same name")
    return Shared((*system, *history), tools, refused)


def _keys(history: tuple[Message, ...]) -> list[tuple[object, ...]]:
    return [(message["role"], str(message["content"]).strip(), repr(message.get("tool_calls"))) for message in history]


def _tools(a: tuple[dict[str, Any], ...], b: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...] | None:
    """All tools of both; None where one name has two meanings."""
    found: dict[str, dict[str, Any]] = {}
    for tool in (*a, *b):
        name = str(tool["function"]["name"])
        if found.setdefault(name, tool) != tool:
            return None
    return tuple(found.values())
