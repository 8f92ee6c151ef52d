"""What a worker works with: the sandbox backend, layers, repositories, and the few things it does with them.

An environment is a base image, the repository's tree at one commit, and what set-up wrote above it; a sandbox stacks
those and then the files of earlier turns. Every layer is a cache on this host: what it lacks is made again from the
mirror or from durable storage, so any worker can take any turn.
"""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from marlin.errors import UnavailableError
from marlin.sandboxes import (
    HOST_VIEW,
    MIB,
    WORKSPACE,
    Backend,
    Egress,
    ExecTimeoutError,
    Layer,
    LayerStore,
    Limits,
    Mount,
    Sandbox,
    SandboxSpec,
    list_recipes,
    pinned_image,
    read_facts,
)
from marlin.settings import Settings
from marlin.tasks.checks import summarise
from marlin.tasks.code import Code
from marlin.tasks.junit import Report, counted, section
from marlin.tasks.models import Environment
from marlin.tasks.reports import begin, collect
from marlin.workspaces import LeftOut, Snapshot, StoredLayer, Workspaces, from_text

CHECKS_MOUNT = PurePosixPath("/opt/marlin/checks")
"""Where acceptance checks are mounted, read-only, after the arm has stopped."""

OUTPUT_LIMIT = 4 * MIB
"""Of a check's output; more is dropped from its middle."""


_CLEAR = """
at=. rest=$1
while [ "${rest#*/}" != "$rest" ]; do
    at=$at/${rest%%/*} rest=${rest#*/}
    if [ -L "$at" ] || { [ -e "$at" ] && [ ! -d "$at" ]; }; then rm -f -- "$at"; fi
    if [ -d "$at" ]; then chmod u+rwx -- "$at"; fi
done
rm -rf -- "$at/$rest"
"""
"""Clears the place of a file to put back: an arm may have left a folder, a link or a read-only file in its way."""


@dataclass(frozen=True, slots=True)
class CommandRun:
    """How a command went."""

    status: Literal["passed", "failed", "error", "timed_out"]
    exit_code: int | None
    seconds: float
    output: bytes
    explanation: str = ""
    """Why it did not run to its end, when it did not."""
    report: Report | None = None
    """What JUnit XML says that the command wrote, where that was asked for."""
    report_paths: tuple[str, ...] = ()

    @property
    def log(self) -> bytes:
        """What is kept: the output, and below it what the reports say."""
        return self.output + section(self.report, self.report_paths) if self.report else self.output

    @property
    def summary(self) -> str:
        """How it went, in a few words."""
        return self.explanation or (counted(self.report) if self.report else summarise(self.output))


