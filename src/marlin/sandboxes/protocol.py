"""What a sandbox is: the Protocol every backend fulfils, and the values that cross it.

A sandbox is one live, isolated instance of an environment. Its root is an overlay: a pinned base image, then read-only
layers (repository tree, set-up result, the chosen side's earlier work), then one writable upper layer of its own. It
holds no secret and reaches no network, except what is listed in :class:`SandboxSpec`.

The conformance suite (``marlin.sandboxes.conformance``) is the executable form of every sentence below.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Protocol

MIB = 1024**2
GIB = 1024**3

WORKSPACE = PurePosixPath("/workspace")
"""Where an arm's files are, in every sandbox: identical paths on both sides."""

HOME = PurePosixPath("/home/agent")
"""HOME of the agent: a volume of its own, because it is the agent session."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one sandbox may use, all its processes together. A backend that can't enforce one of these must refuse."""

    memory_bytes: int = 4 * GIB
    pids: int = 1024
    """Tasks (threads count). Below 512 bubblewrap itself fails: the kernel's accounting lags under rapid execs."""
    cpus: float = 2.0
    disk_bytes: int = 8 * GIB
    """Upper layer and HOME together."""
    tmp_bytes: int = 1 * GIB
    """The temporary folder, which is memory and is gone when the sandbox stops."""
    file_bytes: int = 2 * GIB
    """Largest single file (RLIMIT_FSIZE)."""
    open_files: int = 4096


