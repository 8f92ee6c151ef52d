"""``marlin dataset push``, ``pull`` and ``held``: datasets elsewhere, and what waits for a person."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from marlin.dataset_files import pull, push, read_manifest
from marlin.settings import get_settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from marlin.datasets import HeldStore

console = Console(soft_wrap=True, highlight=False)
progress_console = Console(stderr=True, soft_wrap=True, highlight=False)


def push_dataset(
    folder: Annotated[Path, typer.Argument(help="The dataset's folder.", metavar="PATH")],
    url: Annotated[str, typer.Argument(help="Where to: s3://bucket/path, hf://datasets/OWNER/NAME, or a folder.")],
) -> None:
    """Copy a dataset to an object store, the Hub or another folder.

    It is proved whole first; one that broke off goes on. Credentials are those that the store's own library finds.
    On the Hub it is one commit and a tag; the repository must exist.

    marlin dataset push FOLDER s3://models/datasets
    """
    total = sum(file.bytes for file in read_manifest(folder).files)
    with _progress() as bar:
        task = bar.add_task("copying", total=total)
        there = push(folder, url, lambda done: bar.update(task, advance=done))
    console.print(f"Copied to {escape(there)}")


def pull_dataset(
    url: Annotated[str, typer.Argument(help="The dataset's folder there, as push printed it.")],
    to: Annotated[Path | None, typer.Option(help="Folder for its folder (datasets/ in the data folder).")] = None,
) -> None:
    """Fetch a dataset from an object store or the Hub, and prove that it arrived whole."""
    from marlin.datasets import note_dataset

    folder = to or get_settings().home / "datasets"
    with _progress() as bar:
        task = bar.add_task("fetching", total=None)
        here = pull(url, folder, lambda done: bar.update(task, advance=done))
    note_dataset(get_settings().home, here)
    console.print(f"Whole: {escape(str(here))}")


def held(
    campaign: Annotated[str, typer.Argument(help="The campaign's slug.")],
    keep: Annotated[list[str] | None, typer.Option(help="It is no secret; leave it as it is. Repeat.")] = None,
    redact: Annotated[list[str] | None, typer.Option(help="Replace it in every dataset from now on. Repeat.")] = None,
    redact_all: Annotated[bool, typer.Option("--redact-all", help="Replace all that is undecided.")] = False,
    folder: Annotated[Path | None, typer.Option(help="Where the datasets are (datasets/ in the data folder).")] = None,
) -> None:
    """List values that may be secrets and hold rows back, or decide on them; then build again.

    marlin dataset held spring --keep 5158e0738f74 --redact-all
    """
    from marlin import accounts, campaigns
    from marlin.cli.database import in_transaction
    from marlin.datasets import HeldStore

    store = HeldStore(folder or get_settings().home / "datasets", campaign)
    kept, replaced = list(keep or ()), list(redact or ())
    if redact_all:
        replaced += [name for name, one in store.read().items() if not one["decision"] and name not in kept]

    async def note(session: AsyncSession) -> None:
        found = await campaigns.find_campaign(session, campaign)
        if kept or replaced:
            store.decide({**dict.fromkeys(replaced, "redact"), **dict.fromkeys(kept, "keep")}, getpass.getuser())
            details = {"kept": kept, "redacted": replaced}
            accounts.record_audit(session, None, "dataset.held_decided", f"campaign:{found.id}", details)

    in_transaction(note)
    _print_held(store, campaign)


def _print_held(store: HeldStore, campaign: str) -> None:
    table = Table("id", "assigned to", "value", "rows", "such as row", "decision")
    for name, one in sorted(store.read().items(), key=lambda entry: (bool(entry[1]["decision"]), entry[0])):
        row, decision = one["rows"][0] if one["rows"] else "", one["decision"] or "undecided"
        table.add_row(name, escape(one["name"]), escape(one["shown"]), f"{one['count']:,}", row, decision)
    console.print(table if table.row_count else f"Nothing is held for {escape(campaign)}.")


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=progress_console, transient=True)
