"""A text that its author submitted before is noticed: in the page, before submitting and in review, by an index."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from tests.factories.assigning import ask, begin, campaign_with, finished
from tests.factories.judgement import answers, open_campaign, ready_comparison
from tests.factories.people import Browser, Town

from marlin.accounts import Role
from marlin.campaigns import Campaign

WHY = answers()["justification"]


@pytest.fixture
async def contributor(town: Town) -> Browser:
    return await town.enter(Role.CONTRIBUTOR)


async def rated(town: Town, who: Browser, campaign: Campaign, why: str = WHY) -> UUID:
    comparison = await ready_comparison(town.database, who.person.id, campaign=campaign)
    answer = await who.post(f"/comparisons/{comparison}/turns/1/rating", answers(justification=why))
    assert answer.status_code == 201, answer.text
    return comparison


async def copies(who: Browser, comparison: UUID | str) -> list[dict[str, Any]]:
    found = (await who.get(f"/comparisons/{comparison}/submission/problems")).json()["problems"]
    return [each for each in found if each["code"].endswith("-copied")]


async def submit(who: Browser, comparison: UUID, *acknowledged: str) -> Any:
    return await who.post(f"/comparisons/{comparison}/submit", {"acknowledged": list(acknowledged)})


async def test_a_copied_justification_is_remarked_on_wherever_it_is_read(town: Town, contributor: Browser) -> None:
    campaign, reviewer = await open_campaign(town.database), await town.enter(Role.REVIEWER)
    first = await finished(town, campaign, who=contributor)
    second = await ready_comparison(town.database, contributor.person.id, campaign=campaign)
    nearly = WHY.replace("the check", "the test")
    live = await contributor.post(f"/comparisons/{second}/turns/1/rating/check", answers(justification=nearly))
    (found,) = [each for each in live.json()["problems"] if each["code"] == "justification-copied"]
    assert "nearly" in found["message"]
    assert (found["refers"]["comparison_id"], found["refers"]["turn"]) == (str(first), 1)
    await contributor.post(f"/comparisons/{second}/turns/1/rating", answers())
    (found,) = await copies(contributor, second)
    assert (found["severity"], "word for word" in found["message"]) == ("warning", True)
    assert (await submit(contributor, second)).status_code == 422
    assert (await submit(contributor, second, "justification-copied")).status_code == 200
    (found,) = await copies(reviewer, second)
    assert (found["acknowledged"], found["refers"]["comparison_id"]) == (True, str(first))
    (other,) = await copies(reviewer, first)
    assert other["refers"]["comparison_id"] == str(second), "each is the other's copy"


async def test_a_reviewer_is_told_of_no_comparison_that_they_may_not_see(town: Town, contributor: Browser) -> None:
    campaign = await campaign_with(town.database, overlap_rate=1.0)
    both = await town.enter(Role.CONTRIBUTOR, Role.REVIEWER)
    first = await finished(town, campaign, who=both)
    repeat = await begin(contributor, await ask(contributor, campaign))
    await contributor.post(f"/comparisons/{repeat}/turns/1/rating", answers())
    assert (await submit(contributor, UUID(repeat))).status_code == 200
    second = await rated(town, contributor, campaign)
    assert (await submit(contributor, second, "justification-copied")).status_code == 200
    (found,) = await copies(both, second)
    assert found["refers"] is None, "it judges the same results as their own"
    assert str(first) not in str(found)
    assert str(repeat) not in str(found)


async def test_what_somebody_else_wrote_is_no_copy_nor_what_was_never_submitted(
    town: Town, contributor: Browser
) -> None:
    campaign, other = await open_campaign(town.database), await town.enter(Role.CONTRIBUTOR)
    await finished(town, campaign, who=other)
    await rated(town, contributor, campaign)
    assert await copies(contributor, await rated(town, contributor, campaign)) == []


async def test_a_prompt_that_was_asked_before_is_remarked_on(town: Town, contributor: Browser) -> None:
    campaign = await open_campaign(town.database, min_turns=1, max_turns=3)
    prompt = "Keep the last row when a file ends without a newline, and add a test that fails without your change."
    first = await rated(town, contributor, campaign, why="B drops the last row of every file that I tried, A keeps it.")
    async with town.database.transaction() as session:
        await session.execute(text("UPDATE turn SET prompt = :prompt"), {"prompt": prompt})
    assert (await submit(contributor, first, "justification-too-short")).status_code == 200
    second = await rated(
        town, contributor, campaign, why="Neither looks at the header, and only A says which line it is."
    )
    sent = await contributor.post(f"/comparisons/{second}/follow-up/check", {"prompt": prompt.upper()})
    (found,) = [each for each in sent.json()["problems"] if each["code"] == "prompt-copied"]
    assert (found["turn"], found["field"], found["refers"]["comparison_id"]) == (2, "prompt", str(first))


async def test_the_campaign_says_whether_copies_block(town: Town, contributor: Browser) -> None:
    strict = await open_campaign(town.database, checker={"justification-copied": "error"})
    quiet = await open_campaign(town.database, checker={"justification-copied": "off"})
    await finished(town, strict, who=contributor)
    blocked = await rated(town, contributor, strict)
    refused = await submit(contributor, blocked, "justification-copied")
    assert (refused.status_code, refused.json()["code"]) == (422, "submission-refused")
    assert (await submit(contributor, await rated(town, contributor, quiet))).status_code == 200


async def test_ten_thousand_earlier_texts_are_not_read_to_find_one(town: Town, contributor: Browser) -> None:
    campaign = await open_campaign(town.database)
    first = await finished(town, campaign, who=contributor)
    async with town.database.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO text_sketch (comparison_id, turn_number, field, person_id, digest, keys, numbers) "
                "SELECT :comparison, n + 100, 'justification', :person, n, "
                "ARRAY(SELECT (n * 100 + k)::bigint FROM generate_series(1, 17) k), decode(repeat('00', 256), 'hex') "
                "FROM generate_series(1, 10000) n"
            ),
            {"comparison": first, "person": contributor.person.id},
        )
    async with town.database.transaction() as session:
        await session.execute(text("ANALYZE text_sketch"))
        plan = "EXPLAIN SELECT * FROM text_sketch WHERE keys && ARRAY[5, 6]::bigint[] AND person_id = :person"
        said = "\n".join(row[0] for row in await session.execute(text(plan), {"person": contributor.person.id}))
    assert "ix_text_sketch_keys" in said, said
    (found,) = await copies(contributor, await rated(town, contributor, campaign))
    assert found["refers"]["comparison_id"] == str(first)