@dataclass(frozen=True, slots=True)
class Layer:
    """A sealed, read-only directory tree in a ``LayerStore``; it may hold overlay whiteouts."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Mount:
    """A host file or folder seen read-only at ``target``: an installed agent, checks. Never anything secret."""

    source: Path
    target: PurePosixPath


@dataclass(frozen=True, slots=True)
class Egress:
    """Which hosts a sandbox may reach, through the backend's CONNECT proxy. For set-up and fetching only.

    Names resolve on the host at connect time; an address in a private, loopback, link-local or metadata range is
    refused unless its host is in ``trusted``. Each refusal is logged, and told by :meth:`Sandbox.egress_log`.
    """

    hosts: tuple[str, ...] = ()
    """Allowed host names, lower case; ``*.example.org`` matches subdomains; ``*`` any public host."""
    trusted: tuple[str, ...] = ()
    """``host`` or ``host:port`` that may resolve to private addresses (the operator's own mirrors)."""
    ports: tuple[int, ...] = (443, 80)


@dataclass(frozen=True, slots=True)
class EgressEvent:
    """One connection that a sandbox with egress asked for."""

    at: datetime
    host: str
    port: int
    allowed: bool
    reason: str
    """Why it was refused, or the address it went to."""


@dataclass(frozen=True, slots=True)
class SandboxSpec:
    """How to open a sandbox.

    :ivar id: opaque (``[a-z0-9]{8,32}``): host paths are visible in mountinfo, so it says nothing about the arm.
    :ivar base: the root tree (a base image, see ``marlin.sandboxes.images``).
    :ivar lowers: layers above the base, bottom first.
    :ivar home: the agent's HOME to start from, copied; empty when None.
    :ivar env: the complete environment besides PATH, HOME, USER, LANG and TERM.
    :ivar fake_root: run as uid 0 of a user namespace of 65,536 ids (set-up with apt needs it) instead of uid 1000.
    :ivar egress: None for every rollout and check.
    """

    id: str
    base: Layer
    lowers: tuple[Layer, ...] = ()
    home: Layer | None = None
    mounts: tuple[Mount, ...] = ()
    limits: Limits = field(default_factory=Limits)
    env: Mapping[str, str] = field(default_factory=dict)
    workdir: PurePosixPath = WORKSPACE
    fake_root: bool = False
    egress: Egress | None = None


@dataclass(frozen=True, slots=True)
class ExecResult:
    """A finished command. Output beyond the caller's limit is dropped from the middle, and counted."""

    exit_code: int
    """128 + signal number when a signal ended it."""
    stdout: bytes
    stderr: bytes
    seconds: float
    dropped_bytes: int = 0
    out_of_memory: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """What the sandbox has used so far."""

    cpu_seconds: float
    memory_peak_bytes: int
    pids_peak: int
    disk_bytes: int
    out_of_memory_kills: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a result was made under: stored with every rollout and check."""

    backend: str
    """Name and version, e.g. ``bubblewrap 0.8.0``."""
    base_image: str
    """Name and content digest of the base image; says so when it is a view of the host's ``/usr``."""
    kernel: str
    cgroup: str
    """``v1``, ``v2`` or ``hybrid``."""
    limits: Limits


class Process(Protocol):
    """A long-running command with pipes, such as an agent."""

    stdin: asyncio.StreamWriter
    stdout: asyncio.StreamReader
    stderr: asyncio.StreamReader

    @property
    def returncode(self) -> int | None:
        """None while it runs."""

    async def wait(self) -> int:
        """The exit code (128 + signal)."""

    async def terminate(self, *, grace: float = 3.0) -> int:
        """SIGTERM to the command's process group, SIGKILL after ``grace`` seconds; the exit code."""


class Pty(Protocol):
    """A command on a fresh pseudo terminal, its controlling terminal (Ctrl-C works, TIOCSTI does not)."""

    async def read(self, limit: int = 65536) -> bytes:
        """Next output; empty at the end."""

    async def write(self, data: bytes) -> None:
        """Type ``data``."""

    def resize(self, *, columns: int, rows: int) -> None:
        """Tell the terminal its new size."""

    async def wait(self) -> int:
        """The exit code (128 + signal)."""

    async def close(self) -> None:
        """Hang up and kill what still runs on it."""


class Sandbox(Protocol):
    """One live sandbox. Every method raises :class:`~marlin.sandboxes.errors.SandboxGoneError` once it is stopped.

    Cancelling a coroutine of this class kills the command it started.
    """

    @property
    def id(self) -> str:
        """As in the spec."""

    @property
    def provenance(self) -> Provenance:
        """What results from here were made under."""

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
        """Run a command to its end.

        A failing command is a result, not an error.

        :raises ExecTimeoutError: after ``timeout`` seconds; the command and its descendants are dead; carries the
            output so far as ``result``.
        :raises CommandNotFoundError: ``argv[0]`` is not an executable in the sandbox.
        """

    async def spawn(
        self, argv: Sequence[str], *, cwd: PurePosixPath | None = None, env: Mapping[str, str] | None = None
    ) -> Process:
        """Start a command with pipes.

        :raises CommandNotFoundError: ``argv[0]`` is not an executable in the sandbox.
        """

    async def pty(
        self,
        argv: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        cwd: PurePosixPath | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Pty:
        """Start a command on a terminal; raises as :meth:`spawn`."""

    async def listen(self, port: int) -> socket.socket:
        """A listening, non-blocking socket held by the host that commands inside reach at ``http://127.0.0.1:port``.

        This is the only way in or out of a sandbox without egress: the model gateway serves on it.

        :raises SandboxError: the port is taken.
        """

    async def read_file(self, path: PurePosixPath, *, limit: int = 16 * MIB) -> bytes:
        """The bytes of a regular file, as the sandbox's user sees it (links are followed inside, never outside).

        :raises SandboxFileError: it does not exist, can't be read, or is larger than ``limit``.
        """

    async def write_file(self, path: PurePosixPath, data: bytes, *, mode: int = 0o644) -> None:
        """Write a file as the sandbox's user, making its folders.

        :raises SandboxFileError: it can't be written there.
        :raises DiskFullError: the quota is used up.
        """

    async def kill_all(self) -> int:
        """Kill every process inside, and return how many there were; the sandbox stays usable."""

    async def freeze(self) -> None:
        """Stop all processes where they are."""

    async def thaw(self) -> None:
        """Let frozen processes go on."""

    async def usage(self) -> Usage:
        """What has been used so far."""

    def egress_log(self) -> tuple[EgressEvent, ...]:
        """The latest connections asked for, allowed and refused, oldest first; still there when the sandbox is gone."""

    async def seal(self, name: str) -> tuple[Layer, Layer]:
        """Stop the sandbox and keep what it wrote.

        Kills all processes, unmounts, and moves the upper layer and HOME into the layer store as sealed layers
        ``<name>-files`` and ``<name>-home``. The sandbox is gone afterwards. Calling it again for a sandbox that was
        sealed under this name returns the same layers.
        """

    async def destroy(self) -> None:
        """Kill, unmount, remove everything the sandbox wrote. Harmless when repeated."""


class Backend(Protocol):
    """A way to make sandboxes on this machine."""

    @property
    def name(self) -> str:
        """Name and version."""

    async def open(self, spec: SandboxSpec) -> Sandbox:
        """Make a sandbox. Leftovers of an earlier sandbox with the same id are killed and removed first.

        :raises UnsupportedHostError: this machine can't give what ``spec`` asks; the message says what is missing.
        :raises DiskFullError: no room.
        """

    async def reap(self, keep: frozenset[str] = frozenset()) -> list[str]:
        """Remove what dead processes left behind (mounts, cgroups, namespaces, files); the ids removed.

        Sandboxes of this process and of other live Marlin processes on this machine are left alone.
        """

    async def check_host(self) -> list[HostCheck]:
        """What this machine can and can't isolate; run by ``marlin doctor`` and before the first untrusted command."""


@dataclass(frozen=True, slots=True)
class HostCheck:
    """One thing isolation needs, and whether this machine has it."""

    name: str
    ok: bool
    detail: str
    fix: str | None = None
    """One line that says what to do, when not ``ok``."""
    required: bool = True
    """Without it untrusted work is refused."""
