"""Commands on terminals."""

from __future__ import annotations

import asyncio

from marlin.sandboxes.conformance.bench import PATIENCE, Bench, check
from marlin.sandboxes.protocol import Pty


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
        data = await asyncio.wait_for(pty.read(), PATIENCE)
        assert data, seen
        seen += data
    return seen
