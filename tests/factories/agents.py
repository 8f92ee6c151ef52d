"""Agents in real sandboxes, with the gateway inside them and a scripted model behind it."""

from __future__ import annotations

import json
import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.factories.model_server import Scenario, ScriptedModelServer, Turn

from marlin.agents import (
    AgentEvent,
    AgentSession,
    AgentSpec,
    InstalledAgent,
    JsonlSink,
    Redactor,
    WireLimits,
    install,
    load_spec,
    read_jsonl,
)
from marlin.gateway import Budget, Gateway, MemorySink, Run, Upstream, serve
from marlin.sandboxes import BubblewrapBackend, Layer, Sandbox, SandboxSpec

GATEWAY_PORT = 8377
REAL_MODEL = "sentinel-model-9x"


@dataclass
class Events:
    """Collects events; an ``on_event``."""

    all: list[AgentEvent] = field(default_factory=list)

    async def __call__(self, event: AgentEvent) -> None:
        self.all.append(event)

    def of(self, kind: str) -> list[Any]:
        return [event for event in self.all if event.kind == kind]

    @property
    def prose(self) -> str:
        return "".join(event.text for event in self.of("message"))

    @property
    def output(self) -> str:
        return "".join(event.output for event in self.of("tool_update"))

    def dump(self) -> str:
        return json.dumps([event.model_dump() for event in self.all])


@dataclass
class Lab:
    """Opens sandboxes for agents, and closes everything at the end."""

    backend: BubblewrapBackend
    base: Layer
    folder: Path
    agents_dir: Path
    stack: AsyncExitStack
    model: ScriptedModelServer = field(default_factory=ScriptedModelServer)
    exchanges: MemorySink = field(default_factory=MemorySink)
    gateway: Gateway | None = None
    budget: Budget = field(default_factory=Budget)

    def install(self, name: str) -> InstalledAgent:
        return install(load_spec(name), self.agents_dir)

    async def open(
        self,
        agent: InstalledAgent,
        *,
        script: dict[str, Any] | None = None,
        files: Layer | None = None,
        home: Layer | None = None,
    ) -> Sandbox:
        path = None
        if script is not None:
            path = self.folder / f"script-{secrets.token_hex(4)}.json"
            path.write_text(json.dumps({"speed": 0, **script}))
        spec = SandboxSpec(
            id=secrets.token_hex(8),
            base=self.base,
            lowers=(files,) if files else (),
            home=home,
            mounts=agent.mounts(script=path),
        )
        sandbox = await self.backend.open(spec)
        self.stack.push_async_callback(sandbox.destroy)
        return sandbox

    async def run(self, sandbox: Sandbox, spec: AgentSpec) -> Run:
        """Let the sandbox reach the scripted model through the gateway."""
        if self.gateway is None:
            await self.stack.enter_async_context(self.model)
            self.gateway = Gateway(self.exchanges)
        upstream = Upstream(name="sentinel-upstream", base_url=self.model.base_url, api_key="sentinel-key-0123456789")
        run = Run(
            id=secrets.token_hex(6), upstream=upstream, model=REAL_MODEL, requested_model=spec.model, budget=self.budget
        )
        self.gateway.runs.add(run)
        serving = await serve(self.gateway.for_run(run), await sandbox.listen(GATEWAY_PORT))
        self.stack.push_async_callback(serving.close)
        return run

    async def start(
        self,
        sandbox: Sandbox,
        agent: InstalledAgent,
        *,
        resume: str | None = None,
        limits: WireLimits | None = None,
        spec: AgentSpec | None = None,
    ) -> AgentSession:
        spec = spec or agent.spec
        run = await self.run(sandbox, spec) if spec.api else None
        session = await AgentSession.start(
            sandbox,
            spec,
            sink=self.stack.enter_context(JsonlSink(self.raw)),
            redactor=Redactor([REAL_MODEL, "sentinel-upstream", "SentinelArm"]),
            gateway_port=GATEWAY_PORT if run else None,
            token=run.token if run else "",
            resume=resume,
            limits=limits,
        )
        self.stack.push_async_callback(session.close, hard=True)
        return session

    @property
    def raw(self) -> Path:
        return self.folder / "acp.jsonl"

    def raw_text(self) -> str:
        return "\n".join(json.dumps(line.message) for line in read_jsonl(self.raw))

    def says(self, *turns: Turn) -> None:
        """What the model will say."""
        self.model.scenario = Scenario(turns)
