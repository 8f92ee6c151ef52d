"""The mission's briefs, on real releases of real projects, from fetching to acceptance.

The second one takes longer; `MARLIN_TEST_BRIEFS=papermill-execution-metadata` runs it, too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.real_world import provide, remove

BRIEFS = ["mlflow-pip-injection", *os.environ.get("MARLIN_TEST_BRIEFS", "").split()]
MARLIN = str(Path(sys.executable).with_name("marlin"))


@pytest.fixture(scope="module")
def env() -> Iterator[dict[str, str]]:
    """The environment of a Marlin of its own, with a Debian image."""
    home = Path(tempfile.mkdtemp(prefix="marlin-mission-", dir="/var/tmp"))
    home.chmod(0o711)
    provide(home)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MARLIN_", "DATABASE_URL"))}
    yield {**clean, "MARLIN_HOME": str(home)}
    remove(home)


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("brief", BRIEFS)
def test_a_brief_is_prepared_compared_followed_up_and_accepted(env: dict[str, str], brief: str) -> None:
    command = [MARLIN, "demo", "--headless", "--campaign", "mission", "--brief", brief]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    summary: dict[str, Any] = json.loads(done.stdout)
    expected = tomllib.loads((resources.files("marlin.examples") / "briefs" / brief / "expected.toml").read_text())

    assert summary["status"] == "accepted"
    assert summary["base_check"]["status"] == "passed"
    first, second = summary["turns"]
    sides = {arm: side for side, arm in summary["arms"].items()}
    for arm, side in sides.items():
        checks = [check for check in first["checks"][side] if check["kind"] == "acceptance"]
        assert [check["status"] == "passed" for check in checks] == expected[arm], (arm, checks)
        compared = [
            "same" if now == before else "newly_passing" if now else "newly_failing"
            for before, now in zip(expected["base"], expected[arm], strict=True)
        ]
        assert [check["against_base"] for check in checks] == compared, (arm, checks)
        own = [check["status"] for check in first["checks"][side] if check["kind"].startswith("test_command")]
        assert set(own) == {"passed"}, "the visible tests tell nothing apart"
    assert first["preference"]["preferred"] == second["continued_from"] == sides["careful"]
    followed = [check for check in second["checks"][sides["careful"]] if check["kind"] != "size"]
    assert {check["status"] for check in followed} == {"passed"}, followed
    for side in "AB":
        assert second["outcomes"][side] == "completed"
        assert second["patch_bytes"][side] > first["patch_bytes"][sides["careful"]], "both went on from the better one"
    assert {entry["sandbox"]["base_image"].split()[0] for entry in summary["provenance"]} == {"debian"}
