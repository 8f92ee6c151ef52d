"""``marlin loop --demo``: from simulated judgement to a tuned model, and back into new comparisons, in one command."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from marlin.cli.database import in_transaction
from marlin.cli.demo import free_port
from marlin.cli.loop_record import Record, Results, StageFailedError, go_through
from marlin.cli.loop_servers import Servers
from marlin.cli.loop_shared import Loop
from marlin.cli.loop_stages import stages
from marlin.cli.simulate import INTERRUPTED, STOP_LIMIT, in_database, temporary_operator
from marlin.cli.simulation_host import NotAloneError, only_one, operator_link, require_alone
from marlin.counted import counted
from marlin.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError
from marlin.sandboxes import HOST_VIEW, LayerStore, check_image_name, pinned_image
from marlin.settings import Settings, get_settings
from marlin.simulation import Stopped
from marlin.training import require_extra
from marlin.training.errors import TuneExtraMissingError
from marlin.up import run_up
from marlin.visiting import Visitor

_screen = Console(stderr=True, soft_wrap=True, highlight=False)
_FEWEST_SHOPS = 4
FORGOTTEN = 20.0
"""Seconds after which a killed worker counts as dead."""


class LoopBusyError(ConflictError):
    """Another process goes through the same loop."""

    code = "loop-busy"


def loop(
    demo: Annotated[
        bool, typer.Option("--demo", help="With scripted teachers and a tiny model: no key, no GPU.")
    ] = False,
    name: Annotated[
        str, typer.Option(help="Of this loop: its folder and campaigns. Another one begins anew.")
    ] = "demo",
    shops: Annotated[int, typer.Option(min=1, max=12, help="How many tiny repositories; three briefs each.")] = 12,
    parallel: Annotated[
        int | None, typer.Option(min=1, max=64, help="Turns at a time; by default one per CPU.")
    ] = None,
    base_image: Annotated[str, typer.Option(help="Of the sandboxes; debian is built if it isn't there.")] = "debian",
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Of the web service; by default a free one.")
    ] = None,
    stay: Annotated[bool, typer.Option("--stay", help="Keep the web pages up at the end, until Ctrl-C.")] = False,
) -> None:
    """Go through the whole loop: judgement, dataset, tuning, and the tuned model against its parent.

    Two scripted models and a tiny one that is trained here stand in for large ones; everything else is the real thing,
    on this machine's CPU: sandboxed agents behind the gateway, checks, the HTTP API, a frozen dataset, masked DPO,
    held-out evaluation, `transformers serve`, registration by a round trip that must parse, a blinded campaign.

    Everything is flagged synthetic for ever. Ctrl-C or a kill loses nothing: the same command goes on where it was, and
    once it is through it only shows what came of it. Needs the extra “tune”: `make setup-tune`.

    .venv-tune/bin/marlin loop --demo
    """
    if not demo:
        raise InvalidInputError(
            "Only the demo goes through the whole loop by itself.",
            hint="Add --demo. With your own campaign and model: docs/how-to/tune-a-model.md.",
        )
    _require_tuning()
    if shops < _FEWEST_SHOPS:
        raise InvalidInputError(f"--shops {shops} is too few to hold any out.", hint="Give --shops 4 or more.")
    if not name.replace("-", "").isalnum() or name != name.lower() or not name.isascii() or len(name) > 40:
        raise InvalidInputError(f"{name!r} can't be a loop's name.", hint="Use small letters, digits and hyphens.")
    settings = get_settings()
    folder = settings.home / "loops" / name
    with _alone(folder):
        record = Record.read(folder / "loop.json")
        if record.kept.setdefault("shops", shops) != shops:
            raise InvalidInputError(
                f"This loop was begun with --shops {record.kept['shops']}.",
                hint="Repeat that, or choose another --name.",
            )
        changes = {
            "port": port or free_port(settings.host),
            "public_url": None,
            "worker_concurrency": parallel or os.cpu_count() or 2,
            "queue_poll": 0.1,
        }
        _await_alone(settings, begun=record.path.exists())
        _require_image(settings, base_image)
        _Hosting(settings.model_copy(update=changes), name, folder, shops, base_image, record, stay).go()


def _require_tuning() -> None:
    """:raises TuneExtraMissingError: says exactly what to run."""
    again = f".venv-tune/bin/marlin {' '.join(sys.argv[1:]) or 'loop --demo'}"
    try:
        require_extra()
    except TuneExtraMissingError as error:
        raise TuneExtraMissingError(error.message, hint=f"Run `make setup-tune`, then: {again}") from error


def _await_alone(settings: Settings, *, begun: bool) -> None:
    """See that no Marlin runs here; of a loop that was killed just now its worker seems alive for some seconds yet.

    :raises NotAloneError: one does.
    """
    deadline = time.monotonic() + (FORGOTTEN if begun else 0.0)
    told = False
    while True:
        try:
            return in_transaction(require_alone, settings=settings, create_tables=True)
        except NotAloneError:
            if time.monotonic() >= deadline:
                raise
            if not told:
                _screen.print(
                    "A worker was here seconds ago, of this loop if it was killed: waiting until that is sure."
                )
                told = True
            time.sleep(2)


def _require_image(settings: Settings, name: str) -> None:
    """Build the base image that agents run on, once per machine: real agents may not see the host's own files.

    :raises InvalidInputError: it is the host's own files.
    :raises NotFoundError: it is not there, and is none that Marlin knows how to build.
    """
    if name == HOST_VIEW:
        raise InvalidInputError(
            "The loop's agents run commands of a model, which may not see this machine's own files (host-view).",
            hint="Leave --base-image out: an image of Debian is built once. Only scripted agents may run on host-view.",
        )
    if pinned_image(LayerStore(settings.home / "layers"), check_image_name(name)) is not None:
        return
    if name != "debian":
        raise NotFoundError(
            f"There is no base image {name!r} on this machine.",
            hint=f"Build it first: `marlin image build {name}`. Or leave --base-image out.",
        )
    _screen.print("Before the first stage: the sandboxes' base image, once per machine (1 to 5 minutes).")
    status = subprocess.call([sys.executable, "-m", "marlin", "image", "build", name])
    if status != 0:
        raise UnavailableError(
            "The base image could not be built; why is said above.", hint="`marlin doctor` says what is missing."
        )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process per loop; a dead one's claim ends with it.

    :raises LoopBusyError: another one is at it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LoopBusyError(
                f"Another process goes through the loop in {folder}.", hint="Wait for it, or choose another --name."
            ) from error
        yield


class _Hosting:
    """A Marlin on a port of its own for as long as the loop takes, and the loop in a thread beside it."""

    def __init__(
        self, settings: Settings, name: str, folder: Path, shops: int, base_image: str, record: Record, stay: bool
    ) -> None:
        self.settings, self.name, self.folder, self.shops = settings, name, folder, shops
        self.base_image, self.record, self.stay = base_image, record, stay
        self.over = threading.Event()
        self.servers = Servers(folder / "servers", self.over.is_set)
        self.results: Results | None = None
        self.failure: BaseException | None = None
        self.loop: Loop | None = None
        self.thread: threading.Thread | None = None

    def go(self) -> None:
        """To the end, or to the first stage that fails."""
        began = time.monotonic()
        left = self.servers.end_leftovers()
        if left:
            _screen.print(f"Ended {left} model servers that a killed loop had left.")
        try:
            run_up(self.settings, on_ready=self._begin, on_stop=self._stop)
        finally:
            self._stop()
            self.servers.end()
        if self.failure is not None and not isinstance(self.failure, Stopped):
            raise self.failure
        if self.results is None:
            done = len(self.record.stages)
            _screen.print(
                f"Interrupted with {counted(done, 'stage')} done, and everything begun is kept. "
                "The same command goes on."
            )
            raise typer.Exit(INTERRUPTED)
        _screen.print(f"Everything that was started is ended again ({time.monotonic() - began:.0f} s in all).")

    def _begin(self, ready: Settings) -> None:
        self.thread = threading.Thread(target=self._run, args=(ready,), name="marlin-loop")
        self.thread.start()

    def _run(self, ready: Settings) -> None:
        try:
            with only_one(ready), temporary_operator(ready) as operator:
                self.loop = self._made(ready, operator)
                _screen.print(f"Marlin answers at {ready.base_url} while this runs.")
                self.results = go_through(stages(self.loop), self.record, _say)
                _conclude(self.results, ready, self.folder, stay=self.stay)
                if self.stay:
                    self._stand_by(ready)
        except BaseException as error:
            self.failure = error
            if isinstance(error, StageFailedError):
                _screen.print(f"Everything of the loop is in {escape(str(self.folder))}.")
        finally:
            if not self.over.is_set():
                os.kill(os.getpid(), signal.SIGTERM)  # the service's own way to stop

    def _made(self, ready: Settings, operator: Visitor) -> Loop:
        assert ready.database_url is not None
        environment = {
            "DATABASE_URL": str(ready.database_url),
            "MARLIN_HOME": str(ready.home),
            "HF_HUB_OFFLINE": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "TRANSFORMERS_VERBOSITY": "error",
            "PYTHONWARNINGS": "ignore::FutureWarning",
            "OMP_NUM_THREADS": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "COLUMNS": "110",
        }
        return Loop(
            name=self.name,
            folder=self.folder,
            base_url=ready.base_url,
            environment=environment,
            operator=operator,
            base_image=self.base_image,
            parallel=ready.worker_concurrency,
            shops=self.shops,
            record=self.record,
            servers=self.servers,
            say=_say,
            free_port=lambda: free_port("127.0.0.1"),
        )

    def _stand_by(self, ready: Settings) -> None:
        link = in_database(ready, operator_link(ready))
        _screen.print(f"\nSigns you in as an operator, once within 15 minutes: {link}")
        _screen.print("The web pages stay up, and both models served, until Ctrl-C.")
        self.over.wait()

    def _stop(self) -> None:
        """Requests are answered until this returns: the loop comes to its end, and the operator's role as well."""
        self.over.set()
        if self.loop is not None:
            self.loop.interrupt()
        if self.thread is not None:
            self.thread.join(STOP_LIMIT)


