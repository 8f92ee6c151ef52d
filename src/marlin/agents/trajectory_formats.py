"""Trajectories as others read them: ATIF v1.8, OpenAI-style messages with tools, plain text. Pure.

Source of ATIF: Harbor's RFC 0001, https://www.harborframework.com/docs/agents/trajectory-format
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from .conversation import Message
from .trajectories import Generation, Trajectory, Turn

ATIF_VERSION = "ATIF-v1.8"

TRANSCRIPT_HEADING = "Conversation so far"
"""First words of a told conversation; the scripted agent recognises them."""

_TOOL_TEXT = 4_000
"""Characters of one tool result in a told conversation."""


def to_atif(
    trajectory: Trajectory,
    *,
    agent: str,
    version: str,
    session_id: str | None = None,
    trajectory_id: str | None = None,
    model: str | None = None,
    extra: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """An ATIF v1.8 document.

    Steps that are history from before the rollout are marked ``is_copied_context``, so that nobody trains on them. In
    a compacted trajectory the segments follow each other, and the first step of each later one says so in ``extra``.

    :param agent: name of the harness; :param version: its version; :param model: the real model, if it may be told.
    """
    steps: list[dict[str, Any]] = []
    for number, segment in enumerate(trajectory.segments):
        made = _steps(segment.turns, deterministic=trajectory.source == "acp")
        if number and made:
            made[0].setdefault("extra", {})["compaction"] = True
        steps += made
    for number, step in enumerate(steps, 1):
        step["step_id"] = number
    document: dict[str, Any] = {
        "schema_version": ATIF_VERSION,
        "agent": _present(
            name=agent,
            version=version,
            model_name=model,
            tool_definitions=list(trajectory.segments[-1].tools) if trajectory.segments else None,
        ),
        "steps": steps,
        "final_metrics": _totals(trajectory, len(steps)),
        "extra": {
            "source": trajectory.source,
            "compacted": trajectory.compacted,
            "left_out": trajectory.left_out,
            **(extra or {}),
        },
    }
    document |= _present(session_id=session_id, trajectory_id=trajectory_id, notes="; ".join(trajectory.notes) or None)
    return document


def to_messages(trajectory: Trajectory) -> list[dict[str, Any]]:
    """OpenAI-style conversations, one per segment: ``{"messages": [...], "tools": [...]}``.

    Tool arguments are dicts, as chat templates want them. A message from before the rollout has ``"copied": true``; an
    assistant's message has ``reasoning_content`` where the model showed some.
    """
    conversations = []
    for segment in trajectory.segments:
        names = {use.id: use.name for turn in segment.turns for use in turn.message.tool_uses}
        messages = [_openai(turn, names) for turn in segment.turns]
        conversations.append({"messages": messages, "tools": list(segment.tools)})
    return conversations


def render_transcript(trajectory: Trajectory | Sequence[Message]) -> str:
    """The conversation so far as plain text, to tell it to a fresh agent session (continuation ``transcript``).

    System prompts and reasoning stay out: they belong to one harness and one model. Long tool results are shortened.
    """
    messages = [turn.message for turn in trajectory.turns] if isinstance(trajectory, Trajectory) else list(trajectory)
    prompts = 0
    parts: list[str] = []
    before: str | None = None
    for message in messages:
        if message.role == "user":
            prompts += before != "user"
            parts.append(f"## User\n\n{message.text.strip()}")
        elif message.role == "assistant":
            said = [message.text.strip()] if message.text.strip() else []
            said += [f"[ran {use.name}: {json.dumps(use.arguments, ensure_ascii=False)}]" for use in message.tool_uses]
            parts.append("## You\n\n" + "\n\n".join(said))
        elif message.role == "tool":
            parts.append(f"## Result\n\n{_shorten(message.text)}")
        before = message.role if message.role != "system" else before
    return "\n\n".join([transcript_heading(prompts), *parts])


def transcript_heading(turns: int) -> str:
    """The first lines of a told conversation of ``turns`` prompts."""
    plural = "" if turns == 1 else "s"
    return (
        f"{TRANSCRIPT_HEADING} ({turns} turn{plural}). You wrote the parts under “You”; the files in the workspace are "
        "as you left them. The user's new message comes after it."
    )


def _steps(turns: Iterable[Turn], *, deterministic: bool) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    for turn in turns:
        message = turn.message
        if message.role == "tool":
            _observe(steps, message, copied=turn.copied)
            continue
        step: dict[str, Any] = {
            "step_id": 0,
            "source": "agent" if message.role == "assistant" else message.role,
            "message": message.text,
        }
        if turn.copied:
            step["is_copied_context"] = True
        if message.left_out:
            step["extra"] = {"left_out": list(message.left_out)}
        if message.role == "assistant":
            if deterministic:
                step["llm_call_count"] = 0
                if message.reasoning:
                    step.setdefault("extra", {})["thought"] = message.reasoning
            elif message.reasoning:
                step["reasoning_content"] = message.reasoning
            if message.tool_uses:
                step["tool_calls"] = [
                    {"tool_call_id": use.id, "function_name": use.name, "arguments": use.arguments}
                    for use in message.tool_uses
                ]
            if turn.generation:
                step |= _of_generation(turn.generation)
        steps.append(step)
    return steps


def _observe(steps: list[dict[str, Any]], message: Message, *, copied: bool) -> None:
    """Put a tool's result into the step that called it."""
    for step in reversed(steps):
        if any(call["tool_call_id"] == message.tool_call_id for call in step.get("tool_calls", ())):
            result: dict[str, Any] = {"source_call_id": message.tool_call_id, "content": message.text}
            if message.failed:
                result["extra"] = {"is_error": True}
            step.setdefault("observation", {"results": []})["results"].append(result)
            return
    orphan = {"step_id": 0, "source": "system", "message": "", "observation": {"results": [{"content": message.text}]}}
    steps.append(orphan | ({"is_copied_context": True} if copied else {}))


