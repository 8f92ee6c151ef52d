"""Ignore rules through a stack of layers mean what git says of the files that the overlay shows."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marlin.workspaces.ignoring import MOST_BYTES, RulesNotAppliedError, above, ignored

NAMES = st.sampled_from(["a", "b", "build", "z.log"])
FOLDER = st.lists(NAMES, max_size=2).map("/".join)
RULES = st.lists(
    st.sampled_from(["*.log", "build/", "!z.log", "!y.log", "/a", "b/", "**/build", "a/*", "# c", "b", "!build/"]),
    max_size=3,
).map("\n".join)
LAYER = st.dictionaries(FOLDER, st.one_of(RULES, st.just("deleted"), st.just("opaque"), st.just("folder")), max_size=4)


def _write(layer: Path, wish: dict[str, str]) -> None:
    """A layer as overlayfs writes it: rules, whiteouts of rules, opaque folders."""
    layer.mkdir()
    for folder, what in wish.items():
        (layer / folder).mkdir(parents=True, exist_ok=True)
        rules = layer / folder / ".gitignore"
        if what == "deleted":
            os.mknod(rules, stat.S_IFCHR | 0o600, os.makedev(0, 0))
        elif what == "opaque":
            os.setxattr(layer / folder, "trusted.overlay.opaque", b"y")
        elif what != "folder":
            rules.write_text(what)


def _merge(layers: list[dict[str, str]]) -> dict[str, str]:
    """Reference: the rules per folder, from the bottom layer up."""
    shown: dict[str, str] = {}
    for wish in layers:
        for folder, what in wish.items():
            if what == "opaque":
                below = folder + "/" if folder else ""
                shown = {f: r for f, r in shown.items() if f != folder and not f.startswith(below)}
        for folder, what in wish.items():
            if what == "deleted":
                shown.pop(folder, None)
            elif what not in ("opaque", "folder"):
                shown[folder] = what
    return shown


def _ask_git(home: Path, shown: dict[str, str], files: set[str]) -> set[str]:
    tree = home / "whole"
    tree.mkdir()
    for path in files:
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text("")
    for folder, rules in shown.items():
        (tree / folder).mkdir(parents=True, exist_ok=True)
        (tree / folder / ".gitignore").write_text(rules)
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    said = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin", "-z"],
        input="\0".join(sorted(files)).encode(),
        cwd=tree,
        capture_output=True,
        check=False,
    )
    assert said.returncode in (0, 1), said.stderr
    return {path.decode() for path in said.stdout.split(b"\0")[:-1]}


@settings(max_examples=40, deadline=None)
@given(st.lists(LAYER, min_size=1, max_size=3), st.sets(st.lists(NAMES, min_size=1, max_size=3).map(tuple), max_size=6))
def test_layers_are_read_as_the_overlay_shows_them(layers: list[dict[str, str]], new: set[tuple[str, ...]]) -> None:
    files = {"/".join([*parts, "file.py"]) for parts in new} | {"y.log", "build/out"}
    with TemporaryDirectory() as folder:
        home = Path(folder)
        for number, wish in enumerate(layers):
            _write(home / str(number), wish)
        stack = [home / str(number) for number in reversed(range(len(layers)))]
        found = ignored(stack, (f.encode() for f in files), set(), home / "scratch", seconds=10)
        assert {path.decode() for path in found if path.decode() in files} == _ask_git(home, _merge(layers), files)
        assert not (home / "scratch").exists()


def test_a_workspace_that_was_a_file_hides_the_rules_below(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below/.gitignore").write_text("*")
    (tmp_path / "middle").write_text("a file where the workspace was")
    stack = [tmp_path / "missing", tmp_path / "middle", tmp_path / "below"]
    assert ignored(stack, [b"new.py"], set(), tmp_path / "scratch", seconds=10) == set()


def test_rules_too_large_are_not_applied_and_leave_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "layer").mkdir()
    (tmp_path / "layer/.gitignore").write_bytes(b"x\n" * MOST_BYTES)
    with pytest.raises(RulesNotAppliedError, match="too large"):
        ignored([tmp_path / "layer"], [b"new.py"], set(), tmp_path / "scratch", seconds=10)
    assert not (tmp_path / "scratch").exists()


def test_the_folders_above_a_path() -> None:
    assert above(b"a/b/c.py") == [b"a", b"a/b"]
    assert above(b"c.py") == []
