"""What a contributor's comparisons come to, by where they stand."""

from __future__ import annotations

from typing import Any

from tests.factories.assigning import finished
from tests.factories.deciding import decide, dispute, reject
from tests.factories.judgement import open_campaign, ready_comparison
from tests.factories.people import town_on

from marlin.accounts import Role
from marlin.db import Database


async def test_earnings_are_told_by_where_comparisons_stand(database: Database) -> None:
    async with town_on(database) as town:
        who, other = await town.enter(Role.CONTRIBUTOR), await town.enter(Role.CONTRIBUTOR)
        reviewer = await town.enter(Role.REVIEWER)
        dear, cheap = (
            await open_campaign(database, price_cents=28_000),
            await open_campaign(database, price_cents=9_050),
        )

        async def earnings() -> dict[str, Any]:
            found: dict[str, Any] = (await who.get("/comparisons/earnings")).json()
            return {name: (amount["count"], amount["cents"]) for name, amount in found.items()}

        nothing = {"accepted": (0, 0), "in_review": (0, 0), "returned": (0, 0), "under_way": (0, 0)}
        assert await earnings() == nothing
        accepted, returned, rejected, disputed, waiting = [
            await finished(town, campaign, who=who) for campaign in (dear, cheap, dear, dear, cheap)
        ]
        await finished(town, dear, who=other, accepted=True)
        await ready_comparison(database, who.person.id, campaign=cheap)
        await decide(reviewer, accepted, "accept", "")
        await decide(reviewer, returned, "return", "Say more.")
        for one in (rejected, disputed):
            await reject(reviewer, one)
        await dispute(who, disputed)
        assert await earnings() == {
            "accepted": (1, 28_000),
            "in_review": (2, 37_050),
            "returned": (1, 9_050),
            "under_way": (1, 9_050),
        }, waiting
