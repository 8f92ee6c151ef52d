"""Reviewing, and what downstream reads."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from tests.factories.judgement import add_turn, answers, arms_of, open_campaign, ready_comparison
from tests.factories.people import Browser, Town, fields

from marlin.accounts import Role
from marlin.ratings import rating_history
from marlin.reviews import AcceptedRating, accepted_ratings

LONG = answers()["justification"]
PROMPTS = ("Please add a test for an empty order.", "Rename `total` so that it says what it adds up.")
"""Of the second and third turn; a prompt that repeats the one before would be remarked on."""


async def submitted(town: Town, contributor: Browser, *, turns: int = 1, **terms: Any) -> UUID:
    """A comparison with so many rated turns, submitted."""
    comparison = await ready_comparison(town.database, contributor.person.id, **terms)
    for number in range(1, turns + 1):
        if number > 1:
            await add_turn(town.database, comparison, prompt=PROMPTS[number - 2])
        rated = await contributor.post(
            f"/comparisons/{comparison}/turns/{number}/rating", answers(justification=f"{LONG} Turn {number}.")
        )
        assert rated.status_code == 201, rated.text
    await send(contributor, comparison)
    return comparison


async def send(contributor: Browser, comparison: UUID) -> None:
    # one person's submissions here have the same reasons
    answer = await contributor.post(f"/comparisons/{comparison}/submit", {"acknowledged": ["justification-copied"]})
    assert answer.status_code == 200, answer.text


async def review(browser: Browser, comparison: UUID, decision: str, comments: str = "") -> Any:
    return await browser.post(f"/comparisons/{comparison}/reviews", {"decision": decision, "comments": comments})


async def accepted(town: Town, campaign_id: UUID | None = None) -> list[AcceptedRating]:
    async with town.database.transaction() as session:
        return [rating async for rating in accepted_ratings(session, campaign_id)]


async def test_the_queue_holds_what_others_submitted_oldest_first(town: Town, contributor: Browser) -> None:
    both = await town.enter(Role.CONTRIBUTOR, Role.REVIEWER)
    first = await submitted(town, contributor)
    await submitted(town, both)
    third = await submitted(town, contributor, turns=2)
    await ready_comparison(town.database, contributor.person.id)
    queue = (await both.get("/reviews/queue")).json()
    assert [entry["comparison_id"] for entry in queue] == [str(first), str(third)]
    assert queue[1]["turns"] == 2
    assert (await both.get(f"/reviews/queue?comparison={third}")).json() == queue[1:]
    assert (await both.get(f"/reviews/queue?comparison={both.person.id}")).json() == []
    assert queue[0]["title"] == "Fix the import"
    assert queue[0]["campaign_title"].startswith("Campaign")
    assert queue[0]["submitted_at"] is not None


async def test_accepting_is_final_and_harmless_to_repeat(town: Town, contributor: Browser, reviewer: Browser) -> None:
    comparison = await submitted(town, contributor)
    first = await review(reviewer, comparison, "accept", "Well argued.")
    assert first.status_code == 201
    assert (await review(reviewer, comparison, "accept", "Well argued.")).json() == first.json()
    assert (await review(reviewer, comparison, "return", "On second thoughts.")).status_code == 409
    other = await town.enter(Role.REVIEWER)
    assert (await review(other, comparison, "accept", "Well argued.")).status_code == 409
    assert (await reviewer.get("/reviews/queue")).json() == []
    shown = (await contributor.get(f"/comparisons/{comparison}/reviews")).json()
    assert [(entry["decision"], entry["comments"], entry["mine"]) for entry in shown] == [
        ("accept", "Well argued.", False)
    ]
    assert str(reviewer.person.id) not in str(shown)
    assert reviewer.person.name not in str(shown)


async def test_two_reviewers_at_once_leave_one_decision(town: Town, contributor: Browser, reviewer: Browser) -> None:
    comparison = await submitted(town, contributor)
    other = await town.enter(Role.REVIEWER)
    both = await asyncio.gather(review(reviewer, comparison, "accept"), review(other, comparison, "return", "No."))
    assert sorted(answer.status_code for answer in both) == [201, 409]


async def test_returning_needs_comments(town: Town, contributor: Browser, reviewer: Browser) -> None:
    comparison = await submitted(town, contributor)
    refused = await review(reviewer, comparison, "return", "  ")
    assert refused.status_code == 422
    assert "comments" in fields(refused)
    assert (await review(reviewer, comparison, "reject", "x")).status_code == 422, "a reason is missing"


async def test_nobody_reviews_their_own_work(town: Town) -> None:
    both = await town.enter(Role.CONTRIBUTOR, Role.REVIEWER)
    comparison = await submitted(town, both)
    refused = await review(both, comparison, "accept")
    assert refused.status_code == 403
    assert refused.json()["code"] == "own-work"


async def test_unsubmitted_work_is_not_there_for_reviewers(town: Town, contributor: Browser, reviewer: Browser) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    assert (await review(reviewer, comparison, "accept")).status_code == 404
    assert (await reviewer.get(f"/comparisons/{comparison}/reviews")).status_code == 404
    assert (await reviewer.get(f"/comparisons/{comparison}/ratings")).status_code == 404


async def test_a_reviewer_sees_ratings_but_neither_drafts_nor_actions(
    town: Town, contributor: Browser, reviewer: Browser
) -> None:
    comparison = await ready_comparison(town.database, contributor.person.id)
    draft = {"revision": 0, "answers": {"justification": "half a thought"}}
    await contributor.put(f"/comparisons/{comparison}/turns/1/rating/draft", draft)
    await contributor.post(f"/comparisons/{comparison}/turns/1/rating", answers())
    await send(contributor, comparison)
    shown = await reviewer.get(f"/comparisons/{comparison}/ratings")
    assert shown.json()["turns"]["1"]["rating"]["preferred"] == "A"
    assert "half a thought" not in shown.text
    assert not any(action["allowed"] for action in shown.json()["actions"].values())


async def test_returned_work_is_mended_and_sent_again(town: Town, contributor: Browser, reviewer: Browser) -> None:
    comparison = await submitted(town, contributor, turns=2)
    assert (await review(reviewer, comparison, "return", "Turn 1: look at the last row again.")).status_code == 201
    assert (await reviewer.get("/reviews/queue")).json() == []
    shown = (await contributor.get(f"/comparisons/{comparison}/reviews")).json()
    assert shown[0]["comments"] == "Turn 1: look at the last row again."
    actions = (await contributor.get(f"/comparisons/{comparison}/ratings")).json()["actions"]
    assert actions["rate"]["allowed"]
    assert actions["submit"]["allowed"]
    mended = await contributor.post(
        f"/comparisons/{comparison}/turns/1/rating", answers(overall=-1, justification=f"{LONG} Seen again.")
    )
    assert mended.status_code == 201, mended.text
    assert (await contributor.delete(f"/comparisons/{comparison}/turns/2/rating")).status_code == 204
    assert (await contributor.post(f"/comparisons/{comparison}/submit", {})).status_code == 409, "turn 2 lacks a rating"
    again = await contributor.post(f"/comparisons/{comparison}/turns/2/rating", answers())
    assert again.status_code == 201, again.text
    await send(contributor, comparison)
    assert len((await reviewer.get("/reviews/queue")).json()) == 1
    assert (await review(reviewer, comparison, "accept")).status_code == 201
    async with town.database.transaction() as session:
        history = [(rating.turn_number, rating.ended) for rating in await rating_history(session, comparison)]
    assert sorted(history, key=str) == sorted([(1, "replaced"), (1, None), (2, "undone"), (2, None)], key=str)
    assert [rating.strength for rating in await accepted(town)] == [1, 2]


async def test_accepted_ratings_are_all_and_only_what_was_accepted(
    town: Town, contributor: Browser, reviewer: Browser
) -> None:
    campaign = await open_campaign(town.database)
    other_campaign = await open_campaign(town.database)
    kept = await submitted(town, contributor, turns=3, campaign=campaign)
    elsewhere = await submitted(town, contributor, campaign=other_campaign)
    returned = await submitted(town, contributor, campaign=campaign)
    await submitted(town, contributor, campaign=campaign)
    for comparison, decision in ((kept, "accept"), (elsewhere, "accept"), (returned, "return")):
        assert (await review(reviewer, comparison, decision, "Noted.")).status_code == 201
    mine = await accepted(town, campaign.id)
    assert [(rating.comparison_id, rating.turn_number) for rating in mine] == [(kept, 1), (kept, 2), (kept, 3)]
    assert {rating.comparison_id for rating in await accepted(town)} == {kept, elsewhere}
    first = mine[0]
    trainable = {arm.id: arm.outputs_may_train for arm in await arms_of(town.database, campaign.id)}
    assert {first.arm_a_id, first.arm_b_id} == set(trainable)
    assert first.outputs_may_train_a == trainable[first.arm_a_id]
    assert first.outputs_may_train_b == trainable[first.arm_b_id]
    assert (first.preferred, first.verdict, first.strength) == ("A", "preference", 2)
    assert first.answers.axes["correctness"] == -2
    assert first.person_id == contributor.person.id
    assert first.reviewer_id == reviewer.person.id
    assert (mine[0].continued_from, mine[1].continued_from) == (None, "A")
    assert (mine[0].continuation, mine[1].continuation) == ("first", "session")
