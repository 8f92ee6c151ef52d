"""``marlin simulate``: a campaign played by simulated contributors over arms of known strength."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from marlin import accounts, simulation
from marlin.accounts import Role
from marlin.cli.demo import free_port
from marlin.db import opened, transaction
from marlin.errors import MarlinError
from marlin.settings import Settings, get_settings
from marlin.simulation import Plan, PlanError, Progress, Stage, Stopped, parse_collusion, parse_strengths
from marlin.up import run_up
from marlin.visiting import Visitor

_screen = Console(stderr=True)
_OPERATOR = "operator@simulated.invalid"
INTERRUPTED = 130


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
    with the truth behind the votes, to hold an analysis against. The same command again goes on where it was
    interrupted; with a larger --comparisons it adds to what is there.

    Examples:

    marlin simulate --strength old=0 --strength new=0.4

    marlin simulate --strength old=0 --strength new=0.4 --strength new.security=-0.3 --taste 0.3 --overlap 0.25

    marlin simulate --strength a=0 --strength b=0.2 --strength c=0.5 --contributors 20 --comparisons 200 --collude c=3
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
    )
    settings = get_settings()
    record = _remember(settings, plan)
    at_a_time = parallel or os.cpu_count() or 2
    if url is not None:
        summary = _play_there(plan, url.rstrip("/"), token, base_image, at_a_time)
    else:
        summary = _play_here(settings, plan, base_image, at_a_time)
    record.write_text(json.dumps({"plan": plan.stored(), "summary": summary}, indent=2), encoding="utf-8")
    print(json.dumps(summary, indent=2))  # noqa: T201 - the summary is the command's output


def _remember(settings: Settings, plan: Plan) -> Path:
    """Write the plan down, or see that it is the one that was begun under this name.

    :raises PlanError: another simulation has this name.
    """
    if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", plan.campaign) is None:
        raise PlanError(
            f"{plan.campaign!r} can't be a campaign's name.", hint="Use small letters, digits and hyphens, 63 at most."
        )
    path = settings.home / "simulations" / f"{plan.campaign}.json"
    if path.exists():
        stored = json.loads(path.read_text(encoding="utf-8"))["plan"]
        if not simulation.same_plan(stored, plan):
            differing = sorted(name for name, value in plan.stored().items() if stored.get(name) != value)
            raise PlanError(
                f"A simulation {plan.campaign!r} was begun with other options ({', '.join(differing)}).",
                hint="Repeat its options to go on with it, or choose another --seed or --campaign.",
            )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"plan": plan.stored()}, indent=2), encoding="utf-8")
    return path


def _play_there(plan: Plan, url: str, token: str | None, base_image: str, parallel: int) -> dict[str, Any]:
    if not token:
        raise PlanError("A running Marlin wants an operator's API token.", hint="Set MARLIN_TOKEN, or give --token.")
    stage = Stage(url, Visitor.from_token(url, token), plan, base_image, Progress(plan.comparisons), parallel)
    before = signal.signal(signal.SIGINT, lambda *_: stage.stop.set())
    try:
        return _perform(stage)
    except Stopped:
        _say_how_to_go_on()
        raise typer.Exit(INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGINT, before)


def _play_here(settings: Settings, plan: Plan, base_image: str, parallel: int) -> dict[str, Any]:
    """Start a Marlin on a free port, with a worker that takes so many turns at a time, and play there."""
    changes = {"port": free_port(settings.host), "public_url": None, "worker_concurrency": parallel, "queue_poll": 0.1}
    settings = settings.model_copy(update=changes)
    found: dict[str, Any] = {}
    failure: list[BaseException] = []
    stop, over = threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def on_ready(ready: Settings) -> None:
        def run() -> None:
            try:
                operator = Visitor.from_link(ready.base_url, _in_database(ready, _operator_link(ready)))
                progress = Progress(plan.comparisons)
                found.update(_perform(Stage(ready.base_url, operator, plan, base_image, progress, parallel, stop)))
            except BaseException as error:
                failure.append(error)
            finally:
                with contextlib.suppress(MarlinError):
                    _in_database(ready, _retire_operator())
                if not over.is_set():
                    os.kill(os.getpid(), signal.SIGTERM)  # the service's own way to stop

        threads.append(threading.Thread(target=run, name="marlin-simulation"))
        threads[0].start()

    def on_stop() -> None:
        over.set()
        stop.set()

    run_up(settings, demo=base_image == "host-view", on_ready=on_ready, on_stop=on_stop)
    for thread in threads:
        thread.join()
    if found:
        return found
    if failure and not isinstance(failure[0], Stopped):
        raise failure[0]
    _say_how_to_go_on()
    raise typer.Exit(INTERRUPTED)


def _say_how_to_go_on() -> None:
    _screen.print("Interrupted; what was played is kept. The same command goes on from here.")


def _perform(stage: Stage) -> dict[str, Any]:
    began = time.monotonic()
    with _bar(stage) as progress:
        stage.progress.told = progress
        campaign = simulation.play(stage)
    seconds = time.monotonic() - began
    arms = {arm["name"]: arm["id"] for arm in stage.operator.get(f"/campaigns/{campaign}/arms")}
    counts = stage.operator.get(f"/campaigns/{campaign}/assignments")
    played = stage.progress.accepted + stage.progress.failed - stage.progress.before
    return {
        "campaign": {"id": campaign, "slug": stage.plan.campaign, "synthetic": True},
        "arms": arms,
        "truth": stage.plan.truth(),
        "plan": stage.plan.stored(),
        "comparisons": {
            "accepted": stage.progress.accepted,
            "failed": stage.progress.failed,
            "originals": counts["originals"],
            "repeats": counts["repeats"],
        },
        "seconds": round(seconds, 1),
        "comparisons_per_minute": round(60 * played / seconds, 1) if played else 0.0,
    }


@contextlib.contextmanager
def _bar(stage: Stage) -> Iterator[Callable[[Progress], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=_screen) as bars:
        task = bars.add_task(f"Simulation {stage.plan.campaign}", total=stage.progress.wanted)

        def told(progress: Progress) -> None:
            said = f"Simulation {stage.plan.campaign}" + (f", {progress.failed} failed" if progress.failed else "")
            bars.update(task, completed=progress.accepted + progress.failed, description=said)

        yield told


def _in_database(settings: Settings, work: Any) -> Any:
    """Do something in the database on a loop of its own: the service's loop runs already."""

    async def run() -> Any:
        assert settings.database_url is not None
        async with opened(settings.database_url, pool_size=2):
            return await work

    return asyncio.run(run())


async def _operator_link(settings: Settings) -> str:
    """A link that signs in the operator who runs simulations here: one of their own, with the role only meanwhile."""
    async with transaction() as session:
        person = await accounts.find_person(session, _OPERATOR)
        if person is None:
            roles = [Role.OPERATOR]
            person = await accounts.create_person(session, name="Simulation", email=_OPERATOR, roles=roles)
        elif not person.has([Role.OPERATOR]):
            await accounts.set_roles(session, person.id, [Role.OPERATOR], actor=None)
        token, _ = await accounts.create_sign_in_link(session, person)
        return accounts.sign_in_url(settings.base_url, token)


async def _retire_operator() -> None:
    async with transaction() as session:
        person = await accounts.find_person(session, _OPERATOR)
        if person is not None:
            await accounts.set_roles(session, person.id, [], actor=None)