def _of_generation(generation: Generation) -> dict[str, Any]:
    metrics = _present(
        prompt_tokens=generation.prompt_tokens,
        completion_tokens=generation.completion_tokens,
        cached_tokens=generation.cached_tokens,
        cost_usd=float(generation.cost_usd) if generation.cost_usd is not None else None,
        extra={"reasoning_tokens": generation.reasoning_tokens} if generation.reasoning_tokens else None,
    )
    return _present(
        timestamp=generation.started_at.isoformat(),
        model_name=generation.model,
        llm_call_count=1,
        metrics=metrics or None,
    )


def _totals(trajectory: Trajectory, steps: int) -> dict[str, Any]:
    made = [turn.generation for turn in trajectory.turns if turn.generation]
    costs = [item.cost_usd for item in made if item.cost_usd is not None]
    known = [item for item in made if item.prompt_tokens is not None]
    return _present(
        total_prompt_tokens=sum(item.prompt_tokens or 0 for item in known) if known else None,
        total_completion_tokens=sum(item.completion_tokens or 0 for item in known) if known else None,
        total_cached_tokens=sum(item.cached_tokens or 0 for item in known) if known else None,
        total_cost_usd=float(sum(costs)) if costs else None,
        total_steps=steps,
    )


def _openai(turn: Turn, names: dict[str, str]) -> dict[str, Any]:
    message = turn.message
    made: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.reasoning:
        made["reasoning_content"] = message.reasoning
    if message.tool_uses:
        made["tool_calls"] = [
            {"id": use.id, "type": "function", "function": {"name": use.name, "arguments": use.arguments}}
            for use in message.tool_uses
        ]
    if message.role == "tool":
        made["tool_call_id"] = message.tool_call_id
        if message.tool_call_id in names:
            made["name"] = names[message.tool_call_id]
    if turn.copied:
        made["copied"] = True
    return made


def _present(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _shorten(text: str) -> str:
    if len(text) <= _TOOL_TEXT:
        return text
    half = _TOOL_TEXT // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} characters left out …\n{text[-half:]}"
