"""Before the prompt: an arm's sandbox on its files, its way to a model, its agent session."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from marlin import __version__, campaigns, examples, logging, tasks
from marlin.agents import AgentSession, AgentSpec, InstalledAgent, JsonlSink, Redactor, find_installed, load_spec
from marlin.campaigns import Arm
from marlin.comparisons import queries
from marlin.comparisons.blinding import opaque_id
from marlin.comparisons.errors import ArmBrokenError
from marlin.comparisons.lifecycle import Assignment
from marlin.comparisons.modelling import ModelAccess, open_model_access
from marlin.comparisons.trajectories import conversation_so_far
from marlin.db import transaction
from marlin.sandboxes import Sandbox
from marlin.tasks import Environment, Workbench

log = logging.get(__name__)

GATEWAY_PORT = 8377
"""Where the model gateway listens inside every sandbox."""


@dataclass(slots=True)
class Prepared:
    """Everything one attempt holds open. Close it, whatever happened."""

    bench: Workbench
    work: Assignment
    environment: Environment
    sandbox: Sandbox
    spec: AgentSpec
    installed: InstalledAgent
    words: tuple[str, ...]
    """Identity words of both arms: one may quote the other's conversation, and both sides hide the same words."""
    redactor: Redactor
    acp: JsonlSink
    model: ModelAccess | None
    session: AgentSession | None = None
    sealed: bool = False
    _closed: bool = field(default=False)

    async def start_session(self, resume: str | None) -> AgentSession:
        """Start the agent; raises what :meth:`AgentSession.start` raises."""
        self.session = await AgentSession.start(
            self.sandbox,
            self.spec,
            sink=self.acp,
            redactor=self.redactor,
            gateway_port=GATEWAY_PORT if self.model else None,
            token=self.model.run.token if self.model else "",
            resume=resume,
            model_failure=self.model.failure if self.model else None,
        )
        return self.session

    def usage(self) -> dict[str, Any]:
        """What the attempt's model calls used and cost."""
        return self.model.usage() if self.model else {"calls": 0, "usd": "0"}

    def provenance(self) -> dict[str, Any]:
        """What the result was made under, exactly."""
        sandbox = self.sandbox.provenance
        limits = {name: getattr(sandbox.limits, name) for name in type(sandbox.limits).__dataclass_fields__}
        return {
            "marlin": __version__,
            "agent": self.installed.provenance,
            "sandbox": {
                "backend": sandbox.backend,
                "base_image": sandbox.base_image,
                "kernel": sandbox.kernel,
                "cgroup": sandbox.cgroup,
                "limits": limits,
            },
            "environment": {"id": str(self.environment.id), "key": self.environment.key},
            "guidelines_version": self.work.terms.get("guidelines_version"),
            "continuation": self.work.continuation,
        }

    async def keep_raw(self) -> dict[str, str]:
        """Put the raw ACP and gateway traffic into durable storage; their keys by kind."""
        self.acp.close()
        if self.model is not None:
            await self.model.close()
        kept = {"acp": self.acp.path}
        if self.model is not None:
            kept["gateway"] = self.model.exchanges
        return {kind: await self.bench.keep_file(path) for kind, path in kept.items() if path.exists()}

    async def close(self) -> None:
        """Close the agent, the gateway and the sandbox; harmless when repeated."""
        if self._closed:
            return
        self._closed = True
        if self.session is not None:
            with contextlib.suppress(Exception):
                await self.session.close(hard=True)
        self.acp.close()
        if self.model is not None:
            await self.model.close()
        await self.sandbox.destroy()


async def prepare(bench: Workbench, work: Assignment) -> Prepared:
    """Open the arm's sandbox with its agent mounted and its model reachable.

    :raises ArmBrokenError: its spec, script or upstream can't be used on this worker.
    :raises AgentNotInstalledError: the agent is not installed on this worker.
    :raises KeyMissingError: the upstream's key is not set on this worker.
    :raises UnavailableError: this worker lacks the environment's base image.
    :raises UnsupportedHostError: this machine can't isolate it. :raises DiskFullError: no room.
    """
    async with transaction() as session:
        arm = await campaigns.get_arm(session, work.arm_id)
        comparison = await queries.get_comparison(session, work.comparison_id, owner_id=None)
        arms = [await campaigns.get_arm(session, each) for each in (comparison.arm_a_id, comparison.arm_b_id)]
        environment = await tasks.get_environment(session, work.environment_id)
        brief = await tasks.get_brief(session, work.brief_id, owner_id=None)
    bench.image_of(environment)
    spec = load_spec(arm.agent)
    installed = find_installed(spec, bench.agents_dir)
    upstream = campaigns.resolve_upstream(arm)
    if spec.api is not None and upstream is None:
        raise ArmBrokenError(
            f"The arm {arm.name} has no model or upstream, but its agent {spec.name} needs one.",
            hint="Add the arm again with --model and --upstream.",
        )
    script = _script(brief.example, arm.settings) if spec.program == "scripted_agent.py" else None
    sandbox = await bench.open_sandbox(
        environment,
        sandbox_id=opaque_id(work.rollout_id, work.attempt, "work"),
        files=work.start.files,
        home=work.start.home,
        mounts=installed.mounts(script=script),
        limits=work.terms["limits"],
    )
    try:
        access = None
        if upstream is not None and spec.api is not None:
            listener = await sandbox.listen(GATEWAY_PORT)
            access = await open_model_access(
                listener,
                upstream,
                run_id=str(work.attempt_id),
                requested_model=spec.model,
                budget_usd=Decimal(str(work.terms["budget_usd"])),
                hidden=(arm.name, upstream.name),
            )
    except BaseException:
        await sandbox.destroy()
        raise
    words = _identity_words(arms, spec)
    return Prepared(
        bench=bench,
        work=work,
        environment=environment,
        sandbox=sandbox,
        spec=spec,
        installed=installed,
        words=words,
        redactor=Redactor(words),
        acp=JsonlSink(bench.raw_folder / "acp" / f"{work.attempt_id}.jsonl"),
        model=access,
    )


def _identity_words(arms: Sequence[Arm], spec: AgentSpec) -> tuple[str, ...]:
    names = [spec.name]
    for arm in arms:
        names += [arm.name, arm.model or "", arm.upstream.name if arm.upstream else "", Path(arm.agent).stem]
    return tuple(dict.fromkeys(name for name in names if name))


def _script(example: str | None, settings: dict[str, Any]) -> Path:
    family = settings.get("script")
    if not isinstance(family, str):
        raise ArmBrokenError(
            "A scripted arm has no script.", hint='Give it one: settings = {script = "careful"} in the campaign file.'
        )
    return examples.script_path(example, family)


async def prompt_text(bench: Workbench, work: Assignment) -> str:
    """What is sent to the agent: the prompt, after the conversation so far when the turn continues by transcript."""
    if work.continuation != "transcript":
        return work.prompt
    return await conversation_so_far(bench.code, work)
