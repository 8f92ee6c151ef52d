"""``marlin demo``: the whole story on two scripted arms, in the browser or without one."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import threading
from typing import Annotated, Any

import typer
from rich.console import Console

from marlin import examples
from marlin.accounts import Role
from marlin.cli.demo_data import Demo, prepare_demo
from marlin.cli.story import Verdict, play
from marlin.cli.up import say_it_stops
from marlin.counted import counted
from marlin.db import opened
from marlin.errors import MarlinError
from marlin.settings import Settings, get_settings
from marlin.up import run_up
from marlin.visiting import Visitor

_screen = Console(stderr=True)


def demo(
    headless: Annotated[
        bool, typer.Option(help="Play the story through the HTTP API and print a JSON summary; then stop.")
    ] = False,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of the web service (headless: a free one).")
    ] = None,
    brief: Annotated[str | None, typer.Option(help="Example brief of the headless story.")] = None,
    campaign: Annotated[str, typer.Option(help="Example campaign to open.")] = "demo",
) -> None:
    """Start Marlin with a campaign of two scripted arms on a sample repository.

    Prints one link per role; each signs a visitor in. Everything lives in MARLIN_HOME, so it is still there the next
    time. With --headless nobody is needed: the story is played through the public HTTP API, in a campaign of its own
    (demo-headless), so that it adds nothing to what people judge.
    """
    settings = get_settings()
    if headless:
        settings = settings.model_copy(update={"port": port or free_port(settings.host), "public_url": None})
        _play_headless(settings, campaign, brief)
        return
    if port is not None:
        settings = settings.model_copy(update={"port": port})
    run_up(settings, demo=True, on_ready=lambda ready: _welcome(_in_background(ready, campaign)), on_stop=say_it_stops)


def _in_background(settings: Settings, campaign: str, *, headless: bool = False) -> Demo:
    """Prepare the demo's data on a loop of its own: the service's loop runs already."""
    found: list[Demo] = []
    failed: list[BaseException] = []

    async def prepare() -> None:
        assert settings.database_url is not None
        async with opened(settings.database_url, pool_size=2):
            found.append(await prepare_demo(settings, campaign, headless=headless))

    def run() -> None:
        try:
            asyncio.run(prepare())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="marlin-demo-data")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return found[0]


def _welcome(demo: Demo) -> None:
    screen = Console(soft_wrap=True, highlight=False)
    screen.print("\n[bold]Marlin is ready.[/bold] Each link signs you in; use a private window per role.\n")
    for role, link in demo.links.items():
        screen.print(f"  [bold]{role.value:<12}[/bold] {link}")
    screen.print("\nBegin as the contributor: take the example brief, prepare it, start the comparison.")
    screen.print("No model is at work here: the two arms play back scripts, which know the example's repository only.")
    screen.print("Ctrl-C stops Marlin; everything is kept.\n")


def _play_headless(settings: Settings, campaign: str, brief: str | None) -> None:
    result: dict[str, Any] = {}
    failure: list[BaseException] = []

    def tell_story(ready: Settings) -> None:
        demo = _in_background(ready, campaign, headless=True)

        def run() -> None:
            try:
                result.update(_story(ready, demo, brief))
            except BaseException as error:
                failure.append(error)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)  # the service's own way to stop

        threading.Thread(target=run, name="marlin-demo-story", daemon=True).start()

    run_up(settings, demo=True, on_ready=tell_story)
    if failure:
        raise failure[0]
    if not result:
        raise MarlinError("The story was interrupted.", hint="Run `marlin demo --headless` again.")
    print(json.dumps(result, indent=2))  # noqa: T201 - the summary is the command's output


def _story(settings: Settings, demo: Demo, brief: str | None) -> dict[str, Any]:
    contributor = Visitor.from_link(settings.base_url, demo.links[Role.CONTRIBUTOR])
    reviewer = Visitor.from_link(settings.base_url, demo.links[Role.REVIEWER])
    operator = Visitor.from_link(settings.base_url, demo.links[Role.OPERATOR])
    campaign_briefs = campaign_example_briefs(contributor, demo.campaign)
    name = brief or campaign_briefs[0]
    summary = play(
        contributor,
        reviewer,
        campaign=demo.campaign,
        example=name,
        follow_ups=[examples.load_brief(name).follow_up],
        judge=by_checks,
        report=lambda text: _screen.print(f"  {text}", highlight=False),
    )
    view = operator.get(f"/comparisons/{summary['comparison_id']}/operator")
    summary["provenance"] = [
        {"turn": side["turn"], "side": side["side"], **side["attempts"][-1]["provenance"]} for side in view["sides"]
    ]
    summary["campaign"] = demo.campaign
    summary["arms"] = view["arms"]
    summary["draw"] = view["draw"]
    return summary


def campaign_example_briefs(visitor: Visitor, slug: str) -> list[str]:
    """Names of the example briefs a campaign offers."""
    found = next(entry for entry in visitor.get("/campaigns", search=slug) if entry["slug"] == slug)
    return [example["name"] for example in visitor.get(f"/campaigns/{found['id']}")["example_briefs"]]


def by_checks(turn: dict[str, Any]) -> Verdict:
    """Prefer the side that passes more checks, then the smaller change; never knowing which arm it is."""
    merits = {}
    for side, rollout in turn["sides"].items():
        passed = sum(check["status"] == "passed" for check in rollout["checks"])
        size = rollout["diffstat"]["additions"] + rollout["diffstat"]["deletions"] if rollout["diffstat"] else 0
        merits[side] = (passed, -size)
    better = "A" if merits["A"] >= merits["B"] else "B"
    other = "B" if better == "A" else "A"
    lead = merits[better][0] - merits[other][0]
    strength = 1 if lead == 0 else 2 if lead == 1 else 3
    why = (
        f"side {better} passes {counted(merits[better][0], 'check')} and side {other} passes {merits[other][0]}, "
        f"with {-merits[better][1]} against {counted(-merits[other][1], 'changed line')}."
    )
    return Verdict(-strength if better == "A" else strength, why)


def free_port(host: str) -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
