"""Asking what to do next, through the API and a real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from tests.factories.assigning import ask, begin, campaign_with, finished, judge
from tests.factories.comparisons import ready_brief
from tests.factories.judgement import ready_comparison
from tests.factories.people import Browser, Town

from marlin.accounts import Role
from marlin.assignments import Assignment
from marlin.comparisons import Comparison
from marlin.db import Database, now

EVERYTHING = {"overlap_rate": 1.0}
"""Everybody's results are judged a second time."""


async def late(database: Database, assignment_id: str) -> None:
    """Let the time of an assignment be over."""
    async with database.transaction() as session:
        statement = update(Assignment).where(Assignment.id == UUID(assignment_id))
        await session.execute(statement.values(expires_at=now() - timedelta(seconds=1)))


async def test_asking_twice_gives_the_same_and_the_first_task_is_ones_own(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, **EVERYTHING)
    who = await town.enter(Role.CONTRIBUTOR)
    path = f"/campaigns/{campaign.id}/assignment"
    assert (await who.get(path)).json()["assignment"] is None, "looking hands nothing out"
    first = await ask(who, campaign)
    assert (first["kind"], first["status"], first["price_cents"]) == ("own", "held", 28000)
    assert await ask(who, campaign) == first
    assert (await who.get(path)).json()["assignment"] == first
    brief = await ready_brief(database, campaign, who.person.id, base_image="debian")
    created = await who.post("/comparisons", {"brief_id": str(brief.id)})
    assert created.status_code == 201, created.text
    assert (await who.get(path)).json()["assignment"] is None, "what it asked for has begun"
    async with database.transaction() as session:
        row = await session.get_one(Assignment, UUID(first["id"]))
    assert (row.status, str(row.comparison_id)) == ("begun", created.json()["id"])


async def test_a_second_person_judges_what_the_first_has_submitted(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, **EVERYTHING, overlap_price_cents=9000)
    first = await town.enter(Role.CONTRIBUTOR)
    source = await finished(town, campaign, who=first)
    assert (await ask(first, campaign))["kind"] == "own", "nobody judges their own results again"
    second = await town.enter(Role.CONTRIBUTOR)
    given = await ask(second, campaign)
    assert (given["kind"], given["price_cents"], given["comparison_id"]) == ("judge", 9000, None)
    assert given["title"] == "Fix the import"
    comparison = await begin(second, given)
    assert comparison == await begin(second, given), "beginning twice begins once"
    shown = (await second.get(f"/comparisons/{comparison}")).json()
    assert (shown["status"], shown["judging"], shown["mine"]) == ("to_rate", True, True)
    assert not shown["actions"]["follow_up"]["allowed"]
    now_doing = await ask(second, campaign)
    assert (now_doing["id"], now_doing["status"]) == (given["id"], "begun")
    await judge(second, comparison)
    assert (await ask(second, campaign))["kind"] == "own", "the item has its two people"
    async with database.transaction() as session:
        row = await session.get_one(Comparison, UUID(comparison))
    assert (row.repeats_id, row.terms["price_cents"]) == (source, 9000)
    third = await town.enter(Role.CONTRIBUTOR)
    assert (await ask(third, campaign))["kind"] == "own"


async def test_people_who_ask_at_once_never_exceed_the_wished_number(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, **EVERYTHING)
    sources = [await finished(town, campaign) for _ in range(2)]
    people = [await town.enter(Role.CONTRIBUTOR) for _ in range(6)]
    # each of them twice at once: a double click, or two tabs
    given = await asyncio.gather(*(ask(who, campaign) for who in people for _ in range(2)))
    assert [given[place]["id"] for place in range(0, 12, 2)] == [given[place]["id"] for place in range(1, 12, 2)]
    judging = [entry for entry in given[::2] if entry["kind"] == "judge"]
    assert len(judging) == len(sources)
    begun = await asyncio.gather(
        *(
            begin(who, entry)
            for who, entry in zip(people, given[::2], strict=True)
            for _ in range(2)
            if entry["kind"] == "judge"
        )
    )
    assert len(set(begun)) == len(sources)
    async with database.transaction() as session:
        repeats = list(await session.scalars(select(Comparison).where(Comparison.repeats_id.is_not(None))))
    assert sorted(row.repeats_id for row in repeats if row.repeats_id) == sorted(sources)


