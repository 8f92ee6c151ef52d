"""Recipes of base images: a name, a Debian release, packages, and a command that shows that the toolchain works.

A recipe is a TOML file. Marlin ships one per toolchain; an operator's own file is a new base image without code
(``docs/how-to/choose-base-images.md``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

from marlin.sandboxes.errors import LayerError
from marlin.sandboxes.images import HOST_VIEW

SHIPPED = Path(__file__).parent / "recipes"
"""The recipes that come with Marlin."""

_HINT = "Compare it with a shipped one: marlin image recipes debian."

IMAGE_NAME = r"^[a-z][a-z0-9.-]{0,39}$"
"""What base images may be called."""


def _not_reserved(name: str) -> str:
    if name == HOST_VIEW:
        raise ValueError(f"{HOST_VIEW} is the demo's view of this machine and can't be built or imported")
    return name


ImageName = Annotated[str, StringConstraints(pattern=IMAGE_NAME)]
_OwnName = Annotated[ImageName, AfterValidator(_not_reserved)]
_Package = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?(=[A-Za-z0-9.+:~-]+)?$")]
_Suite = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
_Line = Annotated[str, StringConstraints(pattern=r"^[^\r\n]{1,200}$")]


class Recipe(BaseModel):
    """How a base image is made, and how it shows that it is fit for use."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: _OwnName
    description: _Line
    suite: _Suite
    extends: ImageName | None = None
    """A shipped recipe whose packages come along."""
    packages: tuple[_Package, ...] = ()
    smoke: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
    """A shell script that must succeed in a sandbox on the image, in an empty folder and without a network."""

    @property
    def all_packages(self) -> tuple[str, ...]:
        """Its own packages and those of the recipes it extends, each once, in order."""
        inherited = shipped_recipe(self.extends).all_packages if self.extends else ()
        return tuple(sorted({*inherited, *self.packages}))

    def changed(self, *, packages: Sequence[str] = (), suite: str | None = None) -> Recipe:
        """The same with packages added, or for another Debian release.

        :raises LayerError: a package or a release can't be called so.
        """
        data = self.model_dump() | {"packages": (*self.packages, *packages), "suite": suite or self.suite}
        return _validated(data, f"The recipe {self.name} with these options")


def list_recipes() -> list[Recipe]:
    """The recipes that come with Marlin; ``debian``, which the others extend, first."""
    names = sorted((path.stem for path in SHIPPED.glob("*.toml")), key=lambda name: (name != "debian", name))
    return [shipped_recipe(name) for name in names]


def shipped_recipe(name: str) -> Recipe:
    """The shipped recipe of this name.

    :raises LayerError: there is none.
    """
    return read_recipe(_shipped_file(name))


def recipe_text(name: str) -> str:
    """The file of a shipped recipe, as it is.

    :raises LayerError: there is none.
    """
    return _shipped_file(name).read_text(encoding="utf-8")


def _shipped_file(name: str) -> Path:
    known = sorted(path.stem for path in SHIPPED.glob("*.toml"))
    if name not in known:
        raise LayerError(
            f"There is no recipe {name!r}.",
            hint=f"Shipped recipes: {', '.join(known)}. For an image of your own, name a recipe file (TOML).",
        )
    return SHIPPED / f"{name}.toml"


def described(name: str) -> str:
    """What is on the base image that a shipped recipe makes; empty for other names."""
    return next((recipe.description for recipe in list_recipes() if recipe.name == name), "")


def read_recipe(path: Path) -> Recipe:
    """The recipe in a file.

    :raises LayerError: it can't be read, or is no recipe; the message names the fields.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LayerError(f"There is no file {path}.", hint="Name a recipe file (TOML), or a shipped recipe.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LayerError(f"{path} can't be read as TOML: {error}", hint=_HINT) from error
    recipe = _validated(data, str(path))
    if recipe.extends is not None:
        shipped_recipe(recipe.extends)
    return recipe


def _validated(data: dict[str, Any], source: str) -> Recipe:
    try:
        return Recipe.model_validate(data)
    except ValidationError as error:
        told = [
            f"{'.'.join(map(str, item['loc'])) or 'as a whole'}: {item['msg'].removeprefix('Value error, ')}"
            for item in error.errors(include_input=False, include_url=False)
        ]
        raise LayerError(f"{source} is no recipe: {'; '.join(told)}", hint=_HINT) from error


def check_image_name(name: str) -> str:
    """``name``, if a base image may be called so.

    :raises LayerError: it may not.
    """
    if not re.fullmatch(IMAGE_NAME, name):
        raise LayerError(
            f"{name!r} is no name for a base image.",
            hint="Begin with a lower case letter; then up to 39 more, digits, dots and hyphens.",
        )
    if name == HOST_VIEW:
        raise LayerError(
            f"The name {HOST_VIEW} is reserved: it is the demo's view of this machine.",
            hint="Name an image that is built from a recipe, such as debian.",
        )
    return name
