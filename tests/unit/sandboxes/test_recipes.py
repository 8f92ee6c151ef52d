"""Recipes of base images, and where their packages come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from marlin.sandboxes import LayerError, check_image_name, described, list_recipes, read_recipe, shipped_recipe
from marlin.sandboxes.building import debian_sources
from marlin.sandboxes.recipes import SHIPPED, recipe_text

OWN = """
name = "ours"
description = "Ours"
suite = "trixie"
extends = "node"
packages = ["jq"]
smoke = "jq --version"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "ours.toml"
    path.write_text(text)
    return path


def test_every_shipped_recipe_stands_in_the_file_of_its_name() -> None:
    recipes = list_recipes()
    assert recipes[0].name == "debian"
    assert {recipe.name for recipe in recipes} == {path.stem for path in SHIPPED.glob("*.toml")}
    assert {"c", "debian", "go", "java", "node", "python", "rust"} <= {recipe.name for recipe in recipes}
    for recipe in recipes:
        assert recipe == shipped_recipe(recipe.name)
        assert described(recipe.name) == recipe.description


def test_every_shipped_recipe_can_fetch_sources_and_build_on_itself() -> None:
    for recipe in list_recipes():
        assert {"git", "python3", "ca-certificates"} <= set(recipe.all_packages), recipe.name


def test_an_own_recipe_extends_a_shipped_one(tmp_path: Path) -> None:
    recipe = read_recipe(write(tmp_path, OWN))
    assert set(recipe.all_packages) == {*shipped_recipe("node").all_packages, "jq"}
    more = recipe.changed(packages=["jq", "libpq-dev"], suite="forky")
    assert set(more.all_packages) == {*recipe.all_packages, "libpq-dev"}
    assert more.suite == "forky"
    assert described("ours") == ""


def test_a_printed_recipe_is_a_start_for_an_own_one(tmp_path: Path) -> None:
    text = recipe_text("go").replace('name = "go"', 'name = "our-go"')
    assert read_recipe(write(tmp_path, text)).all_packages == shipped_recipe("go").all_packages


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('name = "ours"', 'name = "host-view"', "name: host-view is the demo's view"),
        ('name = "ours"', 'name = "../ours"', "name: "),
        ('"jq"', '"jq; rm -rf /"', "packages.0: "),
        ('"jq"', '"--aptopt=x"', "packages.0: "),
        ('suite = "trixie"', 'suite = "-trixie"', "suite: "),
        ('extends = "node"', 'extends = "nix"', "There is no recipe 'nix'"),
        ('smoke = "jq --version"', "", "smoke: Field required"),
        ('smoke = "jq --version"', 'smoke = "x"\nmirror = "y"', "mirror: "),
        ('description = "Ours"', 'description = "a\\nb"', "description: "),
        ("packages = [", "packages = ", "can't be read as TOML"),
    ],
)
def test_what_is_no_recipe_says_which_field(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in OWN
    with pytest.raises(LayerError) as refused:
        read_recipe(write(tmp_path, OWN.replace(old, new)))
    assert told in refused.value.message
    assert refused.value.hint


def test_options_are_held_to_the_same_rules() -> None:
    with pytest.raises(LayerError, match="packages"):
        shipped_recipe("debian").changed(packages=["--simulate"])
    with pytest.raises(LayerError, match="suite"):
        shipped_recipe("debian").changed(suite="; true")


@pytest.mark.parametrize("name", ["", "Debian", "1st", "a/b", "..", "host-view", "x" * 41, "a\n", "-a"])
def test_some_names_no_image_can_have(name: str) -> None:
    with pytest.raises(LayerError) as refused:
        check_image_name(name)
    assert refused.value.hint


def test_another_release_comes_from_the_machines_own_debian_mirror(tmp_path: Path) -> None:
    (tmp_path / "apt").mkdir()
    (tmp_path / "apt/sources.list").write_text(
        "deb http://mirror.example.org/debian bookworm main\n"
        "deb http://mirror.example.org/debian bookworm-updates main\n"
        "deb http://mirror.example.org/security bookworm-security main contrib\n"
        "deb https://vendor.example.org/apt bookworm stable\n"
    )
    release = tmp_path / "os-release"
    release.write_text('ID=debian\nVERSION_CODENAME="bookworm"\n')
    assert [source.line for source in debian_sources("trixie", tmp_path)] == [
        "deb http://mirror.example.org/debian trixie main",
        "deb http://mirror.example.org/debian trixie-updates main",
        "deb http://mirror.example.org/security trixie-security main contrib",
    ]
    assert len(debian_sources("bookworm", tmp_path)) == 4
    release.write_text("ID=ubuntu\nVERSION_CODENAME=bookworm\n")
    assert {source.address.partition("/debian")[0] for source in debian_sources("trixie", tmp_path)} == {
        "http://deb.debian.org"
    }
