"""What a sandbox reaches: held sockets, no network, files, mounts."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from pathlib import Path, PurePosixPath

from marlin.sandboxes.conformance.bench import PATIENCE, Bench, check, raises, run
from marlin.sandboxes.errors import (
    SandboxError,
    SandboxFileError,
)
from marlin.sandboxes.protocol import MIB, WORKSPACE, Mount


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
        result = await sandbox.exec(["bash", "-c", script], timeout=PATIENCE)
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
    result = await sandbox.exec(["bash", "-c", script], timeout=PATIENCE)
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
        result = await sandbox.exec(["sh", "-c", "echo x >> /opt/marlin/checks/file"], timeout=PATIENCE)
        assert b"Read-only" in result.stderr
        assert await run(sandbox, "cat /opt/marlin/one.txt") == b"from the host\n"


def _fill(folder: Path) -> None:
    folder.chmod(0o755)
    (folder / "in").mkdir()
    (folder / "in/file").write_text("from the host\n")
