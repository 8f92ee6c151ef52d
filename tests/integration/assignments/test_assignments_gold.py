"""Gold tasks: results with a known answer, which nobody who judges can tell from others."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import UUID

import pytest
from tests.factories.assigning import arm_on, ask, begin, campaign_with, finished, judge
from tests.factories.judgement import answers
from tests.factories.people import Browser, Town

from marlin.accounts import Role
from marlin.campaigns import Campaign
from marlin.comparisons import Comparison
from marlin.db import Database

KNOWN = {"expected": "A", "min_strength": 2, "reason": "B drops the last row; the check shows it."}


async def gold(town: Town, campaign: Campaign, **answer: Any) -> tuple[UUID, Browser]:
    """A gold task whose better side is A, and the operator who marked it."""
    source = await finished(town, campaign, accepted=True)
    operator = await town.enter(Role.OPERATOR)
    marked = await operator.put(f"/comparisons/{source}/gold", KNOWN | answer)
    assert marked.status_code == 204, marked.text
    return source, operator


async def for_better(database: Database, source: UUID, comparison: str, strength: int) -> int:
    """The overall score that prefers the known better result by so much."""
    better = await arm_on(database, source, "A")
    return -strength if await arm_on(database, comparison, "A") == better else strength


@pytest.mark.parametrize(("strength", "agreed"), [(3, True), (2, True), (1, False), (-2, False)])
async def test_a_rating_is_held_against_the_known_answer_whatever_the_sides(
    database: Database, town: Town, strength: int, agreed: bool
) -> None:
    campaign = await campaign_with(database, gold_to_qualify=1)
    source, operator = await gold(town, campaign)
    who = await town.enter(Role.CONTRIBUTOR)
    given = await ask(who, campaign)
    assert given["kind"] == "judge"
    assert "gold" not in str(given)
    comparison = await begin(who, given)
    assert "gold" not in (await who.get(f"/comparisons/{comparison}")).text
    overall = await for_better(database, source, comparison, abs(strength)) * (1 if strength > 0 else -1)
    axes = dict.fromkeys(("security", "reliability", "maintainability"), 0) | {"correctness": overall}
    await judge(who, comparison, overall=overall, axes=axes)
    seen = (await operator.get(f"/campaigns/{campaign.id}/assignments")).json()
    assert [(task["judged"], task["agreed"]) for task in seen["gold"]] == [(1, int(agreed))]
    after = await who.post(f"/campaigns/{campaign.id}/assignment")
    if agreed:
        assert after.json()["kind"] == "own"
    else:
        assert (after.status_code, after.json()["code"]) == (403, "not-qualified")


async def test_an_answer_can_be_about_one_axis_and_undoing_takes_the_result_back(
    database: Database, town: Town
) -> None:
    campaign = await campaign_with(database, gold_to_qualify=1)
    source, operator = await gold(town, campaign, axis="maintainability", min_strength=1)
    who = await town.enter(Role.CONTRIBUTOR)
    comparison = await begin(who, await ask(who, campaign))
    score = await for_better(database, source, comparison, 1)
    rating = answers(axes=dict.fromkeys(("correctness", "security", "reliability"), 0) | {"maintainability": score})
    path = f"/comparisons/{comparison}/turns/1/rating"

    async def agreed() -> list[bool | None]:
        seen = (await operator.get(f"/campaigns/{campaign.id}/assignments")).json()
        return [entry["agreed"] for entry in seen["assignments"]]

    assert (await who.post(path, rating)).status_code == 201
    assert await agreed() == [True]
    assert (await who.delete(path)).status_code == 204
    assert await agreed() == [None]
    rating["axes"]["maintainability"] = -score
    assert (await who.post(path, rating)).status_code == 201
    assert await agreed() == [False]


async def test_only_accepted_tasks_of_two_arms_become_gold(database: Database, town: Town) -> None:
    campaign = await campaign_with(database)
    source = await finished(town, campaign)
    operator = await town.enter(Role.OPERATOR)
    refused = await operator.put(f"/comparisons/{source}/gold", KNOWN)
    assert (refused.status_code, refused.json()["code"]) == (409, "gold-refused")
    accepted = await finished(town, campaign, accepted=True)
    wrong = await operator.put(f"/comparisons/{accepted}/gold", KNOWN | {"axis": "beauty"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "gold-answer")
    async with database.transaction() as session:
        row = await session.get_one(Comparison, accepted)
        row.arm_b_id = row.arm_a_id
    control = await operator.put(f"/comparisons/{accepted}/gold", KNOWN)
    assert "meets itself" in control.json()["detail"]


async def test_a_gold_task_that_was_taken_back_is_offered_no_more(database: Database, town: Town) -> None:
    campaign = await campaign_with(database, gold_to_qualify=1)
    source, operator = await gold(town, campaign)
    assert (await operator.delete(f"/comparisons/{source}/gold")).status_code == 204
    who = await town.enter(Role.CONTRIBUTOR)
    refused = await who.post(f"/campaigns/{campaign.id}/assignment")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing-to-qualify")
    assert (await operator.put(f"/comparisons/{source}/gold", KNOWN | {"min_strength": 1})).status_code == 204
    assert (await ask(who, campaign))["kind"] == "judge"


async def test_gold_and_overlap_look_the_same_to_those_who_judge(database: Database, town: Town) -> None:
    shapes = []
    for policy in ({"gold_to_qualify": 1}, {"overlap_rate": 1.0}):
        campaign = await campaign_with(database, **policy)
        if "gold_to_qualify" in policy:
            await gold(town, campaign)
        else:
            await finished(town, campaign, accepted=True)
        who = await town.enter(Role.CONTRIBUTOR)
        given = await ask(who, campaign)
        comparison = await begin(who, given)
        whole = [given, *[(await who.get(f"/comparisons/{comparison}{path}")).json() for path in ("", "/events")]]
        shapes.append(list(_names(whole)))
        assert (given["kind"], given["price_cents"]) == ("judge", 28000)
    assert shapes[0] == shapes[1]


def _names(value: Any, path: str = "") -> itertools.chain[str]:
    if isinstance(value, dict):
        parts = [_names(item, f"{path}.{name}") for name, item in sorted(value.items())]
        return itertools.chain([path], *parts)
    if isinstance(value, list):
        return itertools.chain([path], *(_names(item, f"{path}[]") for item in value))
    return itertools.chain([f"{path}:{type(value).__name__}"])
