"""Runs: what one sandbox may ask of which upstream, and what it has used so far. In memory; tokens die with them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from urllib.parse import urlsplit

from .apis import Api
from .errors import InvalidRunError, RunExistsError
from .usage import Pricing, Usage


@dataclass(frozen=True, slots=True)
class Upstream:
    """A model API, the operator's key for it, and how to speak to it.

    :ivar name: as the operator calls it; it never reaches a sandbox.
    :ivar base_url: with or without ``/v1`` at its end.
    :ivar apis: which protocols it speaks; calls in another are refused.
    :ivar auth: how the key is sent. ``auto``: ``x-api-key`` for Anthropic Messages, else ``Authorization: Bearer``.
    :ivar headers: sent with every call, over the agent's own (an API version, an organisation).
    :ivar max_concurrent: most calls at once to one model, over all runs of this gateway; None is no limit.
    """

    name: str
    base_url: str
    api_key: str | None = field(default=None, repr=False)
    apis: frozenset[Api] = frozenset(Api)
    auth: Literal["auto", "x-api-key", "bearer", "none"] = "auto"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    max_concurrent: int | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise InvalidRunError(
                f"The upstream {self.name} has no usable base URL.",
                hint="Give one such as https://models.example.org or https://models.example.org/v1.",
            )
        if parts.username or parts.password:
            raise InvalidRunError(
                f"The base URL of the upstream {self.name} holds credentials.",
                hint="Put the key into the environment variable that the arm names, not into the URL.",
            )
        if self.auth != "none" and not self.api_key:
            raise InvalidRunError(
                f"There is no key for the upstream {self.name}.",
                hint="Set the environment variable that the arm names; for an upstream without keys say auth = none.",
            )
        if self.max_concurrent is not None and self.max_concurrent < 1:
            raise InvalidRunError(f"The upstream {self.name} allows no call at once.", hint="Allow at least one.")

    def url(self, path: str) -> str:
        """The address of an endpoint's path (which begins with ``/v1/``)."""
        base = self.base_url.rstrip("/")
        return base + (path.removeprefix("/v1") if base.endswith("/v1") else path)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run may use; None is no limit. Checked before each call, so that calls in flight may go over it."""

    usd: Decimal | None = None
    tokens: int | None = None
    """Input, cached or not, and output together."""
    calls: int | None = None
    """Generations that were answered."""


@dataclass(frozen=True, slots=True)
class Target:
    """A model of the run's upstream, and its prices."""

    model: str
    pricing: Pricing | None = None


@dataclass(frozen=True, slots=True)
class Auxiliary:
    """What happens to calls for another model than the neutral one (some agents use a small model for titles).

    ``same``: the run's own model answers. ``deny``: model not found. ``map``: as in ``models``, else not found.
    """

    policy: Literal["same", "deny", "map"] = "same"
    models: Mapping[str, Target] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds the upstream may take."""

    connect: float = 10.0
    first_byte: float = 600.0
    """From the request to the first byte of the answer's body: all of it for an answer that is not streamed."""
    idle: float = 180.0
    """Between two pieces of an answer."""
    total: float = 3600.0


class RunState(StrEnum):
    """Whether a run may call, and if not, why."""

    ACTIVE = "active"
    BUDGET_EXHAUSTED = "budget_exhausted"
    UNRECORDED = "unrecorded"
    """An exchange could not be stored: without its record a call is worth nothing, so there are no more."""
    CLOSED = "closed"


