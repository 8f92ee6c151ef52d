"""The base image of a brief: one of the campaign's, on this worker, to the byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.factories.comparisons import open_campaign, ready_brief
from tests.factories.people import Browser, Town
from tests.factories.results import open_desk

from marlin import campaigns, tasks
from marlin.accounts import Role
from marlin.campaigns import CampaignPatch
from marlin.comparisons.service import create_comparison
from marlin.db import Database
from marlin.errors import UnavailableError
from marlin.tasks import Environment
from marlin.tasks.building import Preparation, find_image


@pytest.fixture
async def campaign(database: Database) -> campaigns.Campaign:
    return await open_campaign(database, base_images=["debian", "node"])


@pytest.fixture
async def contributor(town: Town) -> Browser:
    return await town.enter(Role.CONTRIBUTOR)


async def create(contributor: Browser, campaign: campaigns.Campaign, **fields: Any) -> dict[str, Any]:
    wish = {"campaign_id": str(campaign.id), "example": "stockroom-import", **fields}
    made = await contributor.post("/briefs", wish)
    assert made.status_code == 201, made.text
    brief: dict[str, Any] = made.json()
    return brief


async def test_a_brief_stands_on_the_first_image_until_it_chooses(
    contributor: Browser, campaign: campaigns.Campaign
) -> None:
    offered = (await contributor.get(f"/campaigns/{campaign.id}")).json()["base_images"]
    assert [image["name"] for image in offered] == ["debian", "node"]
    assert "Node.js" in offered[1]["description"]
    brief = await create(contributor, campaign)
    assert brief["base_image"] == "debian"
    chosen = await contributor.patch(f"/briefs/{brief['id']}", {"revision": 1, "base_image": "node"})
    assert chosen.json()["base_image"] == "node"
    assert (await create(contributor, campaign, base_image="node"))["base_image"] == "node"


async def test_an_image_that_is_not_offered_is_refused(contributor: Browser, campaign: campaigns.Campaign) -> None:
    brief = await create(contributor, campaign)
    wish = {"campaign_id": str(campaign.id), "base_image": "rust"}
    for refused in (
        await contributor.post("/briefs", wish),
        await contributor.patch(f"/briefs/{brief['id']}", {"revision": 1, "base_image": "rust"}),
    ):
        assert refused.status_code == 422, refused.text
        assert refused.json()["hint"] == "Choose one of: debian, node."
        assert refused.json()["errors"][0]["field"] == "base_image"
    assert (await contributor.get(f"/briefs/{brief['id']}")).json()["base_image"] == "debian"


async def test_another_image_makes_a_preparation_void(
    database: Database, town: Town, contributor: Browser, campaign: campaigns.Campaign
) -> None:
    brief = await ready_brief(database, campaign, contributor.person.id, base_image="debian")
    path = f"/briefs/{brief.id}"
    assert (await contributor.get(path)).json()["status"] == "ready"
    changed = await contributor.patch(path, {"revision": 1, "base_image": "node"})
    assert changed.json()["status"] == "draft"
    assert changed.json()["preparation"]["environment_id"] is None


async def test_a_campaign_may_take_an_image_back(
    database: Database, contributor: Browser, campaign: campaigns.Campaign
) -> None:
    brief = await create(contributor, campaign, base_image="node")
    async with database.transaction() as session:
        patch = CampaignPatch(base_images=["debian"])
        await campaigns.change_campaign(session, campaign.id, patch, actor=None)
        assert await campaigns.campaigns_by_image(session) == {"debian": [campaign.slug]}
    refused = await contributor.post(f"/briefs/{brief['id']}/prepare")
    assert refused.status_code == 422
    assert "'node'" in refused.json()["detail"]
    kept = await contributor.patch(f"/briefs/{brief['id']}", {"revision": 1, "title": "Still editable"})
    assert kept.json()["title"] == "Still editable"


async def test_a_comparisons_terms_say_which_image_it_stands_on(
    database: Database, contributor: Browser, campaign: campaigns.Campaign
) -> None:
    brief = await ready_brief(database, campaign, contributor.person.id, base_image="node")
    async with database.transaction() as session:
        comparison = await create_comparison(session, contributor.person.id, brief.id)
    assert comparison.terms["base_image"] == "node"
    async with database.transaction() as session:
        assert await tasks.environments_by_image(session) == {"host-view": 1}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("node", "marlin image build node`"),
        ("our-monorepo", "marlin image import our-monorepo"),
        ("host-view", "marlin demo"),
    ],
)
async def test_a_worker_without_the_image_says_what_to_run(
    database: Database, contributor: Browser, tmp_path: Path, name: str, told: str
) -> None:
    campaign = await open_campaign(database, base_images=[name])
    brief = await ready_brief(database, campaign, contributor.person.id, base_image=name)
    brief.preparation_id = brief.id
    async with open_desk(tmp_path) as desk:
        bench = desk.bench
        if name == "host-view":
            bench = tasks.Workbench(
                bench.settings,
                backend=bench.backend,
                layers=bench.layers,
                code=bench.code,
                workspaces=bench.workspaces,
                views={},
            )
        with pytest.raises(UnavailableError, match=name) as missing:
            await find_image(await Preparation.begin(bench, brief))
    assert told in (missing.value.hint or "")


async def test_an_environment_stays_on_the_very_image_it_was_built_on(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        layers = desk.bench.layers
        layers.commit("ours", layers.stage_tree(), facts={"kind": "import", "digest": "sha256:here"})
        environment = Environment(base_image="ours", provenance={"image": desk.bench.image_identity("ours")})
        assert desk.bench.image_of(environment).name == "ours"
        environment.provenance = {"image": "ours@sha256:elsewhere"}
        with pytest.raises(UnavailableError, match="not the one") as other:
            desk.bench.image_of(environment)
        assert "marlin image export ours" in (other.value.hint or "")
        environment.provenance = {}
        assert desk.bench.image_of(environment).name == "ours", "built before identities were recorded"
