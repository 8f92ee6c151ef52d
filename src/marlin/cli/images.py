"""``marlin image``: the base images of this machine's sandboxes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from marlin.errors import InvalidInputError
from marlin.sandboxes import DEFAULT_PACKAGES, LayerStore, debian, import_image, read_facts
from marlin.settings import get_settings
from marlin.up import make_home
from marlin.workbench import IMAGE_NAMES

app = typer.Typer(no_args_is_help=True, help="Base images: build, import, list.")


def _store() -> LayerStore:
    settings = get_settings()
    make_home(settings.home)
    return LayerStore(settings.home / "layers")


@app.command()
def build(
    name: Annotated[str, typer.Argument(help="What campaigns call it.")] = "debian",
    package: Annotated[list[str] | None, typer.Option(help="A Debian package to add; repeat for more.")] = None,
    suite: Annotated[str, typer.Option(help="Debian release.")] = "bookworm",
) -> None:
    """Build a minimal Debian from this machine's apt sources (1 to 3 minutes). Its packages and digest are recorded."""
    screen = Console(stderr=True, highlight=False)
    packages = (*DEFAULT_PACKAGES, *(package or ()))
    layer = debian(
        _store(), packages=packages, suite=suite, name=_known(name), progress=lambda text: screen.print(f"  {text}")
    )
    typer.echo(f"{name}: {read_facts(layer).get('digest')}")


@app.command("import")
def import_(
    name: Annotated[str, typer.Argument(help="What campaigns call it.")],
    archive: Annotated[Path, typer.Argument(help="A tar archive of a root tree (as from mmdebstrap or a container).")],
) -> None:
    """Make a base image of a root tree in a tar archive."""
    if not archive.is_file():
        raise InvalidInputError(f"There is no file {archive}.", hint="Name a tar archive of a root tree.")
    with archive.open("rb") as file:
        layer = import_image(_store(), _known(name), file, source=str(archive.name))
    typer.echo(f"{name}: {read_facts(layer).get('digest')}")


@app.command("list")
def list_() -> None:
    """List this machine's base images."""
    store, table = _store(), Table("image", "kind", "digest")
    for name in IMAGE_NAMES:
        if store.exists(name):
            facts = read_facts(store.get(name))
            table.add_row(name, str(facts.get("kind")), str(facts.get("digest")))
    Console().print(table)


def _known(name: str) -> str:
    if name not in IMAGE_NAMES:
        raise InvalidInputError(
            f"Campaigns know no base image {name!r}.", hint=f"Choose one of: {', '.join(IMAGE_NAMES)}."
        )
    return name
