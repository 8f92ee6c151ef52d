"""``marlin dataset push``, ``pull`` and ``held``: datasets elsewhere, and what waits for a person."""

from __future__ import annotations

import getpass
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from marlin.cli.columns import folded, number, whole
from marlin.cli.dataset_progress import Steps
from marlin.cli.output import visible
from marlin.dataset_files import pull, push, read_manifest
from marlin.errors import InvalidInputError
from marlin.settings import get_settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from marlin.datasets.held import HeldValue, Values

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
    with Steps(progress_console) as steps:
        steps.begin("proving it whole", "bytes", total)

        def copied(done: int) -> None:
            steps.begin("copying", "bytes", total)
            steps.advance("copying", done)

        there = push(folder, url, copied, proving=lambda done: steps.advance("proving it whole", done))
    console.print(f"Copied to {escape(there)}")


def pull_dataset(
    url: Annotated[str, typer.Argument(help="The dataset's folder there, as push printed it.")],
    to: Annotated[Path | None, typer.Option(help="Folder for its folder (datasets/ in the data folder).")] = None,
) -> None:
    """Fetch a dataset from an object store or the Hub, and prove that it arrived whole."""
    from marlin.datasets import note_dataset

    folder = to or get_settings().home / "datasets"
    total = 0
    with Steps(progress_console) as steps:
        steps.begin("fetching", "bytes")

        def sized(size: int) -> None:
            nonlocal total
            total = size
            steps.begin("fetching", "bytes", total)

        def proved(done: int) -> None:
            steps.begin("proving it whole", "bytes", total)
            steps.advance("proving it whole", done)

        here = pull(url, folder, lambda done: steps.advance("fetching", done), sized=sized, proving=proved)
    note_dataset(get_settings().home, here)
    console.print(f"Whole: {escape(str(here))}")


def held(
    campaign: Annotated[str, typer.Argument(help="The campaign's slug.")],
    keep: Annotated[list[str] | None, typer.Option(help="It is no secret; leave it as it is. Repeat.")] = None,
    redact: Annotated[list[str] | None, typer.Option(help="Replace it in every dataset from now on. Repeat.")] = None,
    undecide: Annotated[list[str] | None, typer.Option(help="Take back what was decided on it. Repeat.")] = None,
    redact_all: Annotated[bool, typer.Option("--redact-all", help="Replace all that is undecided.")] = False,
    folder: Annotated[
        Path | None, typer.Option(help="Another folder with datasets, if Marlin knows none in it.")
    ] = None,
) -> None:
    """List values that may be secrets and hold rows back, or decide on them; then build again.

    The web app does the same: Operate, Datasets, Values that may be secrets.

    marlin dataset held spring --keep 5158e0738f74 --redact-all
    """
    from marlin import campaigns
    from marlin.cli.database import in_transaction
    from marlin.datasets import Said, decide_and_record, held_values, settle

    home = get_settings().home
    _require_one_answer(keep or (), redact or (), undecide or ())
    said = {name: Said("redact") for name in redact or ()} | {name: Said("keep") for name in keep or ()}
    said |= {name: Said(None) for name in undecide or ()}

    async def note(session: AsyncSession) -> None:
        found = await campaigns.find_campaign(session, campaign)
        await settle(home, found)
        waiting = held_values(home, campaign, folder)[0] if redact_all else {}
        all_said = {name: Said("redact") for name, one in waiting.items() if not one.decision} | said
        if all_said:
            await decide_and_record(session, home, found, all_said, by=getpass.getuser(), actor=None, folder=folder)

    in_transaction(note)
    values, problems = held_values(home, campaign, folder)
    _print_held(values, campaign)
    if problems:
        raise problems[0]


def _require_one_answer(*answers: Iterable[str]) -> None:
    times = Counter(name for said in answers for name in set(said))
    twice = next((name for name, count in times.items() if count > 1), None)
    if twice is not None:
        raise InvalidInputError(f"You say two things of {twice}.", hint="Keep it, redact it, or undecide it.")


def _print_held(values: Values, campaign: str) -> None:
    table = Table(
        whole("id"), *map(folded, ("assigned to", "value")), number("rows"), *map(folded, ("such as", "decision"))
    )
    for name, one in sorted(values.items(), key=lambda entry: (bool(entry[1].decision), entry[0])):
        decided = f"{one.decision}\n{one.by}" if one.decision else "undecided"
        cells = (one.name, one.shown, f"{one.count:,}", _such_as(one), decided)
        table.add_row(name, *(escape(visible(cell)) for cell in cells))
    console.print(table if table.row_count else f"Nothing is held for {escape(campaign)}.")


def _such_as(one: HeldValue) -> str:
    if not one.places:
        return one.rows[0] if one.rows else ""
    place = one.places[0]
    return f"{place.row}\n{place.where}\n{place.before.lstrip()}{one.shown[:3]}…{place.after.rstrip()}"
