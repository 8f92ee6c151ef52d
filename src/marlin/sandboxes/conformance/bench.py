"""A backend under test, and what all checks use."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from marlin.errors import MarlinError
from marlin.sandboxes.layers import LayerStore
from marlin.sandboxes.protocol import MIB, Backend, Layer, Limits, Sandbox, SandboxSpec

SMALL = Limits(
    memory_bytes=256 * MIB,
    pids=512,
    cpus=1.0,
    disk_bytes=64 * MIB,
    tmp_bytes=32 * MIB,
    file_bytes=48 * MIB,
    open_files=256,
)
PATIENCE = 60.0
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
    result = await sandbox.exec(["sh", "-c", script], timeout=PATIENCE, **options)
    assert result.exit_code == 0, result
    return result.stdout
