"""What happens to sandboxes when the process that made them dies, and what its successor cleans up."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from marlin.sandboxes import BubblewrapBackend, Layer, Sandbox, SandboxGoneError, SandboxSpec, open_backend
from marlin.sandboxes import records as sandbox_records

Opener = Callable[..., Awaitable[Sandbox]]

_WORKER = """
import asyncio, sys
from pathlib import Path
from marlin.sandboxes import SandboxSpec, host_view, open_backend

async def main():
    backend = open_backend(Path(sys.argv[1]), demo=True)
    sandbox = await backend.open(SandboxSpec(id=sys.argv[2], base=host_view(backend.store)))
    process = await sandbox.spawn(["sh", "-c", "setsid sleep 4321 & echo on; sleep 4321"])
    await process.stdout.readline()
    print("ready", backend._keeper.pid, flush=True)
    await asyncio.sleep(1000)

asyncio.run(main())
"""


@contextmanager
def worker(home: Path, sandbox_id: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another Marlin process with a sandbox in which two processes run; and its keeper's id."""
    command = [sys.executable, "-c", _WORKER, str(home), sandbox_id]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = next(line.split() for line in process.stdout if line.startswith("ready"))
            yield process, int(line[1])
        finally:
            process.kill()


def inside(sandbox_id: str) -> list[str]:
    """Host processes that belong to a sandbox and run (a zombie does not: its parent has yet to ask for it)."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            running = (path / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
            if running and sandbox_id in (path / "cgroup").read_text():
                found.append(path.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def loops(image: Path) -> str:
    return subprocess.run(["losetup", "-j", str(image)], capture_output=True, text=True).stdout


async def until(reached: Callable[[], bool]) -> None:
    """Wait for something that the kernel does in its own time."""
    for _ in range(600):
        if reached():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it never came about")


@pytest.mark.parametrize("victim", ["marlin", "keeper"])
async def test_killing_marlin_or_its_keeper_kills_what_runs_inside_and_the_next_start_cleans_up(
    victim: str, sandbox_home: Path, base_image: Layer
):
    home, sandbox_id = sandbox_home, f"killed{victim}0"
    folder = home / "sandboxes" / sandbox_id
    with worker(home, sandbox_id) as (process, keeper):
        assert len(inside(sandbox_id)) >= 4
        record = json.loads((folder / "owner.json").read_text())
        slot = sandbox_records.SLOT_FOLDER / str(record["slot"])
        assert slot.exists()
        backend = open_backend(home, demo=True)
        assert await backend.reap() == []
        assert folder.exists()
        os.kill(process.pid if victim == "marlin" else keeper, signal.SIGKILL)
        await until(lambda: not inside(sandbox_id))
        await until(lambda: not loops(folder / "disk.ext4"))
        await until(lambda: not Path(f"/proc/{keeper}/ns/mnt").exists())
        assert sandbox_id in await backend.reap()
        assert not folder.exists()
        assert not slot.exists()
        assert not any(Path(path).exists() for path in record["cgroups"].values())
        await backend.close()


async def test_a_live_processs_sandbox_can_not_be_taken_over(sandbox_home: Path, base_image: Layer):
    from marlin.sandboxes import SandboxError

    with worker(sandbox_home, "takenalive0"):
        backend = open_backend(sandbox_home, demo=True)
        with pytest.raises(SandboxError, match="another live Marlin process"):
            await backend.open(SandboxSpec(id="takenalive0", base=base_image))
        await backend.close()
        assert inside("takenalive0")


async def test_a_dead_processs_id_is_taken_over_at_open(sandbox_home: Path, base_image: Layer):
    with worker(sandbox_home, "takendead00") as (process, keeper):
        process.kill()
        await until(lambda: not Path(f"/proc/{keeper}/ns/mnt").exists())
        backend = open_backend(sandbox_home, demo=True)
        sandbox = await backend.open(SandboxSpec(id="takendead00", base=base_image))
        assert (await sandbox.exec(["true"], timeout=60)).exit_code == 0
        await backend.close()


async def test_a_sandbox_says_that_its_keeper_died(backend: BubblewrapBackend, open_sandbox: Opener):
    sandbox = await open_sandbox()
    assert backend._keeper is not None
    os.kill(backend._keeper.pid, signal.SIGKILL)
    await until(lambda: backend._keeper is not None and not backend._keeper.alive)
    with pytest.raises(SandboxGoneError):
        await sandbox.exec(["true"], timeout=60)
    await sandbox.destroy()
    again = await open_sandbox()
    assert (await again.exec(["true"], timeout=60)).exit_code == 0


async def test_destroying_leaves_nothing(open_sandbox: Opener, backend: BubblewrapBackend):
    sandbox = await open_sandbox()
    folder = backend.home / "sandboxes" / sandbox.id
    record = json.loads((folder / "owner.json").read_text())
    await sandbox.spawn(["sleep", "1000"])
    await sandbox.destroy()
    assert not folder.exists()
    assert not inside(sandbox.id)
    assert not any(Path(path).exists() for path in record["cgroups"].values())
    assert not (sandbox_records.SLOT_FOLDER / str(record["slot"])).exists()
    await until(lambda: not loops(folder / "disk.ext4"))


async def test_closing_a_backend_ends_its_sandboxes(sandbox_home: Path, base_image: Layer):
    backend = open_backend(sandbox_home, demo=True)
    sandbox = await backend.open(SandboxSpec(id="closing000", base=base_image))
    process = await sandbox.spawn(["sleep", "1000"])
    await backend.close()
    assert await process.wait() == 137
    assert not inside("closing000")


async def test_the_host_is_checked(backend: BubblewrapBackend):
    checks = await backend.check_host()
    assert {check.name for check in checks} >= {"privilege", "kernel", "bubblewrap", "cgroups", "seccomp", "probes"}
    assert all(check.ok and check.detail and check.fix is None for check in checks), checks


def test_a_plain_user_is_told_in_one_line_what_to_do():
    """No privilege: the check says so, and opening refuses."""
    program = (
        "import os, asyncio, pathlib; os.setresuid(65534, 65534, 65534)\n"
        "from marlin.sandboxes import SandboxSpec, Layer, open_backend, UnsupportedHostError\n"
        "backend = open_backend(pathlib.Path('/tmp/never'))\n"
        "checks = asyncio.run(backend.check_host())\n"
        "bad = [c for c in checks if c.required and not c.ok]\n"
        "assert bad[0].name == 'privilege' and 'as root' in bad[0].fix and '\\n' not in bad[0].fix, checks\n"
        "try:\n"
        "    asyncio.run(backend.open(SandboxSpec(id='plainuser0', base=Layer('x', pathlib.Path('/tmp/never')))))\n"
        "except UnsupportedHostError as error:\n"
        "    print('refused', error.hint)\n"
    )
    source = Path(__file__).parents[3] / "src"
    run = [
        "import sys",
        f"sys.path[:0] = {[str(source), *sys.path]!r}",
        "import concurrent.futures.thread, marlin.sandboxes",
        program,
    ]
    result = subprocess.run([sys.executable, "-c", "\n".join(run)], capture_output=True, text=True)
    assert result.stdout.startswith("refused run Marlin as root"), result.stderr
