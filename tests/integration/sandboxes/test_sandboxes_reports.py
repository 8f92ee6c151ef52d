"""JUnit XML that a command wrote, fetched out of a real sandbox."""

from __future__ import annotations

from marlin.sandboxes import WORKSPACE, Sandbox
from marlin.tasks.reports import FILES, begin, collect

CASE = '<testsuite><testcase classname="shop" name="%s"/></testsuite>'


async def run(sandbox: Sandbox, script: str) -> None:
    done = await sandbox.exec(["sh", "-ec", script], cwd=WORKSPACE, timeout=60)
    assert done.exit_code == 0, done.stderr


async def test_what_the_command_wrote_is_read_and_nothing_older(sandbox: Sandbox) -> None:
    await run(sandbox, f"mkdir -p old target/surefire-reports node_modules/x; echo '{CASE % 'old'}' > old/report.xml")
    await run(sandbox, "touch -d '1 hour ago' old/report.xml")
    await begin(sandbox)
    await run(
        sandbox,
        f"""echo '{CASE % "kept"}' > target/surefire-reports/TEST-a.xml
        echo '{CASE % "more"}' > 'a name.xml'
        echo '{CASE % "hidden"}' > node_modules/x/report.xml
        echo '<coverage/>' > coverage.xml""",
    )
    found = await collect(sandbox)
    assert found is not None
    report, paths = found
    assert report.outcomes == {"shop::kept": "passed", "shop::more": "passed"}
    assert report.whole
    assert paths == ["a name.xml", "target/surefire-reports/TEST-a.xml"]


async def test_no_report_is_none_and_hostile_ones_do_no_harm(sandbox: Sandbox) -> None:
    await begin(sandbox)
    assert await collect(sandbox) is None
    await run(
        sandbox,
        f"""ln -s /etc/passwd link.xml
        mkfifo pipe.xml
        mkdir folder.xml
        echo '<!DOCTYPE t [<!ENTITY x SYSTEM "/etc/passwd">]><testsuite><testcase name="&x;"/></testsuite>' > x.xml
        truncate -s 20M large.xml
        echo '{CASE % "forged"}' > "$(printf 'two\\nlines.xml')"
        echo '{CASE % "good"}' > good.xml""",
    )
    found = await collect(sandbox)
    assert found is not None
    assert found[0].outcomes == {"shop::good": "passed"}
    assert not found[0].whole, "one was too large to be read"
    assert found[1] == ["good.xml"]


async def test_of_very_many_reports_the_rest_is_said_to_be_missing(sandbox: Sandbox) -> None:
    await begin(sandbox)
    case = CASE % "x"
    await run(sandbox, f"for n in $(seq {FILES + 5}); do echo '{case}' > $n.xml; done")
    found = await collect(sandbox)
    assert found is not None
    assert len(found[1]) == FILES
    assert not found[0].whole