async def test_the_cap_holds_when_people_start_at_once(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, max_comparisons=2)
    people = [await town.enter(Role.CONTRIBUTOR) for _ in range(5)]
    briefs = [await ready_brief(database, campaign, who.person.id, base_image="debian") for who in people]
    answers = await asyncio.gather(
        *(who.post("/comparisons", {"brief_id": str(brief.id)}) for who, brief in zip(people, briefs, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409).json()
    assert refused["code"] == "campaign-full"
    assert "2 comparisons" in refused["detail"]
    assert refused["hint"]


async def test_an_assignment_that_nobody_touches_is_given_to_somebody_else(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, **EVERYTHING)
    await finished(town, campaign)
    idle, eager = await town.enter(Role.CONTRIBUTOR), await town.enter(Role.CONTRIBUTOR)
    held = await ask(idle, campaign)
    assert held["kind"] == "judge"
    assert (await ask(eager, campaign))["kind"] == "own"
    await late(database, held["id"])
    other = await town.enter(Role.CONTRIBUTOR)
    taken = await ask(other, campaign)
    assert taken["kind"] == "judge"
    refused = await idle.post(f"/assignments/{held['id']}/begin")
    assert (refused.status_code, refused.json()["code"]) == (409, "assignment-over")
    assert (await idle.get(f"/campaigns/{campaign.id}/assignment")).json()["assignment"] is None
    assert (await ask(idle, campaign))["id"] != held["id"]


async def test_working_on_a_brief_keeps_an_assignment(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, required=True)
    who = await town.enter(Role.CONTRIBUTOR)
    held = await ask(who, campaign)
    await late(database, held["id"])
    brief = await ready_brief(database, campaign, who.person.id, base_image="debian")
    assert (await ask(who, campaign))["id"] == held["id"]
    assert (await who.post("/comparisons", {"brief_id": str(brief.id)})).status_code == 201


async def test_skipping_needs_a_reason_and_does_not_come_again(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, **EVERYTHING)
    await finished(town, campaign)
    who, other, operator = [await town.enter(role) for role in (Role.CONTRIBUTOR, Role.CONTRIBUTOR, Role.OPERATOR)]
    held = await ask(who, campaign)
    assert (await who.post(f"/assignments/{held['id']}/skip", {"reason": " "})).status_code == 422
    assert (await other.post(f"/assignments/{held['id']}/skip", {"reason": "Not mine."})).status_code == 404
    assert (await who.post(f"/assignments/{held['id']}/skip", {"reason": "I wrote this module."})).status_code == 200
    assert (await ask(who, campaign))["kind"] == "own"
    seen = (await operator.get(f"/campaigns/{campaign.id}/assignments")).json()
    skipped = next(entry for entry in seen["assignments"] if entry["id"] == held["id"])
    assert (skipped["status"], skipped["reason"], skipped["kind"]) == ("skipped", "I wrote this module.", "overlap")
    again = await ask(other, campaign)
    comparison = await begin(other, again)
    given_back = await other.post(f"/assignments/{again['id']}/skip", {"reason": "I can't run it."})
    assert given_back.status_code == 200, given_back.text
    assert (await other.get(f"/comparisons/{comparison}")).json()["status"] == "cancelled"
    third = await town.enter(Role.CONTRIBUTOR)
    assert (await ask(third, campaign))["kind"] == "judge", "the place is free again"


async def test_an_operator_can_free_a_place(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, **EVERYTHING)
    await finished(town, campaign)
    idle, next_one, operator = [await town.enter(role) for role in (Role.CONTRIBUTOR, Role.CONTRIBUTOR, Role.OPERATOR)]
    held = await ask(idle, campaign)
    await begin(idle, held)
    freed = await operator.post(f"/assignments/{held['id']}/release", {"reason": "On holiday."})
    assert freed.status_code == 200, freed.text
    assert (await ask(next_one, campaign))["kind"] == "judge"


async def test_a_paused_campaign_says_why_and_what_began_can_be_finished(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, **EVERYTHING)
    await finished(town, campaign)
    who, operator = await town.enter(Role.CONTRIBUTOR), await town.enter(Role.OPERATOR)
    comparison = await begin(who, await ask(who, campaign))
    late_comer = await town.enter(Role.CONTRIBUTOR)
    holding = await ask(late_comer, campaign)
    brief = await ready_brief(database, campaign, late_comer.person.id, base_image="debian")
    pause = {"assignment": {"paused": True, "pause_reason": "The question is answered."}}
    assert (await operator.patch(f"/campaigns/{campaign.id}", {"assignment": {"paused": True}})).status_code == 422
    assert (await operator.patch(f"/campaigns/{campaign.id}", pause)).status_code == 200
    policy = (await operator.get(f"/campaigns/{campaign.id}/assignments")).json()["policy"]
    assert (policy["paused"], policy["overlap_rate"]) == (True, 1.0), "what the patch does not name stays"
    await judge(who, comparison)
    refused = await who.post(f"/campaigns/{campaign.id}/assignment")
    assert (refused.status_code, refused.json()["code"]) == (409, "assignment-paused")
    assert "The question is answered." in refused.json()["detail"]
    looked = (await who.get(f"/campaigns/{campaign.id}/assignment")).json()
    assert looked["refusal"]["code"] == "assignment-paused"
    assert holding["kind"] == "own"
    started = await late_comer.post("/comparisons", {"brief_id": str(brief.id)})
    assert (started.status_code, started.json()["code"]) == (409, "assignment-paused")
    assert (await operator.patch(f"/campaigns/{campaign.id}", {"assignment": {"paused": False}})).status_code == 200
    assert (await late_comer.post("/comparisons", {"brief_id": str(brief.id)})).status_code == 201


async def test_where_it_is_required_nothing_begins_without_an_assignment(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, required=True, **EVERYTHING)
    await finished(town, campaign)
    who = await town.enter(Role.CONTRIBUTOR)
    brief = await ready_brief(database, campaign, who.person.id, base_image="debian")
    refused = await who.post("/comparisons", {"brief_id": str(brief.id)})
    assert (refused.status_code, refused.json()["code"]) == (409, "assignment-required")
    given = await ask(who, campaign)
    assert given["kind"] == "judge"
    still = await who.post("/comparisons", {"brief_id": str(brief.id)})
    assert "your turn to judge" in still.json()["detail"]
    await who.post(f"/assignments/{given['id']}/skip", {"reason": "I know who wrote it."})
    assert (await ask(who, campaign))["kind"] == "own"
    assert (await who.post("/comparisons", {"brief_id": str(brief.id)})).status_code == 201


async def test_one_person_gets_no_more_than_their_share(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, contributor_share=0.5, share_from=3)
    busy, other = await town.enter(Role.CONTRIBUTOR), await town.enter(Role.CONTRIBUTOR)
    for who in (busy, busy, other):
        await ready_comparison(database, who.person.id, campaign=campaign)
    refused = await busy.post(f"/campaigns/{campaign.id}/assignment")
    assert (refused.status_code, refused.json()["code"]) == (409, "share-reached")
    assert "2 of this campaign's 3 comparisons" in refused.json()["detail"]
    assert (await ask(other, campaign))["kind"] == "own"


async def test_whoever_may_read_others_ratings_judges_nothing_again(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, **EVERYTHING)
    await finished(town, campaign)
    for role in (Role.REVIEWER, Role.OPERATOR):
        who: Browser = await town.enter(Role.CONTRIBUTOR, role)
        assert (await ask(who, campaign))["kind"] == "own"
