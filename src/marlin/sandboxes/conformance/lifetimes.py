"""Killing, freezing, sealing, destroying."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from marlin.sandboxes.conformance.bench import PATIENCE, SMALL, Bench, check, raises, run
from marlin.sandboxes.errors import (
    SandboxGoneError,
)
from marlin.sandboxes.protocol import WORKSPACE


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
    assert await asyncio.wait_for(process.stdout.readline(), PATIENCE) == b"tick\n"
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
        await first.exec(["true"], timeout=PATIENCE)
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
