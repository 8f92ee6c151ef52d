"""The default backend: overlayfs, bubblewrap, seccomp, control groups and a network namespace of one's own."""

from __future__ import annotations

import asyncio
import errno
import platform
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from marlin import logging
from marlin.sandboxes import hosts, proxy, quota, reaper, records, seccomp
from marlin.sandboxes.cgroups import CgroupHost, detect
from marlin.sandboxes.client import Keeper
from marlin.sandboxes.errors import DiskFullError, SandboxError, SandboxGoneError, UnsupportedHostError
from marlin.sandboxes.images import host_view
from marlin.sandboxes.keeper.identity import slot_base
from marlin.sandboxes.layers import LayerStore, read_facts
from marlin.sandboxes.live import BubblewrapSandbox, Parts
from marlin.sandboxes.probes import verdict
from marlin.sandboxes.probes.suite import ProbeResult, harmful, run_probes
from marlin.sandboxes.protocol import HostCheck, Provenance, SandboxSpec
from marlin.sandboxes.registries import machine_registries

MOUNT_FOLDER = Path("/run/marlin-sandboxes")
"""An empty folder on the host; each keeper mounts over it in its own view of the file system."""

_ID = re.compile(r"[a-z0-9]{8,32}")
_log = logging.get(__name__)


class BubblewrapBackend:
    """Sandboxes of one Marlin process. Close it (or end the process) to end them all."""

    def __init__(
        self,
        home: Path,
        store: LayerStore,
        *,
        demo: bool = False,
        unproven: bool = False,
        verdicts: Path = verdict.FOLDER,
    ) -> None:
        """See ``open_backend``.

        :param unproven: open sandboxes before this machine has passed the probes: for running the probes themselves.
        :param verdicts: where what the probes found is remembered, for all Marlin processes of this machine.
        """
        self._verdicts = verdicts
        self.home = home
        self.store = store
        self._demo = demo
        self._proven = unproven
        self._folder = home / "sandboxes"
        self._keeper: Keeper | None = None
        self._lock = asyncio.Lock()
        self._cgroups: CgroupHost | None = None
        self._live: dict[str, BubblewrapSandbox] = {}
        self._bwrap = shutil.which("bwrap") or ""
        self._name = "bubblewrap"

    @property
    def name(self) -> str:
        """Name and version, such as ``bubblewrap 0.8.0`` (the version is known after the first ``open``)."""
        return self._name

    async def open(self, spec: SandboxSpec) -> BubblewrapSandbox:
        """Make a sandbox; see the Protocol."""
        if not _ID.fullmatch(spec.id):
            raise SandboxError(f"{spec.id!r} is no sandbox id", hint="8 to 32 lower case letters and digits")
        facts = read_facts(spec.base)
        host_view = facts.get("kind") == "host-view"
        if host_view and not self._demo:
            raise UnsupportedHostError(
                "the base image is a view of this machine's own /usr, which only the demo may use",
                hint="build a pinned image with `marlin image build`, and choose it for the campaign",
            )
        keeper = await self._start()
        await self._prove()
        if spec.egress is not None:
            spec = await asyncio.to_thread(_with_registries, spec, self._folder / ".templates")
        await self._remove_leftovers(spec.id)
        parts = await self._prepared(spec, keeper)
        try:
            await keeper.ask(
                "open",
                folder=parts.mounts,
                image=str(parts.folder / "disk.ext4"),
                base=slot_base(parts.slot),
                layers=[str(layer.path) for layer in (spec.base, *spec.lowers)],
                host_usr=host_view,
                home=None if spec.home is None else str(spec.home.path),
                mounts=[[str(mount.source), str(mount.target)] for mount in spec.mounts],
                tmp_bytes=spec.limits.tmp_bytes,
                fake_root=spec.fake_root,
            )
        except BaseException:
            await asyncio.shield(parts.discard(keeper))
            raise
        sandbox = BubblewrapSandbox(spec, parts, keeper, self.store, self._provenance(spec, facts), self._forget)
        self._live[spec.id] = sandbox
        if spec.egress is not None:
            try:
                await sandbox.open_egress(spec.egress)
            except BaseException:
                await asyncio.shield(sandbox.destroy())
                raise
        return sandbox

    async def close(self) -> None:
        """Destroy all sandboxes of this backend and end its keeper."""
        for sandbox in list(self._live.values()):
            await sandbox.destroy()
        if self._keeper is not None:
            await asyncio.to_thread(self._keeper.stop)
            self._keeper = None

    async def reap(self, keep: frozenset[str] = frozenset()) -> list[str]:
        """Remove what dead processes left behind; see the Protocol."""
        return await asyncio.to_thread(reaper.reap, self._folder, keep | self._live.keys())

    async def check_host(self) -> list[HostCheck]:
        """What this machine can and can't isolate; see the Protocol."""
        checks = await asyncio.to_thread(hosts.check_host)
        if any(check.required and not check.ok for check in checks):
            return checks
        results = await self.prove()
        bad = ", ".join(result.name for result in harmful(results))
        detail = f"harmful: {bad}" if bad else f"{len(results)} attacks contained"
        fix = "see `python -m marlin.sandboxes.probes`, and use a machine on which they are contained"
        return [*checks, HostCheck("probes", not bad, detail, fix if bad else None)]

    async def prove(self) -> list[ProbeResult]:
        """What the probes found on this machine; they run (about 15 s) unless they did since it was started."""
        await self._start()
        key = await asyncio.to_thread(verdict.verdict_key, self._name)
        results = await asyncio.to_thread(verdict.remembered, key, self._verdicts)
        if results is not None:
            return results
        async with _locked(self._verdicts):
            results = await asyncio.to_thread(verdict.remembered, key, self._verdicts)
            if results is None:
                _log.info("proving isolation, once since this machine was started")
                results = await self._run_probes()
                await asyncio.to_thread(verdict.remember, key, results, self._verdicts)
        return results

    async def _prove(self) -> None:
        """Refuse a machine on which a probe is harmful.

        :raises UnsupportedHostError: names it.
        """
        if self._proven:
            return
        bad = harmful(await self.prove())
        if bad:
            raise UnsupportedHostError(
                f"this machine does not contain hostile code: {bad[0].name} ({bad[0].detail})",
                hint="see `python -m marlin.sandboxes.probes` and docs/explanation/isolation.md",
                probes=[result.name for result in bad],
            )
        self._proven = True

    async def _run_probes(self) -> list[ProbeResult]:
        backend = BubblewrapBackend(self.home, self.store, demo=True, unproven=True)
        try:
            return await run_probes(backend, await asyncio.to_thread(host_view, self.store), self.home)
        finally:
            await backend.close()

    async def _start(self) -> Keeper:
        async with self._lock:
            if self._keeper is not None and self._keeper.alive:
                return self._keeper
            self._keeper = await asyncio.to_thread(self._start_keeper)
            return self._keeper

    def _start_keeper(self) -> Keeper:
        hosts.require()
        self._name = f"bubblewrap {hosts.bubblewrap_version()}"
        self._cgroups = detect()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        MOUNT_FOLDER.mkdir(mode=0o711, parents=True, exist_ok=True)
        removed = reaper.reap(self._folder, frozenset())
        if removed:
            _log.info("removed what dead processes left behind", sandboxes=len(removed))
        records.free_dead_slots()
        return Keeper.start(MOUNT_FOLDER)

    async def _remove_leftovers(self, sandbox_id: str) -> None:
        old = self._live.get(sandbox_id)
        if old is not None:
            await old.destroy()
        folder = self._folder / sandbox_id
        if folder.exists() and not await asyncio.to_thread(reaper.reap_one, folder):
            raise SandboxError(
                f"another live Marlin process holds the sandbox {sandbox_id}",
                hint="choose another id: it carries the attempt number",
            )

    async def _prepared(self, spec: SandboxSpec, keeper: Keeper) -> Parts:
        """The parts of a sandbox; if the caller gives up meanwhile, they are removed again."""
        preparing = asyncio.create_task(asyncio.to_thread(self._prepare, spec, keeper))
        try:
            return await asyncio.shield(preparing)
        except asyncio.CancelledError:
            with suppress(Exception):
                await asyncio.shield((await preparing).discard(keeper))
            raise
        except FileExistsError as error:
            raise SandboxError(
                f"the sandbox {spec.id} is being opened already", hint="open each id once at a time"
            ) from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFullError(
                    f"no room for a sandbox: {error}", hint=f"free space on the disk of {self.home}"
                ) from error
            raise

    def _prepare(self, spec: SandboxSpec, keeper: Keeper) -> Parts:
        assert self._cgroups is not None
        owner = records.Owner.of(keeper.pid)
        if owner is None:
            raise SandboxGoneError("the process that keeps the sandboxes died", hint="the work starts again by itself")
        folder = self._folder / spec.id
        slot = records.take_slot(owner)
        group = self._cgroups.group(spec.id)
        try:
            # On record before anything else of it exists: killed at any moment, it can be found and removed.
            paths = {name: str(path) for name, path in group.paths.items()}
            records.Record(owner, slot, group.kind, paths).claim(folder)
        except BaseException:
            records.free_slot(slot)
            raise
        try:
            cgroup = self._cgroups.create(spec.id, spec.limits)
            quota.make_image(self._folder / ".templates", folder / "disk.ext4", spec.limits.disk_bytes)
        except BaseException:
            group.remove()
            shutil.rmtree(folder, ignore_errors=True)
            records.free_slot(slot)
            raise
        return Parts(
            folder=folder,
            mounts=str(MOUNT_FOLDER / spec.id),
            slot=slot,
            cgroup=cgroup,
            bwrap=self._bwrap,
            seccomp=seccomp.program(),
        )

    def _provenance(self, spec: SandboxSpec, facts: dict[str, object]) -> Provenance:
        image = f"{spec.base.name} {facts.get('digest', 'without digest')}"
        if facts.get("kind") == "host-view":
            image = f"{spec.base.name} (a read-only view of the host's /usr, not pinned; {facts.get('digest')})"
        assert self._cgroups is not None
        return Provenance(
            backend=self._name,
            base_image=image,
            kernel=f"{platform.system()} {platform.release()} {platform.machine()}",
            cgroup=self._cgroups.kind,
            limits=spec.limits,
        )

    def _forget(self, sandbox_id: str) -> None:
        self._live.pop(sandbox_id, None)


@asynccontextmanager
async def _locked(folder: Path) -> AsyncIterator[None]:
    lock = verdict.one_at_a_time(folder)
    await asyncio.to_thread(lock.__enter__)
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def _with_registries(spec: SandboxSpec, folder: Path) -> SandboxSpec:
    """The same, with the proxy's variables, and this machine's package mirrors and certificates."""
    machine = machine_registries(apt_settings=folder)
    address = f"http://127.0.0.1:{proxy.PORT}"
    ours = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), address)
    ours |= dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost")
    taken = {mount.target for mount in spec.mounts}
    mounts = (*spec.mounts, *(mount for mount in machine.mounts if mount.target not in taken))
    return replace(spec, env={**ours, **machine.env, **spec.env}, mounts=mounts)


def open_backend(home: Path, *, demo: bool = False) -> BubblewrapBackend:
    """The backend for this machine, with its layer store at ``<home>/layers``. Starts nothing until the first sandbox.

    :param demo: allow the host view as a base image.
    """
    return BubblewrapBackend(home, LayerStore(home / "layers"), demo=demo)
