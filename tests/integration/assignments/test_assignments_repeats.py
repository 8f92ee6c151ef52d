"""A second person's view of the same results: everything of the results, nothing of the first person's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from tests.factories.assigning import arm_on, ask, begin, campaign_with, finished, judge
from tests.factories.judgement import answers, open_campaign
from tests.factories.people import Browser, Town

from marlin import comparisons
from marlin.accounts import Role
from marlin.comparisons import Comparison
from marlin.comparisons.blinding import draw_sides
from marlin.comparisons.models import Attempt
from marlin.db import Database, events
from marlin.ratings import Comment
from marlin.reviews import accepted_ratings


async def seeds(database: Database, source: UUID) -> dict[bool, str]:
    """Two seeds: one that keeps the sides of a comparison, and one that swaps them."""
    first, second = await arm_on(database, source, "A"), await arm_on(database, source, "B")
    found: dict[bool, str] = {}
    for number in range(64):
        found[draw_sides(first, second, seed=str(number)).arms["A"] != first] = str(number)
    return found


@pytest.mark.parametrize("swapped", [False, True])
async def test_results_are_the_same_and_sides_are_drawn_anew(database: Database, town: Town, swapped: bool) -> None:
    source = await finished(town, await campaign_with(database))
    who = await town.enter(Role.CONTRIBUTOR)
    seed = (await seeds(database, source))[swapped]
    async with database.transaction() as session:
        repeat = await comparisons.repeat_comparison(session, who.person.id, source, price_cents=5000, seed=seed)
    shown = (await who.get(f"/comparisons/{repeat.id}")).json()["turns"][0]
    sides = {"A": "B", "B": "A"} if swapped else {"A": "A", "B": "B"}
    for side, original in sides.items():
        assert shown["sides"][side]["final_message"] == f"left by {original}"
        assert shown["sides"][side]["commit"] == ("a" if original == "A" else "b") * 40
        assert [check["summary"] for check in shown["sides"][side]["checks"]] == [f"checked {original}"]
        said = (await who.get(f"/comparisons/{repeat.id}/turns/1/transcript?side={side}")).json()["events"]
        assert [event["data"]["text"] for event in said] == [f"said by {original}"]
        assert {event["side"] for event in said} <= {side, None}
        assert await arm_on(database, repeat.id, side) == await arm_on(database, source, original)
    async with database.transaction() as session:
        log = await events.read(session, repeat.id)
        assert [event.id for event in log] == list(range(1, len(log) + 1))
        copied = {row.id for turn in (await whole(session, repeat.id)).turns for row in turn.rollouts}
        assert list(await session.scalars(select(Attempt).where(Attempt.rollout_id.in_(copied)))) == []


async def whole(session: Any, comparison_id: UUID) -> Comparison:
    return await comparisons.get_comparison(session, comparison_id, owner_id=None)


async def test_nothing_of_the_first_person_is_within_reach(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, overlap_rate=1.0)
    first = await town.enter(Role.CONTRIBUTOR, name="Firstperson")
    source = await finished(town, campaign, who=first)
    async with database.transaction() as session:
        row = await whole(session, source)
        row.turns[0].expectation = "sentinel-expectation"
        comment = {"side": "A", "path": None, "step": 1, "quote": "q", "text": "sentinel-comment", "draft": False}
        session.add(
            Comment(
                id=row.turns[0].id,
                comparison_id=source,
                turn_id=row.turns[0].id,
                turn_number=1,
                person_id=first.person.id,
                revision=1,
                **comment,
            )
        )
    who = await town.enter(Role.CONTRIBUTOR)
    assignment = await ask(who, campaign)
    comparison = await begin(who, assignment)
    served = str(assignment)
    for path in (
        "",
        "/events",
        "/ratings",
        "/comments",
        "/submission/problems",
        "/viewed",
        "/reviews",
        "/turns/1/transcript?side=A",
        "/turns/1/transcript?side=B",
        "/turns/1/files?side=A",
        "/turns/1/follow-up/draft",
    ):
        answer = await who.get(f"/comparisons/{comparison}{path}")
        assert answer.status_code == 200, (path, answer.text)
        served += answer.text
    for word in ("sentinel", "Firstperson", str(source), str(first.person.id), answers()["justification"][:30]):
        assert word not in served, word
    for path in ("", "/ratings", "/comments", "/turns/1/transcript?side=A"):
        assert (await who.get(f"/comparisons/{source}{path}")).status_code == 404
        assert (await first.get(f"/comparisons/{comparison}{path}")).status_code == 404
    for name in ("turns", "turns/1/retry", "turns/1/cancel"):
        answer = await who.post(f"/comparisons/{comparison}/{name}", {"prompt": "And a test, please."})
        assert answer.status_code == 409, name


async def test_a_repeat_is_reviewed_and_told_apart_downstream(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, overlap_rate=1.0)
    reviewer = await town.enter(Role.REVIEWER)
    source = await finished(town, campaign, accepted=True)
    who = await town.enter(Role.CONTRIBUTOR)
    comparison = await begin(who, await ask(who, campaign))
    await judge(who, comparison, overall=1, key_axis="maintainability")
    assert [entry["comparison_id"] for entry in (await reviewer.get("/reviews/queue")).json()] == [comparison]
    assert (await reviewer.post(f"/comparisons/{comparison}/reviews", {"decision": "accept"})).status_code == 201
    async with database.transaction() as session:
        rows = [row async for row in accepted_ratings(session, campaign.id)]
    facts = [(row.comparison_id, row.repeats_comparison_id, row.item_id, row.gold, row.aa) for row in rows]
    assert facts == [(source, None, source, False, False), (UUID(comparison), source, source, False, False)]
    assert {row.arm_a_id for row in rows} | {row.arm_b_id for row in rows} == {rows[0].arm_a_id, rows[0].arm_b_id}
    assert not any(row.synthetic for row in rows)


async def test_who_judges_the_same_results_does_not_review_the_other_judgement(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, overlap_rate=1.0)
    both: Browser = await town.enter(Role.CONTRIBUTOR, Role.REVIEWER)
    await finished(town, campaign, who=both)
    who = await town.enter(Role.CONTRIBUTOR)
    comparison = await begin(who, await ask(who, campaign))
    await judge(who, comparison)
    assert (await both.get("/reviews/queue")).json() == []
    assert (await both.get(f"/comparisons/{comparison}")).status_code == 404
    refused = await both.post(f"/comparisons/{comparison}/reviews", {"decision": "accept"})
    assert refused.status_code == 404


async def test_operators_see_the_attempts_of_the_results_and_that_they_are_judged_again(
    database: Database, town: Town
) -> None:
    campaign = await campaign_with(database, overlap_rate=1.0)
    source = await finished(town, campaign)
    async with database.transaction() as session:
        for rollout in (await whole(session, source)).turns[0].rollouts:
            session.add(Attempt(rollout_id=rollout.id, number=1, executor="w", usage={"usd": "0.5"}))
    who, operator = await town.enter(Role.CONTRIBUTOR), await town.enter(Role.OPERATOR)
    comparison = await begin(who, await ask(who, campaign))
    view = (await operator.get(f"/comparisons/{comparison}/operator")).json()
    assert (view["repeats_id"], view["aa"]) == (str(source), False)
    assert [side["attempts"][0]["usage"]["usd"] for side in view["sides"]] == ["0.5", "0.5"]
    assert view["draw"]["repeats"] == str(source)


async def test_a_synthetic_campaign_stays_so_and_is_left_out_of_what_is_real(database: Database, town: Town) -> None:
    campaign = await open_campaign(database, synthetic=True)
    operator, who, reviewer = [await town.enter(role) for role in (Role.OPERATOR, Role.CONTRIBUTOR, Role.REVIEWER)]
    listed = {entry["id"]: entry["synthetic"] for entry in (await operator.get("/campaigns")).json()}
    assert listed[str(campaign.id)] is True
    assert str(campaign.id) not in {entry["id"] for entry in (await who.get("/campaigns")).json()}
    source = await finished(town, campaign, who=who)
    assert (await reviewer.get("/reviews/queue")).json() == []
    assert (await reviewer.post(f"/comparisons/{source}/reviews", {"decision": "accept"})).status_code == 201
    async with database.transaction() as session:
        assert [row.synthetic async for row in accepted_ratings(session, campaign.id)] == [True]
        assert [row async for row in accepted_ratings(session)] == []
    refused = await operator.patch(f"/campaigns/{campaign.id}", {"synthetic": False})
    assert refused.status_code == 422
    with pytest.raises(IntegrityError, match="never changed"):
        async with database.transaction() as session:
            await session.execute(text("UPDATE campaign SET synthetic = false WHERE id = :id"), {"id": campaign.id})
