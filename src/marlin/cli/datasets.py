"""``marlin dataset``: build frozen datasets from accepted ratings; prove them whole; trace a row."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from marlin.cli.columns import folded, number, whole
from marlin.cli.dataset_places import held, pull_dataset, push_dataset
from marlin.cli.dataset_progress import Steps
from marlin.cli.loading import nothing_collected
from marlin.cli.output import visible
from marlin.counted import counted
from marlin.dataset_files import (
    DatasetDamagedError,
    DatasetUnreadableError,
    Manifest,
    find_row,
    read_manifest,
    require_place,
    seen_by,
    trace,
    verify,
)
from marlin.settings import get_settings

app = typer.Typer(
    no_args_is_help=True, help="Datasets: build them from accepted ratings, list, show, verify and copy them."
)
console = Console(soft_wrap=True, highlight=False)
progress_console = Console(stderr=True, soft_wrap=True, highlight=False)

Folder = Annotated[Path, typer.Argument(help="The dataset's folder.", metavar="PATH")]


@app.command()
def build(
    campaign: Annotated[str, typer.Argument(help="The campaign's slug.")],
    to: Annotated[
        str | None,
        typer.Option(help="Folder, or address as s3://bucket/path, for its folder (datasets/ in the data folder)."),
    ] = None,
    category: Annotated[list[str] | None, typer.Option(help="Only this kind of work, such as bug_fix; repeat.")] = None,
    turn: Annotated[list[int] | None, typer.Option(help="Only this turn; repeat.")] = None,
    label: Annotated[list[str] | None, typer.Option(help="Only preference, equal, both_bad or split; repeat.")] = None,
    min_strength: Annotated[int, typer.Option(help="Least strength of a preference, 1 to 3; ties stay.")] = 1,
    min_agreement: Annotated[float, typer.Option(help="Least share of people who say what the row says.")] = 0.0,
    min_reliability: Annotated[
        float, typer.Option(help="Least reliability of people whose ratings count, 0 to 1, as Agreement tells it.")
    ] = 0.0,
    keep_unestimated: Annotated[
        bool, typer.Option("--keep-unestimated", help="Count people without an estimate all the same.")
    ] = False,
    axis: Annotated[list[str] | None, typer.Option(help="Only where the sides differ on this axis; repeat.")] = None,
    licence: Annotated[
        list[str] | None, typer.Option(help="Only rows all of whose licences are among these, such as MIT; repeat.")
    ] = None,
    decontaminate: Annotated[
        list[Path] | None, typer.Option(help="Leave out what this list knows (JSON Lines as SWE-bench); repeat.")
    ] = None,
    whole_repositories: Annotated[
        bool, typer.Option("--whole-repositories", help="Leave out every repository of those lists.")
    ] = False,
    drop_near_duplicates: Annotated[
        bool, typer.Option("--drop-near-duplicates", help="Leave out rows that are nearly an earlier one.")
    ] = False,
    scrub_models: Annotated[
        bool, typer.Option("--scrub-models", help="Take names of agents and models out; arms become numbers.")
    ] = False,
    test_fraction: Annotated[float, typer.Option(help="Share of rows to hold out.")] = 0.1,
    seed: Annotated[str, typer.Option(help="Of the split.")] = "0",
    no_test_split: Annotated[bool, typer.Option("--no-test-split", help="Hold nothing out.")] = False,
) -> None:
    """Make a frozen dataset from a campaign's accepted ratings. The same inputs give the same bytes.

    A build that was killed, or ran out of room, goes on where it was when the same command is run again.

    marlin dataset build spring --min-strength 2 --category bug_fix
    """
    with nothing_collected():
        from marlin.cli.dataset_building import build_dataset

    away = to if to and "://" in to else None
    if away:
        require_place(away)
    folder = Path(to) if to and not away else get_settings().home / "datasets"
    made = build_dataset(
        campaign,
        folder,
        {
            "categories": tuple(category or ()),
            "turns": tuple(turn or ()),
            "labels": tuple(label or ()),
            "min_strength": min_strength,
            "min_agreement": min_agreement,
            "min_reliability": min_reliability,
            "keep_unestimated": keep_unestimated,
            "axes": tuple(axis or ()),
            "licences": tuple(licence or ()),
            "benchmarks": tuple(decontaminate or ()),
            "benchmark_repositories": whole_repositories,
            "drop_near_duplicates": drop_near_duplicates,
            "scrub_models": scrub_models,
            "seed": seed,
            "test_fraction": test_fraction,
            "test_split": not no_test_split,
        },
    )
    print_manifest(made.manifest)
    console.print(f"{'Built' if made.new else 'The same dataset was there already:'} {escape(str(made.path))}")
    if made.aside:
        console.print(f"[yellow]note:[/] what lay there was not whole; it is in {escape(str(made.aside))} now.")
    if made.held:
        what = "value may be a secret; rows with it", "values may be secrets; rows with them"
        console.print(
            f"[yellow]note:[/] {counted(len(made.held), *what)} are held until you decide: "
            f"marlin dataset held {escape(campaign)}"
        )
    if away:
        push_dataset(made.path, away)


@app.command("list")
def list_datasets(
    folder: Annotated[Path | None, typer.Option(help="Where they are (datasets/ in the data folder).")] = None,
) -> None:
    """List the datasets of a folder."""
    root = folder or get_settings().home / "datasets"
    table = Table(folded("dataset"), *map(number, ("rows", "pairs", "train", "test")), whole("synthetic"))
    for path in sorted(root.glob("*/dataset.json")) if root.is_dir() else []:
        try:
            found = read_manifest(path.parent)
        except (DatasetDamagedError, DatasetUnreadableError):
            table.add_row(_shown(path.parent.name), *[""] * 4, "[red]can't be read[/]")
            continue
        counts = Counter(found.counts | found.split.rows)
        table.add_row(
            _shown(path.parent.name),
            *(f"{counts[name]:,}" for name in ("rows", "pairs", "train", "test")),
            "yes" if found.synthetic else "",
        )
    if table.row_count:
        console.print(f"In {escape(str(root))}:")
    console.print(
        table if table.row_count else f"No datasets in {escape(str(root))}. Build one: marlin dataset build CAMPAIGN"
    )


@app.command()
def show(folder: Folder, as_json: Annotated[bool, typer.Option("--json", help="Print the manifest.")] = False) -> None:
    """Show what a dataset holds, and what was left out and why."""
    manifest = read_manifest(folder)
    if as_json:
        typer.echo(manifest.to_bytes().decode(), nl=False)
    else:
        print_manifest(manifest)


@app.command("verify")
def verify_dataset(
    folder: Folder,
    row: Annotated[str | None, typer.Option(help="Trace this row: commits, sandbox image, rubric, people.")] = None,
) -> None:
    """Prove that a dataset is whole: every file, its id, its frozen split. Exit status 5 if it is not."""
    total = sum(file.bytes for file in read_manifest(folder).files)
    with Steps(progress_console) as steps:
        steps.begin("hashing", "bytes", total)
        found = verify(folder, lambda read: steps.advance("hashing", read))
    if found.problems:
        raise DatasetDamagedError(
            f"{folder} is not whole: {'; '.join(found.problems)}.",
            hint="Copy it again from where it was whole, or build it.",
        )
    console.print(f"Whole: {counted(found.files, 'file')}, {counted(found.bytes, 'byte')}. Dataset {found.manifest.id}")
    if row is not None:
        split, content = find_row(folder, row)
        console.print_json(json.dumps({"split": split} | trace(content)))


app.command("held")(held)
app.command("push")(push_dataset)
app.command("pull")(pull_dataset)


def print_manifest(manifest: Manifest) -> None:
    if manifest.synthetic:
        console.print("[bold white on red] SYNTHETIC: simulated contributors, no real judgement [/]")
    counts = Counter(manifest.counts)  # another's may not tell all of them
    console.print(
        f"[bold]{_shown(manifest.name)}[/]: {counted(counts['rows'], 'row')} from "
        f"{counted(counts['ratings'], 'accepted rating')}; {counted(counts['pairs'], 'preference')}, "
        f"{_of_them(counts['trajectory_pairs'], counts['pairs'])}; {counted(counts['ties'], 'tie')}."
    )
    asked = _asked(manifest)
    if asked:
        console.print(f"Asked for: {_shown(asked)}.")
    table = Table(whole("view"), folded("reader"), number("train"), number("test"), folded("reader verified with"))
    for name, state in manifest.views.items():
        rows = Counter(state.rows)
        seen = _shown(seen_by(state.verified))
        table.add_row(_shown(name), _shown(state.reader), f"{rows['train']:,}", f"{rows['test']:,}", seen)
    console.print(table)
    if manifest.licences:
        licences = ", ".join(f"{_shown(name)} {rows:,}" for name, rows in manifest.licences.items())
        console.print(f"Rows by their licences: {licences}.")
    if manifest.left_out:
        left = Table("left out of", folded("why"), number("how many"))
        for one in manifest.left_out:
            left.add_row(_shown(one.scope), _shown(one.reason), f"{one.count:,}")
        console.print(left)
    if counts["pairs"] == 0:
        console.print("[yellow]note:[/] there is no preference in it: pairwise views are empty; kto, sft may not be.")
    console.print(f"[dim]{_shown(manifest.id)}[/]")


def _of_them(count: int, of: int) -> str:
    if count == of == 1:
        return "with its trajectories"
    return f"{count:,} of them with trajectories" if of != 1 else "without trajectories"


def _asked(manifest: Manifest) -> str:
    """Filters that keep anything out, in words; what people decided on held values as a number."""
    told = []
    for name, value in manifest.filters.items():
        words = name.replace("_", " ")
        if name == "decisions":
            told += [counted(len(value), "decision") + " on held values"] if value else []
        elif value is True:
            told.append(words)
        elif isinstance(value, list) and value:
            told.append(f"{words} {', '.join(map(str, value))}")
        elif isinstance(value, int | float) and value > (name == "min_strength"):
            told.append(f"{words} {value:g}")
    return "; ".join(told)


def _shown(text: str) -> str:
    return escape(visible(text))
