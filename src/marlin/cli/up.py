"""``marlin up``: run the service."""

from __future__ import annotations

import threading
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from marlin.cli.database import in_transaction
from marlin.cli.simulation_host import OPERATOR, retire_leftover
from marlin.cli.worker import HostView
from marlin.errors import MarlinError
from marlin.settings import Settings, get_settings
from marlin.up import run_up

_console = Console(soft_wrap=True, highlight=False)


def up(
    host: Annotated[str | None, typer.Option(help="Address to listen on. (MARLIN_HOST; 127.0.0.1)")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on. (MARLIN_PORT; 8420)")] = None,
    worker: Annotated[bool, typer.Option(help="Run jobs in this process, too.")] = True,
    demo: HostView = False,
) -> None:
    """Start Marlin: the database (unless DATABASE_URL names one), the web service and a worker.

    Ctrl-C stops it: turns in progress get MARLIN_DRAIN_LIMIT seconds, then they are handed over and start again when a
    worker is back. A second Ctrl-C does not wait.
    """
    chosen = {name: value for name, value in {"host": host, "port": port}.items() if value is not None}
    run_up(
        get_settings().model_copy(update=chosen),
        with_worker=worker,
        demo=demo,
        on_ready=lambda ready: _ready(ready, worker),
        on_stop=lambda: say_it_stops(worker),
    )


def say_it_stops(with_worker: bool = True) -> None:
    """One line at once: a worker may take a while to stop."""
    wait = f"; turns in progress get {get_settings().drain_limit:g} s, Ctrl-C does not wait" if with_worker else ""
    _console.print(f"Stopping{wait}.")


def _retire(settings: Settings) -> None:
    """What a killed simulation left behind is no operator's access for ever."""
    try:
        if in_transaction(retire_leftover, settings=settings):
            _console.print(f"{OPERATOR} was left an operator by a simulation that was killed, and is none any more.")
    except MarlinError as error:
        _console.print(f"Whether a killed simulation left an operator behind could not be seen: {error.message}")


def _ready(settings: Settings, with_worker: bool) -> None:
    threading.Thread(target=_retire, args=(settings,), daemon=True, name="marlin-retire").start()
    _console.print(f"Marlin is ready: [bold]{escape(settings.base_url)}[/bold]")
    jobs = f"{settings.worker_concurrency} turns at a time" if with_worker else "none here; start `marlin worker`"
    _console.print(f"Jobs: {jobs}. Data: {escape(str(settings.home))}. Ctrl-C stops it.")
    if settings.database_url and get_settings().database_url is None:
        _console.print(f"For workers on this machine: DATABASE_URL='{escape(settings.database_url)}'")
