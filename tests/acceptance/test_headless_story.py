"""`marlin demo --headless`: a brief, two turns that continue from the winner, a submission and its review."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MARLIN = str(Path(sys.executable).with_name("marlin"))


def run_marlin(env: dict[str, str], *arguments: str, timeout: float = 280) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    return subprocess.run([MARLIN, *arguments], env=env, capture_output=True, text=True, timeout=timeout, check=False)


@pytest.fixture(scope="module")
def summary(marlin_env: dict[str, str]) -> dict[str, Any]:
    """What the command printed."""
    done = run_marlin(marlin_env, "demo", "--headless")
    assert done.returncode == 0, done.stderr[-4000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_the_story_ends_in_an_accepted_preference_with_everything_on_record(
    summary: dict[str, Any], marlin_home: Path
) -> None:
    assert summary["status"] == "accepted"
    assert summary["campaign"] == "demo-headless", "it adds nothing to what people judge in a demo"
    assert summary["base_check"]["status"] == "passed"
    first, second = summary["turns"]
    commits = [*first["commits"].values(), *second["commits"].values()]
    assert all(re.fullmatch(r"[0-9a-f]{40}", commit) for commit in commits)
    assert len(set(commits)) == 4, "four rollouts, four different results"
    assert second["continued_from"] == first["preference"]["preferred"]
    for turn in (first, second):
        assert set(turn["outcomes"].values()) == {"completed"}
        for side in "AB":
            assert turn["diffstat"][side]["files"] > 0
            assert turn["patch_bytes"][side] > 0
    assert {entry["agent"]["name"] for entry in summary["provenance"]} == {"scripted"}
    assert all("host" in entry["sandbox"]["base_image"] for entry in summary["provenance"]), "it says what it stood on"
    _refs_hold_every_commit(marlin_home, summary["comparison_id"], commits)


def _refs_hold_every_commit(home: Path, comparison: str, commits: list[str]) -> None:
    mirrors = list((home / "workspaces" / "mirrors").glob("*/*.git"))
    assert len(mirrors) == 1
    listed = subprocess.run(
        [
            "git",
            "-C",
            str(mirrors[0]),
            "for-each-ref",
            "--format=%(refname) %(objectname)",
            f"refs/marlin/{comparison}",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert sorted(listed[1::2]) == sorted(commits)
    assert set(listed[0::2]) == {f"refs/marlin/{comparison}/{turn}/{side}" for turn in (1, 2) for side in "ab"}


def test_the_right_arm_wins_by_the_hidden_checks(summary: dict[str, Any]) -> None:
    first = summary["turns"][0]
    passed = {
        side: [check["status"] for check in checks if check["kind"] == "acceptance"]
        for side, checks in first["checks"].items()
    }
    winner = first["preference"]["preferred"]
    loser = "B" if winner == "A" else "A"
    assert set(passed[winner]) == {"passed"}
    assert "failed" in passed[loser], "the hasty arm passes the visible tests only"
    visible = [check for check in first["checks"][loser] if check["kind"] == "test_command"]
    assert [check["status"] for check in visible] == ["passed"]
    for side in "AB":
        lint = [check for check in first["checks"][side] if check["kind"] == "lint"]
        assert [check["status"] in ("passed", "warning") for check in lint] == [True], lint
