"""An attempt's way to its model: a listener in its sandbox, a run in the worker's gateway, a file of exchanges."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from marlin.campaigns import ResolvedUpstream
from marlin.errors import UnavailableError
from marlin.gateway import Api, Budget, Exchange, FileSink, Gateway, Pricing, Run, Serving, Upstream, serve


class _LastCallSink:
    """Writes exchanges to files, and remembers how each run's last one went."""

    def __init__(self, files: FileSink) -> None:
        self.files = files
        self._failures: dict[str, str | None] = {}

    async def record(self, exchange: Exchange) -> None:
        await self.files.record(exchange)
        if exchange.generates and exchange.auxiliary is None:
            failed = exchange.problem or (exchange.status is not None and exchange.status >= 400)
            body = exchange.response_body[:2000].decode(errors="replace")
            said = f"{exchange.status or 'no answer'} {exchange.problem or ''} {body}"
            self._failures[exchange.run_id] = said if failed else None

    def failure(self, run_id: str) -> str | None:
        """How the run's last call failed; None when it went well, or there was none."""
        return self._failures.get(run_id)

    def forget(self, run_id: str) -> None:
        self._failures.pop(run_id, None)


class WorkerGateway:
    """The one gateway of a worker: it shares connections and limits per upstream model among all its runs.

    :param folder: where raw exchanges are written, a file per run.
    """

    def __init__(self, folder: Path) -> None:
        self.sink = _LastCallSink(FileSink(folder))
        self.gateway = Gateway(self.sink)

    async def close(self) -> None:
        """End all runs."""
        await self.gateway.aclose()


_gateway: WorkerGateway | None = None


def use_gateway(gateway: WorkerGateway | None) -> None:
    """Make ``gateway`` the one of this worker."""
    global _gateway
    _gateway = gateway


def current_gateway() -> WorkerGateway:
    """This worker's gateway.

    :raises UnavailableError: the process is no worker.
    """
    if _gateway is None:
        raise UnavailableError("This process runs no model gateway.", hint="Start Marlin with `marlin worker`.")
    return _gateway


@dataclass(slots=True)
class ModelAccess:
    """A run that the gateway serves on one sandbox's own listener: a token from another sandbox is worth nothing."""

    owner: WorkerGateway
    run: Run
    serving: Serving
    _closed: bool = False

    @property
    def exchanges(self) -> Path:
        """The file of raw exchanges; it does not exist before the first call."""
        return self.owner.sink.files.path(self.run.id)

    def failure(self) -> str | None:
        """How the run's last model call failed; some agents call a turn finished when their model's service failed."""
        return self.owner.sink.failure(self.run.id)

    def usage(self) -> dict[str, Any]:
        """What the run has used: calls, tokens by kind, US dollars, and how much of that is estimated."""
        spent = self.run.spent
        return {
            "calls": spent.calls,
            "failed_calls": spent.failed_calls,
            "refused_calls": spent.refused_calls,
            "auxiliary_calls": spent.auxiliary_calls,
            "input_tokens": spent.input_tokens,
            "cache_read_tokens": spent.cache_read_tokens,
            "cache_write_tokens": spent.cache_write_tokens,
            "output_tokens": spent.output_tokens,
            "reasoning_tokens": spent.reasoning_tokens,
            "usd": str(spent.usd),
            "unpriced_calls": spent.unpriced_calls,
            "estimated_calls": spent.estimated_calls,
            "state": str(self.run.state.value),
        }

    async def close(self) -> None:
        """End the calls in flight, record them, forget the token; harmless when repeated."""
        if self._closed:
            return
        self._closed = True
        await self.owner.gateway.finish(self.run)
        await self.serving.close()
        self.owner.sink.forget(self.run.id)


async def open_model_access(
    listener: socket.socket,
    upstream: ResolvedUpstream,
    *,
    run_id: str,
    requested_model: str,
    budget_usd: Decimal,
    hidden: tuple[str, ...],
) -> ModelAccess:
    """Serve one run on a listener inside a sandbox.

    :param requested_model: the neutral id that the sandbox asks for.
    :raises InvalidRunError: no prices, although there is a budget in US dollars.
    """
    prices = {name: Decimal(str(value)) for name, value in upstream.pricing.items()}
    pricing = Pricing(**prices) if prices else None
    owner = current_gateway()
    run = owner.gateway.runs.add(
        Run(
            id=run_id,
            upstream=Upstream(
                name=upstream.name,
                base_url=upstream.base_url,
                api_key=upstream.key or None,
                apis=frozenset({Api(upstream.api)}),
                auth="auto" if upstream.key else "none",
            ),
            model=upstream.model,
            requested_model=requested_model,
            budget=Budget(usd=budget_usd if pricing else None),
            pricing=pricing,
            hidden=hidden,
        )
    )
    return ModelAccess(owner, run, await serve(owner.gateway.for_run(run), listener))
