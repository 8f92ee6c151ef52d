"""One process: the embedded database unless another is named, the web service, and a worker unless told otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator

import uvicorn
import uvloop

from marlin.address import announced
from marlin.app import create_app
from marlin.db import events, opened
from marlin.db.engine import parse_url
from marlin.db.hosting import database
from marlin.db.migrating import upgrade
from marlin.errors import UnavailableError
from marlin.logging import get
from marlin.settings import Settings
from marlin.worker import stop_signals, working

_log = get(__name__)


class AddressInUseError(UnavailableError):
    """Another program listens on the address that the web service should have."""

    code = "address-in-use"


def run_up(
    settings: Settings,
    *,
    with_worker: bool = True,
    demo: bool = False,
    on_ready: Callable[[Settings], None],
    on_stop: Callable[[], None] | None = None,
) -> None:
    """Run until SIGINT or SIGTERM; a second one skips the wait for jobs in progress.

    :param demo: whether the worker may use a view of this machine's /usr as a base image.
    :param on_ready: called once requests are answered and jobs are run, with the settings as they came to be.
    :param on_stop: called in a thread when it is told to stop; requests are answered until it returns.
    :raises MarlinError: if something that is needed is missing; it says what.
    """
    # uvloop serves requests faster; sandboxes and agents are tested on the standard loop, so a worker runs there
    loop_factory = asyncio.new_event_loop if with_worker else uvloop.new_event_loop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_up(settings, with_worker=with_worker, demo=demo, on_ready=on_ready, on_stop=on_stop))
    # it has stopped: one that comes now would end this process as if it had failed
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


async def _up(
    settings: Settings,
    *,
    with_worker: bool,
    demo: bool,
    on_ready: Callable[[Settings], None],
    on_stop: Callable[[], None] | None,
) -> None:
    listening = bind(settings.host, settings.port)
    stop, hurry = stop_signals()
    with contextlib.closing(listening):
        async with database(settings) as settings, contextlib.AsyncExitStack() as stack:
            assert settings.database_url is not None
            await asyncio.to_thread(upgrade, parse_url(settings.database_url))
            await stack.enter_async_context(opened(settings.database_url, pool_size=settings.database_pool))
            server = _Server(
                uvicorn.Config(
                    create_app(settings),
                    log_config=None,
                    access_log=False,
                    server_header=False,
                    timeout_graceful_shutdown=5,
                    ws_max_size=1 << 20,
                    ws_per_message_deflate=False,
                )
            )
            # ended last: people can look on while jobs in progress finish
            await stack.enter_async_context(_serving(server, listening))
            if with_worker:
                await stack.enter_async_context(working(settings, demo=demo, hurry=hurry))
            stack.enter_context(announced(settings.home, settings.base_url))
            on_ready(settings)
            await stop.wait()
            if on_stop is not None:
                await asyncio.to_thread(on_stop)


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens on the web service's address.

    :raises AddressInUseError: if it is taken, or not this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(2048)
        listening.setblocking(False)
    except OSError as error:
        raise AddressInUseError(
            f"Can't listen on {host}:{port}: {error.strerror or error}.",
            hint="Stop what listens there, or choose another port with --port or MARLIN_PORT.",
        ) from error
    return listening


class _Server(uvicorn.Server):
    """uvicorn that tells when it listens, and ends streams; what a signal means is decided above."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        events.end_subscriptions()  # pages follow streams for minutes, and answers in progress are waited for
        await super().shutdown(sockets)


@contextlib.asynccontextmanager
async def _serving(server: _Server, listening: socket.socket) -> AsyncIterator[None]:
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="marlin-web")
    started = asyncio.create_task(server.listening.wait())
    await asyncio.wait({serving, started}, return_when=asyncio.FIRST_COMPLETED)
    started.cancel()
    if serving.done():
        serving.result()
        raise UnavailableError("The web service did not start.", hint="The log above says why.")
    try:
        yield
    finally:
        server.should_exit = True
        await serving
