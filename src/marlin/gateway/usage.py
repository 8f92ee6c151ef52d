"""Tokens and money: what each API reports, in one meaning, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from .apis import Api

_BYTES_PER_TOKEN = 4
"""For estimates only; close enough for English and code with the tokenisers in use."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one generation, in one meaning for all APIs.

    :ivar input_tokens: of the prompt, neither read from nor written to a cache.
    :ivar output_tokens: everything generated, reasoning included.
    :ivar cache_write_long_tokens: the part of ``cache_write_tokens`` that is kept for an hour, and costs more.
    :ivar source: ``reported`` by the upstream; ``partial`` when the answer ended before its final figures; else
        ``estimated`` from the number of bytes.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cache_write_long_tokens: int = 0
    reasoning_tokens: int = 0
    source: Literal["reported", "partial", "estimated"] = "reported"


@dataclass(frozen=True, slots=True)
class Pricing:
    """USD per million tokens. Cache prices default to the price of input."""

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    cache_write_long: Decimal | None = None
    """Defaults to ``cache_write``."""

    def cost(self, usage: Usage) -> Decimal:
        """USD for ``usage``, exactly."""
        read = self.input if self.cache_read is None else self.cache_read
        write = self.input if self.cache_write is None else self.cache_write
        write_long = write if self.cache_write_long is None else self.cache_write_long
        short = usage.cache_write_tokens - usage.cache_write_long_tokens
        total = usage.input_tokens * self.input + usage.output_tokens * self.output
        total += usage.cache_read_tokens * read + short * write + usage.cache_write_long_tokens * write_long
        return total / 1_000_000


class Meter:
    """Reads the usage of one answer from its parsed events, or from its one object, as they pass."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._figures: dict[str, int] = {}
        self._final = False
        self._text_bytes = 0
        self.complete = False
        """Whether the answer reached its own end."""

    def passed(self, size: int) -> None:
        """An event of ``size`` bytes went by that holds nothing but a piece of text."""
        self._text_bytes += max(1, size - 90)  # what an event's frame takes, roughly

    def ended(self) -> None:
        """The end marker of a stream went by."""
        self.complete = True

    def whole(self, body: Mapping[str, Any]) -> None:
        """The answer, not streamed."""
        self._take(body.get("usage"))
        self._final = bool(self._figures)
        self.complete = True

    def event(self, event: Mapping[str, Any], size: int) -> None:
        """One event of a streamed answer."""
        match self._api:
            case Api.ANTHROPIC:
                self._anthropic(event)
            case Api.OPENAI_RESPONSES:
                self._responses(event)
            case Api.OPENAI_CHAT:
                self._chat(event)
        if event.get("delta") or event.get("choices"):
            self.passed(size)

    def _anthropic(self, event: Mapping[str, Any]) -> None:
        message = event.get("message")
        if isinstance(message, dict):
            self._take(message.get("usage"))
        self._take(event.get("usage"))
        self._final = self._final or event.get("type") == "message_delta"

    def _chat(self, event: Mapping[str, Any]) -> None:
        self._take(event.get("usage"))
        choices = event.get("choices") or []
        last = not choices or any(isinstance(choice, dict) and choice.get("finish_reason") for choice in choices)
        self._final = self._final or (bool(self._figures) and last)

    def _responses(self, event: Mapping[str, Any]) -> None:
        response = event.get("response")
        if isinstance(response, dict):
            self._take(response.get("usage"))
            self._final = self._final or bool(self._figures)
        if event.get("type") in ("response.completed", "response.incomplete", "response.failed"):
            self.complete = True

    def _take(self, usage: Any) -> None:
        if isinstance(usage, dict):
            self._figures.update(_flat(usage))

    def usage(self, request_bytes: int) -> Usage:
        """What is known now; the rest estimated, and marked so."""
        figures = self._figures
        text = self._text_bytes // _BYTES_PER_TOKEN
        if not figures:
            return Usage(input_tokens=request_bytes // _BYTES_PER_TOKEN, output_tokens=text, source="estimated")
        if self._api is Api.ANTHROPIC:
            fresh, output = figures.get("input_tokens", 0), figures.get("output_tokens", 0)
            read, write = figures.get("cache_read_input_tokens", 0), figures.get("cache_creation_input_tokens", 0)
        else:
            prefix = ("prompt", "completion") if self._api is Api.OPENAI_CHAT else ("input", "output")
            prompt, output = figures.get(f"{prefix[0]}_tokens", 0), figures.get(f"{prefix[1]}_tokens", 0)
            read, write = figures.get("cached_tokens", 0), figures.get("cache_write_tokens", 0)
            fresh = max(0, prompt - read - write)
        return Usage(
            input_tokens=fresh,
            output_tokens=output if self._final else max(output, text),
            cache_read_tokens=read,
            cache_write_tokens=write,
            cache_write_long_tokens=min(write, figures.get("ephemeral_1h_input_tokens", 0)),
            reasoning_tokens=figures.get("reasoning_tokens", 0) or figures.get("thinking_tokens", 0),
            source="reported" if self._final else "partial",
        )


def _flat(usage: Mapping[str, Any]) -> dict[str, int]:
    """The whole numbers of a usage object and of its ``…_details`` objects. Later events repeat totals."""
    flat: dict[str, int] = {}
    for name, value in usage.items():
        if isinstance(value, dict):
            flat.update(_flat(value))
        elif isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            flat[name] = value
    return flat
