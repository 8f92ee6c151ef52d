"""What every backend must do: the executable form of the Protocol's sentences.

Each check is an async function that takes a :class:`Bench`; ``CHECKS`` lists them. A new backend passes when
``for check in CHECKS: await check(Bench(backend, base, store))`` raises nothing. Nothing here knows a backend.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from marlin.errors import MarlinError
from marlin.sandboxes.errors import (
    CommandNotFoundError,
    DiskFullError,
    ExecTimeoutError,
    SandboxError,
    SandboxFileError,
    SandboxGoneError,
)
from marlin.sandboxes.layers import LayerStore
from marlin.sandboxes.protocol import MIB, WORKSPACE, Backend, Layer, Limits, Mount, Pty, Sandbox, SandboxSpec

SMALL = Limits(
    memory_bytes=256 * MIB,
    pids=512,
    cpus=1.0,
    disk_bytes=64 * MIB,
    tmp_bytes=32 * MIB,
    file_bytes=48 * MIB,
    open_files=256,
)
_PATIENCE = 60.0
"""Seconds after which something hangs; generous, because machines are busy."""


class Bench:
    """A backend under test."""

    def __init__(self, backend: Backend, base: Layer, store: LayerStore) -> None:
        self.backend = backend
        self.base = base
        self.store = store
        self._opened: list[Sandbox] = []

    async def open(self, **changes: Any) -> Sandbox:
        """A small sandbox with ``changes`` to its spec."""
        fields: dict[str, Any] = {"id": secrets.token_hex(8), "base": self.base, "limits": SMALL, **changes}
        sandbox = await self.backend.open(SandboxSpec(**fields))
        self._opened.append(sandbox)
        return sandbox

    async def close(self) -> None:
        """Destroy all that were opened."""
        for sandbox in self._opened:
            await sandbox.destroy()


Check = Callable[[Bench], Awaitable[None]]
CHECKS: list[Check] = []


def check(function: Check) -> Check:
    """Add a check to the suite."""
    CHECKS.append(function)
    return function


@contextlib.contextmanager
def raises(kind: type[MarlinError]) -> Iterator[list[MarlinError]]:
    """Expect an error of Marlin's, with a message; it is put into the list."""
    caught: list[MarlinError] = []
    try:
        yield caught
    except kind as error:
        caught.append(error)
    if not caught or not caught[0].message:
        raise AssertionError(f"{kind.__name__} was not raised, or says nothing")


async def run(sandbox: Sandbox, script: str, **options: Any) -> bytes:
    """The output of a shell script that must succeed."""
    result = await sandbox.exec(["sh", "-c", script], timeout=_PATIENCE, **options)
    assert result.exit_code == 0, result
    return result.stdout


@check
async def a_command_gives_its_output_and_exit_code(bench: Bench) -> None:
    sandbox = await bench.open()
    result = await sandbox.exec(["sh", "-c", "cat; echo oops >&2; exit 3"], timeout=_PATIENCE, stdin=b"hello")
    assert (result.exit_code, result.stdout, result.stderr) == (3, b"hello", b"oops\n")
    assert not result.out_of_memory
    assert result.dropped_bytes == 0


@check
async def a_signal_is_128_and_its_number(bench: Bench) -> None:
    sandbox = await bench.open()
    result = await sandbox.exec(["sh", "-c", "kill -TERM $$"], timeout=_PATIENCE)
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
        await sandbox.exec(["true"], timeout=_PATIENCE, cwd=PurePosixPath("/no/such/folder"))


@check
async def a_missing_command_is_an_error(bench: Bench) -> None:
    sandbox = await bench.open()
    with raises(CommandNotFoundError):
        await sandbox.exec(["no-such-command"], timeout=_PATIENCE)
    with raises(CommandNotFoundError):
        await sandbox.spawn(["/workspace/nothing"])
    with raises(CommandNotFoundError):
        await sandbox.pty(["no-such-command"])
    await sandbox.write_file(WORKSPACE / "script", b"#!/no/such/interpreter\n", mode=0o755)
    with raises(CommandNotFoundError):
        await sandbox.exec(["./script"], timeout=_PATIENCE)


