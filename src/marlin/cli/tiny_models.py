"""``marlin tune tiny``: the base model of a demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from marlin.cli.doing import Doing
from marlin.cli.tune import Dataset, app, console, errors
from marlin.training import require_extra

__all__ = ["app"]


@app.command()
def tiny(
    dataset: Dataset,
    output: Annotated[Path, typer.Option(help="A folder; the model comes into one within, named by its hash.")],
    rounds: Annotated[int, typer.Option(min=1, max=100, help="The most rounds of 20 epochs.")] = 6,
    seed: Annotated[int, typer.Option(help="Of the weights and the order.")] = 1,
) -> None:
    """Make a tiny model from random weights that can call the dataset's tools: a parent to try tuning with, on a CPU.

    It imitates every result of the training split, whatever people thought of it, until its calls can be read; if they
    can't be after all rounds, it is refused and what it said is shown. It knows nothing else, and is for demos.

    marlin tune tiny datasets/loop --output models/tiny
    """
    require_extra()
    with Doing(errors) as doing:
        doing("loading the libraries")
        from marlin.training.tiny import taught, taught_before

        found = taught_before(output)
    if found is not None:
        console.print(f"It was made before: {escape(str(found.folder))}")
        return

    def say(words: str) -> None:
        doing.print(f"  {words}")
        doing("teaching")

    with Doing(errors) as doing:
        doing("loading torch and reading the dataset")
        found = taught(dataset, output, rounds=rounds, seed=seed, say=say)
    console.print(f"Wrote {escape(str(found.folder))} ({found.hash[:12]}), loss {found.loss:.3f}.")
