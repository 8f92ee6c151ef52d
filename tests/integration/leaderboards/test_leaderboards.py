"""What operators see of what was accepted."""

from __future__ import annotations

import asyncio
import csv
import io
import math
from typing import Any

import pytest
from tests.factories.accepted import accept, accept_repeat
from tests.factories.judgement import open_campaign
from tests.factories.people import Browser, Town

from marlin.accounts import Role
from marlin.campaigns import Campaign
from marlin.leaderboards import Watch
from marlin.statistics import Votes, davidson

SURER: dict[str, Any] = {"alpha": 0.01, "amends": 1, "reason": "The board wants to be surer."}
QUESTION: dict[str, Any] = {"arms": ["careful", "hasty"], "smallest_share": 0.7, "most_comparisons": 20, "looks": 2}


@pytest.fixture
async def operator(town: Town) -> Browser:
    return await town.enter(Role.OPERATOR)


@pytest.fixture
async def campaign(town: Town) -> Campaign:
    return await open_campaign(town.database)


async def votes(town: Town, campaign: Campaign, *towards: int, people: int = 3) -> None:
    reviewer = await town.enter(Role.REVIEWER)
    owners = [await town.enter(Role.CONTRIBUTOR) for _ in range(people)]
    for number, one in enumerate(towards):
        verdict = "preference" if one else "equal"
        await accept(
            town.database, campaign, owners[number % people].person.id, reviewer.person.id, one, verdict=verdict
        )


async def read(browser: Browser, campaign: Campaign, what: str) -> Any:
    answer = await browser.get(f"/campaigns/{campaign.id}/{what}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_preferred_arm_leads_whatever_sides_it_stood_on(
    town: Town, operator: Browser, campaign: Campaign
) -> None:
    await votes(town, campaign, *[-2, -1, -3, 1, 0, -2, -1, -2, -2])
    board = await read(operator, campaign, "leaderboard")
    first, second = board["standings"]
    assert (first["arm"], first["wins"], first["losses"], first["ties"]) == ("careful", 7, 1, 1)
    assert (second["arm"], second["wins"], second["losses"]) == ("hasty", 1, 7)
    assert first["score"]["low"] < first["score"]["estimate"] < first["score"]["high"]
    assert board["counts"] == {
        "comparisons": 9, "votes": 9, "contributors": 3, "ties": 1, "both_bad": 0, "left_out": {},
    }  # fmt: skip
    (pair,) = board["pairings"]
    assert (pair["first_wins"], pair["second_wins"], pair["ties"]) == (7, 1, 1)
    assert pair["share"]["estimate"] == pytest.approx(1.5 / 9, abs=0.01)
    assert board["profile"][0]["axis"] == "overall"
    assert {one["arm"]: one["changed_lines"] for one in board["sizes"]} == {"careful": 10, "hasty": 40}
    assert board["languages"] == {"Python": 9}
    assert len(board["provenance"]["data_hash"]) == 32


async def test_a_campaign_without_votes_says_so(operator: Browser, campaign: Campaign) -> None:
    board = await read(operator, campaign, "leaderboard")
    assert [row["score"]["estimate"] for row in board["standings"]] == [None, None]
    assert board["provenance"]["notes"] == ["No accepted vote tells arms apart yet."]
    assert (await read(operator, campaign, "agreement"))["contributors"] == []
    unasked = await operator.get(f"/campaigns/{campaign.id}/decision")
    assert (unasked.status_code, unasked.json()) == (200, None)


async def test_one_vote_and_separation_are_regularised_and_said_to_be(
    town: Town, operator: Browser, campaign: Campaign
) -> None:
    await votes(town, campaign, -3)
    board = await read(operator, campaign, "leaderboard")
    assert board["standings"][0]["arm"] == "careful"
    assert any("Regularised" in note for note in board["provenance"]["notes"])


async def test_all_ties_are_a_tie(town: Town, operator: Browser, campaign: Campaign) -> None:
    await votes(town, campaign, 0, 0, 0)
    standings = (await read(operator, campaign, "leaderboard"))["standings"]
    assert [row["score"]["estimate"] for row in standings] == pytest.approx([0, 0], abs=1e-6)


async def test_axes_and_slices_that_do_not_exist_are_refused(operator: Browser, campaign: Campaign) -> None:
    for query in ("axis=speed", "category=nonsense", "language=Fortran", "agent=nobody"):
        refused = await operator.get(f"/campaigns/{campaign.id}/leaderboard?{query}")
        assert refused.status_code == 422, query
        assert refused.json()["hint"].startswith("There are:"), query


