"""From the raw model calls of a rollout to its trajectory. Pure.

The exact API traffic is the record: the last call's history and its answer are the conversation as the model saw it.
Earlier calls say which answers were generated in this rollout, when, and what they cost. What does not belong to that
one conversation (titles, subagents, failed calls) is left out and counted; a history that was rewritten (compaction)
becomes several segments, and is flagged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from . import wire_anthropic, wire_openai
from .conversation import Message, Request, is_plain
from .errors import TrajectoryTooLongError
from .json_text import read_json


class CallUsage(Protocol):
    """Tokens of a call (``marlin.gateway.Usage``)."""

    @property
    def input_tokens(self) -> int: ...
    @property
    def output_tokens(self) -> int: ...
    @property
    def cache_read_tokens(self) -> int: ...
    @property
    def cache_write_tokens(self) -> int: ...
    @property
    def reasoning_tokens(self) -> int: ...


class ModelCall(Protocol):
    """A model call as the gateway recorded it (``marlin.gateway.Exchange``)."""

    @property
    def number(self) -> int: ...
    @property
    def api(self) -> str: ...
    @property
    def generates(self) -> bool: ...
    @property
    def model(self) -> str | None: ...
    @property
    def auxiliary(self) -> str | None: ...
    @property
    def request_body(self) -> bytes: ...
    @property
    def response_body(self) -> bytes: ...
    @property
    def status(self) -> int | None: ...
    @property
    def state(self) -> str: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def seconds(self) -> float: ...
    @property
    def usage(self) -> CallUsage | None: ...
    @property
    def cost_usd(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True)
class Generation:
    """Where a message of the assistant came from: the call that generated it in this rollout."""

    number: int
    model: str | None
    started_at: datetime
    seconds: float
    prompt_tokens: int | None
    """All input, cached or not."""
    completion_tokens: int | None
    cached_tokens: int | None
    reasoning_tokens: int | None
    cost_usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Turn:
    """A message, and how it came about.

    :ivar generation: for an assistant's message that was generated in this rollout.
    :ivar copied: it is history from before this rollout (an earlier turn, or another arm): context, never a target.
    """

    message: Message
    generation: Generation | None = None
    copied: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of conversation in which history only grew."""

    turns: tuple[Turn, ...]
    tools: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Trajectory:
    """An arm's steps in one rollout.

    :ivar source: ``gateway`` (exact), or ``acp`` (an agent without model calls: what it said that it did).
    :ivar segments: one, or several when the history was rewritten.
    :ivar left_out: calls that are not part of it, by reason.
    :ivar notes: what a reader must know.
    """

    source: str
    segments: tuple[Segment, ...]
    left_out: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def compacted(self) -> bool:
        """Whether the history was rewritten on the way."""
        return len(self.segments) > 1

    @property
    def turns(self) -> tuple[Turn, ...]:
        """All turns, segment after segment."""
        return tuple(turn for segment in self.segments for turn in segment.turns)


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A call, read. :ivar keys: what its history must have in common with another one's."""

    number: int
    generation: Generation
    request: Request
    answer: Message
    keys: tuple[tuple[object, ...], ...]


