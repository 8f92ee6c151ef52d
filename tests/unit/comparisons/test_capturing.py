"""What is told of a change that is too large to be measured."""

from __future__ import annotations

from marlin.agents import PLACEHOLDER, Redactor
from marlin.comparisons.capturing import UNLISTED_FOLDERS, identity_in_names, told_of, unlisted
from marlin.workspaces import Changes, ChangeStatus, FileChange


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


def test_names_that_tell_who_made_them_are_counted() -> None:
    files = [
        FileChange("zephyr-nine.md", None, ChangeStatus.ADDED, 1, 0, False, "000000", "100644"),
        FileChange("src/zephyr-nine/old.py", None, ChangeStatus.MODIFIED, 1, 0, False, "100644", "100644"),
    ]
    found = identity_in_names(files, [".git/refs/heads/zephyr-nine"], ["zephyr-nine"])
    assert found == {"zephyr-nine": 2}, "the name that was there before is the repository's"


def test_a_branch_that_was_left_out_is_told_without_its_makers_name() -> None:
    redactor = Redactor(["zephyr-nine"])
    branch = {"path": ".git/refs/heads/claude/zephyr-nine", "reason": "other-branch", "detail": ""}
    assert told_of(branch, redactor) == {
        "path": f".git/refs/heads/{PLACEHOLDER}/{PLACEHOLDER}",
        "reason": "other branch",
    }
    file = {"path": "src/claude/x.py", "reason": "ignored", "detail": ""}
    assert told_of(file, redactor)["path"] == file["path"], "files are the work, and real repositories name vendors"
