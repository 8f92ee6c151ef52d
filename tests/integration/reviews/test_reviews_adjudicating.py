"""Deciding between judgements that differ: blind, with a reason, never twice over, and never about one's own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.factories.assigning import arm_on, ask, begin, campaign_with, finished, judge
from tests.factories.people import Browser, Town

from marlin.accounts import Role
from marlin.campaigns import Campaign
from marlin.db import Database
from marlin.reviews import accepted_ratings

REASON = "B drops the last row; the failing check shows it."


async def divided(town: Town, *, accepted: bool = False) -> tuple[Campaign, UUID, str, Browser, Browser]:
    """One says A is better, another that the other result is: campaign, item, repeat, and who judged it."""
    campaign = await campaign_with(town.database, overlap_rate=1.0)
    first, second = await town.enter(Role.CONTRIBUTOR), await town.enter(Role.CONTRIBUTOR)
    item = await finished(town, campaign, who=first, accepted=accepted)
    repeat = await begin(second, await ask(second, campaign))
    same = await arm_on(town.database, item, "A") == await arm_on(town.database, repeat, "A")
    axes = dict.fromkeys(("security", "reliability", "maintainability"), 0) | {"correctness": 2 if same else -2}
    side = "B" if same else "A"
    words = f"Side {side} is clearly better in correctness: the other one drops the last row of the file it reads."
    await judge(second, repeat, overall=2 if same else -2, axes=axes, justification=words)
    return campaign, item, repeat, first, second


async def decide(operator: Browser, item: UUID, **body: Any) -> Any:
    return await operator.post(f"/comparisons/{item}/adjudication", {"reason": REASON} | body)


async def test_disagreements_are_listed_and_shown_on_the_same_sides_without_names_or_arms(town: Town) -> None:
    campaign, item, repeat, first, second = await divided(town)
    operator = await town.enter(Role.OPERATOR)
    listed = (await operator.get(f"/campaigns/{campaign.id}/disagreements")).json()
    assert [(row["comparison_id"], row["said"], row["decided"]) for row in listed] == [(str(item), ["A", "B"], False)]
    for named in (item, repeat):
        answer = await operator.get(f"/comparisons/{named}/judgements")
        shown = answer.json()
        assert shown["comparison_id"] == str(item)
        assert [one["said"] for one in shown["judgements"]] == ["A", "B"]
        assert [one["comparison_id"] for one in shown["judgements"]] == [str(item), repeat]
        swapped = await arm_on(town.database, item, "A") != await arm_on(town.database, repeat, "A")
        assert [one["swapped"] for one in shown["judgements"]] == [False, swapped]
        assert shown["judgements"][1]["answers"]["axes"]["correctness"] == 2, "as the item's sides have it"
        for secret in ("careful", "hasty", first.person.name, second.person.name, str(first.person.id), "arm"):
            assert secret not in answer.text
    for who in (first, second, await town.enter(Role.REVIEWER)):
        for path in (f"/campaigns/{campaign.id}/disagreements", f"/comparisons/{item}/judgements"):
            assert (await who.get(path)).status_code == 403


async def test_a_label_needs_a_reason_is_kept_for_ever_and_reaches_every_judgement(
    database: Database, town: Town
) -> None:
    campaign, item, repeat, _, _ = await divided(town, accepted=True)
    operator, reviewer = await town.enter(Role.OPERATOR), await town.enter(Role.REVIEWER)
    assert (await reviewer.post(f"/comparisons/{repeat}/reviews", {"decision": "accept"})).status_code == 201
    assert (await decide(operator, item, said="A", reason=" ")).status_code == 422
    assert (await decide(operator, item)).status_code == 422
    assert (await decide(operator, item, said="A", send_back=repeat)).status_code == 422
    for _ in range(2):
        decided = await decide(operator, item, said="A")
        assert decided.status_code == 200, decided.text
        assert [row["said"] for row in decided.json()["adjudications"]] == ["A"], "saying it twice is saying it once"
    listed = (await operator.get(f"/campaigns/{campaign.id}/disagreements")).json()
    assert [row["decided"] for row in listed] == [True]
    async with database.transaction() as session:
        rows = {str(row.comparison_id): row async for row in accepted_ratings(session, campaign.id)}
    better = await arm_on(database, item, "A")
    for row in rows.values():
        assert row.label is not None
        assert (row.arm_a_id if row.label == "A" else row.arm_b_id) == better
    assert len(rows) == 2
    again = await decide(operator, UUID(repeat), said="both_bad", reason="Neither runs.")
    assert [row["said"] for row in again.json()["adjudications"]] == ["both_bad", "A"]
    async with database.transaction() as session:
        assert {row.label async for row in accepted_ratings(session, campaign.id)} == {"both_bad"}
    with pytest.raises(DBAPIError, match="never changed"):
        async with database.transaction() as session:
            await session.execute(text("UPDATE adjudication SET reason = 'other'"))


async def test_a_judgement_can_be_sent_back_until_it_is_accepted(town: Town) -> None:
    campaign, item, repeat, _, second = await divided(town, accepted=True)
    operator = await town.enter(Role.OPERATOR)
    shown = (await operator.get(f"/comparisons/{item}/judgements")).json()
    assert [one["can_send_back"] for one in shown["judgements"]] == [False, True]
    refused = await decide(operator, item, send_back=str(item))
    assert (refused.status_code, refused.json()["code"]) == (409, "adjudication-refused")
    assert "paid" in refused.json()["detail"]
    sent = await decide(operator, item, send_back=repeat)
    assert sent.status_code == 200, sent.text
    assert sent.json()["adjudications"][0]["decision"] == "send_back"
    back = (await second.get(f"/comparisons/{repeat}")).json()
    assert back["status"] == "returned"
    told = (await second.get(f"/comparisons/{repeat}/reviews")).json()
    assert [row["comments"] for row in told] == [REASON]
    assert (await operator.get(f"/campaigns/{campaign.id}/disagreements")).json() == []
    nothing = await decide(operator, item, said="A")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "adjudication-refused")


async def test_whoever_has_looked_at_the_arms_of_any_judgement_decides_nothing_and_is_told_before(town: Town) -> None:
    _, item, repeat, _, _ = await divided(town, accepted=True)
    other = await town.enter(Role.OPERATOR)
    for looked_at in (item, repeat):
        looked = await town.enter(Role.OPERATOR)
        before = (await looked.get(f"/comparisons/{item}/judgements")).json()
        assert before["refusal"] is None
        assert (await looked.get(f"/comparisons/{looked_at}/operator")).status_code == 200
        for body in ({"said": "A"}, {"send_back": repeat}):
            refused = await decide(looked, item, **body)
            assert (refused.status_code, refused.json()["code"]) == (403, "unblinded"), refused.text
        told = (await looked.get(f"/comparisons/{repeat}/judgements")).json()
        assert told["refusal"]["code"] == "unblinded"
        assert told["adjudications"] == []
    assert (await decide(other, item, said="A")).status_code == 200


async def test_nobody_decides_about_their_own_judgement_or_where_all_say_the_same(town: Town) -> None:
    campaign = await campaign_with(town.database, overlap_rate=1.0)
    both = await town.enter(Role.CONTRIBUTOR, Role.OPERATOR)
    item = await finished(town, campaign, who=both)
    alone = await decide(both, item, said="A")
    assert (alone.status_code, alone.json()["code"]) == (409, "adjudication-refused")
    second = await town.enter(Role.CONTRIBUTOR)
    repeat = await begin(second, await ask(second, campaign))
    same = await arm_on(town.database, item, "A") == await arm_on(town.database, repeat, "A")
    axes = dict.fromkeys(("security", "reliability", "maintainability"), 0) | {"correctness": 2 if same else -2}
    side = "B" if same else "A"
    words = f"Side {side} is clearly better in correctness: the other one drops the last row of the file it reads."
    await judge(second, repeat, overall=2 if same else -2, axes=axes, justification=words)
    own = await decide(both, item, said="A")
    assert (own.status_code, own.json()["code"]) == (403, "own-work")