class _Seen:
    """Messages of one rollout, each kept once: its history comes again with every call."""

    def __init__(self, largest: int | None) -> None:
        self._left = largest
        self._known: dict[tuple[object, ...], tuple[Message, tuple[object, ...]]] = {}
        self._tools: tuple[dict[str, Any], ...] = ()

    def tools(self, tools: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
        """The same as the last time, where they are equal.

        :raises ValueError: a definition is nothing that can be written again.
        """
        if tools != self._tools:
            if not is_plain(list(tools)):
                raise ValueError("a tool's definition is nested too deeply, or holds what is no number")
            self._tools = tools
        return self._tools

    def same(self, message: Message) -> tuple[Message, tuple[object, ...]]:
        """The first message that was equal to this one, and its key."""
        uses = tuple(use.id for use in message.tool_uses)
        place = (message.role, message.text, message.reasoning, uses, message.tool_call_id)
        known = self._known.get(place)
        if known is None or known[0] != message:
            self._take(message)
            known = message, message.key()
            self._known.setdefault(place, known)
        return known

    def _take(self, message: Message) -> None:
        if self._left is None:
            return
        arguments = sum(len(str(use.arguments)) for use in message.tool_uses)
        self._left -= len(message.text) + len(message.reasoning) + arguments
        if self._left < 0:
            raise TrajectoryTooLongError(
                "A rollout's conversation is too long to be read.", hint="Look at the run: an agent ran away."
            )


@dataclass(slots=True)
class _Chain:
    calls: list[_Parsed]

    @property
    def last(self) -> _Parsed:
        return self.calls[-1]

    @property
    def tool_names(self) -> frozenset[str]:
        return frozenset(tool["function"]["name"] for tool in self.last.request.tools)


_READERS: dict[str, tuple[Callable[[dict[str, Any]], Request], Callable[[bytes], Message | None]]] = {
    "anthropic": (wire_anthropic.read_request, wire_anthropic.read_response),
    "openai-chat": (wire_openai.read_chat_request, wire_openai.read_chat_response),
    "openai-responses": (wire_openai.read_responses_request, wire_openai.read_responses_response),
}


def build_trajectory(calls: Iterable[ModelCall], *, largest: int | None = None) -> Trajectory:
    """The trajectory of a rollout from its recorded model calls, in any order.

    Empty (no segments) when no call was answered; ``left_out`` says why. Of each call only what is read is kept: a
    rollout of hundreds of calls, each with all that came before, takes little more memory than its last one.

    :param largest: characters of different messages that are taken into memory; any number when None.
    :raises TrajectoryTooLongError: there are more.
    """
    refused: list[tuple[int, str]] = []
    parsed: list[_Parsed] = []
    seen = _Seen(largest)
    for call in calls:
        reason = _unusable(call)
        item = None if reason else _parse(call, seen)
        if item is None:
            refused.append((call.number, reason or "not understood"))
        else:
            parsed.append(item)
    left_out: dict[str, int] = {}
    for _, reason in sorted(refused, key=lambda one: one[0]):
        left_out[reason] = left_out.get(reason, 0) + 1
    parsed.sort(key=lambda item: item.number)
    chains = _chains(parsed)
    if not chains:
        return Trajectory("gateway", (), left_out, ("no model call was answered",))
    main = _main_chains(chains)
    for chain in chains:
        if chain not in main:
            reason = "side conversation" if chain.last.request.tools else "side request without tools"
            left_out[reason] = left_out.get(reason, 0) + len(chain.calls)
    segments = tuple(_segment(chain, first=index == 0) for index, chain in enumerate(main))
    notes = sorted({note for chain in main for note in chain.last.request.notes})
    if len(segments) > 1:
        notes.append("the harness rewrote its history (compaction): each segment starts from what it kept")
    missing = sorted({kind for segment in segments for turn in segment.turns for kind in turn.message.left_out})
    if missing:
        notes.append(f"parts that text can't hold are left out: {', '.join(missing)}")
    return Trajectory("gateway", segments, left_out, tuple(notes))


def _unusable(call: ModelCall) -> str | None:
    if not call.generates:
        return "not a generation"
    if call.auxiliary is not None:
        return "auxiliary model"
    if call.state != "completed" or call.status != 200:
        return "failed or refused"
    return None


def _parse(call: ModelCall, seen: _Seen) -> _Parsed | None:
    readers = _READERS.get(str(call.api))
    if readers is None:
        return None
    try:
        body = read_json(call.request_body)
        answer = readers[1](call.response_body)
        if not isinstance(body, dict) or answer is None:
            return None
        request = readers[0](body)
        history = [seen.same(message) for message in request.messages]
        # The system prompt may carry the date or the state of the repository: it does not tell conversations apart.
        keys = tuple(key for message, key in history if message.role != "system")
        messages = tuple(message for message, _ in history)
        request = replace(request, messages=messages, tools=seen.tools(request.tools))
        return _Parsed(call.number, _generation(call), request, seen.same(answer)[0], keys)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError):
        return None  # a body that is not what its API says: counted by the caller


def _chains(parsed: Sequence[_Parsed]) -> list[_Chain]:
    chains: list[_Chain] = []
    for item in parsed:
        best: _Chain | None = None
        for chain in chains:
            before = chain.last.keys
            if item.keys[: len(before)] == before and (best is None or len(before) > len(best.last.keys)):
                best = chain
        if best is not None and best.last.keys:
            best.calls.append(item)
        else:
            chains.append(_Chain([item]))
    return chains


def _main_chains(chains: Sequence[_Chain]) -> list[_Chain]:
    """The agent's own conversation: of those with tools the one with most calls, and what compaction made of it."""
    with_tools = [chain for chain in chains if chain.last.request.tools] or list(chains)
    longest = max(with_tools, key=lambda chain: (len(chain.calls), len(chain.last.request.messages)))
    return [
        chain
        for chain in with_tools
        if chain is longest or (chain.tool_names == longest.tool_names and not _overlaps(chain, longest))
    ]


def _overlaps(one: _Chain, other: _Chain) -> bool:
    """Two conversations that run at the same time: one of them is a subagent's."""
    a, b = sorted((one, other), key=lambda chain: chain.calls[0].number)
    return b.calls[0].number < a.last.number


def _segment(chain: _Chain, *, first: bool) -> Segment:
    final = chain.last
    history = final.request.messages
    generated: dict[int, _Parsed] = {len(item.request.messages): item for item in chain.calls[:-1]}
    asked = len(chain.calls[0].request.messages)
    old = _start_of_prompt(chain.calls[0].request.messages) if first else asked
    turns = []
    for index, message in enumerate(history):
        source = generated.get(index) if message.role == "assistant" else None
        if source:
            # The answer as generated; a harness may send it back without its reasoning.
            turns.append(Turn(source.answer, source.generation))
        else:
            turns.append(Turn(message, copied=index < old and message.role != "system"))
    turns.append(Turn(final.answer, final.generation))
    return Segment(tuple(turns), final.request.tools)


def _start_of_prompt(messages: Sequence[Message]) -> int:
    """Index of the first of the user messages at the end: this rollout's prompt."""
    index = len(messages)
    while index and messages[index - 1].role in ("user", "system"):
        index -= 1
    return index


def _generation(call: ModelCall) -> Generation:
    usage = call.usage
    prompt = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens if usage else None
    return Generation(
        number=call.number,
        model=call.model,
        started_at=call.started_at,
        seconds=call.seconds,
        prompt_tokens=prompt,
        completion_tokens=usage.output_tokens if usage else None,
        cached_tokens=usage.cache_read_tokens if usage else None,
        reasoning_tokens=usage.reasoning_tokens if usage else None,
        cost_usd=call.cost_usd,
    )
