"""What an operator gets wrong in the environment is said in a line, and never repeated: it may be a secret."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from marlin.settings import Settings


def marlin(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "marlin", *arguments],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("MARLIN_PORT", "99999", "MARLIN_PORT can't be used: Input should be less than or equal to 65535."),
        ("MARLIN_GIT_TOKENS", '["token-in-clear"]', "MARLIN_GIT_TOKENS can't be used"),
        ("MARLIN_GIT_TOKENS", "token-in-clear", "MARLIN_GIT_TOKENS is not JSON."),
        ("MARLIN_LOG_LEVEL", "chatty", "MARLIN_LOG_LEVEL can't be used: it is one of DEBUG, INFO, WARNING, ERROR."),
        ("MARLIN_WORKER_CONCURRENCY", "0", "MARLIN_WORKER_CONCURRENCY can't be used"),
    ],
)
def test_a_variable_that_says_nothing_usable_is_named(variable: str, value: str, said: str) -> None:
    done = marlin("agent", "list", **{variable: value})
    assert done.returncode == 2
    assert said in done.stderr
    assert "settings.md" in done.stderr
    assert "Traceback" not in done.stderr
    assert "token-in-clear" not in done.stderr + done.stdout


def test_an_unknown_log_level_is_refused() -> None:
    done = marlin("--log-level", "bogus", "agent", "list")
    assert done.returncode == 2
    assert "There is no log level 'bogus'." in done.stderr


def test_a_port_beyond_the_last_is_refused_instead_of_taken_modulo() -> None:
    done = marlin("up", "--port", "99999")
    assert done.returncode == 2
    assert "--port" in done.stderr


def test_an_empty_variable_is_one_that_is_not_set_and_a_relative_home_is_made_absolute(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MARLIN_HOME", "")
    assert Settings().home.is_absolute()
    assert Settings().home != Path.cwd()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MARLIN_HOME", "data")
    assert Settings().home == tmp_path / "data"
    assert Settings().storage == (tmp_path / "data/storage").as_uri()
