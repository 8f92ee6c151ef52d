"""Drafts, ratings, undo and submission through the HTTP API."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.factories.judgement import add_turn, answers, open_campaign, ready_comparison, set_turn_status
from tests.factories.people import Browser, Town, fields

from marlin.accounts import Role, list_audit
from marlin.ratings import rating_history


@pytest.fixture
async def contributor(town: Town) -> Browser:
    return await town.enter(Role.CONTRIBUTOR)


def at(comparison_id: UUID, rest: str, turn: int | None = None) -> str:
    return f"/comparisons/{comparison_id}/" + (f"turns/{turn}/{rest}" if turn else rest)


async def rate(browser: Browser, comparison_id: UUID, turn: int = 1, **changes: Any) -> Any:
    return await browser.post(at(comparison_id, "rating", turn), answers(**changes))


async def history(town: Town, comparison_id: UUID) -> list[tuple[int, str | None]]:
    async with town.database.transaction() as session:
        return [(rating.turn_number, rating.ended) for rating in await rating_history(session, comparison_id)]


async def test_ratings_and_submissions_are_told_to_whoever_follows(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    assert (await rate(contributor, comparison)).status_code == 201
    assert (await rate(contributor, comparison)).status_code == 201, "the same twice is one rating"
    assert (await contributor.delete(at(comparison, "rating", 1))).status_code == 204
    assert (await rate(contributor, comparison)).status_code == 201
    assert (await contributor.post(at(comparison, "submit"), {})).is_success
    told = (await contributor.get(at(comparison, "events"))).json()["events"]
    assert [(event["kind"], event["turn"], event["data"]) for event in told] == [
        ("rating", 1, {"rated": True}),
        ("rating", 1, {"rated": False}),
        ("rating", 1, {"rated": True}),
        ("comparison_status", 0, {"status": "submitted"}),
    ]


# --- drafts ----------------------------------------------------------------------------------------------------------


async def test_drafts_are_saved_by_revision_and_nothing_is_overwritten_unseen(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    url = at(comparison, "rating/draft", 1)
    assert (await contributor.get(url)).status_code == 404
    first = await contributor.put(url, {"revision": 0, "answers": {"justification": "A"}})
    assert first.json()["revision"] == 1
    repeated = await contributor.put(url, {"revision": 0, "answers": {"justification": "A"}})
    assert repeated.json() == first.json(), "the same request twice"
    second = await contributor.put(
        url, {"revision": 1, "answers": {"justification": "A is", "axes": {"security": None}}}
    )
    assert second.json()["revision"] == 2
    other_tab = await contributor.put(url, {"revision": 1, "answers": {"justification": "B is"}})
    assert other_tab.status_code == 409
    assert "A is" in other_tab.text, "the newer draft comes with the refusal"
    kept = (await contributor.get(url)).json()
    assert kept["revision"] == 2
    assert kept["answers"]["justification"] == "A is"
    assert (await contributor.put(url, {"revision": 2, "answers": {"overall": 4}})).status_code == 422
    assert (await contributor.put(url, {"revision": 2, "answers": {"mood": "x"}})).status_code == 422


async def test_many_tabs_at_once_lose_nothing(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    url = at(comparison, "rating/draft", 1)
    texts = [f"tab {number}" for number in range(8)]
    saved = await asyncio.gather(
        *(contributor.put(url, {"revision": 0, "answers": {"justification": text}}) for text in texts)
    )
    winners = [text for text, answer in zip(texts, saved, strict=True) if answer.status_code == 200]
    assert len(winners) == 1
    assert {answer.status_code for answer in saved} == {200, 409}
    assert (await contributor.get(url)).json()["answers"]["justification"] == winners[0]


async def test_text_that_the_database_cannot_hold_is_saved_all_the_same(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    url = at(comparison, "rating/draft", 1)
    body = b'{"revision": 0, "answers": {"justification": "nul \\u0000 here"}}'
    answer = await contributor.request("PUT", url, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert (await contributor.get(url)).json()["answers"]["justification"] == "nul \ufffd here"
    again = await contributor.request("PUT", url, content=body, headers={"Content-Type": "application/json"})
    assert again.status_code == 200, "the same request twice"


# --- ratings ---------------------------------------------------------------------------------------------------------


async def test_a_rating_is_given_undone_and_given_again(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    before = (await contributor.get(at(comparison, "ratings"))).json()
    assert before["turns"]["1"] == {"rating": None, "draft": None}
    assert before["actions"]["rate"]["allowed"]
    assert not before["actions"]["undo_rating"]["allowed"]
    assert not before["actions"]["submit"]["allowed"]
    given = await rate(contributor, comparison)
    assert given.status_code == 201, given.text
    rating = given.json()
    assert (rating["preferred"], rating["strength"], rating["rubric_version"]) == ("A", 2, 1)
    shown = (await contributor.get(at(comparison, "ratings"))).json()
    assert shown["turns"]["1"]["rating"] == rating
    assert shown["actions"]["submit"]["allowed"]
    assert shown["actions"]["undo_rating"]["allowed"]
    assert not shown["actions"]["rate"]["allowed"]
    assert (await contributor.delete(at(comparison, "rating", 1))).status_code == 204
    assert (await contributor.delete(at(comparison, "rating", 1))).status_code == 404
    undone = (await contributor.get(at(comparison, "ratings"))).json()["turns"]["1"]
    assert undone["rating"] is None
    assert undone["draft"]["answers"]["justification"] == answers()["justification"], "what was typed is still there"
    again = await rate(contributor, comparison, overall=1, axes=dict.fromkeys(answers()["axes"], 1))
    assert again.json()["preferred"] == "B"
    assert await history(town, comparison) == [(1, "undone"), (1, None)]


async def test_the_same_rating_twice_is_one_and_another_is_refused(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    first = await rate(contributor, comparison)
    assert (await rate(contributor, comparison)).json() == first.json()
    other = await rate(contributor, comparison, overall=-1)
    assert other.status_code == 409
    assert other.json()["code"] == "already-rated"
    assert other.json()["hint"]
    assert await history(town, comparison) == [(1, None)]


async def test_two_different_ratings_at_once_leave_one(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    both = await asyncio.gather(*(rate(contributor, comparison, overall=score) for score in (-1, -2, -3)))
    assert sorted(answer.status_code for answer in both) == [201, 409, 409]
    assert await history(town, comparison) == [(1, None)]


async def test_ratings_and_undos_at_once_leave_what_was_said_last(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    undo = at(comparison, "rating", 1)
    for _ in range(6):
        told = await asyncio.gather(
            rate(contributor, comparison), contributor.delete(undo), rate(contributor, comparison, overall=-1)
        )
        assert {answer.status_code for answer in told} <= {201, 204, 404, 409}
        said = await history(town, comparison)
        current = [ended for _, ended in said if ended is None]
        now = (await contributor.get(at(comparison, "ratings"))).json()
        assert (now["turns"]["1"]["rating"] is not None) == (len(current) == 1)
        assert now["actions"]["rate"]["allowed"] == (not current)
        told_of = (await contributor.get(at(comparison, "events"))).json()["events"]
        assert len(told_of) == len(said) + sum(ended == "undone" for _, ended in said)
        assert not told_of or told_of[-1]["data"]["rated"] == bool(current)
        async with town.database.transaction() as session:
            audited = [entry.action for entry in await list_audit(session, subject=f"comparison:{comparison}")]
        assert sorted(audited) == sorted(["rating.given"] * len(said) + ["rating.undone"] * (len(told_of) - len(said)))


@pytest.mark.parametrize(
    ("status", "code"), [("running", "turn-running"), ("queued", "turn-running"), ("cancelled", "turn-not-rateable")]
)
async def test_a_turn_without_results_cannot_be_rated(town: Town, contributor: Browser, status: str, code: str) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    await set_turn_status(town.database, comparison, status)
    answer = await rate(contributor, comparison)
    assert answer.status_code == 409
    assert answer.json()["code"] == code
    draft = await contributor.put(at(comparison, "rating/draft", 1), {"revision": 0, "answers": {}})
    assert draft.status_code == 200, "notes may be taken before"


async def test_somebody_elses_turn_is_not_there(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    other = await town.enter(Role.CONTRIBUTOR, Role.REVIEWER)
    requests = [
        rate(other, comparison),
        rate(contributor, uuid4()),
        rate(contributor, comparison, turn=2),
        other.put(at(comparison, "rating/draft", 1), {"revision": 0, "answers": {}}),
        other.get(at(comparison, "rating/draft", 1)),
        other.delete(at(comparison, "rating", 1)),
        other.get(at(comparison, "ratings")),
        other.get(at(comparison, "submission/problems")),
        other.post(at(comparison, "submit"), {}),
        contributor.put(at(comparison, "rating/draft", 2), {"revision": 0, "answers": {}}),
    ]
    for request in requests:
        assert (await request).status_code == 404


async def test_answers_that_do_not_fit_the_rubric_name_their_fields(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    refused = await rate(contributor, comparison, axes={"correctness": 1}, verdict=None, justification="")
    assert refused.status_code == 422
    assert set(fields(refused)) == {
        "axes.security",
        "axes.reliability",
        "axes.maintainability",
        "verdict",
        "justification",
    }
    assert await history(town, comparison) == []


async def test_a_refused_rating_leaves_no_trace(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    refused = await rate(contributor, comparison, justification="")
    assert refused.status_code == 422
    assert set(fields(refused)) == {"justification"}
    assert await history(town, comparison) == []
    assert (await contributor.get(at(comparison, "events"))).json()["events"] == []
    assert (await contributor.get(at(comparison, "ratings"))).json()["actions"]["rate"]["allowed"]
    async with town.database.transaction() as session:
        assert not await list_audit(session, subject=f"comparison:{comparison}")


@pytest.mark.parametrize("verdict", ["equal", "both_bad"])
async def test_equal_and_both_bad_are_said_not_implied(town: Town, contributor: Browser, verdict: str) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    given = await rate(contributor, comparison, verdict=verdict, overall=None, key_axis=None)
    assert given.status_code == 201
    assert given.json()["preferred"] is None
    assert given.json()["strength"] == 0
    assert given.json()["answers"]["overall"] == 0
    assert (await rate(contributor, comparison, verdict=verdict, overall=None, key_axis=None)).status_code == 201


async def test_undo_ends_with_the_next_prompt(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    await rate(contributor, comparison)
    await add_turn(town.database, comparison, prompt="Add a test for it.", status="running")
    refused = await contributor.delete(at(comparison, "rating", 1))
    assert refused.status_code == 409


# --- submitting ------------------------------------------------------------------------------------------------------


async def test_submitting_shows_contradictions_first(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    await rate(contributor, comparison, justification="Better, see importer.py")
    problems = (await contributor.get(at(comparison, "submission/problems"))).json()["problems"]
    assert [(problem["code"], problem["severity"]) for problem in problems] == [("justification-too-short", "warning")]
    refused = await contributor.post(at(comparison, "submit"), {"acknowledged": []})
    assert refused.status_code == 422
    assert refused.json()["code"] == "submission-refused"
    shown = (await contributor.get(at(comparison, "ratings"))).json()
    assert shown["actions"]["submit"]["allowed"], "nothing was half submitted"
    sent = await contributor.post(at(comparison, "submit"), {"acknowledged": ["justification-too-short"]})
    assert sent.status_code == 200
    assert sent.json()["status"] == "submitted"
    again = await contributor.post(at(comparison, "submit"), {"acknowledged": ["justification-too-short"]})
    assert again.json()["submitted_at"] == sent.json()["submitted_at"]
    assert (await rate(contributor, comparison, overall=-1)).status_code == 409
    assert (await contributor.delete(at(comparison, "rating", 1))).status_code == 409
    draft = await contributor.put(at(comparison, "rating/draft", 1), {"revision": 0, "answers": {}})
    assert draft.status_code == 409


async def test_errors_cannot_be_acknowledged(town: Town, contributor: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    await rate(contributor, comparison, key_axis="maintainability")
    refused = await contributor.post(at(comparison, "submit"), {"acknowledged": ["key-axis-against-overall"]})
    assert refused.status_code == 422
    assert "key-axis-against-overall" in refused.text


async def test_too_few_turns_and_unrated_turns_are_conflicts(town: Town, contributor: Browser) -> None:
    campaign = await open_campaign(town.database, min_turns=2)
    comparison = await ready_comparison(town.database, contributor.person.id, campaign=campaign)
    assert (await contributor.post(at(comparison, "submit"), {})).status_code == 409
    await rate(contributor, comparison)
    few = await contributor.post(at(comparison, "submit"), {})
    assert few.status_code == 409
    assert "2" in few.json()["detail"]
    await add_turn(town.database, comparison, prompt="Add a test for it.")
    unrated = await contributor.post(at(comparison, "submit"), {})
    assert unrated.json()["code"] == "not-rated"
    second = answers()["justification"] + " The test of A covers it."
    assert (await rate(contributor, comparison, 2, justification=second)).status_code == 201
    sent = await contributor.post(at(comparison, "submit"), {})
    assert sent.status_code == 200, sent.text


async def test_submitting_from_two_tabs_while_the_rating_is_undone_is_one_outcome(
    town: Town, contributor: Browser
) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    assert (await rate(contributor, comparison)).status_code == 201
    first, second, undone = await asyncio.gather(
        contributor.post(at(comparison, "submit"), {}),
        contributor.post(at(comparison, "submit"), {}),
        contributor.delete(at(comparison, "rating", 1)),
    )
    told = [event["kind"] for event in (await contributor.get(at(comparison, "events"))).json()["events"]]
    if undone.status_code == 204:  # it came first: there was nothing to submit any more
        assert {first.status_code, second.status_code} == {409}
        assert told == ["rating", "rating"]
    else:
        assert undone.status_code == 409
        assert {first.status_code, second.status_code} == {200}
        assert told == ["rating", "comparison_status"], "submitted once"
