"""What could go wrong when many ask at once, or somebody wants what is not theirs."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from tests.factories.accepted import accept
from tests.factories.assigning import ask, begin, campaign_with, finished, judge
from tests.factories.comparisons import ready_brief
from tests.factories.judgement import ready_comparison
from tests.factories.people import Town

from marlin import accounts
from marlin.accounts import Person, Role
from marlin.assignments import Assignment, service
from marlin.campaigns import Campaign, policy_of
from marlin.comparisons import Comparison
from marlin.db import Database
from marlin.leaderboards.reading import load_ballots
from marlin.reviews import accepted_ratings


async def test_of_fifty_who_ask_at_once_as_many_get_a_place_as_there_are(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, max_comparisons=20, required=True)
    people = [await town.enter(Role.CONTRIBUTOR) for _ in range(50)]
    path = f"/campaigns/{campaign.id}/assignment"
    answers = await asyncio.gather(*(who.post(path) for who in people))
    assert Counter(answer.status_code for answer in answers) == {200: 20, 409: 30}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"campaign-full"}
    async with database.transaction() as session:
        held = select(func.count(), func.count(Assignment.person_id.distinct())).where(Assignment.status == "held")
        assert (await session.execute(held)).one() == (20, 20)


async def test_two_operators_who_change_the_policy_at_once_both_have_their_way(database: Database, town: Town) -> None:
    campaign = await campaign_with(database)
    operators = [await town.enter(Role.OPERATOR) for _ in range(2)]
    changes = [{"overlap_rate": 0.4}, {"aa_rate": 0.2}, {"gold_rate": 0.1}, {"max_comparisons": 77}]
    path = f"/campaigns/{campaign.id}"
    answers = await asyncio.gather(
        *(operators[place % 2].patch(path, {"assignment": change}) for place, change in enumerate(changes))
    )
    assert [answer.status_code for answer in answers] == [200] * 4
    async with database.transaction() as session:
        policy = policy_of((await session.get_one(Campaign, campaign.id)).assignment)
    assert (policy.overlap_rate, policy.aa_rate, policy.gold_rate, policy.max_comparisons) == (0.4, 0.2, 0.1, 77)


async def test_a_process_that_dies_while_it_assigns_leaves_the_place_free(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, max_comparisons=1)
    first, second = await town.enter(Role.CONTRIBUTOR), await town.enter(Role.CONTRIBUTOR)
    async with database.transaction() as session:
        person = await session.get_one(Person, first.person.id)
        assert (await service.ask(session, person, campaign.id)).kind == "own"
        await session.rollback()
    assert (await ask(second, campaign))["kind"] == "own"


async def test_taking_back_and_beginning_at_once_leave_one_or_the_other(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, overlap_rate=1.0)
    operator = await town.enter(Role.OPERATOR)
    for _ in range(3):
        await finished(town, campaign)
        who = await town.enter(Role.CONTRIBUTOR)
        held = await ask(who, campaign)  # what was taken back before may be what is given now
        assert held["kind"] == "judge"
        begun, freed = await asyncio.gather(
            who.post(f"/assignments/{held['id']}/begin"),
            operator.post(f"/assignments/{held['id']}/release", {"reason": "On holiday."}),
        )
        assert freed.status_code == 200, "what was begun and not submitted can be taken back, too"
        assert begun.status_code in (200, 409)
        async with database.transaction() as session:
            row = await session.get_one(Assignment, UUID(held["id"]))
            repeats = list(await session.scalars(select(Comparison).where(Comparison.owner_id == who.person.id)))
        assert row.status == "released"
        assert [each.status for each in repeats] == (["cancelled"] if begun.status_code == 200 else [])


async def test_what_is_submitted_can_not_be_taken_back(town: Town) -> None:
    campaign = await campaign_with(town.database, overlap_rate=1.0)
    await finished(town, campaign)
    who, operator = await town.enter(Role.CONTRIBUTOR), await town.enter(Role.OPERATOR)
    held = await ask(who, campaign)
    await judge(who, await begin(who, held))
    late = await operator.post(f"/assignments/{held['id']}/release", {"reason": "On holiday."})
    assert late.status_code == 409


async def test_who_did_not_qualify_begins_nothing_whatever_they_hold(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, gold_to_qualify=1)
    source, operator = await finished(town, campaign, accepted=True), await town.enter(Role.OPERATOR)
    known = {"expected": "A", "min_strength": 3, "reason": "B drops the last row."}
    assert (await operator.put(f"/comparisons/{source}/gold", known)).status_code == 204
    who = await town.enter(Role.CONTRIBUTOR)
    brief = await ready_brief(database, campaign, who.person.id, base_image="debian")
    comparison = await begin(who, await ask(who, campaign))
    await judge(who, comparison)
    for answer in (
        await who.post(f"/campaigns/{campaign.id}/assignment"),
        await who.post("/comparisons", {"brief_id": str(brief.id)}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "not-qualified")


async def test_with_one_contributor_there_is_no_overlap_and_no_waiting(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, overlap_rate=1.0, overlap_by="evidence", gold_rate=0.5)
    who = await town.enter(Role.CONTRIBUTOR)
    for _ in range(3):
        await finished(town, campaign, who=who)
        given = await ask(who, campaign)
        assert given["kind"] == "own"
        assert (await who.post(f"/assignments/{given['id']}/skip", {"reason": "Later."})).status_code == 200


async def test_nothing_synthetic_reaches_what_counts(database: Database, town: Town) -> None:
    async with database.transaction() as session:
        names = {"name": "Simulated contributor 1", "email": "c1.simulation-1@simulated.invalid"}
        person = await accounts.create_person(session, roles=[Role.CONTRIBUTOR, Role.REVIEWER], **names)
        await accounts.accept_terms(session, person, accounts.current_terms().version)
    simulated, operator = await town.sign_in(person), await town.enter(Role.OPERATOR)
    real = await campaign_with(database, overlap_rate=1.0)
    source = await finished(town, real)
    brief = await ready_brief(database, real, person.id, base_image="debian")
    for answer in (
        await simulated.post(f"/campaigns/{real.id}/assignment"),
        await simulated.post("/comparisons", {"brief_id": str(brief.id)}),
        await simulated.post(f"/comparisons/{source}/reviews", {"decision": "accept"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "simulated-person"), answer.text
    looked = (await simulated.get(f"/campaigns/{real.id}/assignment")).json()
    assert looked["refusal"]["code"] == "simulated-person"

    made = await operator.post(
        "/campaigns",
        {"slug": "played", "title": "Played", "guidelines": "-", "price_cents": 1, "synthetic": True,
         "arms": [{"name": name, "agent": "scripted"} for name in ("careful", "hasty")]},
    )  # fmt: skip
    assert made.status_code == 201, made.text
    async with database.transaction() as session:
        played = await session.get_one(Campaign, UUID(made.json()["id"]))
    comparison = await accept(database, played, person.id, operator.person.id, 2)
    for body in ({"synthetic": False}, {"synthetic": None}):
        assert (await operator.patch(f"/campaigns/{played.id}", body)).status_code == 422
    with pytest.raises(DBAPIError):
        async with database.transaction() as session:
            (await session.get_one(Campaign, played.id)).synthetic = False
    # a repeat of synthetic results can't land in another campaign: an item stays where it was made
    moved = await ready_comparison(database, operator.person.id, campaign=real)
    async with database.transaction() as session:
        assert [row async for row in accepted_ratings(session)] == []
        assert not (await load_ballots(session, real.id)).rows
        assert [row.comparison_id async for row in accepted_ratings(session, played.id)] == [comparison]
        assert {row.synthetic async for row in accepted_ratings(session, played.id)} == {True}
        assert (await session.get_one(Comparison, moved)).terms["synthetic"] is False
