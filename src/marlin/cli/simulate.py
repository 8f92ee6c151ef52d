"""``marlin simulate``: a campaign played by simulated contributors over arms of known strength."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from marlin import simulation
from marlin.cli.database import in_transaction
from marlin.cli.demo import free_port
from marlin.cli.simulation_host import OPERATOR, only_one, operator_link, require_alone, retire_operator
from marlin.cli.simulation_record import Record
from marlin.counted import counted
from marlin.db import opened
from marlin.errors import MarlinError
from marlin.settings import Settings, get_settings
from marlin.simulation import Plan, PlanError, Progress, Stage, Stopped, parse_collusion, parse_strengths
from marlin.up import run_up
from marlin.visiting import Visitor

_screen = Console(stderr=True)
INTERRUPTED = 130
STOP_LIMIT = 30.0
"""Seconds that simulated contributors have to come to their end when the process is told to."""


def simulate(
    strength: Annotated[
        list[str] | None,
        typer.Option(help="ARM=VALUE on the logit scale, or ARM.AXIS=VALUE; once per arm, two at least."),
    ] = None,
    contributors: Annotated[int, typer.Option(min=1, max=500, help="How many people.")] = 8,
    comparisons: Annotated[int, typer.Option(min=1, max=100_000, help="How many comparisons, overlap included.")] = 40,
    turns: Annotated[int, typer.Option(min=1, max=10, help="Turns of each comparison.")] = 1,
    overlap: Annotated[float, typer.Option(min=0, max=1, help="Share whose first turn a second person judges.")] = 0.1,
    aa: Annotated[float, typer.Option(min=0, max=0.5, help="Share in which an arm meets itself.")] = 0.0,
    again: Annotated[
        float, typer.Option(min=0, max=0.5, help="Share of what a person is given that they judge once more.")
    ] = 0.0,
    skill: Annotated[float, typer.Option(min=0.01, help="1 is the logit scale itself; less is noisier.")] = 1.0,
    skill_spread: Annotated[float, typer.Option(min=0, help="How much skill differs (sigma of its logarithm).")] = 0.0,
    taste: Annotated[float, typer.Option(min=0, help="Standard deviation of each person's own view of an arm.")] = 0.0,
    item: Annotated[float, typer.Option(min=0, help="Standard deviation of what one item's results are like.")] = 0.0,
    side_bias: Annotated[float, typer.Option(help="Everybody's bias towards side A.")] = 0.0,
    careless: Annotated[float, typer.Option(min=0, max=1, help="Share of votes drawn at random.")] = 0.0,
    tie: Annotated[float, typer.Option(min=0, help="How far from zero is still called equal.")] = 0.2,
    collude: Annotated[
        list[str] | None, typer.Option(help="ARM=COUNT: so many contributors prefer this arm whatever it did.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of people, taste and noise.")] = 1,
    campaign: Annotated[str | None, typer.Option(help="Name of the campaign; by default simulation-SEED.")] = None,
    parallel: Annotated[
        int | None, typer.Option(min=1, max=64, help="Turns at a time; by default one per CPU.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="A Marlin that runs already, instead of starting one.")] = None,
    token: Annotated[
        str | None, typer.Option(envvar="MARLIN_TOKEN", help="An operator's API token there; better set MARLIN_TOKEN.")
    ] = None,
    base_image: Annotated[
        str, typer.Option(help="Of the sandboxes; host-view needs a worker of the demo.")
    ] = "host-view",
) -> None:
    """Play a campaign with simulated contributors over arms of known strength, through the public HTTP API.

    Everything but the opinions is real: briefs, sandboxes, checks, ratings, overlap, submission, review. The arms are
    scripted and the campaign is flagged synthetic for ever, so nothing of it counts as evidence. Prints a JSON summary
    with the truth behind the votes, to hold an analysis against.

    Without --url it starts a Marlin of its own on MARLIN_HOME (or DATABASE_URL), and refuses to where one runs already
    or turns of real campaigns wait: they would share a queue. Ctrl-C ends with status 130; the same command again goes
    on from there, and with a larger --comparisons it adds to what is there.

    Examples:

    marlin simulate --strength old=0 --strength new=0.4

    marlin simulate --strength old=0 --strength new=0.4 --strength new.security=-0.3 --taste 0.3 --overlap 0.25

    marlin simulate --strength a=0 --strength b=0.2 --strength c=0.5 --contributors 20 --comparisons 200 --collude c=3

    MARLIN_TOKEN=… marlin simulate --url http://127.0.0.1:8420 --base-image debian --aa 0.1
    """
    plan = Plan(
        campaign=campaign or f"simulation-{seed}",
        strengths=parse_strengths(strength or ["old=0", "new=0.4"]),
        contributors=contributors,
        comparisons=comparisons,
        turns=turns,
        seed=seed,
        skill=skill,
        skill_spread=skill_spread,
        taste=taste,
        item=item,
        side_bias=side_bias,
        careless=careless,
        tie=tie,
        collude=parse_collusion(collude or []),
        overlap=overlap,
        aa=aa,
        again=again,
    )
    settings = get_settings()
    record = Record.of(settings.home, plan.campaign, url)
    record.check(plan)
    at_a_time = parallel or os.cpu_count() or 2
    progress = Progress(plan.comparisons)
    try:
        if url is not None:
            summary = _play_there(plan, url.rstrip("/"), token, base_image, at_a_time, record, progress)
        else:
            summary = _play_here(settings, plan, base_image, at_a_time, record, progress)
    except KeyboardInterrupt:
        _screen.print(_left(progress, url))
        raise typer.Exit(INTERRUPTED) from None
    record.write(plan, summary)
    print(json.dumps(summary, indent=2))  # noqa: T201 - the summary is the command's output


def _left(progress: Progress, url: str | None) -> str:
    """What an interruption leaves behind."""
    if progress.campaign is None:
        return "Interrupted before the campaign was there: nothing was played, and the name is free."
    there = " Turns that run there are finished without it." if url is not None else ""
    return (
        f"Interrupted: {progress.accepted} of {counted(progress.wanted, 'comparison')} accepted, and everything begun "
        f"is kept.{there} The same command goes on from here."
    )


def _play_there(
    plan: Plan, url: str, token: str | None, base_image: str, parallel: int, record: Record, progress: Progress
) -> dict[str, Any]:
    if not token:
        raise PlanError("A running Marlin wants an operator's API token.", hint="Set MARLIN_TOKEN, or give --token.")
    stop = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        operator = Visitor.from_token(url, token)
        stage = Stage(url, operator, plan, base_image, progress, parallel, lambda: record.write(plan), stop)
        return _perform(stage, plan)
    except Stopped:
        raise KeyboardInterrupt from None
    finally:
        signal.signal(signal.SIGINT, before)


def _play_here(
    settings: Settings, plan: Plan, base_image: str, parallel: int, record: Record, progress: Progress
) -> dict[str, Any]:
    """Start a Marlin on a free port, with a worker that takes so many turns at a time, and play there."""
    in_transaction(require_alone, settings=settings, create_tables=True)
    changes = {"port": free_port(settings.host), "public_url": None, "worker_concurrency": parallel, "queue_poll": 0.1}
    settings = settings.model_copy(update=changes)
    found: dict[str, Any] = {}
    failure: list[BaseException] = []
    stop, over = threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def on_ready(ready: Settings) -> None:
        def run() -> None:
            try:
                with only_one(ready), temporary_operator(ready) as operator:
                    begun = partial(record.write, plan)
                    stage = Stage(ready.base_url, operator, plan, base_image, progress, parallel, begun, stop)
                    found.update(_perform(stage, plan))
            except BaseException as error:
                failure.append(error)
            finally:
                if not over.is_set():
                    os.kill(os.getpid(), signal.SIGTERM)  # the service's own way to stop

        threads.append(threading.Thread(target=run, name="marlin-simulation"))
        threads[0].start()

    def on_stop() -> None:
        """Requests are answered until this returns: contributors come to their end, and the operator's role as well."""
        over.set()
        stop.set()
        for thread in threads:
            thread.join(STOP_LIMIT)

    try:
        run_up(settings, demo=base_image == "host-view", on_ready=on_ready, on_stop=on_stop)
    finally:
        over.set()
        stop.set()
        for thread in threads:
            thread.join()
    if found:
        return found
    if failure and not isinstance(failure[0], Stopped):
        raise failure[0]
    raise KeyboardInterrupt


