"""What a person may name as a brief's source: never a folder of the machine, by whatever detour."""

from __future__ import annotations

import pytest
from tests.factories.comparisons import open_campaign
from tests.factories.people import Town

from marlin.accounts import Role
from marlin.db import Database

EXAMPLE = "stockroom-import"


async def test_an_example_brings_its_own_repository(database: Database, town: Town) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    campaign = await open_campaign(database)
    made = await contributor.post("/briefs", {"campaign_id": str(campaign.id), "example": EXAMPLE})
    assert made.status_code == 201, made.text
    assert made.json()["example"] == EXAMPLE
    prepared = await contributor.post(f"/briefs/{made.json()['id']}/prepare")
    assert prepared.status_code == 202, prepared.text


@pytest.mark.parametrize("source", ["example:../../etc", "example:stockroom/../../../root/secrets", "/root/secrets"])
async def test_an_example_is_no_way_to_a_folder_of_the_machine(database: Database, town: Town, source: str) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    campaign = await open_campaign(database)
    wish = {"campaign_id": str(campaign.id), "example": EXAMPLE, "source": source}
    made = await contributor.post("/briefs", wish)
    assert made.json()["example"] is None, "its hidden checks are for its own repository"
    refused = await contributor.post(f"/briefs/{made.json()['id']}/prepare")
    assert refused.status_code == 422, refused.text
    assert (await contributor.get(f"/briefs/{made.json()['id']}")).json()["preparation"]["status"] == "none"


async def test_another_commit_of_an_example_is_refused_with_the_way_back(database: Database, town: Town) -> None:
    campaign, contributor = await open_campaign(database), await town.enter(Role.CONTRIBUTOR)
    made = (await contributor.post("/briefs", {"campaign_id": str(campaign.id), "example": EXAMPLE})).json()
    edit = {"revision": made["revision"], "commit": "main"}
    assert (await contributor.patch(f"/briefs/{made['id']}", edit)).status_code == 200
    refused = await contributor.post(f"/briefs/{made['id']}/prepare", {})
    assert refused.status_code == 422
    assert "comes with an example brief" in refused.json()["detail"]
    assert "Start from the example again" in refused.json()["hint"]
