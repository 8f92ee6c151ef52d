"""``marlin doctor``: what this machine can and can't isolate, store, reach and run, and what to do about it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from marlin.cli.findings import Finding, examine
from marlin.errors import UnavailableError
from marlin.settings import get_settings

_AREAS = {
    "isolate": "Isolate untrusted work",
    "store": "Store",
    "run": "Run",
    "reach": "Reach package registries (for set-up commands)",
}


def doctor(as_json: Annotated[bool, typer.Option("--json", help="The findings as JSON.")] = False) -> None:
    """Say what this machine can and can't isolate, store, reach and run, with the fix.

    Changes nothing. Exit status 6 if something that Marlin can't do without is missing.
    """
    found = asyncio.run(examine(get_settings()))
    missing = [one for one in found if one.required and not one.ok]
    if as_json:
        typer.echo(json.dumps({"ok": not missing, "findings": [asdict(one) for one in found]}, indent=2))
    else:
        _print(found)
    if missing:
        raise typer.Exit(UnavailableError.exit_code)


def _print(found: list[Finding]) -> None:
    screen = Console(highlight=False)
    for area, title in _AREAS.items():
        screen.print(f"\n[bold]{title}[/bold]")
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        for one in found:
            if one.area != area:
                continue
            mark = Text("ok", "green") if one.ok else Text("missing", "red") if one.required else Text("–", "yellow")
            said = Text(one.detail)
            if not one.ok and one.fix:
                said.append(f"\n→ {one.fix}", "bold")
            table.add_row(mark, one.name, said)
        screen.print(table)
    missing = sum(one.required and not one.ok for one in found)
    screen.print(f"\n[bold red]{missing} needed things are missing.[/]" if missing else "\n[green]Ready.[/green]")
