"""``marlin agent``: which agents can be had, and installing them into Marlin's own folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from marlin import agents
from marlin.agents import AgentNotInstalledError
from marlin.cli.columns import folded, whole
from marlin.counted import counted
from marlin.settings import get_settings

app = typer.Typer(no_args_is_help=True, help="Agents: list and install.")


@app.command("list")
def list_() -> None:
    """List the agents that Marlin ships, and whether they are installed."""
    folder = get_settings().home / "agents"
    table = Table(whole("agent"), *map(folded, ("version", "speaks", "installed", "what it is")))
    for spec in agents.shipped_specs():
        try:
            agents.find_installed(spec, folder)
            installed = "yes" if spec.install else "comes with Marlin"
        except AgentNotInstalledError:
            installed = f"no: marlin agent install {spec.name}"
        table.add_row(spec.name, spec.version, spec.api or "no model", installed, spec.description)
    Console().print(table)


@app.command()
def install(
    name: Annotated[str, typer.Argument(help="A shipped agent's name, or the path of your own spec (TOML).")],
) -> None:
    """Install an agent, in exactly the version its spec names. Harmless when repeated."""
    screen = Console(stderr=True, highlight=False)
    spec = agents.load_spec(name if not name.endswith(".toml") else Path(name))
    found = agents.install(spec, get_settings().home / "agents", lambda text: screen.print(f"  {text}"))
    typer.echo(f"{spec.name} {spec.version}: {counted(len(found.packages), 'package')} in {found.path}")