@check
async def output_beyond_the_limit_is_dropped_from_the_middle(bench: Bench) -> None:
    sandbox = await bench.open()
    command = ["sh", "-c", "echo begin; head -c 5000000 /dev/zero; echo end"]
    result = await sandbox.exec(command, timeout=_PATIENCE, output_limit=1000)
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
    result = await sandbox.exec(["true"], timeout=_PATIENCE, stdin=b"x" * MIB)
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
    assert await process.terminate(grace=_PATIENCE) == 7
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


@check
async def a_terminal_is_a_controlling_one(bench: Bench) -> None:
    sandbox = await bench.open()
    pty = await sandbox.pty(["bash", "--norc"], columns=100, rows=30)
    await pty.write(b"stty size; echo a''b\n")
    assert b"30 100" in await _until(pty, b"ab")
    await pty.write(b"echo s''leeping; sleep 1000\n")
    await _until(pty, b"sleeping")
    await asyncio.sleep(0.3)
    await pty.write(b"\x03")
    await pty.write(b"echo c''d\n")
    await _until(pty, b"cd")
    pty.resize(columns=50, rows=10)
    await pty.write(b"stty size; exit 5\n")
    await _until(pty, b"10 50")
    assert await pty.wait() == 5
    while await pty.read():
        pass
    await pty.close()


@check
async def closing_a_terminal_ends_what_runs_on_it(bench: Bench) -> None:
    sandbox = await bench.open()
    pty = await sandbox.pty(["bash", "--norc"])
    await pty.write(b"trap '' HUP; nohup sleep 1000 & echo x''y\n")
    await _until(pty, b"xy")
    await pty.close()
    assert await sandbox.kill_all() == 0
    assert await pty.read() == b""


async def _until(pty: Pty, marker: bytes) -> bytes:
    seen = b""
    while marker not in seen:
        data = await asyncio.wait_for(pty.read(), _PATIENCE)
        assert data, seen
        seen += data
    return seen


@check
async def a_held_listener_is_reached_from_inside_only(bench: Bench) -> None:
    sandbox, other = await bench.open(), await bench.open()
    server = await sandbox.listen(8137)
    with server:
        with raises(SandboxError):
            await sandbox.listen(8137)
        (await other.listen(8137)).close()
        assert not server.getblocking()
        answer = asyncio.create_task(_answer_once(server))
        script = "exec 3<>/dev/tcp/127.0.0.1/8137; echo ping >&3; cat <&3"
        result = await sandbox.exec(["bash", "-c", script], timeout=_PATIENCE)
        assert result.stdout == b"pong\n", result
        await answer
        with socket.socket() as outside:
            outside.settimeout(2)
            assert outside.connect_ex(("127.0.0.1", 8137)) != 0


