"""The command line."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import typer

from marlin.cli.loading import LateGroup, Later
from marlin.cli.output import require_output, visible, written_out
from marlin.errors import InvalidInputError, MarlinError


class _Group(LateGroup):
    """Tells an error that Marlin raised on purpose in two lines, with its own exit status."""

    later: ClassVar = {
        "init": Later(
            "marlin.cli.init",
            "init",
            "Create the data folder and the tables, and the first operator. Running it again does no harm.",
        ),
        "up": Later(
            "marlin.cli.up",
            "up",
            "Start Marlin: the database (unless DATABASE_URL names one), the web service and a worker.",
        ),
        "worker": Later(
            "marlin.cli.worker",
            "worker",
            "Run jobs on this machine for a Marlin that runs elsewhere; DATABASE_URL and MARLIN_STORAGE_URL say where.",
        ),
        "doctor": Later(
            "marlin.cli.doctor",
            "doctor",
            "Say what this machine can and can't isolate, store, reach and run, with the fix.",
        ),
        "demo": Later(
            "marlin.cli.demo",
            "demo",
            "Start Marlin with a campaign of two scripted arms on a sample repository.",
        ),
        "simulate": Later(
            "marlin.cli.simulate",
            "simulate",
            "Play a campaign with simulated contributors over arms of known strength, through the public HTTP API.",
        ),
        "loop": Later(
            "marlin.cli.loop",
            "loop",
            "Go through the whole loop: judgement, dataset, tuning, and the tuned model against its parent.",
        ),
        "people": Later("marlin.cli.people", "app", "People: invite them, give them roles, let them sign in."),
        "campaign": Later("marlin.cli.campaigns", "app", "Campaigns: create them from files, list, show, pause."),
        "arm": Later("marlin.cli.arms", "app", "Arms: the agents within a campaign."),
        "question": Later(
            "marlin.cli.questions",
            "app",
            "Questions: plan, register, amend and show what a campaign is to find out.",
        ),
        "report": Later(
            "marlin.cli.report",
            "report",
            "Tell which arm of a campaign is better, how sure that is, and what the next dollar buys.",
        ),
        "tune": Later(
            "marlin.cli.tuned_arms",
            "app",
            "Tuning: check a dataset, train on it, say what was learnt. Needs the extra “tune”.",
        ),
        "dataset": Later(
            "marlin.cli.datasets",
            "app",
            "Datasets: build them from accepted ratings, list, show, verify and copy them.",
        ),
        "agent": Later("marlin.cli.agents", "app", "Agents: list and install."),
        "image": Later("marlin.cli.images", "app", "Base images: recipes, build, import, list, remove."),
        "jobs": Later("marlin.cli.jobs", "app", "Jobs: list what is queued, running and done; cancel."),
        "events": Later("marlin.cli.events", "app", "Events: move the logs of finished comparisons into storage."),
        "db": Later("marlin.cli.tables", "app", "The database: bring its tables up to date, check them."),
    }

    def invoke(self, ctx: Any) -> Any:
        try:
            with written_out():
                return super().invoke(ctx)
        except MarlinError as error:
            from rich.console import Console
            from rich.markup import escape

            screen = Console(stderr=True, soft_wrap=True, highlight=False)
            screen.print(f"[bold red]error:[/bold red] {escape(visible(error.message))}")
            if error.hint:
                screen.print(f"[bold]hint:[/bold]  {escape(visible(error.hint))}")
            raise typer.Exit(error.exit_code) from error


app = typer.Typer(
    cls=_Group,
    name="marlin",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # they could hold keys
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 done, 2 wrong input, 3 not found, 4 not allowed, 5 in conflict, 6 something is missing.",
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        from marlin import __version__

        typer.echo(f"marlin {__version__}")
        raise typer.Exit


_SERVICES = {"up", "worker"}
"""Commands whose log is read by operators; the others' is for when something goes wrong."""


@app.callback()
def marlin(
    context: typer.Context,
    log_level: Annotated[
        str | None,
        typer.Option(help="DEBUG, INFO, WARNING or ERROR (MARLIN_LOG_LEVEL; services INFO, others WARNING)."),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Marlin turns the judgement of professional engineers into training data for coding agents.

    Begin with `marlin demo`, or for real with `marlin init`, `marlin doctor` and `marlin up`.
    """
    from marlin import logging
    from marlin.settings import check_log_level, get_settings

    if context.invoked_subcommand not in _SERVICES:
        require_output()
    standard = get_settings().log_level if context.invoked_subcommand in _SERVICES else "WARNING"
    try:
        logging.configure(level=check_log_level(log_level or standard))
    except ValueError as error:
        raise InvalidInputError(f"There is no log level {log_level!r}.", hint=f"Choose one: {error}.") from error
