"""The command line."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from marlin import logging
from marlin.cli import agents, arms, campaigns, demo, doctor, images, init, jobs, people, tables, up
from marlin.errors import MarlinError
from marlin.settings import get_settings


class _Group(TyperGroup):
    """Tells an error that Marlin raised on purpose in two lines, with its own exit status."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except MarlinError as error:
            screen = Console(stderr=True, soft_wrap=True, highlight=False)
            screen.print(f"[bold red]error:[/bold red] {escape(error.message)}")
            if error.hint:
                screen.print(f"[bold]hint:[/bold]  {escape(error.hint)}")
            raise typer.Exit(error.exit_code) from error


app = typer.Typer(
    cls=_Group,
    name="marlin",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # they could hold keys
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 done, 2 wrong input, 3 not found, 4 not allowed, 5 in conflict, 6 something is missing.",
)


_SERVICES = {"up", "worker"}
"""Commands whose log is read by operators; the others' is for when something goes wrong."""


@app.callback()
def marlin(
    context: typer.Context,
    log_level: Annotated[
        str | None,
        typer.Option(help="DEBUG, INFO, WARNING or ERROR (MARLIN_LOG_LEVEL; services INFO, others WARNING)."),
    ] = None,
) -> None:
    """Marlin turns the judgement of professional engineers into training data for coding agents.

    Begin with `marlin demo`, or for real with `marlin init`, `marlin doctor` and `marlin up`.
    """
    standard = get_settings().log_level if context.invoked_subcommand in _SERVICES else "WARNING"
    logging.configure(level=(log_level or standard).upper())


app.command()(init.init)
app.command()(up.up)
app.command()(up.worker)
app.command()(doctor.doctor)
app.command()(demo.demo)
app.add_typer(people.app, name="people")
app.add_typer(campaigns.app, name="campaign")
app.add_typer(arms.app, name="arm")
app.add_typer(agents.app, name="agent")
app.add_typer(images.app, name="image")
app.add_typer(jobs.app, name="jobs")
app.add_typer(tables.app, name="db")
