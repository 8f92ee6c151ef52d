"""A gateway in front of a scripted upstream, and a sandbox's view of it: real sockets, real HTTP, nothing patched."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx

from marlin.gateway import Exchange, Gateway, MemorySink, Pricing, Run, Serving, Upstream, serve

from .model_server import Scenario, ScriptedModelServer, Shell, Text, Thinking, Turn

KEY = "sk-sentinel-0123456789abcdef-key"
REAL = "sentinel-model-9"
NEUTRAL = "claude-neutral-1"
SNAPSHOT = "sentinel-model-9-20261101"
PRICES = Pricing(input=Decimal(3), output=Decimal(15), cache_read=Decimal("0.30"), cache_write=Decimal("3.75"))

SCENARIO = Scenario(
    [
        Turn(
            [
                [
                    Thinking("What is asked?"),
                    Text('Let me look: {"model": "x", "usage": 1} größer 🐟.'),
                    Shell("ls -la"),
                ],
                [Text("Done.")],
            ]
        )
    ]
)

TOOLS: dict[str, list[dict[str, Any]]] = {
    "/v1/messages": [{"name": "Bash", "input_schema": {"type": "object", "properties": {"command": {}}}}],
    "/v1/chat/completions": [
        {"type": "function", "function": {"name": "bash", "parameters": {"properties": {"command": {}}}}}
    ],
    "/v1/responses": [{"type": "function", "name": "shell", "parameters": {"properties": {"command": {}}}}],
}
PATHS = tuple(TOOLS)


def request_body(path: str, *, stream: bool = False, model: str = NEUTRAL, **more: Any) -> dict[str, Any]:
    """What an agent sends first."""
    body: dict[str, Any] = {"model": model, "tools": TOOLS[path], "stream": stream}
    if path == "/v1/responses":
        body["input"] = [{"role": "user", "content": [{"type": "input_text", "text": "Fix it."}]}]
    else:
        body["messages"] = [{"role": "user", "content": "Fix it."}]
    if path == "/v1/chat/completions" and stream:
        body["stream_options"] = {"include_usage": True}
    return body | more


@dataclass
class Bench:
    """Everything a test needs: the upstream, the gateway, and clients as the sandboxes have them."""

    upstream: ScriptedModelServer
    sink: MemorySink = field(default_factory=MemorySink)
    gateway: Gateway = field(init=False)
    _open: list[Serving | httpx.AsyncClient] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gateway = Gateway(self.sink)

    def new_run(self, name: str = "run-1", *, base_url: str | None = None, **more: Any) -> Run:
        """A run on the scripted upstream."""
        given = {"model": REAL, "requested_model": NEUTRAL, "pricing": PRICES} | more
        upstream = Upstream("sentinel-upstream", base_url or self.upstream.base_url, KEY)
        return self.gateway.runs.add(Run(**({"id": name, "upstream": upstream} | given)))

    async def client(self, run: Run, *, token: str | None = None) -> httpx.AsyncClient:
        """A client inside the sandbox of ``run``."""
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        self._open.append(await serve(self.gateway.for_run(run), listener))
        headers = {"x-api-key": token or run.token, "anthropic-version": "2023-06-01"}
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30)
        self._open.append(client)
        return client

    async def exchanges(self, run: Run) -> list[Exchange]:
        """The exchanges of ``run``, which ends."""
        await self.gateway.finish(run)
        return [exchange for exchange in self.sink.exchanges if exchange.run_id == run.id]

    async def close(self) -> None:
        for thing in reversed(self._open):
            await (thing.aclose() if isinstance(thing, httpx.AsyncClient) else thing.close())
        await self.gateway.aclose()
