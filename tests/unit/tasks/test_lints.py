"""Remarks about a brief while it is written."""

from __future__ import annotations

import pytest

from marlin.tasks.lints import lint

GOOD = {
    "prompt": "Uploads above 2 GB fail with a 500. Stream them to disk instead of holding them in memory.",
    "acceptance_criteria": "A 3 GB upload succeeds with less than 200 MB of memory.",
    "category": "bug_fix",
    "source": "https://github.com/example/uploads",
    "test_command": "pytest -q",
}


def codes(**changes: str) -> list[str]:
    return [remark.code for remark in lint(**(GOOD | changes))]


def test_a_good_brief_draws_no_remark() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"prompt": "Do what pull request 12 does for uploads above two gigabytes, please."}, "mentions-pull-request"),
        ({"prompt": "You are an expert Python developer. Stream uploads to disk so they fit."}, "role-play"),
        ({"prompt": "Fix the upload"}, "too-short"),
        ({"prompt": "Do this:\n- on line 3 add x\n- on line 4 add y\n- on line 9 remove z now"}, "over-prescribed"),
        ({"acceptance_criteria": ""}, "no-acceptance-criterion"),
        ({"test_command": ""}, "no-test-command"),
        ({"prompt": ""}, "no-prompt"),
        ({"source": ""}, "no-source"),
        ({"category": "party"}, "no-category"),
    ],
)
def test_each_weakness_is_named(changes: dict[str, str], code: str) -> None:
    assert code in codes(**changes)


def test_errors_come_first_and_every_remark_says_what_to_do() -> None:
    remarks = lint(**(GOOD | {"prompt": "", "acceptance_criteria": "", "source": ""}))
    assert [remark.severity for remark in remarks] == ["error", "error", "warning"]
    assert all(remark.hint for remark in remarks)


def test_code_in_the_prompt_is_not_prose() -> None:
    assert "mentions-pull-request" not in codes(
        prompt="The log prints garbage for this input, fix the parser please:\n```\nthe PR 7\n```"
    )
