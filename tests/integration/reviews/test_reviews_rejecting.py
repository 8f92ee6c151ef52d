"""Rejecting: with a reason, disputed once, decided by somebody else, taken back; and what it leaves behind."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.factories.assigning import ask, begin, campaign_with, finished, judge
from tests.factories.deciding import (
    ANSWER,
    WORDS,
    decide,
    dispute,
    evidence,
    latest,
    queue,
    reject,
    reopen,
    status_of,
)
from tests.factories.judgement import open_campaign
from tests.factories.people import Browser, Town, fields

from marlin.accounts import Role
from marlin.campaigns import Campaign


@pytest.fixture
async def second(town: Town) -> Browser:
    return await town.enter(Role.REVIEWER)


async def test_a_rejection_ends_it_with_a_reason_that_the_contributor_reads(
    town: Town, campaign: Campaign, contributor: Browser, reviewer: Browser, comparison: UUID
) -> None:
    given = await reject(reviewer, comparison)
    assert (given["decision"], given["reason"], given["can_reopen"], given["can_dispute"]) == (
        "reject",
        "copied",
        True,
        False,
    )
    assert (await decide(reviewer, comparison, "reject")).json()["id"] == given["id"], "sent twice"
    assert await status_of(contributor, comparison) == "rejected"
    told = await latest(contributor, comparison)
    assert (told["reason"], told["comments"], told["can_dispute"], told["can_reopen"]) == ("copied", WORDS, True, False)
    assert reviewer.person.name not in str(told)
    assert str(reviewer.person.id) not in str(told)
    assert await queue(reviewer) == []
    assert await evidence(town, campaign) == (0, 0)
    for attempt in (
        contributor.post(f"/comparisons/{comparison}/submit", {}),
        contributor.delete(f"/comparisons/{comparison}/turns/1/rating"),
        contributor.post(f"/comparisons/{comparison}/turns", {"prompt": "And a test, please."}),
    ):
        assert (await attempt).status_code == 409
    actions = (await contributor.get(f"/comparisons/{comparison}/ratings")).json()["actions"]
    assert not any(action["allowed"] for action in actions.values())
    with pytest.raises(DBAPIError, match="never changed"):
        async with town.database.transaction() as session:
            await session.execute(text("UPDATE review SET reason = 'fraud'"))


async def test_a_reason_and_words_are_both_needed(reviewer: Browser, comparison: UUID) -> None:
    silent = await decide(reviewer, comparison, "reject", "  ")
    assert (silent.status_code, silent.json()["code"]) == (422, "comments-missing")
    assert "comments" in fields(silent)
    assert (await decide(reviewer, comparison, "reject", reason=None)).status_code == 422
    assert (await decide(reviewer, comparison, "reject", reason="dislike")).status_code == 422
    assert (await decide(reviewer, comparison, "accept", reason="copied")).status_code == 422
    assert await queue(reviewer) == [(str(comparison), False)]


async def test_who_comes_second_is_told_what_happened(
    contributor: Browser, reviewer: Browser, second: Browser, comparison: UUID
) -> None:
    both = await asyncio.gather(decide(reviewer, comparison, "reject"), decide(second, comparison, "accept"))
    assert sorted(answer.status_code for answer in both) == [201, 409]
    (refused,) = [answer.json() for answer in both if answer.status_code == 409]
    assert refused["code"] == "decided-meanwhile"
    status = await status_of(contributor, comparison)
    assert refused["detail"].startswith(f"Another reviewer has {status} this"), refused


async def test_a_dispute_is_decided_by_somebody_else(
    town: Town, campaign: Campaign, contributor: Browser, reviewer: Browser, second: Browser, comparison: UUID
) -> None:
    assert (await dispute(contributor, comparison)).json()["code"] == "dispute-refused", "nothing to dispute yet"
    await reject(reviewer, comparison)
    assert (await dispute(contributor, comparison, "  ")).status_code == 422
    said = await dispute(contributor, comparison)
    assert (said.status_code, said.json()["dispute"]["text"]) == (201, ANSWER)
    assert (await dispute(contributor, comparison)).status_code == 201, "sent twice"
    again = await dispute(contributor, comparison, "And another thing.")
    assert (again.status_code, again.json()["code"]) == (409, "dispute-refused")
    assert await status_of(contributor, comparison) == "disputed"
    assert await queue(reviewer) == []
    assert await queue(second) == [(str(comparison), True)]
    own = await decide(reviewer, comparison, "accept")
    assert (own.status_code, own.json()["code"]) == (403, "own-rejection")
    assert (await latest(second, comparison))["dispute"]["text"] == ANSWER
    assert (await reopen(reviewer, comparison)).json()["code"] == "reopen-refused", "others decide by now"
    draft = await second.put(
        f"/comparisons/{comparison}/reviews/draft", {"revision": 0, "comments": "You are right", "remarks": []}
    )
    assert draft.status_code == 200, draft.text
    assert await evidence(town, campaign) == (0, 0)
    overturned = await decide(second, comparison, "accept", "You are right.")
    assert (overturned.status_code, overturned.json()["on_dispute"]) == (201, True)
    assert await status_of(contributor, comparison) == "accepted"
    assert await evidence(town, campaign) == (1, 1)


async def test_whoever_has_looked_behind_the_blind_decides_nothing(
    town: Town, contributor: Browser, reviewer: Browser, comparison: UUID
) -> None:
    await reject(reviewer, comparison)
    await dispute(contributor, comparison)
    looked, other = await town.enter(Role.OPERATOR), await town.enter(Role.OPERATOR)
    assert (await looked.get(f"/comparisons/{comparison}/operator")).status_code == 200
    refused = await decide(looked, comparison, "accept")
    assert (refused.status_code, refused.json()["code"]) == (403, "unblinded")
    assert await status_of(contributor, comparison) == "disputed"
    assert (await decide(other, comparison, "accept")).status_code == 201


async def test_an_upheld_rejection_is_final_for_all_but_operators(
    town: Town, contributor: Browser, reviewer: Browser, second: Browser, comparison: UUID
) -> None:
    operator = await town.enter(Role.OPERATOR)
    early = await decide(operator, comparison, "accept")
    assert (early.status_code, early.json()["code"]) == (403, "disputes-only")
    await reject(reviewer, comparison)
    await dispute(contributor, comparison)
    upheld = await decide(operator, comparison, "reject", "The texts are the same.")
    assert (upheld.status_code, upheld.json()["on_dispute"]) == (201, True)
    told = await latest(contributor, comparison)
    assert (told["decision"], told["can_dispute"]) == ("reject", False)
    refused = await dispute(contributor, comparison, "No!")
    assert (refused.status_code, refused.json()["code"]) == (409, "dispute-refused")
    assert (await reopen(second, comparison)).json()["code"] == "decision-not-yours"
    other = await town.enter(Role.OPERATOR)
    assert (await reopen(other, comparison, " ")).json()["code"] == "comments-missing"
    taken_back = await reopen(other, comparison, "The other text is the contributor's own, too.")
    assert (taken_back.status_code, taken_back.json()["decision"]) == (201, "reopen")
    assert await queue(reviewer) == [(str(comparison), False)]


async def test_whoever_rejected_can_take_it_back_until_it_is_disputed(
    contributor: Browser, reviewer: Browser, second: Browser, comparison: UUID
) -> None:
    assert (await reopen(reviewer, comparison)).json()["code"] == "reopen-refused"
    remark = {"turn": 1, "field": "justification", "text": "Where is this from?"}
    await decide(reviewer, comparison, "reject", remarks=[remark])
    assert (await reopen(second, comparison)).status_code == 403
    assert (await reopen(contributor, comparison)).status_code == 403
    back = await reopen(reviewer, comparison)
    assert (back.status_code, back.json()["decision"]) == (201, "reopen")
    assert (await reopen(reviewer, comparison)).json()["id"] == back.json()["id"], "sent twice"
    assert await status_of(contributor, comparison) == "submitted"
    draft = (await reviewer.get(f"/comparisons/{comparison}/reviews/draft")).json()
    assert (draft["comments"], draft["remarks"]) == (WORDS, [remark]), "nothing typed is lost"
    assert (await decide(reviewer, comparison, "return", "Say it of these results.")).status_code == 201
    history = [row["decision"] for row in (await contributor.get(f"/comparisons/{comparison}/reviews")).json()]
    assert history == ["return", "reopen", "reject"]


async def test_a_later_rejection_can_be_disputed_anew(
    contributor: Browser, reviewer: Browser, second: Browser, comparison: UUID
) -> None:
    await reject(reviewer, comparison)
    await dispute(contributor, comparison)
    assert (await decide(second, comparison, "return", "Say it of these results.")).status_code == 201
    await judge(contributor, comparison, overall=-1)
    assert await queue(reviewer) == [(str(comparison), False)], "whoever rejected it before may read it again"
    await reject(second, comparison, "not_judged")
    assert (await latest(contributor, comparison))["can_dispute"]
    assert (await dispute(contributor, comparison)).status_code == 201
    assert await queue(reviewer) == [(str(comparison), True)]
    assert await queue(second) == []


async def test_nobody_decides_where_they_judge_the_same_results(
    town: Town, reviewer: Browser, second: Browser, comparison: UUID, contributor: Browser
) -> None:
    everything = await town.enter(Role.CONTRIBUTOR, Role.REVIEWER, Role.OPERATOR)
    campaign = await campaign_with(town.database, overlap_rate=1.0)
    await finished(town, campaign, who=everything)
    repeat = await begin(contributor, await ask(contributor, campaign))
    await judge(contributor, repeat)
    refused = await decide(everything, repeat, "reject")
    assert (refused.status_code, refused.json()["code"]) == (403, "own-work")


async def test_operators_see_how_often_why_and_what_became_of_it(
    town: Town, campaign: Campaign, reviewer: Browser, second: Browser
) -> None:
    operator = await town.enter(Role.OPERATOR)
    who = await town.enter(Role.CONTRIBUTOR)
    standing, disputed, upheld, overturned, taken_back, undone = [
        await finished(town, campaign, who=who) for _ in range(6)
    ]
    elsewhere = await finished(town, await open_campaign(town.database))
    for one in (standing, disputed, upheld, overturned, taken_back, undone, elsewhere):
        await reject(reviewer, one, "fraud" if one == upheld else "copied")
    for one in (disputed, upheld, overturned, undone):
        assert (await dispute(who, one)).status_code == 201
    for one, decision in ((upheld, "reject"), (overturned, "accept"), (undone, "reject")):
        assert (await decide(second, one, decision)).status_code == 201
    await reopen(reviewer, taken_back)
    assert (await reopen(operator, undone, "A mistake of ours.")).status_code == 201
    page = f"/campaigns/{campaign.id}/rejections"
    rows = (await operator.get(page)).json()
    assert [(row["comparison_id"], row["became"]) for row in rows] == [
        (str(undone), "taken_back"),
        (str(taken_back), "taken_back"),
        (str(overturned), "overturned"),
        (str(upheld), "upheld"),
        (str(disputed), "disputed"),
        (str(standing), "standing"),
    ]
    assert (rows[4]["dispute"]["text"], rows[4]["reviewer"], rows[4]["contributor"]) == (
        ANSWER,
        reviewer.person.name,
        who.person.name,
    )
    found = (await operator.get(f"{page}/counts")).json()
    assert {(row["reason"], row["became"]): row["count"] for row in found} == {
        ("copied", "taken_back"): 2,
        ("copied", "overturned"): 1,
        ("copied", "disputed"): 1,
        ("copied", "standing"): 1,
        ("fraud", "upheld"): 1,
    }
    only = (await operator.get(f"{page}?became=disputed&became=upheld&limit=1")).json()
    assert [row["comparison_id"] for row in only] == [str(upheld)]
    assert (await operator.get(f"{page}?search=nobody-of-this-name")).json() == []


async def test_operators_see_in_which_campaigns_a_dispute_waits(
    town: Town, campaign: Campaign, reviewer: Browser, second: Browser
) -> None:
    operator, who = await town.enter(Role.OPERATOR), await town.enter(Role.CONTRIBUTOR)
    other = await open_campaign(town.database)
    assert (await operator.get("/reviews/disputes")).json() == []
    first, later, elsewhere, standing = [
        await finished(town, one, who=who) for one in (campaign, campaign, other, campaign)
    ]
    for one in (first, later, elsewhere, standing):
        await reject(reviewer, one)
    for one in (elsewhere, first, later):
        assert (await dispute(who, one)).status_code == 201
    waiting = (await operator.get("/reviews/disputes")).json()
    assert [(one["campaign_id"], one["campaign_title"], one["count"]) for one in waiting] == [
        (str(other.id), other.title, 1),
        (str(campaign.id), campaign.title, 2),
    ], "the longest waiting first"
    assert (await decide(second, elsewhere, "return", "Say it of these results.")).status_code == 201
    assert (await decide(operator, first, "reject")).status_code == 201
    waiting = (await operator.get("/reviews/disputes")).json()
    assert [(one["campaign_id"], one["count"]) for one in waiting] == [(str(campaign.id), 1)]
    assert (await reviewer.get("/reviews/disputes")).status_code == 403


async def test_a_rejected_judgement_is_asked_of_somebody_else_and_frees_its_place(
    town: Town, reviewer: Browser
) -> None:
    campaign = await campaign_with(town.database, overlap_rate=1.0, overlap_people=2, max_comparisons=2)
    await finished(town, campaign, accepted=True)
    first, other = await town.enter(Role.CONTRIBUTOR), await town.enter(Role.CONTRIBUTOR)
    repeat = await begin(first, await ask(first, campaign))
    await judge(first, repeat)
    full = await other.post(f"/campaigns/{campaign.id}/assignment")
    assert full.json()["code"] == "campaign-full"
    await reject(reviewer, repeat, "not_judged")
    assert (await ask(other, campaign))["kind"] == "judge"
    full = await first.post(f"/campaigns/{campaign.id}/assignment")
    assert full.json()["code"] == "campaign-full", "somebody else has the place"
    assert await evidence(town, campaign) == (1, 1)


async def test_what_was_rejected_is_not_handed_out_any_more(town: Town, reviewer: Browser) -> None:
    campaign = await campaign_with(town.database, overlap_rate=1.0)
    source = await finished(town, campaign)
    who = await town.enter(Role.CONTRIBUTOR)
    held = await ask(who, campaign)
    assert held["kind"] == "judge"
    await reject(reviewer, source, "role_play")
    over = await who.post(f"/assignments/{held['id']}/begin")
    assert (over.status_code, over.json()["code"]) == (409, "assignment-over")
    assert (await ask(who, campaign))["kind"] == "own"


@pytest.mark.parametrize(("reason", "ratings"), [("role_play", 0), ("copied", 1)])
async def test_nothing_is_learned_from_a_task_that_was_rejected_whoever_judged_it(
    town: Town, reviewer: Browser, reason: str, ratings: int
) -> None:
    campaign = await campaign_with(town.database, overlap_rate=1.0)
    source = await finished(town, campaign)
    who = await town.enter(Role.CONTRIBUTOR)
    repeat = await begin(who, await ask(who, campaign))
    await judge(who, repeat)
    assert (await decide(reviewer, repeat, "accept", "")).status_code == 201
    assert await evidence(town, campaign) == (1, 1)
    await reject(reviewer, source, reason)
    assert await evidence(town, campaign) == (ratings, 1), "a vote that was counted stays counted"
    await reopen(reviewer, source)
    assert await evidence(town, campaign) == (1, 1)


async def test_a_rejected_answer_to_a_gold_task_counts_for_nothing(town: Town, reviewer: Browser) -> None:
    campaign = await open_campaign(town.database)
    owner, operator, who = [await town.enter(role) for role in (Role.CONTRIBUTOR, Role.OPERATOR, Role.CONTRIBUTOR)]
    source = await finished(town, campaign, who=owner, accepted=True)
    gold = {"expected": "A", "min_strength": 1, "reason": "B drops the last row."}
    assert (await operator.put(f"/comparisons/{source}/gold", gold)).status_code == 204
    policy = {"assignment": {"gold_to_qualify": 1}}
    assert (await operator.patch(f"/campaigns/{campaign.id}", policy)).status_code == 200
    repeat = await begin(who, await ask(who, campaign))
    await judge(who, repeat)
    standing = f"/campaigns/{campaign.id}/assignments"
    assert (await operator.get(standing)).json()["gold"][0]["judged"] == 1
    await reject(reviewer, repeat, "fraud")
    assert (await operator.get(standing)).json()["gold"][0]["judged"] == 0
    nothing = await who.post(f"/campaigns/{campaign.id}/assignment")
    assert nothing.json()["code"] == "nothing-to-qualify", "whose only answer was rejected has qualified with none"
