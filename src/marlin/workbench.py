"""A worker's tools, put together: sandbox backend, layers, base images, repositories, the model gateway, the jobs."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Iterable, Mapping

from marlin import comparisons, tasks
from marlin.errors import UnsupportedHostError
from marlin.logging import get
from marlin.sandboxes import HOST_VIEW, Backend, Layer, LayerStore, can_fetch, host_view, open_backend, pinned_images
from marlin.settings import Settings
from marlin.workspaces import Workspaces, fetch_policy

_log = get(__name__)

_REAP_AFTER = (5.0, 15.0, 60.0)
"""Seconds between the first removals of what the dead left; later ones follow at ``_REAP_INTERVAL``. A killed keeper
is on record as alive until the kernel has written its file systems back, which takes seconds on a busy disk."""
_REAP_INTERVAL = 600.0


@contextlib.asynccontextmanager
async def open_workbench(settings: Settings, *, demo: bool = False) -> AsyncIterator[tasks.Workbench]:
    """Make this process a worker for the block: its backend, layers, mirrors and gateway.

    What dead workers of this machine left behind is removed first, and looked for again from time to time.

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
    await _reap(backend)
    code = tasks.Code(settings)
    views = {HOST_VIEW: await asyncio.to_thread(host_view, backend.store)} if demo else {}
    bench = tasks.Workbench(
        settings,
        backend=backend,
        layers=backend.store,
        code=code,
        workspaces=Workspaces(
            tasks.workspaces_folder(settings),
            backend=backend,
            layers=backend.store,
            image=await asyncio.to_thread(fetching_image, backend.store, views),
            durable=code.durable,
            policy=fetch_policy(settings),
        ),
        views=views,
    )
    gateway = comparisons.WorkerGateway(settings.home / "raw" / "gateway")
    tasks.use_workbench(bench)
    comparisons.use_gateway(gateway)
    reaping = asyncio.create_task(keep_reaping(backend))
    try:
        yield bench
    finally:
        reaping.cancel()
        await asyncio.gather(reaping, return_exceptions=True)
        comparisons.use_gateway(None)
        tasks.use_workbench(None)
        await gateway.close()
        await backend.close()


async def _reap(backend: Backend) -> None:
    removed = await backend.reap()
    if removed:
        _log.info("removed what dead workers left behind", sandboxes=len(removed))


async def keep_reaping(backend: Backend, pauses: Iterable[float] = ()) -> None:
    """Remove what was still dying when this worker started, and what workers beside it leave when they die.

    :param pauses: seconds before each look; by default three soon after the start, then one every ten minutes.
    """
    for pause in pauses or itertools.chain(_REAP_AFTER, itertools.repeat(_REAP_INTERVAL)):
        await asyncio.sleep(pause)
        try:
            await _reap(backend)
        except Exception:
            _log.exception("could not remove what dead workers left behind; this is tried again later")


def fetching_image(store: LayerStore, views: Mapping[str, Layer]) -> Layer:
    """The base image that fetches sources: the one named debian, another with git and Python, or the demo's view.

    :raises UnsupportedHostError: there is none.
    """
    pinned = pinned_images(store)
    fit = [image for image in (*filter(None, [pinned.get("debian")]), *pinned.values()) if can_fetch(image)]
    for image in (*fit, *views.values()):
        return image
    known = f" (of {', '.join(pinned)}, none has git and Python)" if pinned else ""
    raise UnsupportedHostError(
        f"This worker has no base image to fetch sources with{known}.",
        hint="Run `marlin image build debian` once, then start the worker again. Pages alone need none: "
        "`marlin up --no-worker`.",
    )
