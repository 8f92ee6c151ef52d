"""``marlin image``: the base images of this machine's sandboxes, and the recipes they are built from."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import campaigns, tasks
from marlin.cli.columns import folded, number, whole
from marlin.cli.database import in_transaction
from marlin.db.hosting import make_home
from marlin.errors import ConflictError, InvalidInputError, MarlinError, NotFoundError
from marlin.sandboxes import (
    Layer,
    LayerStore,
    build_image,
    check_image_name,
    import_image,
    list_recipes,
    open_backend,
    pinned_image,
    pinned_images,
    read_facts,
    read_recipe,
    recipe_text,
    sandboxes_live,
    shipped_recipe,
    try_image,
)
from marlin.settings import get_settings

app = typer.Typer(no_args_is_help=True, help="Base images: recipes, build, import, list, remove.")
_UNPRINTABLE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_screen = Console(stderr=True, highlight=False, soft_wrap=True)


def _store() -> LayerStore:
    settings = get_settings()
    make_home(settings.home)
    return LayerStore(settings.home / "layers")


@app.command()
def build(
    recipe: Annotated[
        str, typer.Argument(help="A recipe that ships with Marlin, or a recipe file of your own (FILE.toml).")
    ] = "debian",
    name: Annotated[str | None, typer.Option(help="What campaigns call it; the recipe's name by default.")] = None,
    package: Annotated[list[str] | None, typer.Option(help="A Debian package to add; repeat for more.")] = None,
    suite: Annotated[str | None, typer.Option(help="Another Debian release than the recipe's.")] = None,
) -> None:
    """Build a base image from this machine's apt sources (1 to 5 minutes), and try its toolchain in a sandbox.

    Packages, versions and digest are recorded. An image never changes: a newer one needs a name of its own.
    """
    found = read_recipe(Path(recipe)) if recipe.endswith(".toml") or "/" in recipe else shipped_recipe(recipe)
    found = found.changed(packages=package or (), suite=suite)
    store, image_name = _store(), check_image_name(name or found.name)
    known = pinned_image(store, image_name) is not None
    layer = build_image(
        store, found, name=image_name, progress=lambda text: _screen.print(f"  {escape(text)}", markup=True)
    )
    if known:
        _screen.print("  It was built before.")
    try:
        _try(layer)
    except MarlinError:
        if not known:
            store.remove(layer.name)
        raise
    typer.echo(f"{layer.name}: {read_facts(layer).get('digest')}")


@app.command("import")
def import_(
    name: Annotated[str, typer.Argument(help="What campaigns call it.")],
    archive: Annotated[Path, typer.Argument(help="A tar archive of a root tree (as from mmdebstrap or a container).")],
) -> None:
    """Make a base image of a root tree in a tar archive."""
    if not archive.is_file():
        raise InvalidInputError(f"There is no file {archive}.", hint="Name a tar archive of a root tree.")
    with archive.open("rb") as file:
        layer = import_image(_store(), name, file, source=str(archive.name))
    typer.echo(f"{name}: {read_facts(layer).get('digest')}")


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="The image.")],
    archive: Annotated[Path, typer.Argument(help="The file to write: a tar archive, compressed by zstd.")],
) -> None:
    """Write a base image to a file, to import the very same one on another worker."""
    store = _store()
    layer = _known(store, name)
    try:
        with archive.open("xb") as file:
            store.pack(layer, file)
    except FileExistsError as error:
        raise InvalidInputError(f"There is a file {archive} already.", hint="Name a new one.") from error
    typer.echo(f"{archive}: {archive.stat().st_size / 1e6:.0f} MB, {read_facts(layer).get('digest')}")


@app.command()
def check(name: Annotated[str, typer.Argument(help="The image.")]) -> None:
    """Run the smoke script of an image's recipe in a sandbox on it."""
    layer = _known(_store(), name)
    if not read_facts(layer).get("smoke"):
        raise InvalidInputError(
            f"No smoke script was recorded for base image {name!r}.",
            hint="Only images that are built from a recipe have one.",
        )
    _try(layer)