async def _answer_once(server: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    connection, _ = await loop.sock_accept(server)
    with connection:
        assert await loop.sock_recv(connection, 100) == b"ping\n"
        await loop.sock_sendall(connection, b"pong\n")


@check
async def there_is_no_network(bench: Bench) -> None:
    sandbox = await bench.open()
    script = "for a in 1.1.1.1 169.254.169.254 10.0.0.1; do (echo > /dev/tcp/$a/80) 2>&1; done; ls /sys/class/net 2>&1"
    result = await sandbox.exec(["bash", "-c", script], timeout=_PATIENCE)
    assert result.stdout.count(b"/80: Network is unreachable") == 3, result


@check
async def files_are_read_and_written_as_the_user(bench: Bench) -> None:
    sandbox = await bench.open()
    await sandbox.write_file(WORKSPACE / "deep/er/a file", b"\0\xff", mode=0o600)
    assert await sandbox.read_file(WORKSPACE / "deep/er/a file") == b"\0\xff"
    assert await run(sandbox, "stat -c '%u %g %a' 'deep/er/a file'") == b"1000 1000 600\n"
    await sandbox.write_file(WORKSPACE / "big", b"x" * (3 * MIB))
    assert len(await sandbox.read_file(WORKSPACE / "big")) == 3 * MIB
    await run(sandbox, "mkfifo fifo; ln -s /etc/passwd link; ln -s loop loop")
    assert b"agent" in await sandbox.read_file(WORKSPACE / "link")
    for bad in ("/nothing", "/workspace", "/workspace/fifo", "/workspace/loop", "/proc/1/mem"):
        with raises(SandboxFileError):
            await sandbox.read_file(PurePosixPath(bad))
    with raises(SandboxFileError):
        await sandbox.read_file(WORKSPACE / "big", limit=MIB)
    for bad in ("/usr/x", "/etc/passwd", "/workspace", "/workspace/fifo"):
        with raises(SandboxFileError):
            await sandbox.write_file(PurePosixPath(bad), b"")


@check
async def the_disk_is_limited(bench: Bench) -> None:
    sandbox = await bench.open()
    result = await sandbox.exec(["sh", "-c", "for i in 1 2 3; do head -c 40M /dev/zero > f$i; done"], timeout=_PATIENCE)
    assert b"No space left" in result.stderr, result
    with raises(DiskFullError):
        await sandbox.write_file(WORKSPACE / "more", b"x" * (8 * MIB))
    usage = await sandbox.usage()
    assert 20 * MIB < usage.disk_bytes <= SMALL.disk_bytes
    await run(sandbox, "rm f1 f2 f3 more; echo ok > small; cat small")


@check
async def a_file_is_limited(bench: Bench) -> None:
    sandbox = await bench.open()
    result = await sandbox.exec(["sh", "-c", "head -c 60M /dev/zero > f"], timeout=_PATIENCE)
    assert result.exit_code != 0
    assert int(await run(sandbox, "stat -c %s f")) <= SMALL.file_bytes


@check
async def memory_is_limited_and_its_end_is_told(bench: Bench) -> None:
    sandbox = await bench.open()
    result = await sandbox.exec(["sh", "-c", "head -c 600M /dev/zero | tail -c 590M | wc -c"], timeout=_PATIENCE)
    assert result.out_of_memory, result
    usage = await sandbox.usage()
    assert usage.out_of_memory_kills >= 1
    assert usage.memory_peak_bytes <= SMALL.memory_bytes
    assert await run(sandbox, "echo alive") == b"alive\n"


@check
async def processes_are_limited(bench: Bench) -> None:
    sandbox = await bench.open()
    script = "i=0; while [ $i -lt 700 ]; do sleep 5 & i=$((i+1)); done; wait"
    result = await sandbox.exec(["sh", "-c", script], timeout=_PATIENCE)
    assert b"fork" in result.stderr or result.exit_code != 0, result
    assert (await sandbox.usage()).pids_peak <= SMALL.pids


@check
async def many_quick_commands_do_not_run_out_of_processes(bench: Bench) -> None:
    sandbox = await bench.open()
    for _ in range(5):
        results = await asyncio.gather(*(sandbox.exec(["true"], timeout=_PATIENCE) for _ in range(16)))
        assert {result.exit_code for result in results} == {0}


@check
async def kill_all_counts_and_leaves_the_sandbox_usable(bench: Bench) -> None:
    sandbox = await bench.open()
    process = await sandbox.spawn(["sh", "-c", "sleep 1000 & sleep 1000 & echo on; wait"])
    await process.stdout.readline()
    assert await sandbox.kill_all() >= 3
    assert await process.wait() == 137
    assert await sandbox.kill_all() == 0
    await run(sandbox, "true")


@check
async def frozen_processes_stand_still_until_thawed(bench: Bench) -> None:
    sandbox = await bench.open()
    process = await sandbox.spawn(["sh", "-c", "while :; do echo tick; sleep 0.02; done"])
    await process.stdout.readline()
    await sandbox.freeze()
    with contextlib.suppress(TimeoutError):
        while True:
            await asyncio.wait_for(process.stdout.readline(), 0.5)
    await sandbox.thaw()
    assert await asyncio.wait_for(process.stdout.readline(), _PATIENCE) == b"tick\n"
    await sandbox.freeze()
    assert await sandbox.kill_all() >= 1
    await sandbox.thaw()
    assert (await sandbox.usage()).cpu_seconds > 0


@check
async def what_was_sealed_is_stacked_again(bench: Bench) -> None:
    first = await bench.open()
    await run(first, "echo one > one; mkdir d; echo x > d/x; echo h > ~/h; ln -s one l; mkdir -m 700 p")
    name = f"conformance-{secrets.token_hex(4)}"
    files, home = await first.seal(name)
    assert (files.name, home.name) == (f"{name}-files", f"{name}-home")
    assert await first.seal(name) == (files, home)
    with raises(SandboxGoneError):
        await first.exec(["true"], timeout=_PATIENCE)
    assert bench.store.get(files.name) == files
    assert not (files.path / "tmp").exists()

    second = await bench.open(lowers=(files,), home=home)
    script = "cat one ~/h; readlink l; stat -c '%u %a' p; rm one; rm -r d; mkdir d; echo y > d/y; ls d; rm ~/h"
    assert await run(second, script) == b"one\nh\none\n1000 700\ny\n"
    files2, home2 = await second.seal(f"{name}-2")

    third = await bench.open(lowers=(files, files2), home=home2)
    assert await run(third, "ls -A d ~; ls -A; stat -c %u:%g d") == b"/home/agent:\n\nd:\ny\nd\nl\np\n1000:1000\n"


@check
async def two_sandboxes_share_layers_but_nothing_else(bench: Bench) -> None:
    seed = await bench.open()
    await run(seed, "echo same > file")
    files, _ = await seed.seal(f"conformance-{secrets.token_hex(4)}")
    one, two = await bench.open(lowers=(files,)), await bench.open(lowers=(files,))
    await run(one, "echo changed > file; touch /tmp/mine; echo h > ~/mine")
    assert await run(two, "cat file; ls -A /tmp ~") == b"same\n/home/agent:\n\n/tmp:\n"
    assert (files.path / "workspace/file").read_bytes() == b"same\n"


@check
async def a_mount_is_seen_and_read_only(bench: Bench) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder))
        mounts = (
            Mount(Path(folder) / "in", PurePosixPath("/opt/marlin/checks")),
            Mount(Path(folder) / "in/file", PurePosixPath("/opt/marlin/one.txt")),
        )
        sandbox = await bench.open(mounts=mounts)
        out = await run(sandbox, "cat /opt/marlin/checks/file /opt/marlin/one.txt; cat /proc/self/mountinfo")
        assert out.startswith(b"from the host\nfrom the host\n")
        assert folder.encode() not in out, "mountinfo tells where a mount lies on the host"
        result = await sandbox.exec(["sh", "-c", "echo x >> /opt/marlin/checks/file"], timeout=_PATIENCE)
        assert b"Read-only" in result.stderr
        assert await run(sandbox, "cat /opt/marlin/one.txt") == b"from the host\n"


