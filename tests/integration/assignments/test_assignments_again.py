"""Judging once more what one has judged: blinded as far as can be, and counted nowhere else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.factories.accepted import accept, accept_repeat
from tests.factories.assigning import arm_on, ask, begin, campaign_with, finished, judge
from tests.factories.people import Browser, Town

from marlin.accounts import Role
from marlin.campaigns import Campaign
from marlin.reviews import accepted_ratings

POLICY = {"again_rate": 0.5, "again_after_days": 0, "overlap_rate": 0.0, "overlap_price_cents": 9000}


async def asked(who: Browser, campaign: Campaign, times: int = 40) -> dict[str, Any] | None:
    """Ask, giving tasks of one's own back, until there is something to judge; None if nothing comes."""
    for _ in range(times):
        given: dict[str, Any] = await ask(who, campaign)
        if given["kind"] == "judge":
            return given
        assert (await who.post(f"/assignments/{given['id']}/skip", {"reason": "Not today."})).status_code == 200
    return None


async def test_a_person_judges_once_more_with_sides_swapped_and_their_first_words_closed(town: Town) -> None:
    campaign = await campaign_with(town.database, **POLICY)
    first, reviewer, operator = [await town.enter(role) for role in (Role.CONTRIBUTOR, Role.REVIEWER, Role.OPERATOR)]
    source = await finished(town, campaign, who=first)
    given = await asked(first, campaign)
    assert given is not None
    assert (given["price_cents"], given["title"]) == (9000, "Fix the import")
    assert (await first.get(f"/comparisons/{source}")).status_code == 200, "it is not begun yet"
    comparison = await begin(first, given)
    assert await arm_on(town.database, source, "A") == await arm_on(town.database, comparison, "B")
    for path in ("", "/ratings", "/submission/problems", "/turns/1/rating/draft", "/turns/1/follow-up/draft"):
        closed = await first.get(f"/comparisons/{source}{path}")
        assert (closed.status_code, closed.json()["code"]) == (409, "judged-once-more"), path
    assert (await reviewer.get(f"/comparisons/{source}/ratings")).status_code == 200
    held = (await operator.get(f"/campaigns/{campaign.id}/assignments")).json()
    assert (held["repeats"], held["assignments"][0]["kind"]) == (0, "again"), "it is no second person's opinion"
    await judge(first, comparison)
    assert (await first.get(f"/comparisons/{source}/ratings")).status_code == 200
    assert await asked(first, campaign) is None, "once more, not twice more"


async def test_it_waits_for_its_days_and_is_nobody_elses(town: Town) -> None:
    campaign = await campaign_with(town.database, **POLICY | {"again_after_days": 7})
    first, other = await town.enter(Role.CONTRIBUTOR), await town.enter(Role.CONTRIBUTOR)
    await finished(town, campaign, who=first)
    assert await asked(first, campaign, 12) is None
    assert await asked(other, campaign, 12) is None


async def test_what_is_said_once_more_tells_of_the_person_and_counts_nowhere_else(town: Town) -> None:
    campaign = await campaign_with(town.database, **POLICY | {"overlap_rate": 1.0})
    first, reviewer, operator = [await town.enter(role) for role in (Role.CONTRIBUTOR, Role.REVIEWER, Role.OPERATOR)]
    ids = (first.person.id, reviewer.person.id)
    sources = [await accept(town.database, campaign, *ids, towards) for towards in (-2, -2, 2)]
    for source, towards in zip(sources, (-1, 2, 3), strict=True):
        await accept_repeat(town.database, source, *ids, towards, kind="again", marked_by=operator.person.id)
    path = f"/campaigns/{campaign.id}"
    told = (await operator.get(f"{path}/agreement")).json()
    themselves = told["themselves"]
    assert (themselves["judged_twice"], themselves["people"], themselves["mean_move"]) == (3, 1, 2)
    assert themselves["same"]["estimate"] == 2 / 3
    assert themselves["same"]["low"] < 0.2, "three judgements tell little"
    assert [one["votes"] for one in told["contributors"]] == [3]
    assert told["ceiling"]["estimate"] is None, "one person is no two"
    assert told["weeks"][0]["usd"] == 3 * 280 + 3 * 90, "it is paid all the same"
    counts = (await operator.get(f"{path}/leaderboard")).json()["counts"]
    assert (counts["votes"], sum(counts["left_out"].values())) == (3, 3)
    assert (await operator.get(f"{path}/disagreements")).json() == []
    async with town.database.transaction() as session:
        rows = [row.comparison_id async for row in accepted_ratings(session, campaign.id)]
    assert rows == sources
    second = await town.enter(Role.CONTRIBUTOR)
    given = await ask(second, campaign)
    assert given["kind"] == "judge", "the results have still been judged by one person"
    assert UUID(await begin(second, given))
