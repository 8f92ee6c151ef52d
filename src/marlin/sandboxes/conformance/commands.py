"""Running commands: output, exit codes, time limits, pipes."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import PurePosixPath

from marlin.sandboxes.conformance.bench import PATIENCE, Bench, check, raises, run
from marlin.sandboxes.errors import (
    CommandNotFoundError,
    ExecTimeoutError,
    SandboxError,
)
from marlin.sandboxes.protocol import MIB, WORKSPACE


@check
async def a_command_gives_its_output_and_exit_code(bench: Bench) -> None:
    sandbox = await bench.open()
    result = await sandbox.exec(["sh", "-c", "cat; echo oops >&2; exit 3"], timeout=PATIENCE, stdin=b"hello")
    assert (result.exit_code, result.stdout, result.stderr) == (3, b"hello", b"oops\n")
    assert not result.out_of_memory
    assert result.dropped_bytes == 0


@check
async def a_signal_is_128_and_its_number(bench: Bench) -> None:
    sandbox = await bench.open()
    result = await sandbox.exec(["sh", "-c", "kill -TERM $$"], timeout=PATIENCE)
    assert result.exit_code == 143


@check
async def the_environment_is_complete_and_nothing_more(bench: Bench) -> None:
    sandbox = await bench.open(env={"A": "1", "B": "2"})
    out = await run(sandbox, "env | cut -d= -f1 | sort | tr '\\n' ' '; echo $A$B; pwd; id -un", env={"B": "3"})
    first, *rest = out.decode().splitlines()
    *names, values = first.split()
    assert set(names) - {"_", "SHLVL", "OLDPWD", "PWD"} == {"A", "B", "HOME", "LANG", "PATH", "TERM", "USER"}, names
    assert [values, *rest] == ["13", str(WORKSPACE), "agent"]


@check
async def the_working_folder_can_be_chosen(bench: Bench) -> None:
    sandbox = await bench.open()
    assert await run(sandbox, "pwd", cwd=PurePosixPath("/tmp")) == b"/tmp\n"
    with raises(SandboxError):
        await sandbox.exec(["true"], timeout=PATIENCE, cwd=PurePosixPath("/no/such/folder"))


@check
async def a_missing_command_is_an_error(bench: Bench) -> None:
    sandbox = await bench.open()
    with raises(CommandNotFoundError):
        await sandbox.exec(["no-such-command"], timeout=PATIENCE)
    with raises(CommandNotFoundError):
        await sandbox.spawn(["/workspace/nothing"])
    with raises(CommandNotFoundError):
        await sandbox.pty(["no-such-command"])
    await sandbox.write_file(WORKSPACE / "script", b"#!/no/such/interpreter\n", mode=0o755)
    with raises(CommandNotFoundError):
        await sandbox.exec(["./script"], timeout=PATIENCE)


@check
async def output_beyond_the_limit_is_dropped_from_the_middle(bench: Bench) -> None:
    sandbox = await bench.open()
    command = ["sh", "-c", "echo begin; head -c 5000000 /dev/zero; echo end"]
    result = await sandbox.exec(command, timeout=PATIENCE, output_limit=1000)
    assert result.stdout.startswith(b"begin\n")
    assert result.stdout.endswith(b"end\n")
    assert len(result.stdout) == 1000
    assert result.dropped_bytes == 5_000_000 + 10 - 1000


@check
async def a_time_limit_kills_the_command_and_its_descendants(bench: Bench) -> None:
    sandbox = await bench.open()
    with raises(ExecTimeoutError) as caught:
        await sandbox.exec(["sh", "-c", "echo begun; setsid sleep 1000 & sleep 1000"], timeout=2)
    assert isinstance(caught[0], ExecTimeoutError)
    assert caught[0].result.stdout == b"begun\n"
    assert await sandbox.kill_all() == 0


@check
async def cancelling_kills_the_command(bench: Bench) -> None:
    sandbox = await bench.open()
    task = asyncio.create_task(sandbox.exec(["sh", "-c", "touch /tmp/begun; sleep 1000"], timeout=2000))
    await run(sandbox, "while ! [ -e /tmp/begun ]; do sleep 0.05; done")
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()
    assert await sandbox.kill_all() == 0


@check
async def stdin_that_nobody_reads_is_no_error(bench: Bench) -> None:
    sandbox = await bench.open()
    result = await sandbox.exec(["true"], timeout=PATIENCE, stdin=b"x" * MIB)
    assert result.exit_code == 0


@check
async def a_process_talks_over_pipes_and_ends_on_sigterm(bench: Bench) -> None:
    sandbox = await bench.open()
    script = "trap 'echo bye; exit 7' TERM; echo ready; while read l; do echo got $l; done"
    process = await sandbox.spawn(["sh", "-c", script])
    assert await process.stdout.readline() == b"ready\n"
    process.stdin.write(b"one\n")
    await process.stdin.drain()
    assert await process.stdout.readline() == b"got one\n"
    assert process.returncode is None
    assert await process.terminate(grace=PATIENCE) == 7
    assert await process.stdout.read() == b"bye\n"
    assert process.returncode == 7


@check
async def a_process_that_ignores_sigterm_is_killed(bench: Bench) -> None:
    sandbox = await bench.open()
    process = await sandbox.spawn(["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"])
    await process.stdout.readline()
    assert await process.terminate(grace=0.3) == 137
    assert await process.terminate() == 137


@check
async def what_a_process_leaves_in_the_background_lives_as_long_as_the_process(bench: Bench) -> None:
    sandbox = await bench.open()
    process = await sandbox.spawn(["sh", "-c", "(while :; do date > /tmp/beat; sleep 0.05; done) & echo on; cat"])
    await process.stdout.readline()
    await run(sandbox, "rm -f /tmp/beat; while ! [ -e /tmp/beat ]; do sleep 0.05; done")
    process.stdin.close()
    await process.wait()
    await sandbox.kill_all()
    await run(sandbox, "rm -f /tmp/beat; sleep 0.3; ! [ -e /tmp/beat ]")


@check
async def what_a_command_leaves_in_the_background_is_dead_when_it_ended(bench: Bench) -> None:
    sandbox = await bench.open()
    for _ in range(5):
        await run(sandbox, "i=0; while [ $i -lt 60 ]; do setsid sleep 1000 & i=$((i+1)); done")
        assert await sandbox.kill_all() == 0
