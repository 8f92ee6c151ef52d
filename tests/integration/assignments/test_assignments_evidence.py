"""Campaigns that let evidence move what is drawn, through the API and a real PostgreSQL."""

from __future__ import annotations

from itertools import combinations
from typing import Any
from uuid import UUID

import pytest
from tests.factories.accepted import accept, accept_repeat
from tests.factories.assigning import ask, begin, campaign_with, judge
from tests.factories.comparisons import ready_brief
from tests.factories.judgement import open_campaign
from tests.factories.people import Browser, Town

from marlin.accounts import Role
from marlin.assignments import Assignment
from marlin.campaigns import Campaign, draw_pair, list_arms
from marlin.comparisons import Comparison
from marlin.db import Database
from marlin.leaderboards.ranking import PICKED, counted_rows
from marlin.leaderboards.reading import load_ballots
from marlin.reviews import accepted_votes

NAMES = ("sentinel-x", "sentinel-y", "sentinel-z")


async def three_arms(database: Database, **policy: Any) -> Campaign:
    arms = [{"name": name, "agent": "scripted"} for name in NAMES]
    return await open_campaign(database, arms=arms, assignment={"overlap_rate": 0, **policy})


async def voted(town: Town, campaign: Campaign, people: list[Browser], rounds: int) -> None:
    """Everybody judges every pair: x and y are close, z is better than either."""
    reviewer = await town.enter(Role.REVIEWER)
    for pair in combinations(NAMES, 2):
        async with town.database.transaction() as session:
            for arm in await list_arms(session, campaign.id):
                arm.active = arm.name in pair
        for place, who in enumerate(people * rounds):
            towards = 2 if pair[1] == NAMES[2] and place % 5 else 1 if place % 2 else -1
            await accept(town.database, campaign, who.person.id, reviewer.person.id, towards, arms=pair)
    async with town.database.transaction() as session:
        for arm in await list_arms(session, campaign.id):
            arm.active = True


async def started(town: Town, campaign: Campaign, who: Browser) -> tuple[Comparison, str]:
    """Begin a task of one's own; the comparison, and what its owner was told."""
    brief = await ready_brief(town.database, campaign, who.person.id, base_image="debian")
    answer = await who.post("/comparisons", {"brief_id": str(brief.id)})
    assert answer.status_code == 201, answer.text
    shown = await who.get(f"/comparisons/{answer.json()['id']}")
    async with town.database.transaction() as session:
        return await session.get_one(Comparison, UUID(answer.json()["id"])), answer.text + shown.text


async def test_the_next_pair_is_drawn_by_evidence_on_record_and_nobody_who_judges_can_tell(
    database: Database, town: Town
) -> None:
    campaign = await three_arms(database, pairs_by="evidence", pairs_floor=0.3)
    people = [await town.enter(Role.CONTRIBUTOR) for _ in range(4)]
    await voted(town, campaign, people, rounds=2)
    newcomer = await town.enter(Role.CONTRIBUTOR)
    for who, votes in ((newcomer, 24), (people[0], 18)):
        comparison, told = await started(town, campaign, who)
        pair = comparison.draw["pair"]
        assert pair["method"] == "sha256-pair-3"
        assert (pair["weighed"]["by"], pair["weighed"]["votes"]) == ("evidence", votes), "one's own do not count"
        assert (sum(pair["parts"]), min(pair["parts"]) >= 1000) == (10_000, True)
        assert pair["parts"][0] > 3400, "x against y is the order that is open"
        met = tuple(sorted((comparison.arm_a_id, comparison.arm_b_id)))
        place = list(combinations(map(UUID, pair["candidates"]), 2)).index(met)
        assert pair["probability"] == pytest.approx(pair["parts"][place] / 10_000)
        for secret in (*NAMES, "pairs_by", "probability", '"parts"', "weighed", *pair["candidates"]):
            assert secret not in told