async def test_a_question_is_registered_decided_and_never_silently_changed(
    town: Town, operator: Browser, campaign: Campaign
) -> None:
    made = await operator.post(f"/campaigns/{campaign.id}/questions", QUESTION)
    assert made.status_code == 201, made.text
    assert (made.json()["version"], made.json()["accepted_before"]) == (1, 0)
    again = await operator.post(f"/campaigns/{campaign.id}/questions", QUESTION | {"alpha": 0.2})
    assert (again.status_code, again.json()["code"]) == (409, "question-registered")
    groundless = await operator.post(f"/campaigns/{campaign.id}/questions", QUESTION | {"amends": 1, "reason": " "})
    assert (groundless.status_code, groundless.json()["detail"]) == (422, "An amendment needs a reason.")
    await votes(town, campaign, *[2] * 12, people=6)
    found = await read(operator, campaign, "decision")
    assert found["state"] == "second_preferred"
    assert found["words"].startswith("hasty is preferred, 100 %")
    assert found["spent_usd"] == 12 * 280
    assert [look["reached"] for look in found["looks"]] == [True, False]
    amended = await operator.post(f"/campaigns/{campaign.id}/questions", QUESTION | SURER)
    assert (amended.json()["version"], amended.json()["accepted_before"]) == (2, 12)
    assert any(
        "registered after 12" in note for note in (await read(operator, campaign, "decision"))["provenance"]["notes"]
    )
    assert [one["version"] for one in await read(operator, campaign, "questions")] == [2, 1]


async def test_a_control_variate_is_registered_and_told_of(town: Town, operator: Browser, campaign: Campaign) -> None:
    refused = await operator.post(f"/campaigns/{campaign.id}/questions", QUESTION | {"control": "taste"})
    assert refused.status_code == 422
    made = await operator.post(f"/campaigns/{campaign.id}/questions", QUESTION | {"control": "changed_lines"})
    assert (made.status_code, made.json()["control"]) == (201, "changed_lines")
    await votes(town, campaign, *[2] * 12, people=6)
    found = await read(operator, campaign, "decision")
    assert (found["state"], found["control"]["weight"]) == ("second_preferred", 0)
    assert found["control"]["words"].startswith("Control variate: the difference of changed lines was no help")


async def test_a_question_may_count_how_strongly(town: Town, operator: Browser, campaign: Campaign) -> None:
    made = await operator.post(f"/campaigns/{campaign.id}/questions", QUESTION | {"counts": "strength"})
    assert (made.status_code, made.json()["counts"]) == (201, "strength")
    await votes(town, campaign, *[1, 2, 3] * 4, people=4)
    found = await read(operator, campaign, "decision")
    assert found["words"].startswith("hasty is preferred, by +1.90 of 3 grades")
    assert found["watched"]["words"].startswith("+1.90 of 3 grades for hasty")
    assert any("how strongly" in note for note in found["provenance"]["notes"])
    report = (await operator.get(f"/campaigns/{campaign.id}/report.html")).text
    assert "Votes count by their strength." in report
    assert "lead, grades" in report


async def test_two_operators_at_once_register_one_question(town: Town, operator: Browser, campaign: Campaign) -> None:
    other = await town.enter(Role.OPERATOR)
    both = await asyncio.gather(
        *(one.post(f"/campaigns/{campaign.id}/questions", QUESTION) for one in (operator, other))
    )
    assert sorted(answer.status_code for answer in both) == [201, 409]


async def test_of_two_operators_who_amend_the_same_version_the_second_is_told_what_changed(
    town: Town, operator: Browser, campaign: Campaign
) -> None:
    other = await town.enter(Role.OPERATOR)
    questions = f"/campaigns/{campaign.id}/questions"
    early = await operator.post(questions, QUESTION | SURER)
    assert (early.status_code, early.json()["code"]) == (404, "question-missing")
    await operator.post(questions, QUESTION)
    fewer = QUESTION | {"looks": 1, "amends": 1, "reason": "One look is enough."}
    both = await asyncio.gather(operator.post(questions, QUESTION | SURER), other.post(questions, fewer))
    assert sorted(answer.status_code for answer in both) == [201, 409]
    (told,) = [answer.json() for answer in both if answer.status_code == 409]
    won = "error: 5 % → 1 %" if both[0].status_code == 201 else "looks: 2 → 1"
    assert (told["code"], told["details"]) == ("question-changed", {"version": 2, "changes": [won]})
    assert won in told["detail"]
    unheard = await other.post(questions, fewer | {"amends": 9})
    assert (unheard.status_code, unheard.json()["details"]["version"]) == (409, 2)
    again = await other.post(questions, fewer | {"amends": 2})
    assert (again.status_code, again.json()["version"]) == (201, 3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"arms": ["careful", "nobody"]}, "no arm"),
        ({"arms": ["careful", "careful"]}, "two different arms"),
        ({"axis": "speed"}, "no axis"),
        ({"icc": 0.5}, "how many contributors"),
        ({"smallest_share": 0.5}, None),
        ({"looks": 11}, None),
        ({"alpha": 1e-300}, None),
        ({"alpha": "nan"}, None),
        ({"power": "inf"}, None),
        ({"most_comparisons": -1}, None),
        ({"contributors": 1}, None),
    ],
)
async def test_questions_that_mean_nothing_are_refused(
    operator: Browser, campaign: Campaign, change: dict[str, Any], words: str | None
) -> None:
    refused = await operator.post(f"/campaigns/{campaign.id}/questions", QUESTION | change)
    assert refused.status_code == 422, refused.text
    assert words is None or words in refused.json()["detail"]


