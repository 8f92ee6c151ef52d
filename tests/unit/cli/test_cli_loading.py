"""Commands are imported when they are called, and what stands for them says what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer
from typer.testing import CliRunner

from marlin import __version__
from marlin.cli import app
from marlin.cli.loading import LateGroup, flowing

GROUP = typer.main.get_command(app)
assert isinstance(GROUP, LateGroup)

STAY_OUT = (
    ("people campaigns arms jobs events tables init agents images", "fastapi numpy scipy torch"),
    ("worker questions report datasets dataset_building tuned_arms tune", "fastapi scipy.optimize torch transformers"),
)
"""Modules of commands, and what takes long to import and none of them needs. Each row allows what the next ones do, so
that one process can tell them all."""


@pytest.mark.parametrize("name", list(GROUP.later))
def test_a_command_says_of_itself_what_the_list_says_of_it(name: str) -> None:
    loaded = GROUP.later[name].load(name)
    assert loaded.name == name
    assert " ".join((loaded.help or "").split("\n\n")[0].split()) == GROUP.later[name].summary


def _leaves(command: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    below = getattr(command, "commands", {})
    for name, one in below.items():
        yield from _leaves(one, (*path, name))
    if not below:
        yield path


@pytest.mark.parametrize("name", list(GROUP.later))
def test_no_name_of_an_option_is_cut_at_eighty_columns(name: str) -> None:
    for path in _leaves(GROUP.later[name].load(name), (name,)):
        shown = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "80"}).output
        assert not re.findall(r".*\w…  .*", shown), path


def test_help_flows_whatever_the_width_and_each_example_keeps_a_line() -> None:
    assert flowing("One\nparagraph.\n\nAnother,\nof two lines.\n\nmarlin a\nmarlin b") == (
        "One paragraph.\n\nAnother, of two lines.\n\nmarlin a\nmarlin b"
    )
    shown = CliRunner().invoke(app, ["tune", "register", "--help"], env={"COLUMNS": "80"}).output
    assert "holds its hash, and with a call of a declared tool" in shown
    assert "{CAMPAIGN}" in CliRunner().invoke(app, ["report", "--help"]).output


def test_help_imports_no_command() -> None:
    program = (
        "import sys, typer\n"
        "from marlin.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "heavy = {'sqlalchemy', 'fastapi', 'dbos', 'marlin.db', 'marlin.sandboxes'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "doctor" in done.stdout


def test_nothing_is_collected_while_a_command_is_imported_and_garbage_is_again_afterwards() -> None:
    program = (
        "import gc\n"
        "from marlin.cli.loading import Later\n"
        "seen = []\n"
        "gc.callbacks.append(lambda phase, of: seen.append(phase))\n"
        "Later('marlin.cli.people', 'app', '').load('people')\n"
        "assert len(seen) < 20, len(seen)\n"  # of what typer makes of it; an import causes hundreds
        "assert gc.isenabled() and gc.get_freeze_count() > 100_000\n"
        "try: Later('marlin.cli.nothing', 'app', '').load('nothing')\n"
        "except ImportError: pass\n"
        "assert gc.isenabled()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_commands_and_workers_import_nothing_heavy_that_they_do_not_need() -> None:
    rows = [([f"marlin.cli.{name}" for name in names.split()], heavy) for names, heavy in STAY_OUT]
    program = (
        "import importlib, sys\n"
        "for modules, heavy in ROWS:\n"
        "    for name in modules:\n"
        "        importlib.import_module(name)\n"
        "        loaded = set(heavy.split()) & set(sys.modules)\n"
        "        assert not loaded, (name, loaded)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"ROWS = {rows}\n{program}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_an_unknown_command_is_refused_and_a_known_one_shows_its_own_help() -> None:
    refused = CliRunner().invoke(app, ["dance"])
    assert refused.exit_code == 2
    assert "No such command" in refused.output
    shown = CliRunner().invoke(app, ["campaign", "create", "--help"])
    assert shown.exit_code == 0
    assert "campaign file" in shown.output


def test_it_tells_its_version() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert (done.exit_code, done.output) == (0, f"marlin {__version__}\n")
