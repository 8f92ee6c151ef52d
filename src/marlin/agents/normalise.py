"""Raw ACP updates → the closed vocabulary of :mod:`marlin.agents.events`. Pure.

Only fields named here get through. The rest (``_meta``, cost, usage, command lists, modes, model lists) tells agents
apart, and so do ids (``toolu_…``, ``call_…``) and the titles that each harness gives its tools: both are made anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from . import tool_calls as calls
from .events import AgentEvent, MessageChunk, Notice, Plan, PlanEntry, ThoughtChunk, ToolCall, ToolUpdate
from .redaction import RedactedStream, Redactor

OUTPUT_LIMIT = 256 * 1024
"""Characters of one tool call's output that are shown; the raw log has all of it."""

MOST_CALLS = 20_000
"""Tool calls of one session that are shown; the raw log has all of them."""
MOST_OPEN_CALLS = 1_000
"""Of these, at one time."""
_LONGEST_ID = 200

_Status = Literal["running", "completed", "failed", "cancelled"]
_STATUS: dict[str, _Status] = {
    "pending": "running",
    "in_progress": "running",
    "completed": "completed",
    "failed": "failed",
    "cancelled": "cancelled",
}


@dataclass(slots=True)
class _Call:
    call_id: str
    raw: dict[str, Any] = field(default_factory=dict)
    announced: ToolCall | None = None
    status: _Status = "running"
    shown: str = ""
    patch: str = ""
    cut: bool = False

    def forget(self) -> None:
        """Let go of what only a running call needs."""
        self.raw, self.shown, self.patch = {}, "", ""