async def test_a_plan_tells_the_price_before_anything_is_registered(operator: Browser, campaign: Campaign) -> None:
    answer = await operator.post(f"/campaigns/{campaign.id}/plan", {"arms": ["careful", "hasty"]})
    plan = answer.json()
    assert answer.status_code == 200
    assert plan["fixed_usd"] == plan["fixed_comparisons"] * 280
    by_share = {point["share"]: point for point in plan["curve"]}
    assert by_share[0.55]["power"] == pytest.approx(0.8, abs=0.02)
    assert by_share[0.65]["mean_comparisons"] < plan["fixed_comparisons"] / 3
    small = await operator.post(
        f"/campaigns/{campaign.id}/plan", {"arms": ["careful", "hasty"], "most_comparisons": 50}
    )
    assert "raise the cap" in small.json()["provenance"]["notes"][0]
    for wrong in ({"arms": ["careful", "nobody"]}, {"arms": ["careful", "hasty"], "axis": "speed"}):
        refused = await operator.post(f"/campaigns/{campaign.id}/plan", wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, "question-invalid"), "it could not be registered"
    assert await read(operator, campaign, "questions") == []


async def test_files_hold_what_the_page_shows(town: Town, operator: Browser, campaign: Campaign) -> None:
    await votes(town, campaign, -2, 1, -1, 0)
    board = await read(operator, campaign, "leaderboard")
    answer = await operator.get(f"/campaigns/{campaign.id}/leaderboard.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["arm"] for row in rows if row["axis"] == "overall"] == [row["arm"] for row in board["standings"]]
    assert rows[0]["data_hash"] == board["provenance"]["data_hash"]
    zoneless = await operator.get(f"/campaigns/{campaign.id}/leaderboard.csv", params={"before": "2026-01-01T00:00:00"})
    assert (zoneless.status_code, zoneless.json()["errors"][0]["field"]) == (422, "query.before")
    report = await operator.get(f"/campaigns/{campaign.id}/report.html")
    assert "attachment" in report.headers["content-disposition"]
    assert board["provenance"]["data_hash"] in report.text
    one_axis = await operator.get(f"/campaigns/{campaign.id}/report.html", params={"axis": "security", "turn": "first"})
    assert "First turns, axis security." in one_axis.text
    assert (await operator.get(f"/campaigns/{campaign.id}/report.html", params={"axis": "speed"})).status_code == 422


async def test_the_votes_can_be_taken_away_and_computed_from_anew(
    town: Town, operator: Browser, campaign: Campaign
) -> None:
    await votes(town, campaign, -2, 1, -1, 0)
    board = await read(operator, campaign, "leaderboard")
    answer = await operator.get(f"/campaigns/{campaign.id}/votes.csv")
    assert f'filename="{campaign.slug}-votes.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == board["counts"]["votes"] + sum(board["counts"]["left_out"].values())
    counted = [row for row in rows if not row["left_out"]]
    columns = {name: [row[name] for row in counted] for name in ("arm_a", "arm_b", "contributor", "task", "turn")}
    anew = davidson(
        Votes.from_columns(
            **columns,  # type: ignore[arg-type]
            grade=[int(row["grade"]) for row in counted],
            both_bad=[row["both_bad"] == "True" for row in counted],
            arms=[row["arm"] for row in board["standings"]],
        )
    )
    shown = {row["arm"]: row["score"] for row in board["standings"]}
    for arm, told in shown.items():
        score = anew.score(arm)
        assert [400 / math.log(10) * value for value in (score.value, score.low)] == pytest.approx(
            [told["estimate"], told["low"]]
        )


async def test_the_next_dollars(town: Town, operator: Browser, campaign: Campaign) -> None:
    empty = await read(operator, campaign, "allocation?budget_usd=2800")
    assert empty["pairs"] == []
    await votes(town, campaign, -2, 1, -1, 0)
    found = await read(operator, campaign, "allocation?budget_usd=2800")
    assert [(pair["first"], pair["second"], pair["comparisons"]) for pair in found["pairs"]] == [
        ("careful", "hasty", 10)
    ]
    assert found["misordered_after"] < found["misordered_now"]
    assert (await operator.get(f"/campaigns/{campaign.id}/allocation?budget_usd=100")).status_code == 422


async def test_gold_tasks_and_repeats_tell_of_people_not_of_arms(
    town: Town, operator: Browser, campaign: Campaign
) -> None:
    reviewer, first, second = [await town.enter(role) for role in (Role.REVIEWER, Role.CONTRIBUTOR, Role.CONTRIBUTOR)]
    source = await accept(town.database, campaign, first.person.id, reviewer.person.id, -2)
    for kind, towards in (("overlap", -1), ("gold", 3)):
        await accept_repeat(
            town.database,
            source,
            second.person.id,
            reviewer.person.id,
            towards,
            kind=kind,
            marked_by=operator.person.id,
        )
        second = await town.enter(Role.CONTRIBUTOR)
    board = await read(operator, campaign, "leaderboard")
    assert board["counts"]["votes"] == 2
    assert list(board["counts"]["left_out"].values()) == [1]
    assert board["sizes"][0]["results"] == 1
    found = await read(operator, campaign, "agreement")
    overall = found["axes"][0]
    assert (overall["axis"], overall["items"]) == ("overall", 1)
    assert overall["agreement"]["estimate"] == pytest.approx(1 / 3)
    by_gold = {one["gold_tasks"]: one["gold"]["estimate"] for one in found["contributors"]}
    assert by_gold == {0: None, 1: 0.0}
    await operator.post(f"/campaigns/{campaign.id}/questions", QUESTION)
    assert (await read(operator, campaign, "decision"))["comparisons"] == 1


async def test_whoever_favours_an_arm_or_misses_known_answers_is_flagged_and_the_honest_are_not(
    town: Town, operator: Browser, campaign: Campaign
) -> None:
    reviewer = await town.enter(Role.REVIEWER)
    names = ("Honest One", "Honest Two", "Honest Three", "Colluder", "Careless")
    people = {name: (await town.enter(Role.CONTRIBUTOR, name=name)).person.id for name in names}
    source = None
    for number in range(10):
        for name, owner in people.items():
            towards = 2 if name == "Colluder" else (-2, -1, 1)[number % 3]
            source = await accept(town.database, campaign, owner, reviewer.person.id, towards)
    assert source is not None
    answers = {"Honest One": -2, "Careless": 2}
    for number in range(4):
        for name, towards in answers.items():
            other = people["Honest Two" if number % 2 else "Honest Three"]
            golden = await accept(town.database, campaign, other, reviewer.person.id, -2)
            await accept_repeat(
                town.database,
                golden,
                people[name],
                reviewer.person.id,
                towards,
                kind="gold",
                marked_by=operator.person.id,
            )
    found = {one["name"]: one for one in (await read(operator, campaign, "agreement"))["contributors"]}
    assert (found["Careless"]["gold_tasks"], found["Careless"]["gold"]["estimate"]) == (4, 0.0)
    assert found["Careless"]["flags"] == ["Missed the known answer of most gold tasks: right in 0% of 4."]
    flag = found["Colluder"]["flags"][0]
    assert flag.startswith("Prefers hasty in 100% of 10 votes; others did in 2")
    said = [flag for name in names if name.startswith("Honest") for flag in found[name]["flags"]]
    assert not [flag for flag in said if "same pairs" in flag or "gold" in flag]


async def test_a_decided_question_pauses_its_campaign_and_tells_nobody_why(
    town: Town, operator: Browser, campaign: Campaign
) -> None:
    watch = Watch()
    await operator.post(f"/campaigns/{campaign.id}/questions", QUESTION | {"when_decided": "pause"})
    await votes(town, campaign, 2, 2)
    assert await watch.look() == []
    await votes(town, campaign, *[2] * 10, people=5)
    assert await watch.look() == [campaign.slug]
    assert await watch.look() == []
    contributor = await town.enter(Role.CONTRIBUTOR)
    refused = await contributor.post(f"/campaigns/{campaign.id}/assignment", {})
    assert refused.status_code == 409
    assert "enough comparisons" in refused.text
    assert not any(word in refused.text for word in ("hasty", "careful", "preferred"))


async def test_a_question_that_only_tells_pauses_nothing(town: Town, operator: Browser, campaign: Campaign) -> None:
    await operator.post(f"/campaigns/{campaign.id}/questions", QUESTION)
    await votes(town, campaign, *[2] * 12, people=6)
    assert await Watch().look() == []
