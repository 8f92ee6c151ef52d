"""The operator's first commands, as a shell runs them: init, people, campaign, arm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

_SHELL = """
import json, sys
from typer.testing import CliRunner
from marlin.cli import app
for line in sys.stdin:
    arguments, typed = json.loads(line)
    done = CliRunner().invoke(app, arguments, input=typed)
    print(json.dumps([done.exit_code, done.stdout, done.stderr]), flush=True)
"""


@dataclass(frozen=True)
class Done:
    """What a command printed."""

    stdout: str
    stderr: str


Marlin = Callable[..., Done]


@pytest.fixture
def marlin(database_url: str, tmp_path: Path) -> Iterator[Marlin]:
    """Run ``marlin`` on this test's database: in one process of its own, since loading it takes the most time."""
    environment = os.environ | {"DATABASE_URL": database_url, "MARLIN_HOME": str(tmp_path / "home"), "NO_COLOR": "1"}
    environment.pop("ACME_API_KEY", None)
    with subprocess.Popen(
        [sys.executable, "-c", _SHELL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as shell:
        assert shell.stdin is not None
        assert shell.stdout is not None
        sent, told = shell.stdin, shell.stdout

        def run(*arguments: str, stdin: str = "", status: int = 0) -> Done:
            sent.write(json.dumps([arguments, stdin]) + "\n")
            sent.flush()
            code, stdout, stderr = json.loads(told.readline())
            assert code == status, (arguments, stdout, stderr)
            return Done(stdout, stderr)

        yield run


def test_from_nothing_to_a_campaign_with_real_arms(marlin: Marlin) -> None:
    refused = marlin("init", status=2)
    assert "--no-password" in refused.stderr
    operator = ("--name", "Ada", "--email", "ada@example.org")
    weak = marlin("init", *operator, "--password-stdin", stdin="short\n", status=2)
    assert "12 characters" in weak.stderr
    marlin("init", *operator, "--password-stdin", stdin="an honest day of work\n")
    assert "already" in marlin("init").stdout
    people = json.loads(marlin("people", "list", "--json").stdout)
    assert [(person["email"], person["roles"]) for person in people] == [("ada@example.org", ["operator"])]
    assert "/invite#mrl_i_" in marlin("people", "invite", "--role", "contributor").stdout
    assert "/sign-in/link#mrl_l_" in marlin("people", "link", "Ada@example.org").stdout
    assert "last operator" in marlin("people", "roles", "ada@example.org", "reviewer", status=5).stderr

    assert "2 arms" in marlin("campaign", "create", "example:mission").stdout
    assert "already" in marlin("campaign", "create", "example:mission", status=5).stderr
    arm = (
        "arm",
        "add",
        "mission",
        "minimal",
        "--model",
        "m",
        "--upstream",
        "http://127.0.0.1:9/v1",
        "--api",
        "openai-chat",
    )
    key = marlin(*arm, "--key-env", "sk-ant-api03-AAAABBBBCCCC", status=2)
    assert "AAAABBBBCCCC" not in key.stdout + key.stderr
    assert "ACME_API_KEY is not set here" in marlin(*arm, "--key-env", "ACME_API_KEY").stdout
    assert "already" in marlin(*arm, "--key-env", "ACME_API_KEY", status=5).stderr
    marlin("arm", "rest", "mission", "hasty")
    arms = {arm["name"]: arm["active"] for arm in json.loads(marlin("arm", "list", "mission", "--json").stdout)}
    assert arms == {"careful": True, "hasty": False, "minimal-m": True}
    marlin("campaign", "pause", "mission")
    shown = json.loads(marlin("campaign", "show", "mission", "--json").stdout)
    assert shown["status"] == "paused"
    assert "hint" in marlin("campaign", "show", "nothing", status=3).stderr
