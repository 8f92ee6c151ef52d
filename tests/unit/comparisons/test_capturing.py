"""What is told of a change that is too large to be measured."""

from __future__ import annotations

from marlin.comparisons.capturing import UNLISTED_FOLDERS, unlisted
from marlin.workspaces import Changes


def test_a_measured_change_has_nothing_to_tell() -> None:
    assert unlisted(Changes([])) == []


def test_the_folders_that_are_not_listed_are_named() -> None:
    told = unlisted(Changes([], measured=False, unlisted={"vendor/": 120_000, "": 3}))
    assert [entry["path"] for entry in told] == ["", "vendor/", "files in the root"]
    assert "lines were not counted" in told[0]["reason"]
    assert told[1]["reason"] == "too large: 120,000 more changed files are not listed"


def test_ever_so_many_folders_are_summed_up() -> None:
    told = unlisted(Changes([], measured=False, unlisted={f"{number}/": 2 for number in range(UNLISTED_FOLDERS + 5)}))
    assert len(told) == UNLISTED_FOLDERS + 2
    assert told[-1] == {"path": "other folders", "reason": "too large: 10 more changed files are not listed"}
