"""Preparing a brief, phase by phase: fetch the repository, build or reuse its environment, check the base."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from marlin import campaigns, examples
from marlin.db import current_database, events, jobs, new_id, transaction
from marlin.sandboxes import ExecTimeoutError, package_egress
from marlin.tasks import queries, service
from marlin.tasks.checks import AcceptanceCheck
from marlin.tasks.errors import SetUpFailedError
from marlin.tasks.models import BaseCheck, Brief, Environment
from marlin.tasks.workbench import Workbench
from marlin.workspaces import Imported, Source, StoredLayer, parse_source

LAYOUT = 1
"""Goes up when environments have to be built anew because Marlin builds them differently."""

LOG_LIMIT = 2_000_000
"""Characters of a preparation's log; what set-up prints beyond it is dropped from the middle."""


@dataclass(slots=True)
class Preparation:
    """A brief being prepared: what was found so far, and where its log goes."""

    bench: Workbench
    brief: Brief
    id: UUID
    terms: dict[str, Any]
    writer: events.EventWriter
    repository: str = ""
    commit: str = ""
    environment: Environment | None = None

    @classmethod
    async def begin(cls, bench: Workbench, brief: Brief) -> Preparation:
        """Open the log."""
        assert brief.preparation_id is not None
        async with transaction() as session:
            campaign = await campaigns.get_campaign(session, brief.campaign_id)
        writer = events.EventWriter(current_database(), fence=jobs.fence)
        return cls(bench, brief, brief.preparation_id, campaigns.terms_snapshot(campaign), writer)

    def say(self, text: str) -> None:
        """Append to the log."""
        if text:
            self.writer.add(self.id, "log", {"text": text})

    async def progress(self, status: str, message: str, hint: str = "", **found: Any) -> None:
        """Record how far it has come."""
        await self.writer.flush()
        async with transaction() as session:
            await jobs.fence(session)
            await service.report_progress(
                session, self.brief.id, self.id, status=status, message=message, hint=hint, **found
            )


async def find_image(preparation: Preparation) -> None:
    """Make sure that this worker has the brief's base image, before anything else is done for it.

    :raises UnavailableError: it has none such.
    """
    await asyncio.to_thread(preparation.bench.image, preparation.brief.base_image)


async def fetch(preparation: Preparation) -> None:
    """Bring the repository in at the brief's commit. Raises what :meth:`Workspaces.import_source` raises."""
    brief, bench = preparation.brief, preparation.bench
    await preparation.progress("fetching", "Fetching the repository")
    preparation.say(f"$ fetch {brief.source} {brief.commit}\n")
    source = await asyncio.to_thread(_source, bench, brief)
    imported: Imported = await bench.workspaces.import_source(source, lambda text: preparation.say(f"{text}\n"))
    preparation.repository, preparation.commit = imported.repository, imported.commit
    for warning in imported.warnings:
        preparation.say(f"warning: {warning}\n")
    preparation.say(f"base commit {imported.commit}\n")
    await preparation.progress(
        "fetching",
        "Fetched",
        repository=imported.repository,
        base_commit=imported.commit,
        resolved_title=imported.title[:200],
        warnings=list(imported.warnings),
    )


def _source(bench: Workbench, brief: Brief) -> Source:
    if service.names_own_sample(brief):
        name = brief.source.removeprefix(service.EXAMPLE)
        folder = bench.settings.home / "examples" / name
        if not (folder / ".git").is_dir():
            temporary = folder.with_name(f"{name}.{secrets.token_hex(4)}")
            examples.repository_commit(name, temporary)
            try:
                temporary.rename(folder)
            except OSError:
                if not (folder / ".git").is_dir():
                    raise
        return parse_source(str(folder), operator=True)
    return service.named_source(brief.source, brief.commit)


def environment_key(*, repository: str, commit: str, set_up_command: str, base_image: str) -> str:
    """What an environment is reused by: equal keys, equal environments."""
    parts = [LAYOUT, repository, commit, set_up_command.strip(), base_image]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


async def build_environment(preparation: Preparation) -> None:
    """Run set-up once and freeze what it wrote, or reuse an equal environment.

    :raises SetUpFailedError: the command failed or took too long; its output is in the log.
    """
    brief, bench, image = preparation.brief, preparation.bench, preparation.brief.base_image
    identity = bench.image_identity(image)
    key = environment_key(
        repository=preparation.repository,
        commit=preparation.commit,
        set_up_command=brief.set_up_command,
        base_image=identity,
    )
    await preparation.progress("setting_up", "Setting up the environment")
    async with transaction() as session:
        environment = await session.scalar(select(Environment).where(Environment.key == key))
    if environment is not None:
        preparation.say("An equal environment was built before; it is reused.\n")
    else:
        draft = Environment(
            id=new_id(),
            key=key,
            repository=preparation.repository,
            base_commit=preparation.commit,
            set_up_command=brief.set_up_command,
            base_image=image,
            status="ready",
            provenance={"image": identity},
        )
        await _set_up(preparation, draft)
        environment = await _keep(draft)
    preparation.environment = environment
    await preparation.progress("setting_up", "Environment ready", environment_id=environment.id)


