"""Control groups v1 alone, as on older machines: this machine's v1 trees without its v2 tree."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from marlin.sandboxes import MIB, Limits
from marlin.sandboxes.cgroups import Cgroup, CgroupHost, detect

LIMITS = Limits(memory_bytes=64 * MIB, pids=512, cpus=0.5)


def v1_only() -> CgroupHost:
    lines = Path("/proc/self/mountinfo").read_text().splitlines(keepends=True)
    return detect(mounts="".join(line for line in lines if " - cgroup2 " not in line))


@pytest.fixture(params=["as it is", "v1 only"])
def group(request: pytest.FixtureRequest) -> Iterator[Cgroup]:
    host = detect() if request.param == "as it is" else v1_only()
    host.prepare()
    made = host.create(f"test{secrets.token_hex(4)}", LIMITS)
    yield made
    made.kill()
    made.remove()
    made.remove()


def start(group: Cgroup, program: str) -> subprocess.Popen[bytes]:
    """A process that joins the group before it does anything."""
    joins = "".join(f"open({path + '/cgroup.procs'!r}, 'w').write('0');" for path in group.joinable)
    command = [sys.executable, "-S", "-c", f"{joins}print('in', flush=True)\n{program}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"in\n"
    return process


def test_kill_ends_processes_that_ignore_signals(group: Cgroup):
    program = (
        "import os, signal, time\nfor _ in range(3): os.fork()\nsignal.signal(15, signal.SIG_IGN)\ntime.sleep(1000)"
    )
    process = start(group, program)
    assert process.pid in group.processes()
    group.kill()
    assert process.wait() == -9
    assert group.processes() == []


async def test_frozen_processes_do_not_move_and_can_be_killed(group: Cgroup, tmp_path: Path):
    beat = tmp_path / "beat"
    process = start(group, f"import time\nwhile True:\n open({str(beat)!r}, 'a').write('x')\n time.sleep(0.01)")
    while not beat.exists():
        await asyncio.sleep(0.01)
    group.freeze()
    size = beat.stat().st_size
    await asyncio.sleep(0.3)
    assert beat.stat().st_size == size
    group.thaw()
    while beat.stat().st_size == size:
        await asyncio.sleep(0.01)
    group.freeze()
    group.kill()
    assert process.wait() == -9


def test_memory_is_limited_and_measured(group: Cgroup):
    process = start(group, "x = bytearray(200 << 20)")
    assert process.wait() == -9
    assert group.out_of_memory_kills() >= 1
    assert 0 < group.memory_peak() <= LIMITS.memory_bytes


def test_processor_time_and_tasks_are_measured(group: Cgroup):
    process = start(
        group, "import threading, time\n[threading.Thread(target=time.sleep, args=(0.2,)).start() for _ in '123']"
    )
    assert process.wait() == 0
    assert group.cpu_seconds() > 0
    assert group.pids_peak() >= 0


def test_the_arrangement_without_v2_is_told_apart():
    assert v1_only().kind == "v1"
