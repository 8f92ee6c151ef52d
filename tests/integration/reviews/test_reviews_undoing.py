"""Taking decisions back: by whom, how long, what refuses it; and the list of what a reviewer has decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from tests.factories.assigning import finished, judge
from tests.factories.deciding import (
    ANSWER,
    decide,
    dispute,
    evidence,
    latest,
    queue,
    reject,
    reopen,
    status_of,
)
from tests.factories.judgement import answers, open_campaign
from tests.factories.people import Browser, Town

from marlin.accounts import Role, record_audit
from marlin.campaigns import Campaign
from marlin.comparisons import Comparison
from marlin.db import new_id, now
from marlin.reviews import Review
from marlin.reviews.undoing import ACCEPTANCES_FOR

REMARK = {"turn": 1, "field": "justification", "text": "Where is this from?"}


async def kept_because(who: Browser, comparison: UUID) -> str:
    """Why the last decision stands, as the list of reviews, the list of decisions and a try all say."""
    shown, (entry, *_) = await latest(who, comparison), (await who.get("/reviews/decided")).json()
    refused = (await reopen(who, comparison)).json()
    assert (shown["can_reopen"], entry["can_reopen"]) == (False, False)
    assert shown["kept_because"] == entry["kept_because"] == refused["detail"]
    return str(refused["code"])


async def test_an_acceptance_is_taken_back_and_given_again(
    town: Town, campaign: Campaign, contributor: Browser, reviewer: Browser, comparison: UUID
) -> None:
    accepted = await decide(reviewer, comparison, "accept", "Clear.", remarks=[REMARK])
    assert (accepted.status_code, accepted.json()["can_reopen"]) == (201, True)
    assert await evidence(town, campaign) == (1, 1)
    back = await reopen(reviewer, comparison)
    assert (back.status_code, back.json()["decision"]) == (201, "reopen")
    assert (await reopen(reviewer, comparison)).json()["id"] == back.json()["id"], "sent twice"
    assert await status_of(contributor, comparison) == "submitted"
    assert await evidence(town, campaign) == (0, 0)
    assert await queue(reviewer) == [(str(comparison), False)]
    draft = (await reviewer.get(f"/comparisons/{comparison}/reviews/draft")).json()
    assert (draft["comments"], draft["remarks"]) == ("Clear.", [REMARK]), "nothing typed is lost"
    assert (await decide(reviewer, comparison, "accept", "Clear, on second thoughts.")).status_code == 201
    assert await evidence(town, campaign) == (1, 1), "one vote, though it was accepted twice"
    history = [row["decision"] for row in (await contributor.get(f"/comparisons/{comparison}/reviews")).json()]
    assert history == ["accept", "reopen", "accept"]


async def test_a_return_is_taken_back_until_the_contributor_works_on_it(
    contributor: Browser, reviewer: Browser, comparison: UUID
) -> None:
    await decide(reviewer, comparison, "return", "Say more.")
    assert (await latest(reviewer, comparison))["can_reopen"]
    assert (await reopen(reviewer, comparison)).status_code == 201
    assert await status_of(contributor, comparison) == "submitted"
    await decide(reviewer, comparison, "return", "Say more of B.")
    draft = await contributor.put(
        f"/comparisons/{comparison}/turns/1/rating/draft", {"revision": 0, "answers": answers()}
    )
    assert draft.status_code == 200, draft.text
    assert await kept_because(reviewer, comparison) == "reopen-refused"
    await judge(contributor, comparison, overall=-1)
    refused = (await reopen(reviewer, comparison)).json()
    assert (refused["code"], refused["detail"]) == ("reopen-refused", "It was submitted again.")
    (entry,) = [one for one in (await reviewer.get("/reviews/decided")).json() if one["became"] != "taken_back"]
    assert (entry["became"], entry["can_reopen"], entry["kept_because"]) == ("submitted_again", False, None)


@pytest.mark.parametrize("path", ["leaderboard", "agreement", "changes", "leaderboard.csv", "report.html"])
async def test_what_was_counted_is_never_taken_away_again(
    town: Town, campaign: Campaign, reviewer: Browser, comparison: UUID, path: str
) -> None:
    operator = await town.enter(Role.OPERATOR)
    assert (await operator.get(f"/campaigns/{campaign.id}/{path}")).status_code == 200
    await decide(reviewer, comparison, "accept", "")
    assert (await latest(reviewer, comparison))["can_reopen"], "it was looked at before"
    assert (await operator.get(f"/campaigns/{campaign.id}/{path}")).status_code == 200
    assert await kept_because(reviewer, comparison) == "reopen-refused"
    assert await evidence(town, campaign) == (1, 1)


@pytest.mark.parametrize("action", ["dataset.built", "decision.reached", "report.made"])
async def test_what_marlin_itself_made_of_it_holds_it_too(
    town: Town, campaign: Campaign, reviewer: Browser, comparison: UUID, action: str
) -> None:
    await decide(reviewer, comparison, "accept", "")
    async with town.database.transaction() as session:
        record_audit(session, None, action, f"campaign:{campaign.id}")
    assert await kept_because(reviewer, comparison) == "reopen-refused"


async def test_a_gold_task_stays_accepted_and_nobody_learns_that_it_is_one(
    town: Town, reviewer: Browser, comparison: UUID
) -> None:
    operator = await town.enter(Role.OPERATOR)
    await decide(reviewer, comparison, "accept", "")
    gold = {"expected": "A", "min_strength": 1, "reason": "B drops the last row."}
    assert (await operator.put(f"/comparisons/{comparison}/gold", gold)).status_code == 204
    assert await kept_because(reviewer, comparison) == "reopen-refused"
    assert "gold" not in (await reopen(reviewer, comparison)).text.lower()


async def test_contributors_rely_on_an_acceptance_after_a_day(town: Town, reviewer: Browser, comparison: UUID) -> None:
    async with town.database.transaction() as session:
        await session.execute(update(Comparison).where(Comparison.id == comparison).values(status="accepted"))
        past = now() - ACCEPTANCES_FOR - timedelta(minutes=1)
        facts: dict[str, Any] = {"decision": "accept", "comments": "", "created_at": past}
        session.add(Review(id=new_id(), comparison_id=comparison, reviewer_id=reviewer.person.id, **facts))
    assert await kept_because(reviewer, comparison) == "reopen-refused"


async def test_only_whoever_decided_takes_it_back_and_not_what_they_decided_on_a_dispute(
    town: Town, contributor: Browser, reviewer: Browser, comparison: UUID
) -> None:
    second, operator = await town.enter(Role.REVIEWER), await town.enter(Role.OPERATOR)
    await decide(reviewer, comparison, "accept", "")
    for who in (second, operator):
        assert (await reopen(who, comparison, "It is wrong.")).json()["code"] == "decision-not-yours"
        assert (await latest(who, comparison))["kept_because"] is None
    assert (await reopen(contributor, comparison)).status_code == 403
    await reopen(reviewer, comparison)
    await reject(reviewer, comparison)
    await dispute(contributor, comparison, ANSWER)
    await decide(second, comparison, "accept", "You are right.")
    assert await kept_because(second, comparison) == "reopen-refused"


async def test_whoever_has_looked_behind_the_blind_takes_nothing_back(town: Town, comparison: UUID) -> None:
    both = await town.enter(Role.REVIEWER, Role.OPERATOR)
    await decide(both, comparison, "accept", "")
    assert (await both.get(f"/comparisons/{comparison}/operator")).status_code == 200
    assert await kept_because(both, comparison) == "unblinded"


async def test_a_reviewer_finds_what_they_decided_and_nobody_elses(
    town: Town, campaign: Campaign, contributor: Browser, reviewer: Browser
) -> None:
    other, second = await open_campaign(town.database), await town.enter(Role.REVIEWER)
    accepted, returned, rejected, elsewhere = [
        await finished(town, one, who=contributor) for one in (campaign, campaign, campaign, other)
    ]
    await decide(reviewer, accepted, "accept", "A model of clarity.")
    await decide(reviewer, returned, "return", "Say more.")
    await reject(reviewer, rejected)
    await decide(second, elsewhere, "accept", "")
    rows = (await reviewer.get("/reviews/decided")).json()
    assert [(row["comparison_id"], row["decision"]) for row in rows] == [
        (str(rejected), "reject"),
        (str(returned), "return"),
        (str(accepted), "accept"),
    ]
    assert all(row["can_reopen"] and row["can_open"] and row["became"] == "stands" for row in rows)
    assert contributor.person.name not in str(rows)

    async def found(query: str) -> list[str]:
        return [row["comparison_id"] for row in (await reviewer.get(f"/reviews/decided?{query}")).json()]

    assert await found("decision=accept&decision=return") == [str(returned), str(accepted)]
    assert await found("search=MODEL of clarity") == [str(accepted)]
    assert await found(f"campaign={other.id}") == []
    page = await reviewer.get("/reviews/decided?limit=2")
    assert (len(page.json()), "next" in page.links) == (2, True)
    named = (await reviewer.get("/reviews/decided/campaigns")).json()
    assert named == [{"id": str(campaign.id), "title": campaign.title}]
    await dispute(contributor, rejected)
    (disputed,) = (await reviewer.get("/reviews/decided?decision=reject")).json()
    assert (disputed["became"], disputed["can_reopen"]) == ("disputed", False)
    await decide(second, rejected, "accept", "")
    (over,) = (await reviewer.get("/reviews/decided?decision=reject")).json()
    assert (over["became"], over["can_reopen"]) == ("decided_again", False)
