"""Lint of changed lines on real results, in real sandboxes, by the real linters."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.factories.results import LIMITS, Desk, open_desk

from marlin.comparisons.linting import Change, Lint, lint
from marlin.sandboxes import remove_tree

OLD = """import os
import sys


def first(values=[]):
    return os.path.join(*values)


def second():
    return sys.path
"""


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    home = Path(tempfile.mkdtemp(prefix="marlin-linting-"))
    async with open_desk(home) as opened:
        yield opened
    remove_tree(home)


async def linted(desk: Desk, change: Change) -> Lint:
    return await lint(desk.bench, change, sandbox_id=secrets.token_hex(10), limits=LIMITS)


async def test_only_what_the_change_brought_counts(desk: Desk) -> None:
    environment = await desk.environment({"app.py": OLD, "README.md": "hello\n"})
    moved = OLD.split("\n\n\n")
    change = await desk.change(
        environment,
        {
            # first() moves below second() with its mutable default; the last use of sys goes; an eval comes.
            "app.py": f"{moved[0]}\n\n\ndef second(text):\n    return eval(text)\n\n\n{moved[1]}\n",
            "README.md": "hello there\n",
            "web.ts": "export function f(a: number) {\n  debugger;\n  return a;\n}\n",
        },
    )
    found = await linted(desk, change)
    told = found.to_json()
    assert {(each["path"], each["line"], each["rule"], each["on_changed_line"]) for each in told["findings"]} == {
        ("app.py", 6, "S307", True),
        ("app.py", 2, "F401", False),
        ("web.ts", 2, "no-debugger", True),
    }
    assert (told["new"], told["elsewhere"], told["unlinted"]) == (3, 1, {".md": 1})
    assert found.status == "warning"
    assert found.summary() == "3 new findings, 1 of them on lines that it did not touch, no linter for .md"
    assert [(each["name"], each["rules"]) for each in told["linters"]] == [("ruff", "marlin"), ("oxlint", "marlin")]


async def test_the_bases_rules_apply_and_an_arm_cannot_relax_them(desk: Desk) -> None:
    rules = '[project]\nname = "x"\n\n[tool.ruff.lint]\nselect = ["T20"]\n'
    environment = await desk.environment({"pyproject.toml": rules, "app.py": "A = 1\n", "lib/ok.py": "B = 1\n"})
    wrote = {"app.py": "A = 1\nprint(A)\nimport os\n", "lib/ok.py": "B = 1\nprint(B)\n"}
    for relaxed in (
        {"pyproject.toml": rules.replace("T20", "E4")},
        {"ruff.toml": "lint.ignore = ['ALL']\n"},
        {"lib/.ruff.toml": "exclude = ['*']\n"},
        {"pyproject.toml": None},
    ):
        found = await linted(desk, await desk.change(environment, {**wrote, **relaxed}))
        told = found.to_json()
        assert [(each["path"], each["rule"]) for each in told["findings"]] == [
            ("app.py", "T201"),
            ("lib/ok.py", "T201"),
        ]
        assert told["rules_changed"] == list(relaxed)
        assert told["linters"][0]["rules"] == "repository"
    harmless = await desk.change(environment, {"pyproject.toml": rules.replace('"x"', '"y"'), "app.py": "A = 2\n"})
    told = (await linted(desk, harmless)).to_json()
    assert (told["rules_changed"], told["new"]) == ([], 0)


async def test_rules_that_this_linter_refuses_are_replaced_and_it_is_said(desk: Desk) -> None:
    environment = await desk.environment({"ruff.toml": 'required-version = "==0.0.1"\n', "app.py": "A = 1\n"})
    found = await linted(desk, await desk.change(environment, {"app.py": "A = 1\neval('A')\n"}))
    told = found.to_json()
    assert [each["rule"] for each in told["findings"]] == ["S307"]
    assert "rules could not be used" in told["linters"][0]["note"]
    assert "0.0.1" in told["linters"][0]["note"]


async def test_hostile_files_and_rules_change_nothing_and_break_nothing(desk: Desk) -> None:
    environment = await desk.environment({"ruff.toml": "fix = true\nunsafe-fixes = true\n", "-x.py": "A = 1\n"})
    change = await desk.change(
        environment,
        {
            "-x.py": "import os\n",
            "broken.py": "def (:\n",
            "odd\x1b[31m.py": "import os\n",
            "latin.py": b"# -*- coding: latin-1 -*-\nA = '\xe9'\nimport os\n",
            "large.py": "A = 1\n" * 200_000,
        },
    )
    found = await linted(desk, change)
    rules = {(each["path"], each["rule"]) for each in found.to_json()["findings"]}
    assert ("-x.py", "F401") in rules, "a fix would have removed it"
    assert ("broken.py", "invalid-syntax") in rules
    assert {path for path, _ in rules} <= {"-x.py", "broken.py", "latin.py"}
    assert (found.unread, found.unlinted.total()) == (2, 0)


async def test_files_without_a_linter_are_never_called_clean(desk: Desk) -> None:
    environment = await desk.environment({"main.go": "package main\n"})
    found = await linted(desk, await desk.change(environment, {"main.go": "package other\n", "Makefile": "all:\n"}))
    assert (found.status, found.summary()) == ("skipped", "no linter for Makefile, .go")
    nothing = await linted(desk, await desk.change(environment, {}))
    assert (nothing.status, nothing.summary()) == ("skipped", "nothing to lint")
