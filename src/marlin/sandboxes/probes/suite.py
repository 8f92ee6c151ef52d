"""Running the probes against a backend, and remembering the verdict."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from marlin.sandboxes.probes.table import PROBES, Probe
from marlin.sandboxes.protocol import MIB, Backend, Layer, Limits, Mount, Sandbox, SandboxSpec

Outcome = Literal["contained", "emulated", "harmful"]

LIMITS = Limits(
    memory_bytes=192 * MIB,
    pids=512,
    cpus=0.5,
    disk_bytes=48 * MIB,
    tmp_bytes=24 * MIB,
    file_bytes=32 * MIB,
    open_files=256,
)
"""Tight: a bomb that is not contained must still do little."""

_BOMB_SECONDS = 1.5
_MODULES = PurePosixPath("/opt/marlin/probes")
_PYTHON = PurePosixPath("/opt/marlin/python")
_ENV = {"PYTHONHOME": str(_PYTHON)}
_BOMBS_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What came of one probe."""

    name: str
    group: str
    outcome: Outcome
    detail: str


async def run_probes(
    backend: Backend, base: Layer, home: Path, *, probes: Sequence[Probe] = PROBES
) -> list[ProbeResult]:
    """Run the probes as hostile code in sandboxes of ``backend``; ``home`` is Marlin's data folder. About 15 s.

    Plants a secret file, a process, ports, sockets and shared memory on the host, and a second sandbox beside; nothing
    of the host is changed by a probe that gets through, except what the probe's table says.
    """
    by_name = {probe.name: probe for probe in probes}
    quiet = [probe for probe in probes if not probe.bomb]
    results: list[ProbeResult] = []
    with planted(home) as facts:
        async with _sandbox(backend, base, facts) as other:
            marker = facts["other_marker"]
            await other.exec(["sh", "-c", f"touch /workspace/{marker} /tmp/{marker} ~/{marker}"], timeout=60)
            listener = await other.listen(facts["other_port"])
            with listener:
                async with _sandbox(backend, base, facts) as hostile:
                    results += await _run_quiet(hostile, quiet, facts)
                few = asyncio.Semaphore(_BOMBS_AT_ONCE)

                async def explode(probe: Probe) -> ProbeResult:
                    async with few:
                        return await _run_bomb(backend, base, probe, facts, other)

                results += await asyncio.gather(*(explode(probe) for probe in probes if probe.bomb))
                for index, result in enumerate(results):
                    # Measurements on a machine that is overloaded at this moment may be off: once more, alone.
                    if result.outcome == "harmful" and by_name[result.name].bomb:
                        results[index] = await explode(by_name[result.name])
    order = {probe.name: index for index, probe in enumerate(probes)}
    return sorted(results, key=lambda result: order[result.name])


def harmful(results: Sequence[ProbeResult]) -> list[ProbeResult]:
    """Those that must not be."""
    return [result for result in results if result.outcome == "harmful"]


def judge(probe: Probe, through: bool, detail: str) -> ProbeResult:
    """The verdict on one attempt."""
    if not through:
        return ProbeResult(probe.name, probe.group, "contained", detail)
    if probe.harmless is not None:
        return ProbeResult(probe.name, probe.group, "emulated", f"{detail}; harmless: {probe.harmless}")
    return ProbeResult(probe.name, probe.group, "harmful", detail)


def _command(names: Sequence[str]) -> list[str]:
    python = f"{_PYTHON}/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    return [python, "-S", "-m", "hostile", *names]


async def _run_quiet(sandbox: Sandbox, probes: Sequence[Probe], facts: dict[str, Any]) -> list[ProbeResult]:
    command = _command([probe.name for probe in probes])
    result = await sandbox.exec(command, timeout=300, cwd=_MODULES, env=_ENV, stdin=json.dumps(facts).encode())
    said = {answer["name"]: answer for answer in map(json.loads, result.stdout.splitlines())}
    results = []
    for probe in probes:
        answer = said.get(probe.name)
        if answer is None or answer["outcome"] == "broken":
            detail = "no answer" if answer is None else answer["detail"]
            tail = result.stderr[-300:].decode(errors="replace")
            results.append(ProbeResult(probe.name, probe.group, "harmful", f"not proven: {detail} {tail}".strip()))
        else:
            results.append(judge(probe, answer["outcome"] == "through", answer["detail"]))
    return results


