"""A test command that writes JUnit XML: run on a base and on a result, what changed per test comes from the reports."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path

from tests.factories.results import LIMITS, open_desk

from marlin.sandboxes import remove_tree
from marlin.tasks import outcomes_data
from marlin.tasks.workbench import CommandRun

# A runner that says nothing about its tests but a report.
RUNNER = """
import pathlib, sys
tests = dict(line.split() for line in pathlib.Path("tests.txt").read_text().splitlines())
cases = "".join(
    f'<testcase classname="shop" name="{name}">{"" if result == "ok" else "<failure/>"}</testcase>'
    for name, result in tests.items()
)
pathlib.Path("build").mkdir(exist_ok=True)
pathlib.Path("build/report.xml").write_text(f"<testsuite>{cases}</testsuite>")
print("done")
sys.exit("broken" in tests.values())
"""


async def test_what_changed_per_test_comes_from_the_reports_of_base_and_result() -> None:
    home = Path(tempfile.mkdtemp(prefix="marlin-reports-"))
    async with open_desk(home) as desk:

        async def run(tests: str) -> CommandRun:
            environment = await desk.environment({"runner.py": RUNNER, "tests.txt": tests})
            return await desk.bench.run_command(
                environment,
                "python3 runner.py",
                sandbox_id=secrets.token_hex(10),
                files=(),
                limits=LIMITS,
                time_limit=60,
                reports=True,
            )

        base = await run("keeps ok\ncuts broken\n")
        now = await run("keeps broken\ncuts ok\nopens ok\n")
    remove_tree(home)
    assert (base.status, base.summary) == ("failed", "1 failed, 1 passed")
    assert (now.status, now.summary) == ("failed", "1 failed, 2 passed")
    assert now.log.decode().splitlines() == [
        "done",
        "",
        "=== JUnit XML: 1 failed, 2 passed · build/report.xml",
        *("✕ shop::keeps", "✓ shop::cuts", "✓ shop::opens"),
    ]
    told = outcomes_data(base.log, now.log)
    assert (told["runners"], told["counts"]) == (["JUnit XML"], {"newly_failing": 1, "newly_passing": 1})