class Workbench:
    """A worker's tools. One per process.

    :param views: base images that are not built or imported: the demo's view of this machine, by name.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        backend: Backend,
        layers: LayerStore,
        code: Code,
        workspaces: Workspaces,
        views: Mapping[str, Layer],
    ) -> None:
        self.settings = settings
        self.backend = backend
        self.layers = layers
        self.code = code
        self.workspaces = workspaces
        self._views = dict(views)

    @property
    def agents_dir(self) -> Path:
        """Where agents are installed."""
        return self.settings.home / "agents"

    @property
    def raw_folder(self) -> Path:
        """Where raw traffic is written before it rests in durable storage."""
        return self.settings.home / "raw"

    def image(self, name: str) -> Layer:
        """The base image of this name; one that was built while the worker runs counts too.

        :raises UnavailableError: this worker has none such.
        """
        found = self._views.get(name) or pinned_image(self.layers, name)
        if found is None:
            raise missing_image(name)
        return found

    def image_of(self, environment: Environment) -> Layer:
        """The base image that an environment stands on, to the byte.

        :raises UnavailableError: this worker has none such, or another one of the same name.
        """
        name, built_on = environment.base_image, (environment.provenance or {}).get("image")
        image = self.image(name)
        if built_on is not None and name not in self._views and self.image_identity(name) != built_on:
            raise UnavailableError(
                f"This worker's base image {name!r} is not the one that the environment was built on.",
                hint=f"Images of one name must be the same on every worker: on the worker that has {built_on[:30]}…, "
                f"run `marlin image export {name} FILE`, and here `marlin image import {name} FILE`.",
                built_on=built_on,
            )
        return image

    def image_identity(self, name: str) -> str:
        """Name and content of a base image: what environments on it are reused by."""
        return f"{name}@{read_facts(self.image(name)).get('digest')}"

    async def keep_bytes(self, data: bytes) -> str:
        """Put ``data`` into durable storage; its key."""
        return await asyncio.to_thread(self.code.durable.put, io.BytesIO(data))

    async def keep_file(self, path: Path) -> str:
        """Put a file into durable storage; its key."""

        def put() -> str:
            with path.open("rb") as file:
                return self.code.durable.put(file)

        return await asyncio.to_thread(put)

    async def stack(self, environment: Environment, files: Sequence[StoredLayer]) -> tuple[Layer, ...]:
        """The layers of an environment and of earlier turns, bottom first; made again where this host lacks them."""
        base = await self.workspaces.base_layer(environment.repository, environment.base_commit)
        above = [StoredLayer(**environment.files)] if environment.files else []
        return (base, *[await self.workspaces.ensure_layer(stored) for stored in (*above, *files)])

    async def open_sandbox(
        self,
        environment: Environment,
        *,
        sandbox_id: str,
        files: Sequence[StoredLayer] = (),
        home: StoredLayer | None = None,
        mounts: Sequence[Mount] = (),
        limits: Mapping[str, Any],
        egress: Egress | None = None,
        fake_root: bool = False,
    ) -> Sandbox:
        """Open a sandbox on an environment and the files of earlier turns.

        :param limits: as a campaign has them: memory_mib, pids, cpus, disk_mib.
        """
        spec = SandboxSpec(
            id=sandbox_id,
            base=self.image_of(environment),
            lowers=await self.stack(environment, files),
            home=await self.workspaces.ensure_layer(home) if home else None,
            mounts=tuple(mounts),
            limits=sandbox_limits(limits),
            egress=egress,
            fake_root=fake_root,
        )
        return await self.backend.open(spec)

    async def snapshot(
        self,
        environment: Environment,
        sandbox: Sandbox,
        *,
        parent: str,
        files: Sequence[StoredLayer],
        comparison: str,
        turn: int,
        side: str,
        earlier: Sequence[LeftOut],
    ) -> Snapshot:
        """Seal a sandbox and keep what it wrote: a commit, and durable archives of files and HOME."""
        lowers = await self.stack(environment, files)
        written, home = await sandbox.seal(sandbox.id)
        return await self.workspaces.capture(
            environment.repository,
            parent=parent,
            lowers=lowers,
            files=written,
            home=home,
            comparison=comparison,
            turn=turn,
            side=side,
            earlier=earlier,
        )

    async def run_command(
        self,
        environment: Environment,
        command: str,
        *,
        sandbox_id: str,
        files: Sequence[StoredLayer],
        limits: Mapping[str, Any],
        time_limit: float,
        checks_dir: Path | None = None,
        restore: Mapping[str, bytes | None] | None = None,
        reports: bool = False,
    ) -> CommandRun:
        """Run a shell command in a fresh sandbox on an environment and files; nothing it writes is kept.

        :param checks_dir: acceptance checks to mount read-only.
        :param restore: files to put back first, by path in the workspace; None removes the file.
        :param reports: read the JUnit XML that the command writes.
        """
        mounts = [Mount(checks_dir, CHECKS_MOUNT)] if checks_dir else []
        sandbox = await self.open_sandbox(environment, sandbox_id=sandbox_id, files=files, mounts=mounts, limits=limits)
        try:
            await put_back(sandbox, restore or {})
            if reports:
                await begin(sandbox)
            ran = await _run_shell(sandbox, command, time_limit)
            found = await collect(sandbox) if reports and ran.exit_code is not None else None
            return replace(ran, report=found[0], report_paths=tuple(found[1])) if found else ran
        finally:
            await sandbox.destroy()


async def put_back(sandbox: Sandbox, restore: Mapping[str, bytes | None]) -> None:
    """Put files of the base back into a sandbox's workspace; None removes the file.

    :param restore: contents by path, in the text form of :mod:`marlin.workspaces`.
    :raises SandboxFileError: a file can't be written there. :raises DiskFullError: no room.
    """
    for path, data in restore.items():
        name = os.fsdecode(from_text(path))
        await sandbox.exec(["sh", "-c", _CLEAR, "sh", name], cwd=WORKSPACE, timeout=30)
        if data is not None:
            await sandbox.write_file(WORKSPACE / name, data)


async def _run_shell(sandbox: Sandbox, command: str, time_limit: float) -> CommandRun:
    try:
        # One stream, so that errors stand where they happened.
        ran = await sandbox.exec(
            ["sh", "-c", f"exec 2>&1\n{command}"], timeout=time_limit, cwd=WORKSPACE, output_limit=OUTPUT_LIMIT
        )
    except ExecTimeoutError as error:
        return CommandRun(
            "timed_out", None, error.result.seconds, error.result.stdout, f"stopped after {time_limit:g} s"
        )
    if ran.out_of_memory:
        return CommandRun("error", ran.exit_code, ran.seconds, ran.stdout, "ran out of memory")
    if ran.exit_code in (126, 127):
        return CommandRun("error", ran.exit_code, ran.seconds, ran.stdout, "the command could not be run")
    return CommandRun("passed" if ran.exit_code == 0 else "failed", ran.exit_code, ran.seconds, ran.stdout)


def sandbox_limits(limits: Mapping[str, Any]) -> Limits:
    """A campaign's limits as the sandbox library takes them."""
    standard = Limits()
    return Limits(
        memory_bytes=int(limits["memory_mib"]) * MIB if "memory_mib" in limits else standard.memory_bytes,
        pids=int(limits.get("pids", standard.pids)),
        cpus=float(limits.get("cpus", standard.cpus)),
        disk_bytes=int(limits["disk_mib"]) * MIB if "disk_mib" in limits else standard.disk_bytes,
    )


def missing_image(name: str) -> UnavailableError:
    """What to raise for a base image that a worker lacks."""
    if name == HOST_VIEW:
        hint = "Only `marlin demo` may use a view of this machine; list a pinned image in the campaign's base_images."
    elif name in (recipe.name for recipe in list_recipes()):
        hint = f"The operator runs `marlin image build {name}` on each worker; then prepare again."
    else:
        hint = (
            f"The operator runs `marlin image build {name}.toml` (its recipe) or `marlin image import {name} ROOT.tar` "
            "on each worker; then prepare again."
        )
    return UnavailableError(f"This worker has no base image {name!r}.", hint=hint)


_bench: Workbench | None = None


def use_workbench(bench: Workbench | None) -> None:
    """Make ``bench`` the one this process works with."""
    global _bench
    _bench = bench


def current_workbench() -> Workbench:
    """This process's workbench.

    :raises UnavailableError: the process is no worker.
    """
    if _bench is None:
        raise UnavailableError("This process is no worker.", hint="Start one with `marlin worker`.")
    return _bench