async def _run_bomb(backend: Backend, base: Layer, probe: Probe, facts: dict[str, Any], other: Sandbox) -> ProbeResult:
    async with _sandbox(backend, base, facts) as sandbox:
        command = _command([probe.name])
        started = time.monotonic()
        planted_facts = json.dumps(facts).encode()
        exploding = asyncio.create_task(
            sandbox.exec(command, timeout=60, cwd=_MODULES, env=_ENV, stdin=planted_facts, output_limit=1 << 16)
        )
        await asyncio.sleep(_BOMB_SECONDS / 2)
        neighbour = await other.exec(["true"], timeout=60)
        with contextlib.suppress(Exception):
            await exploding
        left = await sandbox.kill_all()
        usage = await sandbox.usage()
        seconds = time.monotonic() - started
    limits = LIMITS
    faults = []
    if neighbour.exit_code != 0:
        faults.append("the sandbox beside did not answer")
    if usage.memory_peak_bytes > limits.memory_bytes:
        faults.append(f"memory {usage.memory_peak_bytes} > {limits.memory_bytes}")
    if usage.pids_peak > limits.pids:
        faults.append(f"tasks {usage.pids_peak} > {limits.pids}")
    if usage.disk_bytes > limits.disk_bytes:
        faults.append(f"disk {usage.disk_bytes} > {limits.disk_bytes}")
    if usage.cpu_seconds > limits.cpus * seconds * 1.5 + 0.5:
        faults.append(f"processor {usage.cpu_seconds:.1f} s in {seconds:.1f} s")
    if left:
        faults.append(f"{left} processes outlived their command")
    measured = (
        f"at most {usage.memory_peak_bytes >> 20} MiB, {usage.pids_peak} tasks, {usage.disk_bytes >> 20} MiB on disk"
    )
    return judge(probe, bool(faults), "; ".join(faults) or measured)


@contextlib.asynccontextmanager
async def _sandbox(backend: Backend, base: Layer, facts: dict[str, Any]) -> AsyncIterator[Sandbox]:
    mounts = (
        Mount(Path(__file__).parent, _MODULES),
        Mount(Path(sys.base_prefix), _PYTHON),
        Mount(Path(facts["mounted_source"]), PurePosixPath(facts["mounted"])),
    )
    sandbox = await backend.open(SandboxSpec(id=secrets.token_hex(8), base=base, limits=LIMITS, mounts=mounts))
    try:
        yield sandbox
    finally:
        await sandbox.destroy()


@contextlib.contextmanager
def planted(home: Path) -> Iterator[dict[str, Any]]:
    """Things on the host that no sandbox may reach."""
    secret, marker = secrets.token_hex(16), secrets.token_hex(8)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="marlin-probe-")))
        folder.chmod(0o755)
        (folder / "secret").write_text(secret)
        (folder / "mounted").write_text("read only")
        for name in ("secret", "mounted"):
            (folder / name).chmod(0o666)
        server = stack.enter_context(socket.create_server(("0.0.0.0", 0)))  # noqa: S104 - to be found unreachable
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        abstract.bind("\0" + marker)
        abstract.listen()
        process = subprocess.Popen([sys.executable, "-S", "-c", "import sys; sys.stdin.read()", marker], stdin=-1)
        stack.callback(_end, process)
        shared = Path(f"/dev/shm/{marker}")
        shared.write_text(secret)
        shared.chmod(0o666)
        stack.callback(shared.unlink)
        key = stack.enter_context(_system_v_segment())
        os.environ["MARLIN_PROBE_SECRET"] = secret
        stack.callback(os.environ.pop, "MARLIN_PROBE_SECRET", None)
        yield {
            "secret": secret,
            "env_secret": secret,
            "host_file": str(folder / "secret"),
            "mounted_source": str(folder / "mounted"),
            "mounted": "/opt/marlin/mounted",
            "home": str(home),
            "host_pid": process.pid,
            "process_marker": marker,
            "other_marker": "other-" + marker,
            "other_port": 4711,
            "host_port": server.getsockname()[1],
            "host_addresses": _addresses(),
            "name_servers": _name_servers(),
            "abstract": marker,
            "shm_key": key,
            "shm_name": marker,
            "bomb_seconds": _BOMB_SECONDS,
        }


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


@contextlib.contextmanager
def _system_v_segment() -> Iterator[int]:
    libc = ctypes.CDLL(None, use_errno=True)
    key = secrets.randbelow(1 << 30) + 1
    identifier = libc.shmget(key, 4096, 0o1666)
    try:
        yield key
    finally:
        libc.shmctl(identifier, 0, None)


def _addresses() -> list[str]:
    """This machine's own IPv4 addresses."""
    found = {str(info[4][0]) for info in _resolved(socket.gethostname())}
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing: asks which address would be used
        found.add(probe.getsockname()[0])
    return sorted(found)


def _resolved(name: str) -> list[Any]:
    try:
        return list(socket.getaddrinfo(name, None, socket.AF_INET))
    except OSError:
        return []


def _name_servers() -> list[str]:
    try:
        lines = Path("/etc/resolv.conf").read_text().splitlines()
    except OSError:
        return []
    return [line.split()[1] for line in lines if line.startswith("nameserver ") and ":" not in line]