def _try(layer: Layer) -> None:
    """:raises SandboxError: the smoke script failed. :raises UnsupportedHostError: no sandbox can be had here."""
    smoke = read_facts(layer).get("smoke")
    if not isinstance(smoke, str):
        return
    _screen.print("  trying it in a sandbox…")

    async def run() -> str:
        backend = open_backend(get_settings().home)
        try:
            return await try_image(backend, layer, smoke)
        finally:
            await backend.close()

    for line in _UNPRINTABLE.sub("", asyncio.run(run())).strip().splitlines()[-20:]:
        _screen.print(f"  | {escape(line)}")
    _screen.print("  its smoke script passed")


@app.command("list")
def list_() -> None:
    """List this machine's base images, and which campaigns use them."""
    store = _store()
    table = Table(
        whole("image"), "kind", "digest", number("size"), folded("built"), folded("campaigns"), number("environments")
    )
    uses, environments, problem = _uses()
    images = pinned_images(store)
    for name, layer in images.items():
        facts = read_facts(layer)
        kind = f"{facts.get('kind')} {facts['suite']}" if facts.get("suite") else str(facts.get("kind"))
        size = facts["bytes"] if "bytes" in facts else store.disk_usage(name)
        row = (name, kind, str(facts.get("digest"))[:19], f"{size / 1e6:.0f} MB", str(facts.get("built", ""))[:10])
        used = ("?", "?") if problem else (", ".join(uses.get(name, [])), str(environments.get(name, 0)))
        table.add_row(*row, *used)
    Console().print(table)
    if problem:
        _screen.print(f"Which campaigns use them is not known: {escape(problem)}")
    lacking = {name: slugs for name, slugs in uses.items() if name not in images and name != "host-view"}
    for name, slugs in lacking.items():
        _screen.print(f"Not on this machine: {name} (used by {', '.join(slugs)}).")


def _uses() -> tuple[Mapping[str, list[str]], Mapping[str, int], str]:
    """Campaigns and number of environments by image; and why they aren't known, when they aren't."""

    async def work(session: AsyncSession) -> tuple[Mapping[str, list[str]], Mapping[str, int]]:
        return await campaigns.campaigns_by_image(session), await tasks.environments_by_image(session)

    try:
        return *in_transaction(work), ""
    except MarlinError as error:
        return {}, {}, error.message


@app.command()
def recipes(
    name: Annotated[str | None, typer.Argument(help="Print this one: a start for a recipe of your own.")] = None,
) -> None:
    """List the recipes that ship with Marlin, or print one."""
    if name is not None:
        typer.echo(recipe_text(name), nl=False)
        return
    store, table = _store(), Table("recipe", "release", "what is on it", "packages", "built here")
    for recipe in list_recipes():
        built = "yes" if pinned_image(store, recipe.name) else ""
        table.add_row(recipe.name, recipe.suite, recipe.description, str(len(recipe.all_packages)), built)
    Console().print(table)


@app.command()
def remove(name: Annotated[str, typer.Argument(help="The image.")]) -> None:
    """Remove a base image from this machine, unless a campaign or an environment uses it."""
    store = _store()
    layer = _known(store, name)

    async def work(session: AsyncSession) -> tuple[list[str], int]:
        uses: dict[str, Any] = dict(await campaigns.campaigns_by_image(session))
        return uses.get(name, []), (await tasks.environments_by_image(session)).get(name, 0)

    slugs, environments = in_transaction(work)
    if slugs or environments:
        users = [f"campaign{'s' if len(slugs) > 1 else ''} {', '.join(slugs)}"] if slugs else []
        users += [f"{environments} environment{'s' if environments > 1 else ''}"] if environments else []
        raise ConflictError(
            f"The base image {name!r} is used by {' and '.join(users)}.",
            hint="Close those campaigns first. An image with environments stays: their comparisons stand on it.",
        )
    if live := sandboxes_live(get_settings().home):
        raise ConflictError(
            f"{live} sandbox{'es are' if live > 1 else ' is'} open on this machine, and one may stand on the image.",
            hint="Wait until they are done, or stop the worker, and remove it then.",
        )
    store.remove(layer.name)
    typer.echo(f"{name} is removed.")


def _known(store: LayerStore, name: str) -> Layer:
    layer = pinned_image(store, check_image_name(name))
    if layer is None:
        raise NotFoundError(f"There is no base image {name!r} on this machine.", hint="`marlin image list` shows them.")
    return layer
