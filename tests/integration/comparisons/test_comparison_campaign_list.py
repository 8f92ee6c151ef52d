"""A campaign's comparisons, as its operator finds them."""

from __future__ import annotations

from tests.factories.accepted import accept
from tests.factories.comparisons import open_campaign, started
from tests.factories.people import Town

from marlin.accounts import Role
from marlin.db import Database


async def test_an_operator_finds_every_comparison_of_a_campaign_and_no_arm(database: Database, town: Town) -> None:
    operator = await town.enter(Role.OPERATOR)
    reviewer = await town.enter(Role.REVIEWER)
    ada, ben = await town.enter(Role.CONTRIBUTOR), await town.enter(Role.CONTRIBUTOR)
    campaign = await open_campaign(database)
    other = await open_campaign(database, slug="other")
    running = (await started(database, campaign, ada.person.id)).id
    accepted = await accept(database, campaign, ben.person.id, reviewer.person.id, 2)
    await started(database, other, ada.person.id)

    path = f"/campaigns/{campaign.id}/comparisons"
    answer = await operator.get(path)
    rows = {row["id"]: row for row in answer.json()}
    assert set(rows) == {str(running), str(accepted)}
    assert rows[str(running)]["contributor"] == ada.person.name
    assert (rows[str(running)]["status"], rows[str(accepted)]["status"]) == ("running", "accepted")
    assert "arm" not in answer.text

    assert [row["id"] for row in (await operator.get(f"{path}?status=accepted")).json()] == [str(accepted)]
    assert [row["id"] for row in (await operator.get(f"{path}?search={ben.person.name}")).json()] == [str(accepted)]
    first = await operator.get(f"{path}?limit=1")
    assert len(first.json()) == 1
    assert 'rel="next"' in first.headers["Link"]
    assert (await operator.get("/campaigns/01940000-0000-7000-8000-000000000000/comparisons")).status_code == 404
    assert (await ada.get(path)).status_code == 403