async def _keep(draft: Environment) -> Environment:
    """Insert the environment, or give the equal one that another worker finished first."""
    names = [column.name for column in Environment.__table__.columns if column.name != "created_at"]
    async with transaction() as session:
        values = {name: getattr(draft, name) for name in names}
        await session.execute(insert(Environment).values(values).on_conflict_do_nothing(index_elements=["key"]))
        return (await session.scalars(select(Environment).where(Environment.key == draft.key))).one()


async def _set_up(preparation: Preparation, draft: Environment) -> None:
    command, bench = draft.set_up_command.strip(), preparation.bench
    if not command:
        preparation.say("No set-up command.\n")
        return
    limit = float(preparation.terms["set_up_time_limit_seconds"])
    preparation.say(f"$ {command}\n")
    started = time.monotonic()
    sandbox = await bench.open_sandbox(
        draft,
        sandbox_id=secrets.token_hex(10),
        limits=preparation.terms["limits"],
        egress=package_egress(bench.settings.package_registries),
        fake_root=True,
    )
    try:
        failure = await _run_set_up(preparation, sandbox, command, limit)
        for refused in (event for event in sandbox.egress_log() if not event.allowed):
            preparation.say(f"network: {refused.host}:{refused.port} was refused: {refused.reason}\n")
        if failure is not None:
            raise failure
        found = {"sandbox": sandbox.provenance.backend, "base_image": sandbox.provenance.base_image}
        draft.provenance = draft.provenance | found
        files, home = await sandbox.seal(sandbox.id)
    finally:
        await sandbox.destroy()
    stored: StoredLayer = await bench.workspaces.store_layer(files)
    await asyncio.to_thread(bench.layers.remove, home.name)
    draft.files = {"name": stored.name, "digest": stored.digest}
    draft.seconds = time.monotonic() - started
    preparation.say(f"Set-up finished after {draft.seconds:.1f} s.\n")


async def _run_set_up(preparation: Preparation, sandbox: Any, command: str, limit: float) -> SetUpFailedError | None:
    try:
        ran = await sandbox.exec(["sh", "-c", f"exec 2>&1\n{command}"], timeout=limit, output_limit=LOG_LIMIT)
    except ExecTimeoutError as error:
        preparation.say(error.result.stdout.decode(errors="replace"))
        return SetUpFailedError(
            f"Set-up did not end within {limit:g} s and was stopped.",
            hint="Make the command do less (it must end by itself, without asking), then prepare again.",
        )
    preparation.say(ran.stdout.decode(errors="replace"))
    if ran.exit_code != 0:
        why = "ran out of memory" if ran.out_of_memory else f"failed with exit code {ran.exit_code}"
        return SetUpFailedError(
            f"Set-up {why}.", hint="The log shows its output. Change the set-up command, then prepare again."
        )
    return None


async def check_base(preparation: Preparation) -> None:
    """Run the test command and the hidden acceptance checks on the base, unless their results are known."""
    brief, environment = preparation.brief, preparation.environment
    assert environment is not None
    await preparation.progress("testing", "Running the tests on the base")
    limit = float(preparation.terms["check_time_limit_seconds"])
    wanted: list[tuple[str, str, str, float]] = []
    if brief.test_command.strip():
        wanted.append(("test_command", "Tests", brief.test_command, limit))
    acceptance: list[AcceptanceCheck] = service.acceptance_checks(brief.example)
    wanted += [("acceptance", check.name, check.command, check.time_limit_seconds) for check in acceptance]
    shown: UUID | None = None
    for kind, name, command, seconds in wanted:
        check = await _base_check(preparation, environment, kind, name, command, seconds)
        if kind == "test_command":
            shown = check.id
            preparation.say(f"Tests on the base: {check.status} ({check.summary})\n")
    await preparation.progress("testing", "Base tested", base_check_id=shown)


async def _base_check(
    preparation: Preparation, environment: Environment, kind: str, name: str, command: str, limit: float
) -> BaseCheck:
    async with transaction() as session:
        known = await queries.base_check(session, environment.id, kind=kind, name=name, command=command)
    if known is not None:
        return known
    bench, example = preparation.bench, preparation.brief.example
    hidden = kind == "acceptance"
    if not hidden:
        preparation.say(f"$ {command}\n")
    ran = await bench.run_command(
        environment,
        command,
        sandbox_id=secrets.token_hex(10),
        files=(),
        limits=preparation.terms["limits"],
        time_limit=limit,
        checks_dir=examples.checks_dir(example) if hidden and example else None,
        reports=not hidden,
    )
    if not hidden:
        preparation.say(ran.log.decode(errors="replace"))
    check = BaseCheck(
        id=new_id(),
        environment_id=environment.id,
        kind=kind,
        name=name,
        command=command,
        status=ran.status,
        exit_code=ran.exit_code,
        seconds=ran.seconds,
        summary=ran.summary,
        log=await bench.keep_bytes(ran.log),
    )
    async with transaction() as session:
        await jobs.fence(session)
        return await service.record_base_check(session, check)
