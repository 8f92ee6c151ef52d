"""The shops' tests tell a change that mends a sum from one that only looks like work."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from marlin import examples
from marlin.examples.errors import ExampleNotFoundError
from marlin.examples.shops import FILE, SHOPS, SUMS, Sum, asked_for, shop_briefs, shop_of


def passes(folder: Path, command: str) -> bool:
    words = shlex.split(command)
    assert words[0] == "python3"
    done = subprocess.run([sys.executable, *words[1:]], cwd=folder, capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.parametrize("sum_", SUMS, ids=lambda one: one.name)
def test_a_sum_fails_before_and_after_being_busy_and_passes_when_it_is_mended(sum_: Sum, tmp_path: Path) -> None:
    examples.repository_commit("shop-bakery", tmp_path)
    command = examples.load_brief(f"shop-bakery-{sum_.name}").test_command
    base = (tmp_path / FILE).read_text()
    assert base.count(sum_.wrong) == 1, "an edit names it exactly"
    found = []
    for change in (sum_.wrong, sum_.busy, sum_.right):
        (tmp_path / FILE).write_text(base.replace(sum_.wrong, change))
        found.append(passes(tmp_path, command))
    assert found == [False, False, True]


def test_a_shop_is_the_same_on_every_machine_and_no_other_shop(tmp_path: Path) -> None:
    first = examples.repository_commit("shop-forge", tmp_path / "one")
    assert first == examples.repository_commit("shop-forge", tmp_path / "two")
    assert first != examples.repository_commit("shop-dairy", tmp_path / "three")
    with pytest.raises(ExampleNotFoundError):
        examples.repository_commit("shop-../../etc", tmp_path / "four")


def test_every_brief_of_a_shop_is_found_by_its_name_and_its_sum_by_the_request() -> None:
    names = shop_briefs()
    assert len(names) == len(set(names)) == len(SHOPS) * len(SUMS)
    briefs = [examples.load_brief(name) for name in names]
    assert len({brief.prompt for brief in briefs}) == len(names), "equal words would tie shops together in a split"
    for name, brief in zip(names, briefs, strict=True):
        found = shop_of(name)
        assert found is not None
        assert asked_for(brief.prompt) == found[1]
        assert brief.source == f"example:shop-{found[0]}"
        assert examples.has_brief(name)
    assert not examples.has_brief("shop-bakery-nothing")
    assert not set(names) & set(examples.list_briefs()), "people are offered none of them"