def _say(words: str) -> None:
    style = "bold" if words.startswith("Stage ") else None
    _screen.print(escape(words), style=style)


def _conclude(results: Results, ready: Settings, folder: Path, *, stay: bool) -> None:
    """What came of it, as it is: for better or worse."""
    compared: dict[str, Any] = results["compare"]
    _screen.print("\n[bold]What came of it[/]")
    for words in results["evaluate"]["conclusion"]:
        _screen.print(f"- {escape(words)}")
    for arm, row in compared["standings"].items():
        _screen.print(
            f"- {escape(arm)}: won {row['wins']} of {row['votes']} against the other, lost {row['losses']}, "
            f"both fine {row['ties']}, both bad {row['both_bad']}"
        )
    _screen.print(
        "[bold white on red] SYNTHETIC [/] Simulated judgement on toy repositories: it proves the plumbing alone."
    )
    page = f"/operator/campaigns/{compared['campaign']}/evidence"
    later = get_settings().base_url
    if stay:
        _screen.print(f"\nWhere to look: {ready.base_url}{page}")
    else:
        _screen.print(f"\nWhere to look: start `marlin up`, then {later}{page}")
        _screen.print("  and sign in as an operator: `marlin init` makes the first one.")
    _screen.print(f"  files: {escape(str(folder))} (datasets/, models/, runs/dpo/, servers/)")
