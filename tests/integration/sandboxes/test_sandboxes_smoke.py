"""The life of a sandbox, from open to seal and stacked again."""

from __future__ import annotations

import asyncio
import secrets
import socket
from pathlib import PurePosixPath

import pytest

from marlin.sandboxes import (
    CommandNotFoundError,
    ExecTimeoutError,
    LayerStore,
    Sandbox,
    SandboxFileError,
    SandboxGoneError,
)

W = PurePosixPath("/workspace")


async def test_a_command_gives_its_output_and_exit_code(sandbox: Sandbox):
    result = await sandbox.exec(["sh", "-c", "cat; echo oops >&2; exit 3"], timeout=20, stdin=b"hello")
    assert (result.exit_code, result.stdout, result.stderr) == (3, b"hello", b"oops\n")


async def test_a_missing_command_is_an_error_at_exec_and_spawn(sandbox: Sandbox):
    with pytest.raises(CommandNotFoundError):
        await sandbox.exec(["no-such-command"], timeout=20)
    with pytest.raises(CommandNotFoundError):
        await sandbox.spawn(["/workspace/nothing"])
    await sandbox.write_file(W / "script", b"#!/no/such/interpreter\n", mode=0o755)
    with pytest.raises(CommandNotFoundError):
        await sandbox.exec(["./script"], timeout=20)


async def test_a_time_limit_kills_the_command_and_its_descendants_and_keeps_the_output(sandbox: Sandbox):
    with pytest.raises(ExecTimeoutError) as caught:
        await sandbox.exec(["sh", "-c", "echo begun; setsid sleep 1000 & sleep 1000"], timeout=1)
    assert caught.value.result.stdout == b"begun\n"
    assert await sandbox.kill_all() == 0


async def test_cancelling_kills_the_command(sandbox: Sandbox):
    task = asyncio.create_task(sandbox.exec(["sleep", "1000"], timeout=2000))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await sandbox.kill_all() == 0


async def test_a_process_talks_over_pipes_and_ends_on_sigterm(sandbox: Sandbox):
    process = await sandbox.spawn(
        ["sh", "-c", "trap 'echo bye; exit 7' TERM; echo ready; while read l; do echo got $l; done"]
    )
    assert await process.stdout.readline() == b"ready\n"
    process.stdin.write(b"one\n")
    await process.stdin.drain()
    assert await process.stdout.readline() == b"got one\n"
    assert process.returncode is None
    assert await process.terminate() == 7
    assert await process.stdout.read() == b"bye\n"


async def test_a_process_that_ignores_sigterm_is_killed(sandbox: Sandbox):
    process = await sandbox.spawn(["sh", "-c", "trap '' TERM; echo ready; sleep 1000 & wait; sleep 1000"])
    await process.stdout.readline()
    assert await process.terminate(grace=0.3) == 137


async def test_a_terminal_is_a_controlling_one(sandbox: Sandbox):
    pty = await sandbox.pty(["bash", "--norc"], columns=100, rows=30)

    async def until(marker: bytes) -> bytes:
        seen = b""
        while marker not in seen:
            data = await asyncio.wait_for(pty.read(), 20)
            assert data, seen
            seen += data
        return seen

    await pty.write(b"stty size; echo a''b\n")
    assert b"30 100" in await until(b"ab")
    await pty.write(b"sleep 1000\n")
    await asyncio.sleep(0.3)
    await pty.write(b"\x03")
    await pty.write(b"echo c''d\n")
    await until(b"cd")
    pty.resize(columns=50, rows=10)
    await pty.write(b"stty size; exit 5\n")
    await until(b"10 50")
    assert await pty.wait() == 5
    while await pty.read():
        pass
    await pty.close()


async def test_a_held_listener_is_reached_from_inside(sandbox: Sandbox):
    server = await sandbox.listen(8080)
    loop = asyncio.get_running_loop()

    async def serve() -> None:
        connection, _ = await loop.sock_accept(server)
        with connection:
            await loop.sock_recv(connection, 1000)
            await loop.sock_sendall(connection, b"HTTP/1.0 200 OK\r\n\r\nhello")

    task = asyncio.create_task(serve())
    program = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8080/').read().decode())"
    result = await sandbox.exec(["python3", "-c", program], timeout=30)
    await task
    assert result.stdout == b"hello\n", result.stderr
    server.close()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", 8080), timeout=1).close()


async def test_files_are_read_and_written_as_the_sandboxs_user(sandbox: Sandbox):
    await sandbox.write_file(W / "deep/er/file", b"\0\xff", mode=0o600)
    assert await sandbox.read_file(W / "deep/er/file") == b"\0\xff"
    result = await sandbox.exec(["stat", "-c", "%u %g %a", "deep/er/file"], timeout=20)
    assert result.stdout == b"1000 1000 600\n"
    for bad in ("/etc/passwd2", "/workspace", "/etc/shadow"):
        with pytest.raises(SandboxFileError):
            await sandbox.read_file(PurePosixPath(bad))
    with pytest.raises(SandboxFileError):
        await sandbox.write_file(PurePosixPath("/usr/x"), b"")
    with pytest.raises(SandboxFileError):
        await sandbox.read_file(W / "deep/er/file", limit=1)


async def test_what_was_sealed_can_be_stacked_again(open_sandbox, store: LayerStore):
    first = await open_sandbox()
    await first.exec(
        ["sh", "-c", "echo one > one; mkdir d; echo x > d/x; echo h > ~/h; rm -rf /home/agent/.x"], timeout=20
    )
    name = secrets.token_hex(4)
    files, home = await first.seal(name)
    assert await first.seal(name) == (files, home)
    with pytest.raises(SandboxGoneError):
        await first.exec(["true"], timeout=20)
    assert (files.path / "workspace/one").read_bytes() == b"one\n"
    assert not (files.path / "tmp").exists()

    second = await open_sandbox(lowers=(files,), home=home)
    result = await second.exec(["sh", "-c", "cat one ~/h; rm one; rm -r d; mkdir d; echo y > d/y; ls d"], timeout=20)
    assert result.stdout == b"one\nh\ny\n"
    files2, _ = await second.seal(name + "b")

    third = await open_sandbox(lowers=(files, files2))
    result = await third.exec(["sh", "-c", "ls -R; stat -c %u d"], timeout=20)
    assert result.stdout == b".:\nd\n\n./d:\ny\n1000\n"


async def test_destroy_is_harmless_when_repeated(sandbox: Sandbox):
    await sandbox.destroy()
    await sandbox.destroy()
    with pytest.raises(SandboxGoneError):
        await sandbox.kill_all()


async def test_freeze_and_thaw(sandbox: Sandbox):
    process = await sandbox.spawn(["sh", "-c", "while :; do date +%s%N; sleep 0.02; done"])
    await process.stdout.readline()
    await sandbox.freeze()
    while True:
        try:
            await asyncio.wait_for(process.stdout.readline(), 0.3)
        except TimeoutError:
            break
    await sandbox.thaw()
    assert await asyncio.wait_for(process.stdout.readline(), 20)
    assert await sandbox.kill_all() >= 1
    assert await process.wait() == 137
    assert (await sandbox.usage()).cpu_seconds > 0