@dataclass(slots=True)
class Spent:
    """What a run has used. Tokens as in :class:`Usage`."""

    calls: int = 0
    failed_calls: int = 0
    refused_calls: int = 0
    auxiliary_calls: int = 0
    input_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    usd: Decimal = Decimal(0)
    unpriced_calls: int = 0
    """Calls whose cost is unknown and is not in ``usd``."""
    estimated_calls: int = 0
    """Calls whose usage the upstream did not, or not fully, report."""

    @property
    def tokens(self) -> int:
        """Everything that counts against a budget of tokens."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens + self.output_tokens

    def add(self, usage: Usage, cost: Decimal | None) -> None:
        """Count an answered generation."""
        self.calls += 1
        self.input_tokens += usage.input_tokens
        self.cache_read_tokens += usage.cache_read_tokens
        self.cache_write_tokens += usage.cache_write_tokens
        self.output_tokens += usage.output_tokens
        self.reasoning_tokens += usage.reasoning_tokens
        self.estimated_calls += usage.source != "reported"
        if cost is None:
            self.unpriced_calls += 1
        else:
            self.usd += cost


def new_token() -> str:
    """A fresh random token (256 bits). Its prefix lets the logs recognise and redact it."""
    return "mrl-" + secrets.token_urlsafe(32)


@dataclass(eq=False, slots=True)
class Run:
    """One sandbox's permission to call one model.

    :ivar id: opaque name for logs and records; not a secret.
    :ivar model: the real model, as the upstream calls it. Never visible to the sandbox.
    :ivar requested_model: the neutral id that the sandbox asks for, and is answered with.
    :ivar hidden: further words that error messages must not show (vendor, product, and arm names).
    :ivar hosted_tools: whether the upstream may run tools of its own, such as web search: a way out of the sandbox.
    :ivar token: what the sandbox presents as its API key.
    """

    id: str
    upstream: Upstream
    model: str
    requested_model: str
    budget: Budget = field(default_factory=Budget)
    pricing: Pricing | None = None
    auxiliary: Auxiliary = field(default_factory=Auxiliary)
    limits: TimeLimits = field(default_factory=TimeLimits)
    hidden: tuple[str, ...] = ()
    hosted_tools: bool = False
    token: str = field(default_factory=new_token, repr=False)
    state: RunState = RunState.ACTIVE
    problem: str | None = None
    """For the operator: why a run is ``unrecorded``."""
    spent: Spent = field(default_factory=Spent)
    in_flight: int = 0
    """Generations begun and not ended."""
    recorded_bytes: int = 0
    """Of all bodies recorded so far, refused calls included."""

    def __post_init__(self) -> None:
        if not self.model or not self.requested_model:
            raise InvalidRunError(f"The run {self.id} names no model.", hint="Give the arm a model.")
        if len(self.token) < 16:
            raise InvalidRunError(f"The token of run {self.id} can be guessed.", hint="Leave it out: one is made.")
        priced = [self.pricing, *(target.pricing for target in self.auxiliary.models.values())]
        if self.budget.usd is not None and None in priced:
            raise InvalidRunError(
                f"The run {self.id} has a budget in USD, but a model without prices.",
                hint="Give the arm's prices per million tokens, or a budget in tokens or calls.",
            )

    def may_call(self) -> bool:
        """Whether the budget allows one more generation; marks the run ``budget_exhausted`` when not."""
        spent, budget = self.spent, self.budget
        exhausted = (
            (budget.calls is not None and spent.calls + self.in_flight >= budget.calls)
            or (budget.tokens is not None and spent.tokens >= budget.tokens)
            or (budget.usd is not None and spent.usd >= budget.usd)
        )
        if exhausted and self.state is RunState.ACTIVE:
            self.state = RunState.BUDGET_EXHAUSTED
        return not exhausted


class RunTable:
    """The runs of this process, by token. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_digest: dict[bytes, Run] = {}

    def add(self, run: Run) -> Run:
        """Let ``run`` call from now on; returns it.

        :raises RunExistsError: its id or token is taken.
        """
        key = _digest(run.token)
        with self._lock:
            if key in self._by_digest or any(other.id == run.id for other in self._by_digest.values()):
                raise RunExistsError(
                    f"The run {run.id} is in the table already.", hint="Use a new id for each attempt."
                )
            self._by_digest[key] = run
        return run

    def remove(self, run: Run) -> None:
        """Forget ``run``: its token is worth nothing from now on. Harmless when repeated."""
        run.state = RunState.CLOSED if run.state is RunState.ACTIVE else run.state
        with self._lock:
            self._by_digest.pop(_digest(run.token), None)

    def get(self, token: str) -> Run | None:
        """The run of this token. Takes the same time whatever the token shares with a right one."""
        with self._lock:
            run = self._by_digest.get(_digest(token))
        return run if run is not None and same_token(run, token) else None

    def __iter__(self) -> Iterator[Run]:
        with self._lock:
            return iter(list(self._by_digest.values()))

    def __len__(self) -> int:
        return len(self._by_digest)


def same_token(run: Run, token: str) -> bool:
    """Whether ``token`` is the run's, in constant time."""
    return hmac.compare_digest(_digest(run.token), _digest(token))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogateescape")).digest()
