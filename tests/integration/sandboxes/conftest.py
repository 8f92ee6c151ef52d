"""A real backend for the tests of sandboxes, over a view of this machine's /usr."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from marlin.sandboxes import (
    MIB,
    BubblewrapBackend,
    Layer,
    LayerStore,
    Limits,
    Sandbox,
    SandboxSpec,
    host_view,
    open_backend,
    remove_tree,
)

SMALL = Limits(
    memory_bytes=256 * MIB,
    pids=512,
    cpus=1.0,
    disk_bytes=64 * MIB,
    tmp_bytes=32 * MIB,
    file_bytes=48 * MIB,
    open_files=256,
)

Opener = Callable[..., Awaitable[Sandbox]]


@pytest.fixture(scope="session")
def sandbox_home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="marlin-sandboxes-"))
    yield home
    remove_tree(home)


@pytest.fixture(scope="session")
def base_image(sandbox_home: Path) -> Layer:
    return host_view(LayerStore(sandbox_home / "layers"))


@pytest.fixture
async def backend(sandbox_home: Path) -> AsyncIterator[BubblewrapBackend]:
    made = open_backend(sandbox_home, demo=True)
    yield made
    await made.close()


@pytest.fixture
def store(backend: BubblewrapBackend) -> LayerStore:
    return backend.store


@pytest.fixture
def open_sandbox(backend: BubblewrapBackend, base_image: Layer) -> Opener:
    """Open a small sandbox; it ends with the test."""

    async def opener(**changes: Any) -> Sandbox:
        fields: dict[str, Any] = {"id": secrets.token_hex(6), "base": base_image, "limits": SMALL, **changes}
        return await backend.open(SandboxSpec(**fields))

    return opener


@pytest.fixture
async def sandbox(open_sandbox: Opener) -> Sandbox:
    return await open_sandbox()
