"""The checker through the HTTP API: live, before submitting, for the reviewer; against real changes in a repository."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from tests.factories.judgement import answers, open_campaign, ready_comparison
from tests.factories.people import Browser, Town

from marlin import tasks
from marlin.accounts import Role
from marlin.comparisons import Comparison, Rollout, Turn
from marlin.db import events
from marlin.ratings.checker import TEXTS
from marlin.reviews import accepted_ratings
from marlin.settings import Settings
from marlin.tasks import Brief, Code

BASE = {"rows.py": "def rows(text):\n    return text.split()\n", "old.py": "x = 1\n"}
RESULTS = {
    "A": BASE | {"rows.py": "def rows(text):\n    return parse_row(text)\n\ndef parse_row(text):\n    return []\n"},
    "B": {"rows.py": "def rows(text):\n    return [validate_row(text)]\n"},
}


@pytest.fixture
def code(tmp_path: Path) -> Iterator[Code]:
    made = tasks.Code(Settings(home=tmp_path / "home"))
    tasks.use_code(made)
    yield made
    tasks.use_code(None)


@pytest.fixture
async def contributor(town: Town) -> Browser:
    return await town.enter(Role.CONTRIBUTOR)


def at(comparison: UUID, rest: str) -> str:
    return f"/comparisons/{comparison}/{rest}"


def git(folder: Path, *args: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.org", *args]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, files: dict[str, str]) -> str:
    git(folder, "rm", "-rqf", "--ignore-unmatch", ".")
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x")
    return git(folder, "rev-parse", "HEAD")


async def give_results(town: Town, code: Code, comparison_id: UUID, folder: Path) -> None:
    """Real commits as base and results, and a transcript of two steps on side A."""
    folder.mkdir()
    git(folder, "init", "-q")
    base = commit(folder, BASE)
    commits = {side: commit(folder, files) for side, files in RESULTS.items()}
    mirror = code.mirrors.open("repository")
    git(folder, "push", "-q", str(mirror.path), "HEAD~0:refs/heads/b", f"{commits['A']}:refs/heads/a")
    changed = {"A": ["rows.py"], "B": ["rows.py", "old.py"]}
    async with town.database.transaction() as session:
        comparison = await session.get_one(Comparison, comparison_id)
        brief = await session.get_one(Brief, comparison.brief_id)
        brief.repository, brief.base_commit = "repository", base
        statement = select(Rollout).join(Turn).where(Turn.comparison_id == comparison_id)
        for rollout in (await session.execute(statement)).scalars():
            rollout.commit, rollout.start = commits[rollout.side], {"commit": base}
            rollout.files = [
                {"path": path, "old_path": None, "status": "M", "additions": 2, "deletions": 1, "binary": False}
                for path in changed[rollout.side]
            ]
        for kind, data in (
            ("message", {"message_id": "1", "text": "I "}),
            ("message", {"message_id": "1", "text": "begin."}),
            ("tool_call", {"call_id": "1", "title": "Run"}),
            ("tool_update", {"call_id": "1", "status": "completed"}),
        ):
            data |= {"turn": 1, "side": "A", "attempt": 1}
            await events.append(session, comparison_id, kind, data)


async def found(browser: Browser, comparison: UUID, **changes: Any) -> list[dict[str, Any]]:
    answer = await browser.post(at(comparison, "turns/1/rating/check"), answers(**changes))
    assert answer.status_code == 200, answer.text
    problems: list[dict[str, Any]] = answer.json()["problems"]
    return problems


async def test_findings_while_writing_say_where_and_save_nothing(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    assert await found(contributor, comparison) == []
    why = "😀 A is right about the last row. B is much more readable, the tests show as much."
    [problem] = await found(
        contributor, comparison, justification=why, axes=answers()["axes"] | {"maintainability": -2}
    )
    assert (problem["code"], problem["severity"]) == ("words-against-axis", "warning")
    [mark] = problem["marks"]
    assert why[mark["start"] : mark["end"]] == mark["words"] == "B is much more readable"
    half = await contributor.post(at(comparison, "turns/1/rating/check"), {"overall": -3, "verdict": "preference"})
    assert {problem["code"] for problem in half.json()["problems"]} >= {"extreme-score-without-evidence"}
    assert (await contributor.get(at(comparison, "ratings"))).json()["turns"]["1"] == {"rating": None, "draft": None}


async def test_full_fields_keep_nobody_else_waiting(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    text = "A B and " * 2_500
    wish = dict.fromkeys(TEXTS, text)
    check = asyncio.create_task(contributor.post(at(comparison, "turns/1/rating/check"), wish))
    other = await town.enter(Role.CONTRIBUTOR)
    for _ in range(5):
        assert (await other.get("/session")).is_success
    assert not check.done(), "others were answered while it was at it"
    assert (await check).is_success


async def test_words_are_held_against_the_real_changes(
    town: Town, contributor: Browser, code: Code, tmp_path: Path
) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    await give_results(town, code, comparison, tmp_path / "work")

    async def codes(text: str, field: str = "justification") -> list[str]:
        good = answers()["justification"]
        whole = {field: f"{good} {text}" if field == "justification" else text}
        return [problem["code"] for problem in await found(contributor, comparison, **whole)]

    there = "[A#rows.py:1-5] [B#rows.py:2] [A#old.py:1] [B#old.py:1@base] [A#rows.py:2@start] [A#step-2]"
    assert await codes(there) == []
    for missing in ("[A#rows.py:6]", "[A#row.py]", "[B#old.py:1]", "[B#rows.py:3@base]", "[A#step-3]", "[B#step-1]"):
        assert await codes(missing) == ["citation-points-to-nothing"], missing
    assert await codes("`parse_row` does one thing.", "strengths_a") == []
    assert await codes("`validate_row` does one thing.", "strengths_a") == ["praise-of-what-is-not-there"]
    assert await codes("Removes old.py.", "strengths_b") == []

    blocked = await contributor.post(
        at(comparison, "turns/1/rating"), answers(justification=answers()["justification"] + " [A#row.py]")
    )
    assert blocked.status_code == 201
    refused = await contributor.post(at(comparison, "submit"), {"acknowledged": ["citation-points-to-nothing"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "submission-refused")


async def test_citations_are_data_and_looked_up_when_the_comparison_is_submitted(
    town: Town, contributor: Browser, code: Code, tmp_path: Path
) -> None:
    campaign = await open_campaign(town.database, checker={"citation-points-to-nothing": "warning"})
    comparison = await ready_comparison(town.database, contributor.person.id, campaign=campaign)
    await give_results(town, code, comparison, tmp_path / "work")
    why = answers()["justification"] + " See [A#rows.py:1-5], [A#row.py] and [A#step-2]."
    given = await contributor.post(at(comparison, "turns/1/rating"), answers(justification=why))
    assert [(each["kind"], each["found"]) for each in given.json()["citations"]] == [
        ("lines", None),
        ("file", None),
        ("step", None),
    ]
    sent = await contributor.post(at(comparison, "submit"), {"acknowledged": ["citation-points-to-nothing"]})
    assert sent.status_code == 200, sent.text
    rating = (await contributor.get(at(comparison, "ratings"))).json()["turns"]["1"]["rating"]
    assert [each["found"] for each in rating["citations"]] == [True, False, True]
    first = rating["citations"][0]
    assert why[first["start"] : first["end"]] == "[A#rows.py:1-5]"
    assert (first["path"], first["first_line"], first["last_line"], first["turn"]) == ("rows.py", 1, 5, 1)
    reviewer = await town.enter(Role.REVIEWER)
    remark = {"turn": 1, "field": "justification", "text": "Look at [B#rows.py:7]."}
    refused = await reviewer.post(at(comparison, "reviews"), {"decision": "return", "remarks": [remark]})
    assert (refused.status_code, refused.json()["code"]) == (422, "remark-refused")
    assert refused.json()["errors"][0]["field"] == "remarks.0.text"
    remark["text"] = "Look at [B#rows.py:2]."
    accepted = await reviewer.post(at(comparison, "reviews"), {"decision": "accept", "remarks": [remark]})
    assert accepted.status_code == 201, accepted.text
    async with town.database.transaction() as session:
        [kept] = [each async for each in accepted_ratings(session)]
    assert [(each.path, each.step, each.found) for each in kept.citations] == [
        ("rows.py", None, True),
        ("row.py", None, False),
        (None, 2, True),
    ]


async def test_the_campaign_decides_what_blocks_and_comparisons_keep_their_terms(
    town: Town, contributor: Browser
) -> None:
    strict = await open_campaign(town.database, checker={"justification-too-short": "error", "same-strengths": "off"})
    comparison = await ready_comparison(town.database, contributor.person.id, campaign=strict)
    changes = {"justification": "A is right.", "strengths_a": "Short.", "strengths_b": "Short."}
    problems = await found(contributor, comparison, **changes)
    assert [(problem["code"], problem["severity"]) for problem in problems] == [("justification-too-short", "error")]
    operator = await town.enter(Role.OPERATOR)
    url = f"/campaigns/{strict.id}"
    unknown = await operator.request("PATCH", url, json={"checker": {"no-such-rule": "off"}})
    assert unknown.status_code == 422
    assert "no-such-rule" in unknown.text
    assert (await operator.request("PATCH", url, json={"checker": {"same-strengths": "error"}})).status_code == 200
    assert await found(contributor, comparison, **changes) == problems, "what has begun keeps its terms"


async def test_the_reviewer_sees_what_was_found_and_acknowledged(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    reviewer = await town.enter(Role.REVIEWER)
    url = at(comparison, "submission/problems")
    assert (await reviewer.get(url)).status_code == 404
    await contributor.post(at(comparison, "turns/1/rating"), answers(justification="A is right about the last row."))
    [before] = (await contributor.get(url)).json()["problems"]
    assert (before["code"], before["acknowledged"]) == ("justification-too-short", False)
    assert (await contributor.post(at(comparison, "submit"), {"acknowledged": [before["code"]]})).status_code == 200
    assert (await reviewer.get(url)).json()["problems"] == [before | {"acknowledged": True}]


async def test_a_follow_up_is_checked_before_it_is_sent(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    for prompt, expected in (
        ("Handle the empty file and say which line was wrong.", []),
        ("Please make it better.", ["follow-up-not-concrete"]),
        ("You are an expert. Handle the empty file in rows.py.", ["role-play"]),
    ):
        answer = await contributor.post(at(comparison, "follow-up/check"), {"prompt": prompt})
        assert [problem["code"] for problem in answer.json()["problems"]] == expected
