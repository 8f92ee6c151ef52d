"""Remarks on single answers, and reviews while they are written."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from test_reviews_reviewing import LONG, send, submitted
from tests.factories.judgement import answers
from tests.factories.people import Browser, Town, fields

from marlin.accounts import Role

REMARKS = [
    {"turn": 1, "field": "axes.security", "text": "Nothing here touches security: is 0 not right?"},
    {"turn": 1, "field": "overall", "text": "Your axes are milder than this."},
    {"turn": 2, "field": "justification", "text": "Which file?"},
    {"turn": 2, "field": "prompt", "text": "Name the function the next time."},
]


async def send_back(reviewer: Browser, comparison: UUID, remarks: list[dict[str, Any]], **more: Any) -> Any:
    return await reviewer.post(f"/comparisons/{comparison}/reviews", {"decision": "return", "remarks": remarks} | more)


async def shown(browser: Browser, comparison: UUID) -> list[dict[str, Any]]:
    reviews: list[dict[str, Any]] = (await browser.get(f"/comparisons/{comparison}/reviews")).json()
    return reviews


async def test_each_remark_is_resolved_when_its_answer_changes(
    town: Town, contributor: Browser, reviewer: Browser
) -> None:
    comparison = await submitted(town, contributor, turns=2)
    sent = await send_back(reviewer, comparison, REMARKS)
    assert sent.status_code == 201, sent.text
    assert (await send_back(reviewer, comparison, REMARKS)).json() == sent.json(), "sent twice, recorded once"
    [review] = await shown(contributor, comparison)
    assert [{name: each[name] for name in REMARKS[0]} for each in review["remarks"]] == REMARKS
    assert [each["said"] for each in review["remarks"]] == [
        0,
        {"overall": -2, "verdict": "preference"},
        f"{LONG} Turn 2.",
        "Please add a test for an empty order.",
    ]
    assert not any(each["resolved"] for each in review["remarks"])
    assert [each["final"] for each in review["remarks"]] == [False, False, False, True]

    mended = answers(overall=-1, justification=f"{LONG} Turn 1.")
    assert (await contributor.post(f"/comparisons/{comparison}/turns/1/rating", mended)).status_code == 201
    [review] = await shown(contributor, comparison)
    assert [each["resolved"] for each in review["remarks"]] == [False, True, False, False]
    assert review["remarks"][1]["said"]["overall"] == -2, "what it said then stays readable"
    await send(contributor, comparison)
    assert [each["resolved"] for each in (await shown(reviewer, comparison))[0]["remarks"]] == [
        False,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "remark",
    [
        {"turn": 3, "field": "overall", "text": "There is no third turn."},
        {"turn": 1, "field": "axes.beauty", "text": "The rubric has no such axis."},
        {"turn": 1, "field": "expectation", "text": "Not an answer."},
    ],
)
async def test_a_remark_on_nothing_is_refused_and_nothing_recorded(
    town: Town, contributor: Browser, reviewer: Browser, remark: dict[str, Any]
) -> None:
    comparison = await submitted(town, contributor)
    refused = await send_back(reviewer, comparison, [REMARKS[0], remark])
    assert (refused.status_code, refused.json()["code"]) == (422, "remark-refused")
    assert "remarks.1.text" in fields(refused)
    assert await shown(reviewer, comparison) == []
    blank = await send_back(reviewer, comparison, [REMARKS[0] | {"text": " \n"}])
    assert blank.status_code == 422


async def test_a_review_is_kept_while_it_is_written_and_gone_when_it_is_sent(
    town: Town, contributor: Browser, reviewer: Browser
) -> None:
    comparison = await submitted(town, contributor)
    path = f"/comparisons/{comparison}/reviews/draft"
    assert (await reviewer.get(path)).json() == {"revision": 0, "comments": "", "remarks": [], "saved_at": None}
    typed = {"comments": "Turn 1: ", "remarks": [REMARKS[0] | {"text": ""}]}
    first = await reviewer.put(path, typed | {"revision": 0})
    assert first.json()["revision"] == 1
    assert (await reviewer.put(path, typed | {"revision": 0})).json() == first.json(), "sent twice"
    other = await reviewer.put(path, {"revision": 0, "comments": "From another tab."})
    assert (other.status_code, other.json()["code"]) == (409, "draft-outdated")
    assert other.json()["details"]["draft"]["comments"] == "Turn 1: "
    assert (await reviewer.get(path)).json()["remarks"] == typed["remarks"]

    colleague = await town.enter(Role.REVIEWER)
    assert (await colleague.get(path)).json()["revision"] == 0, "each reviewer has their own"
    assert (await send_back(reviewer, comparison, [REMARKS[0]])).status_code == 201
    await send(contributor, comparison)
    assert (await reviewer.get(path)).json()["revision"] == 0


async def test_nobody_drafts_a_review_of_their_own_work_or_of_what_is_not_submitted(
    town: Town, reviewer: Browser
) -> None:
    both = await town.enter(Role.CONTRIBUTOR, Role.REVIEWER)
    comparison = await submitted(town, both)
    path = f"/comparisons/{comparison}/reviews/draft"
    assert (await both.put(path, {"revision": 0, "comments": "Fine."})).status_code == 403
    assert (await both.get(path)).status_code == 403
    assert (await send_back(reviewer, comparison, [REMARKS[0]])).status_code == 201
    late = await reviewer.put(path, {"revision": 0, "comments": "One more thing."})
    assert late.status_code in (404, 409)
