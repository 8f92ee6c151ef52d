"""``marlin report`` and ``marlin question`` as an operator runs them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.factories.accepted import accept
from tests.factories.judgement import open_campaign
from tests.factories.people import Town

from marlin.accounts import Role
from marlin.campaigns import Campaign


async def judged(town: Town) -> Campaign:
    """A campaign in which two people preferred the careful arm."""
    campaign = await open_campaign(town.database)
    reviewer = (await town.enter(Role.REVIEWER)).person.id
    for _ in range(2):
        owner = (await town.enter(Role.CONTRIBUTOR)).person.id
        await accept(town.database, campaign, owner, reviewer, -2)
    return campaign


async def report(url: str, *arguments: str, room: int | None = None) -> subprocess.CompletedProcess[str]:
    """:param room: of a file at most, in bytes, as on a disk that is full."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MARLIN_")}
    command = [sys.executable, "-m", "marlin", "report", *arguments]
    if room is not None:
        command = ["prlimit", f"--fsize={room}", *command]
    environment = kept | {"DATABASE_URL": url, "COLUMNS": "120"}
    return await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


async def test_it_prints_and_writes_what_the_page_shows(town: Town, database_url: str, tmp_path: Path) -> None:
    campaign = await judged(town)
    html, table = tmp_path / "all.html", tmp_path / "all.csv"
    lines = tmp_path / "votes.csv"
    done = await report(database_url, campaign.slug, "--html", str(html), "--csv", str(table), "--votes", str(lines))
    assert done.returncode == 0, done.stderr
    assert "2 accepted comparisons, 2 votes of 2 contributors" in done.stdout
    assert "careful" in done.stdout
    assert "<svg" in html.read_text()
    assert table.read_text().count("\n") > 2
    assert lines.read_text().count("\n") == 3
    assert f"Wrote {lines}: 2 votes." in done.stderr
    as_json = await report(database_url, campaign.slug, "--json")
    assert json.loads(as_json.stdout)["leaderboard"]["standings"][0]["arm"] == "careful"


async def test_a_file_that_cannot_be_written_costs_no_more_than_that_file(
    town: Town, database_url: str, tmp_path: Path
) -> None:
    campaign = await judged(town)
    done = await report(database_url, campaign.slug, "--html", str(tmp_path / "missing" / "all.html"))
    assert done.returncode == 2
    assert "can't be written" in done.stderr
    assert "2 accepted comparisons" in done.stdout


async def test_a_full_disk_leaves_the_report_of_before(town: Town, database_url: str, tmp_path: Path) -> None:
    campaign = await judged(town)
    html, lines = tmp_path / "all.html", tmp_path / "votes.csv"
    for file, option in ((html, "--html"), (lines, "--votes")):
        file.write_text("of before")
        file.chmod(0o600)
        done = await report(database_url, campaign.slug, option, str(file), room=100)
        assert (done.returncode, "can't be written" in done.stderr) == (2, True)
        assert file.read_text() == "of before"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["all.html", "votes.csv"]
    assert (await report(database_url, campaign.slug, "--html", str(html))).returncode == 0
    assert "<svg" in html.read_text()
    assert html.stat().st_mode & 0o777 == 0o600, "who may read it stays as it was"


async def test_what_there_is_not_is_said(town: Town, database_url: str) -> None:
    assert (await report(database_url, "nothing")).returncode == 3
    campaign = await judged(town)
    refused = await report(database_url, campaign.slug, "--axis", "speed")
    assert refused.returncode == 2
    assert "no axis 'speed'" in refused.stderr


ONE_AFTER_ANOTHER = """
import json, sys
from typer.testing import CliRunner
from marlin.cli import app
done = [CliRunner().invoke(app, ["question", *each]) for each in json.loads(sys.argv[1])]
print(json.dumps([(one.exit_code, one.stdout, one.stderr) for one in done]))
"""


async def asked(url: str, *commands: tuple[str, ...]) -> list[tuple[int, str, str]]:
    """Status, output and errors of `marlin question` commands, in one process: it takes seconds to begin."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MARLIN_")}
    command = [sys.executable, "-c", ONE_AFTER_ANOTHER, json.dumps(commands)]
    environment = kept | {"DATABASE_URL": url, "COLUMNS": "120"}
    done = await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [tuple(one) for one in json.loads(done.stdout)]


async def test_a_question_is_planned_registered_amended_and_shown(town: Town, database_url: str) -> None:
    slug = (await judged(town)).slug
    which = (slug, "--baseline", "careful", "--candidate", "hasty", "--smallest-share", "0.7")
    because = ("--reason", "Fewer [b]looks\x1b[2J do.", "--looks", "5", "--yes")
    planned, unagreed, made, amended, late, shown = await asked(
        database_url,
        ("plan", *which),
        ("register", *which),
        ("register", *which, "--most-comparisons", "40", "--yes", "--json"),
        ("amend", slug, *because),
        ("amend", slug, *because, "--version", "1"),
        ("show", slug),
    )
    assert "Which is preferred (overall), hasty or careful, if the better one gets at least 70 %" in planned[1]
    assert "of what a design without looks costs" in planned[1]
    assert (unagreed[0], "Nobody is there to agree" in unagreed[2]) == (2, True)
    assert made[0] == 0, made[2]
    registered = json.loads(made[1])
    assert (registered["version"], registered["accepted_before"], registered["registered_by_id"]) == (1, 2, None)
    assert "At most: 40 comparisons, $11,200." in made[2], "the plan is told all the same"
    assert "- looks: 10 → 5" in amended[1]
    assert "is amended: version 2." in amended[1]
    assert late[0] == 5
    assert "amended since you saw version 1: version 2 is the newest" in late[2]
    assert "(looks: 10 → 5)" in late[2]
    assert "Version 2" in shown[1]
    assert "Because: Fewer [b]looks\N{REPLACEMENT CHARACTER}[2J do." in shown[1], "a terminal obeys nothing of it"
    assert "at most 40 comparisons" in shown[1], "what was not named stayed"


async def test_questions_that_mean_nothing_are_refused_by_the_names_of_options(town: Town, database_url: str) -> None:
    slug = (await open_campaign(town.database)).slug
    wrong = ("--candidate", "hasty", "--smallest-share", "0.5", "--looks", "11", "--control", "taste")
    refused, missing = await asked(
        database_url,
        ("plan", slug, "--baseline", "careful", *wrong),
        ("amend", slug, "--reason", "Why not?", "--yes"),
    )
    assert refused[0] == 2
    assert all(f"--{name}: " in refused[2] for name in ("smallest-share", "looks", "control"))
    assert (missing[0], "no registered question" in missing[2]) == (3, True)
