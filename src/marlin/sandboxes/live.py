"""A live bubblewrap sandbox."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from marlin.sandboxes import arguments, files, proxy, records
from marlin.sandboxes.cgroups import Cgroup
from marlin.sandboxes.client import Keeper, Running, memory_file
from marlin.sandboxes.errors import CommandNotFoundError, ExecTimeoutError, SandboxError, SandboxGoneError
from marlin.sandboxes.keeper.identity import DISK_BASE, slot_base
from marlin.sandboxes.layers import LayerStore, remove_tree
from marlin.sandboxes.processes import Gathered, Pipes, Terminal, feed, gather, reader, set_size, writer
from marlin.sandboxes.protocol import MIB, Egress, EgressEvent, ExecResult, Layer, Provenance, SandboxSpec, Usage
from marlin.sandboxes.proxy import EgressProxy


@dataclass(frozen=True, slots=True)
class Parts:
    """What a sandbox is made of on the host."""

    folder: Path
    mounts: str
    slot: int
    cgroup: Cgroup
    bwrap: str
    seccomp: bytes

    async def discard(self, keeper: Keeper) -> None:
        """Kill, unmount, and remove everything; harmless when parts of it are gone."""
        await asyncio.to_thread(self.cgroup.kill)
        with contextlib.suppress(SandboxGoneError):  # the mounts went with the keeper
            await keeper.ask("close", folder=self.mounts)
        await asyncio.to_thread(self._remove)

    def _remove(self) -> None:
        self.cgroup.remove()
        shutil.rmtree(self.folder, ignore_errors=True)  # another worker may have found it dead and be removing it
        records.free_slot(self.slot)


class BubblewrapSandbox:
    """See :class:`marlin.sandboxes.protocol.Sandbox`.

    Each command runs in a bubblewrap of its own: a fresh pid namespace over the sandbox's shared files, network,
    control group and ids (7 ms). What a command leaves in the background ends with it, so nothing can outlive a time
    limit or watch the next command; an agent, which is one command, keeps its own background processes.
    """

    def __init__(
        self,
        spec: SandboxSpec,
        parts: Parts,
        keeper: Keeper,
        store: LayerStore,
        provenance: Provenance,
        forget: Callable[[str], None],
    ) -> None:
        self._spec = spec
        self._parts = parts
        self._keeper = keeper
        self._store = store
        self._provenance = provenance
        self._forget = forget
        self._proxy: EgressProxy | None = None
        self._gone = False
        self._stopping = False
        self._sealed: tuple[str, tuple[Layer, Layer]] | None = None
        self._ending = asyncio.Lock()

    @property
    def id(self) -> str:
        """As in the spec."""
        return self._spec.id

    async def open_egress(self, egress: Egress) -> None:
        """Start the proxy; called once, by the backend."""
        self._proxy = EgressProxy(await self.listen(proxy.PORT), egress)
        await self._proxy.start()

    def egress_log(self) -> tuple[EgressEvent, ...]:
        """The latest connections asked for; see the Protocol."""
        return () if self._proxy is None else self._proxy.log.events()

    @property
    def provenance(self) -> Provenance:
        """What results from here were made under."""
        return self._provenance

    async def exec(
        self,
        argv: Sequence[str],
        *,
        timeout: float,
        cwd: PurePosixPath | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        output_limit: int = 4 * MIB,
    ) -> ExecResult:
        """Run a command to its end; see the Protocol."""
        started = time.monotonic()
        kills = self._parts.cgroup.out_of_memory_kills()
        process = await self._spawn(argv, cwd, env)
        out, err = Gathered(output_limit), Gathered(output_limit)
        talk = asyncio.gather(gather(process.stdout, out), gather(process.stderr, err), feed(process.stdin, stdin))
        timed_out = False
        try:
            async with asyncio.timeout(timeout):
                code = await process.wait()
                await talk
        except TimeoutError:
            timed_out = True
            code = await self._end(process, talk)
        except BaseException:
            await asyncio.shield(self._end(process, talk))
            raise
        finally:
            process.close()
        result = ExecResult(
            exit_code=code,
            stdout=out.bytes(),
            stderr=err.bytes(),
            seconds=time.monotonic() - started,
            dropped_bytes=out.dropped + err.dropped,
            out_of_memory=self._parts.cgroup.out_of_memory_kills() > kills,
        )
        if not self._keeper.alive:  # it took the command with it: how that "ended" says nothing about the command
            raise SandboxGoneError("the process that keeps the sandboxes died", hint="the work starts again by itself")
        if timed_out:
            raise ExecTimeoutError(
                f"{argv[0]} did not end within {timeout:g} s and was killed",
                result=result,
                hint="allow more time, or make the command faster",
            )
        self._explain_failed_start(argv, process.running, result)
        return result

    async def _end(self, process: Pipes, talk: asyncio.Future[tuple[None, None, None]]) -> int:
        process.running.kill()
        code = await process.wait()
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(talk, 5)
        return code

    def _explain_failed_start(self, argv: Sequence[str], running: Running, result: ExecResult) -> None:
        """Bubblewrap ended without running the command: say why, in our words."""
        said = result.stderr.decode(errors="replace").strip()
        if running.ran or not said.startswith("bwrap: "):
            return
        if "execvp" in said:
            raise CommandNotFoundError(
                f"{argv[0]} can't be executed: {said.rpartition(': ')[2]}",
                hint="is it a program, and does the interpreter in its first line exist?",
            )
        raise SandboxError(f"the sandbox could not start the command: {said.removeprefix('bwrap: ')}")

    async def spawn(
        self, argv: Sequence[str], *, cwd: PurePosixPath | None = None, env: Mapping[str, str] | None = None
    ) -> Pipes:
        """Start a command with pipes; see the Protocol."""
        return await self._spawn(argv, cwd, env)

    async def _spawn(self, argv: Sequence[str], cwd: PurePosixPath | None, env: Mapping[str, str] | None) -> Pipes:
        stdin, stdout, stderr = os.pipe(), os.pipe(), os.pipe()
        theirs, ours = (stdin[0], stdout[1], stderr[1]), (stdin[1], stdout[0], stderr[0])
        try:
            running = await self._run(argv, cwd, env, theirs, terminal=False)
        except BaseException:
            for fd in ours:
                os.close(fd)
            raise
        finally:
            for fd in theirs:
                os.close(fd)
        into = await writer(ours[0])
        out, out_transport = await reader(ours[1])
        err, err_transport = await reader(ours[2])
        return Pipes(running, into, out, err, [into.transport, out_transport, err_transport])

    async def pty(
        self,
        argv: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        cwd: PurePosixPath | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Terminal:
        """Start a command on a terminal; see the Protocol."""
        master, slave = os.openpty()
        try:
            set_size(master, columns, rows)
            running = await self._run(argv, cwd, env, (slave, slave, slave), terminal=True)
        except BaseException:
            os.close(master)
            raise
        finally:
            os.close(slave)
        return Terminal(running, master)

    async def _run(
        self,
        argv: Sequence[str],
        cwd: PurePosixPath | None,
        env: Mapping[str, str] | None,
        stdio: tuple[int, int, int],
        *,
        terminal: bool,
    ) -> Running:
        self._require_live()
        spec = self._spec
        if not argv:
            raise SandboxError("an empty command", hint="name a program")
        variables = arguments.environment(spec.fake_root, spec.env, env, terminal=terminal)
        folder = spec.workdir if cwd is None else spec.workdir / cwd
        data = arguments.bubblewrap(
            f"{self._parts.mounts}/root",
            env=variables,
            cwd=folder,
            limits=spec.limits,
            fake_root=spec.fake_root,
            terminal=terminal,
        )
        status_read, status_write = os.pipe()
        os.set_blocking(status_read, False)
        try:
            with memory_file(data) as options, memory_file(self._parts.seccomp) as program:
                request = {
                    "folder": self._parts.mounts,
                    "base": slot_base(self._parts.slot),
                    "argv": list(argv),
                    "path": list(arguments.search_path(variables)),
                    "cwd": str(folder),
                    "cgroups": self._parts.cgroup.joinable,
                    "limits": arguments.resource_limits(spec.limits),
                    "fake_root": spec.fake_root,
                    "terminal": terminal,
                    "bwrap": self._parts.bwrap,
                }
                fds = [*stdio, options.fileno(), program.fileno(), status_write]
                channel = await self._keeper.send("run", request, fds)
        except BaseException:
            os.close(status_read)
            raise
        finally:
            os.close(status_write)
        return await Running.start(channel, status_read, self._parts.cgroup.holds)

    async def listen(self, port: int) -> socket.socket:
        """A listening socket held by the host; see the Protocol."""
        self._require_live()
        _, fds = await self._keeper.ask("listen", folder=self._parts.mounts, port=port)
        server = socket.socket(fileno=fds[0])
        server.setblocking(False)
        return server

    async def read_file(self, path: PurePosixPath, *, limit: int = 16 * MIB) -> bytes:
        """The bytes of a regular file; see the Protocol."""
        return await files.read_file(self, path, limit)

    async def write_file(self, path: PurePosixPath, data: bytes, *, mode: int = 0o644) -> None:
        """Write a file as the sandbox's user; see the Protocol."""
        await files.write_file(self, path, data, mode)

    async def kill_all(self) -> int:
        """Kill every process inside; see the Protocol."""
        self._require_live()
        return await asyncio.to_thread(self._parts.cgroup.kill)

    async def freeze(self) -> None:
        """Stop all processes where they are."""
        self._require_live()
        await asyncio.to_thread(self._parts.cgroup.freeze)

    async def thaw(self) -> None:
        """Let frozen processes go on."""
        self._require_live()
        await asyncio.to_thread(self._parts.cgroup.thaw)

    async def usage(self) -> Usage:
        """What has been used so far."""
        self._require_live()
        answer, _ = await self._keeper.ask("usage", folder=self._parts.mounts)
        group = self._parts.cgroup
        return Usage(
            cpu_seconds=group.cpu_seconds(),
            memory_peak_bytes=group.memory_peak(),
            pids_peak=group.pids_peak(),
            disk_bytes=answer["disk_bytes"],
            out_of_memory_kills=group.out_of_memory_kills(),
        )

    async def seal(self, name: str) -> tuple[Layer, Layer]:
        """Stop the sandbox and keep what it wrote; see the Protocol."""
        async with self._ending:
            if self._sealed is not None and self._sealed[0] == name:
                return self._sealed[1]
            if self._gone or not self._keeper.alive:
                self._require_live()
            self._stopping = True
            layers = await self._keep(name)
            self._sealed = (name, layers)
            await self._discard()
            return layers

    async def _keep(self, name: str) -> tuple[Layer, Layer]:
        await asyncio.to_thread(self._parts.cgroup.kill)
        folders = [await asyncio.to_thread(self._store.stage_tree) for _ in range(2)]
        made: list[Layer] = []
        try:
            await self._keeper.ask(
                "seal",
                folder=self._parts.mounts,
                disk_base=DISK_BASE,
                fake_root=self._spec.fake_root,
                files=str(folders[0] / "tree"),
                home=str(folders[1] / "tree"),
            )
            for part, folder in zip(("files", "home"), folders, strict=True):
                made.append(await asyncio.to_thread(self._store.commit, f"{name}-{part}", folder))
        except BaseException:
            for folder in folders:
                await asyncio.to_thread(remove_tree, folder)
            for layer in made:  # both or neither: the caller may try again
                await asyncio.to_thread(self._store.remove, layer.name)
            raise
        return made[0], made[1]

    async def destroy(self) -> None:
        """Kill, unmount, remove everything; harmless when repeated."""
        async with self._ending:
            if not self._gone:
                await self._discard()

    async def _discard(self) -> None:
        self._gone = True
        self._forget(self.id)
        if self._proxy is not None:
            await self._proxy.stop()
        await asyncio.shield(self._parts.discard(self._keeper))

    def _require_live(self) -> None:
        if self._gone or self._stopping:
            raise SandboxGoneError(f"the sandbox {self.id} was stopped", hint="open a new one")
        if not self._keeper.alive:
            raise SandboxGoneError("the process that keeps the sandboxes died", hint="start the worker again")
