"""A worker's tools, put together: sandbox backend, layers, base images, repositories, the model gateway, the jobs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from marlin import comparisons, tasks
from marlin.errors import UnsupportedHostError
from marlin.logging import get
from marlin.sandboxes import Layer, LayerStore, host_view, open_backend
from marlin.settings import Settings
from marlin.workspaces import Workspaces, fetch_policy

_log = get(__name__)


IMAGE_NAMES = ("debian",)
"""Base images that campaigns may name, besides the demo's view of the host."""


@contextlib.asynccontextmanager
async def open_workbench(settings: Settings, *, demo: bool = False) -> AsyncIterator[tasks.Workbench]:
    """Make this process a worker for the block: its backend, layers, mirrors and gateway.

    What dead workers of this machine left behind is removed first.

    :param demo: whether a view of this machine's /usr may serve as a base image.
    :raises UnsupportedHostError: if this machine can't isolate untrusted work, or has no base image.
    """
    backend = open_backend(settings.home, demo=demo)
    failed = [check for check in await backend.check_host() if check.required and not check.ok]
    if failed:
        raise UnsupportedHostError(
            f"This machine can't isolate untrusted work: {'; '.join(check.detail for check in failed)}.",
            hint=failed[0].fix or "`marlin doctor` says what is missing.",
            checks=[check.name for check in failed],
        )
    removed = await backend.reap()
    if removed:
        _log.info("removed what dead workers left behind", sandboxes=len(removed))
    code = tasks.Code(settings)
    images = await asyncio.to_thread(base_images, backend.store, demo=demo)
    bench = tasks.Workbench(
        settings,
        backend=backend,
        layers=backend.store,
        code=code,
        workspaces=Workspaces(
            tasks.workspaces_folder(settings),
            backend=backend,
            layers=backend.store,
            image=next(iter(images.values())),
            durable=code.durable,
            policy=fetch_policy(settings),
        ),
        images=images,
    )
    gateway = comparisons.WorkerGateway(settings.home / "raw" / "gateway")
    tasks.use_workbench(bench)
    comparisons.use_gateway(gateway)
    try:
        yield bench
    finally:
        comparisons.use_gateway(None)
        tasks.use_workbench(None)
        await gateway.close()
        await backend.close()


def base_images(store: LayerStore, *, demo: bool) -> dict[str, Layer]:
    """The base images of this host by the name campaigns use; the one that fetches sources comes first.

    :raises UnsupportedHostError: there is none.
    """
    found = {name: store.get(name) for name in IMAGE_NAMES if store.exists(name)}
    if demo:
        found["host-view"] = host_view(store)
    if not found:
        raise UnsupportedHostError(
            "This worker has no base image.", hint="Run `marlin image build debian` once, then start the worker again."
        )
    return found
