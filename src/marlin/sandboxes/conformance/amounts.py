"""Limits on disk, memory and processes."""

from __future__ import annotations

import asyncio

from marlin.sandboxes.conformance.bench import PATIENCE, SMALL, Bench, check, raises, run
from marlin.sandboxes.errors import (
    DiskFullError,
)
from marlin.sandboxes.protocol import MIB, WORKSPACE


@check
async def the_disk_is_limited(bench: Bench) -> None:
    sandbox = await bench.open()
    result = await sandbox.exec(["sh", "-c", "for i in 1 2 3; do head -c 40M /dev/zero > f$i; done"], timeout=PATIENCE)
    assert b"No space left" in result.stderr, result
    with raises(DiskFullError):
        await sandbox.write_file(WORKSPACE / "more", b"x" * (8 * MIB))
    usage = await sandbox.usage()
    assert 20 * MIB < usage.disk_bytes <= SMALL.disk_bytes
    await run(sandbox, "rm f1 f2 f3 more; echo ok > small; cat small")


@check
async def a_file_is_limited(bench: Bench) -> None:
    sandbox = await bench.open()
    result = await sandbox.exec(["sh", "-c", "head -c 60M /dev/zero > f"], timeout=PATIENCE)
    assert result.exit_code != 0
    assert int(await run(sandbox, "stat -c %s f")) <= SMALL.file_bytes


@check
async def memory_is_limited_and_its_end_is_told(bench: Bench) -> None:
    sandbox = await bench.open()
    result = await sandbox.exec(["sh", "-c", "head -c 600M /dev/zero | tail -c 590M | wc -c"], timeout=PATIENCE)
    assert result.out_of_memory, result
    usage = await sandbox.usage()
    assert usage.out_of_memory_kills >= 1
    assert usage.memory_peak_bytes <= SMALL.memory_bytes
    assert await run(sandbox, "echo alive") == b"alive\n"


@check
async def processes_are_limited(bench: Bench) -> None:
    sandbox = await bench.open()
    script = "i=0; while [ $i -lt 700 ]; do sleep 5 & i=$((i+1)); done; wait"
    result = await sandbox.exec(["sh", "-c", script], timeout=PATIENCE)
    assert b"fork" in result.stderr or result.exit_code != 0, result
    assert (await sandbox.usage()).pids_peak <= SMALL.pids


@check
async def many_quick_commands_do_not_run_out_of_processes(bench: Bench) -> None:
    sandbox = await bench.open()
    for _ in range(5):
        results = await asyncio.gather(*(sandbox.exec(["true"], timeout=PATIENCE) for _ in range(16)))
        assert {result.exit_code for result in results} == {0}
