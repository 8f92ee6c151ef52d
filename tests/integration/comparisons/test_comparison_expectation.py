"""What the contributor expects is kept, and never overwritten unseen from another device."""

from __future__ import annotations

from tests.factories.judgement import answers, ready_comparison
from tests.factories.people import town_on

from marlin.accounts import Role
from marlin.db import Database


async def test_a_text_that_somebody_else_has_changed_is_not_overwritten(database: Database) -> None:
    async with town_on(database) as town:
        contributor = await town.enter(Role.CONTRIBUTOR)
        comparison = await ready_comparison(database, contributor.person.id)
        path = f"/comparisons/{comparison}/turns/1/expectation"

        async def says() -> str:
            turns = (await contributor.get(f"/comparisons/{comparison}")).json()["turns"]
            text: str = turns[0]["expectation"]
            return text

        assert (await contributor.put(path, {"text": "Find the cause.", "before": ""})).status_code == 204
        assert (await contributor.put(path, {"text": "Find the cause.", "before": ""})).status_code == 204, "sent twice"
        refused = await contributor.put(path, {"text": "Begin with a test.", "before": ""})
        assert (refused.status_code, refused.json()["code"]) == (409, "draft-outdated")
        assert refused.json()["details"]["text"] == await says() == "Find the cause."
        merged = {"text": "Find the cause.\nBegin with a test.", "before": "Find the cause."}
        assert (await contributor.put(path, merged)).status_code == 204
        assert await says() == merged["text"]
        assert (await contributor.put(path, {"text": "Whatever it says."})).status_code == 204
        await contributor.post(f"/comparisons/{comparison}/turns/1/rating", answers())
        late = await contributor.put(path, {"text": "Hindsight.", "before": "Whatever it says."})
        assert (late.status_code, late.json()["code"]) == (409, "already-rated")