async def test_with_too_few_votes_pairs_are_alike_and_the_record_says_why(database: Database, town: Town) -> None:
    campaign = await three_arms(database, pairs_by="evidence")
    comparison, _ = await started(town, campaign, await town.enter(Role.CONTRIBUTOR))
    pair = comparison.draw["pair"]
    assert pair["method"] == "sha256-pair-2"
    assert pair["weighed"]["by"] == "chance"
    assert "0 votes of 0 others" in pair["weighed"]["why"]
    again, _ = draw_pair([UUID(arm) for arm in pair["candidates"]], seed=pair["seed"])
    assert sorted(again) == sorted((comparison.arm_a_id, comparison.arm_b_id))
    even, _ = await started(town, await three_arms(database), await town.enter(Role.CONTRIBUTOR))
    assert "weighed" not in even.draw["pair"], "the campaign did not ask for it"
    assert even.draw["pair"]["probability"] == pytest.approx(1 / 3)


async def divided(town: Town, campaign: Campaign) -> UUID:
    """Ten results on which two people agree, and one that an odd one out judged alone; that one."""
    reviewer, operator = await town.enter(Role.REVIEWER), await town.enter(Role.OPERATOR)
    first, second, odd = [(await town.enter(Role.CONTRIBUTOR)).person.id for _ in range(3)]
    for place in range(10):
        source = await accept(town.database, campaign, first, reviewer.person.id, -2 if place % 2 else 2)
        said = -2 if place % 2 else 2
        for judge_id, towards in ((second, said), (odd, -said)):
            await accept_repeat(
                town.database, source, judge_id, reviewer.person.id, towards, kind="overlap",
                marked_by=operator.person.id,
            )  # fmt: skip
    await accept(town.database, campaign, first, reviewer.person.id, 2)
    return await accept(town.database, campaign, odd, reviewer.person.id, 2)


async def test_second_opinions_go_where_they_tell_most_for_half_of_them_and_bend_no_ranking(
    database: Database, town: Town
) -> None:
    campaign = await campaign_with(database, overlap_rate=1.0, overlap_people=3, overlap_by="evidence")
    await divided(town, campaign)
    by = []
    reviewer = await town.enter(Role.REVIEWER)
    for _ in range(4):
        who = await town.enter(Role.CONTRIBUTOR)
        given = await ask(who, campaign)
        assert given["kind"] == "judge"
        assert "evidence" not in str(given)
        assert "draw" not in given
        async with database.transaction() as session:
            item = (await session.get_one(Assignment, UUID(given["id"]))).draw["item"]
        assert 0 < item["probability"] <= 1
        by.append(item["by"])
        comparison = await begin(who, given)
        await judge(who, comparison)
        assert (await reviewer.post(f"/comparisons/{comparison}/reviews", {"decision": "accept"})).status_code == 201
    async with database.transaction() as session:
        found = [vote async for vote in accepted_votes(session, campaign.id)]
        ballots = await load_ballots(session, campaign.id)
    assert sum(vote.picked for vote in found) == by.count("evidence")
    rows, left = counted_rows(ballots, "overall")
    assert left.get(PICKED, 0) == by.count("evidence")
    assert len(rows) == len(found) - by.count("evidence")


async def test_with_too_few_second_opinions_any_results_are_judged_again_alike(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, overlap_rate=1.0, overlap_by="evidence")
    reviewer, first = await town.enter(Role.REVIEWER), await town.enter(Role.CONTRIBUTOR)
    for _ in range(3):
        await accept(database, campaign, first.person.id, reviewer.person.id, 2)
    given = await ask(await town.enter(Role.CONTRIBUTOR), campaign)
    async with database.transaction() as session:
        item = (await session.get_one(Assignment, UUID(given["id"]))).draw["item"]
    assert item["by"] == "chance"
    assert "0 results with two opinions" in item["why"]
    assert item["probability"] == pytest.approx(1 / 3)
