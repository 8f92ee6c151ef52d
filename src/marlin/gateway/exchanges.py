"""Exchanges: the raw traffic of each call, which is the training data, and where it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

from .apis import Api
from .usage import Usage

ExchangeState = Literal["completed", "refused", "failed", "interrupted"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call: what the sandbox sent, what the upstream answered, byte for byte but for secrets.

    :ivar id: the call's own id; unique.
    :ivar run_id: as in :class:`~marlin.gateway.Run`.
    :ivar number: of the call within its run, from 1, in the order in which the calls came.
    :ivar generates: False for token counting.
    :ivar requested_model: as the sandbox asked.
    :ivar model: the real model that was asked; None when the gateway refused.
    :ivar auxiliary: what was done with a request for another than the neutral model; None when it asked for that.
    :ivar streamed: whether the sandbox asked for a stream.
    :ivar request_body: as the sandbox sent it (decompressed), with the neutral model id.
    :ivar response_body: as the upstream sent it, with the real model's name; as far as it came. The gateway's own
        answer when ``refused``.
    :ivar status: the upstream's HTTP status; the gateway's own when ``refused``; None when none came.
    :ivar queued_seconds: waited for other calls, where the upstream limits how many it takes at once.
    :ivar first_byte_seconds: from the call to the upstream until the first byte of its body.
    :ivar seconds: from the call to the upstream until the end.
    :ivar usage: None when nothing was generated.
    :ivar cost_usd: None when nothing was generated, or the model has no prices.
    :ivar state: ``completed``: the answer arrived, an upstream's error included. ``refused``: by the gateway.
        ``failed``: the upstream did not answer, or broke off. ``interrupted``: the sandbox or Marlin broke off.
    :ivar problem: what failed or why it was refused, for the operator.
    """

    id: str
    run_id: str
    number: int
    api: Api
    path: str
    generates: bool
    requested_model: str
    model: str | None
    auxiliary: Literal["same", "mapped", "denied"] | None
    streamed: bool
    request_headers: list[tuple[str, str]]
    request_body: bytes
    status: int | None
    response_headers: list[tuple[str, str]]
    response_body: bytes
    started_at: datetime
    queued_seconds: float
    first_byte_seconds: float | None
    seconds: float
    usage: Usage | None
    cost_usd: Decimal | None
    state: ExchangeState
    problem: str | None = None


class ExchangeSink(Protocol):
    """Where exchanges go."""

    async def record(self, exchange: Exchange) -> None:
        """Keep ``exchange``; when this returns, it survives the death of the process and of the machine.

        Calls may overlap. Any exception stops the run: there are no calls without a record.
        """


class MemorySink:
    """Keeps exchanges in a list: for programs that read them at once and need no durability."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    async def record(self, exchange: Exchange) -> None:
        """Append."""
        self.exchanges.append(exchange)