def _fill(folder: Path) -> None:
    folder.chmod(0o755)
    (folder / "in").mkdir()
    (folder / "in/file").write_text("from the host\n")


@check
async def destroy_is_harmless_when_repeated_and_ends_everything(bench: Bench) -> None:
    sandbox = await bench.open()
    process = await sandbox.spawn(["sleep", "1000"])
    await sandbox.destroy()
    await sandbox.destroy()
    assert await process.wait() == 137
    calls: list[Callable[[], Awaitable[Any]]] = [
        lambda: sandbox.exec(["true"], timeout=1),
        lambda: sandbox.spawn(["true"]),
        lambda: sandbox.pty(["true"]),
        lambda: sandbox.listen(80),
        lambda: sandbox.read_file(WORKSPACE / "x"),
        lambda: sandbox.write_file(WORKSPACE / "x", b""),
        sandbox.kill_all,
        sandbox.freeze,
        sandbox.thaw,
        sandbox.usage,
        lambda: sandbox.seal("never"),
    ]
    for call in calls:
        with raises(SandboxGoneError):
            await call()


@check
async def opening_an_id_again_replaces_the_old_sandbox(bench: Bench) -> None:
    first = await bench.open()
    process = await first.spawn(["sleep", "1000"])
    second = await bench.open(id=first.id)
    assert await process.wait() == 137
    await run(second, "true")
    with raises(SandboxGoneError):
        await first.kill_all()


@check
async def results_say_what_they_were_made_under(bench: Bench) -> None:
    sandbox = await bench.open()
    provenance = sandbox.provenance
    assert provenance.backend == bench.backend.name
    assert bench.base.name in provenance.base_image
    assert provenance.kernel
    assert provenance.limits == SMALL
    assert sandbox.egress_log() == ()