class Normaliser:
    """Turns one session's updates into events; keeps what it must to see differences.

    :param redactor: cleans prose and metadata; never tool output or patches.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._calls: dict[str, _Call] = {}
        self._messages = 0
        self._text: tuple[str, str | None, str, RedactedStream] | None = None
        self.cancelling = False
        """The turn is being cancelled: calls that end now were cancelled, whatever the agent calls it."""
        self.dropped: Counter[str] = Counter()
        """Kinds of update that were not shown, and how often."""
        self.in_output: Counter[str] = Counter()
        """Identity words in what tools printed, and how often: told to operators, since output is never redacted."""

    def feed(self, update: dict[str, Any]) -> list[AgentEvent]:
        """The events of one ``update`` object of a ``session/update``."""
        kind = str(update.get("sessionUpdate"))
        if kind in ("agent_message_chunk", "agent_thought_chunk"):
            return self._on_text("message" if kind == "agent_message_chunk" else "thought", update)
        if kind in ("tool_call", "tool_call_update"):
            return self._on_call(update)
        if kind in ("plan", "plan_update"):
            return self._on_plan(update)
        self.dropped[kind] += 1
        return []

    def notice(self, text: str) -> list[AgentEvent]:
        """Something that the platform has to say, after the text so far."""
        return [*self.flush(), Notice(text=self._redactor.clean(text))]

    def flush(self) -> list[AgentEvent]:
        """Text that was held back; a message begins anew after it."""
        if self._text is None:
            return []
        kind, _, message_id, stream = self._text
        self._text = None
        rest = stream.end()
        return [_chunk(kind, message_id, rest)] if rest else []

    def open_calls(self) -> list[str]:
        """Ids, as in events, of calls that have begun and not ended."""
        return [call.call_id for call in self._calls.values() if call.announced and call.status == "running"]

    @property
    def _open(self) -> int:
        return sum(call.status == "running" for call in self._calls.values())

    def append_output(self, call_id: str, text: str) -> list[AgentEvent]:
        """Show output of a running call that did not come by ACP (read from the file that the command writes)."""
        for call in self._calls.values():
            if call.call_id == call_id and call.status == "running":
                return self._output(call, call.shown + text)
        return []

    def close_open(self, status: Literal["cancelled", "failed"]) -> list[AgentEvent]:
        """End all open calls: agents don't always do so themselves."""
        events = self.flush()
        for call in self._calls.values():
            if call.announced and call.status == "running":
                call.status = status
                self._end(call)
                events.append(ToolUpdate(call_id=call.call_id, status=status))
        return events

    def _on_text(self, kind: str, update: dict[str, Any]) -> list[AgentEvent]:
        text = _text_of(update.get("content"))
        theirs = update.get("messageId") if isinstance(update.get("messageId"), str) else None
        events: list[AgentEvent] = []
        if self._text and (self._text[0] != kind or self._text[1] != theirs):
            events = self.flush()
        if not text:
            return events
        if self._text is None:
            self._messages += 1
            self._text = (kind, theirs, f"m{self._messages}", RedactedStream(self._redactor))
        shown = self._text[3].feed(text)
        return [*events, _chunk(kind, self._text[2], shown)] if shown else events

    def _on_plan(self, update: dict[str, Any]) -> list[AgentEvent]:
        raw = update.get("entries")
        if raw is None and isinstance(update.get("plan"), dict):
            raw = update["plan"].get("entries")
        if not isinstance(raw, list):
            self.dropped["plan"] += 1
            return []
        entries = []
        for item in raw:
            if isinstance(item, dict) and isinstance(item.get("content"), str):
                status = item.get("status")
                known = status if status in ("pending", "in_progress", "completed") else "pending"
                entries.append(PlanEntry(content=self._redactor.clean(item["content"]), status=known))
        return [*self.flush(), Plan(entries=entries)]

    def _on_call(self, update: dict[str, Any]) -> list[AgentEvent]:
        theirs = str(update.get("toolCallId"))[:_LONGEST_ID]
        if theirs not in self._calls and (len(self._calls) >= MOST_CALLS or self._open >= MOST_OPEN_CALLS):
            self.dropped["tool_call"] += 1
            return []
        call = self._calls.setdefault(theirs, _Call(call_id=f"c{len(self._calls) + 1}"))
        if call.status != "running":
            return []
        for name in ("kind", "title", "rawInput", "rawOutput", "locations", "content"):
            if update.get(name) not in (None, {}, []):
                call.raw[name] = calls.bounded(update[name])
        calls.add_terminal_output(call.raw, update)
        status = _STATUS.get(str(update.get("status")), call.status)
        if self.cancelling and status in ("completed", "failed"):
            status = "cancelled"
        events: list[AgentEvent] = []
        has_body = bool(call.raw.get("content") or call.raw.get("rawOutput") or call.raw.get(calls.TERMINAL))
        if call.status == "running" and (calls.has_arguments(call.raw) or status != "running" or has_body):
            # Agents announce a call before its arguments are known: it is shown once they are, and again as they grow.
            described = self._describe(call)
            if described != call.announced:
                call.announced = described
                events += [*self.flush(), described]
        if call.announced is None or call.status != "running":
            return events
        patch = calls.patch_of(call.raw)
        new_patch = patch if patch != call.patch else ""
        call.patch = patch
        # That an edit went well says its patch; each harness words it in its own way.
        silent = status == "cancelled" or (call.announced.tool == "edit" and status != "failed")
        output = [] if silent else self._output(call, calls.output_of(call.raw), final=status != "running")
        call.status = status
        if status != "running":
            self._end(call)
        if output or new_patch or status != "running":
            text = "".join(event.output for event in output if isinstance(event, ToolUpdate))
            events.append(ToolUpdate(call_id=call.call_id, status=status, output=text, patch=new_patch))
            events += [event for event in output if isinstance(event, Notice)]
        return events

    def _end(self, call: _Call) -> None:
        self.in_output += self._redactor.count(call.shown)
        call.forget()

    def _describe(self, call: _Call) -> ToolCall:
        described = calls.describe(call.raw)
        clean = (lambda text: text) if described.in_repository else self._redactor.clean
        return ToolCall(
            call_id=call.call_id,
            title=clean(described.title),
            tool=described.tool,
            locations=described.locations,
            input=clean(described.input),
        )

    def _output(self, call: _Call, whole: str, *, final: bool = False) -> list[AgentEvent]:
        """Events for the part of ``whole`` that has not been shown; agents send the whole output each time."""
        if call.cut or not whole:
            return []
        if whole.startswith(call.shown):
            new = whole[len(call.shown) :]
        elif call.shown.startswith(whole) or (final and whole.strip() in call.shown):
            return []
        else:
            new = "\n" + whole
        if not new:
            return []
        events: list[AgentEvent] = []
        if len(call.shown) + len(new) > OUTPUT_LIMIT:
            new = new[: max(0, OUTPUT_LIMIT - len(call.shown))]
            call.cut = True
        call.shown += new
        if new:
            events.append(ToolUpdate(call_id=call.call_id, status="running", output=new))
        if call.cut:
            events.append(Notice(text=f"The output of a tool call was cut after {OUTPUT_LIMIT // 1024} KiB."))
        return events


def normalise(updates: Iterable[dict[str, Any]], redactor: Redactor) -> list[AgentEvent]:
    """The events of a whole session, from its raw updates."""
    normaliser = Normaliser(redactor)
    events = [event for update in updates for event in normaliser.feed(update)]
    return [*events, *normaliser.flush()]


def _chunk(kind: str, message_id: str, text: str) -> AgentEvent:
    if kind == "thought":
        return ThoughtChunk(message_id=message_id, text=text)
    return MessageChunk(message_id=message_id, text=text)


def _text_of(content: Any) -> str:
    if isinstance(content, dict):
        text = content.get("text")
        if isinstance(text, str):
            return text
        if content.get("type") in ("image", "audio"):
            return f"[{content['type']}]"
    return ""