@contextlib.contextmanager
def temporary_operator(settings: Settings) -> Iterator[Visitor]:
    """An operator of the simulation's own, for the block."""
    try:
        yield Visitor.from_link(settings.base_url, in_database(settings, operator_link(settings)))
    finally:
        try:
            in_database(settings, retire_operator())
        except MarlinError as error:
            _screen.print(
                f"{OPERATOR} may still be an operator: {error.message} `marlin up` and playing again end that."
            )


def _perform(stage: Stage, plan: Plan) -> dict[str, Any]:
    began = time.monotonic()
    with _bar(stage) as progress:
        stage.progress.told = progress
        campaign = simulation.play(stage)
    seconds = time.monotonic() - began
    arms = {arm["name"]: arm["id"] for arm in stage.operator.get(f"/campaigns/{campaign}/arms")}
    counts = stage.operator.get(f"/campaigns/{campaign}/assignments")
    played = stage.progress.accepted + stage.progress.failed - stage.progress.before
    return {
        "campaign": {"id": campaign, "slug": plan.campaign, "synthetic": True},
        "arms": arms,
        "truth": plan.truth(),
        "plan": plan.stored(),
        "comparisons": {
            "accepted": stage.progress.accepted,
            "failed": stage.progress.failed,
            "originals": counts["originals"],
            "repeats": counts["repeats"],
            "once_more": counts["total"] - counts["originals"] - counts["repeats"],
        },
        "seconds": round(seconds, 1),
        "comparisons_per_minute": round(60 * played / seconds, 1) if played else 0.0,
    }


@contextlib.contextmanager
def _bar(stage: Stage) -> Iterator[Callable[[Progress], None]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=_screen) as bars:
        task = bars.add_task(f"Simulation {stage.plan.campaign}", total=stage.progress.wanted, rate="")

        def told(progress: Progress) -> None:
            said = f"Simulation {stage.plan.campaign}" + (f", {progress.failed} failed" if progress.failed else "")
            done = progress.accepted + progress.failed
            bars.update(task, completed=done, description=said, rate=f"{progress.per_minute:.1f}/min")

        yield told


def in_database(settings: Settings, work: Any) -> Any:
    """Do something in the database on a loop of its own: the service's loop runs already."""

    async def run() -> Any:
        assert settings.database_url is not None
        async with opened(settings.database_url, pool_size=2):
            return await work

    return asyncio.run(run())
