"""Campaigns and arms through the HTTP API, and what contributors don't see of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.factories.judgement import campaign_wish, open_campaign
from tests.factories.people import Browser, Town, fields

from marlin import campaigns, examples
from marlin.accounts import Role
from marlin.campaigns import ArmsMissingError, draw_arms, parse_campaign

UPSTREAM = {
    "name": "sentinel-upstream",
    "base_url": "https://sentinel-host.example.com/v1",
    "api": "openai-chat",
    "key_env": "SENTINEL_KEY",
}
ARM = {"name": "sentinel-arm", "agent": "minimal", "model": "sentinel-model", "upstream": "sentinel-upstream"}


@pytest.fixture
async def operator(town: Town) -> Browser:
    return await town.enter(Role.OPERATOR)


def body(**changes: Any) -> dict[str, Any]:
    return campaign_wish().model_dump(mode="json", exclude_unset=True) | changes


async def create(operator: Browser, **changes: Any) -> dict[str, Any]:
    answer = await operator.post("/campaigns", body(**changes))
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    return created


async def arms(operator: Browser, campaign: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await operator.get(f"/campaigns/{campaign['id']}/arms")
    assert answer.status_code == 200
    listed: list[dict[str, Any]] = answer.json()
    return listed


@pytest.mark.parametrize("name", examples.list_campaigns())
async def test_every_shipped_campaign_can_be_opened(town: Town, name: str) -> None:
    async with town.database.transaction() as session:
        wish = parse_campaign(examples.load_campaign_text(name))
        campaign = await campaigns.create_campaign(session, wish, actor=None)
        pair = await draw_arms(session, campaign.id)
    assert len({arm.id for arm in pair}) == 2
    contributor = await town.enter(Role.CONTRIBUTOR)
    shown = (await contributor.get(f"/campaigns/{campaign.id}")).json()
    assert [brief["name"] for brief in shown["example_briefs"]] == wish.example_briefs
    assert all(brief["title"] and brief["summary"] for brief in shown["example_briefs"])
    assert shown["rubric"]["version"] == 1
    assert len(shown["rubric"]["axes"]) == 4


async def test_contributors_learn_nothing_about_arms(town: Town, operator: Browser) -> None:
    created = await create(
        operator, base_images=["debian"], upstreams=[UPSTREAM], arms=[ARM, ARM | {"name": "sentinel-b"}]
    )
    contributor, reviewer = await town.enter(Role.CONTRIBUTOR), await town.enter(Role.REVIEWER)
    for browser in (contributor, reviewer):
        for path in ("/campaigns", f"/campaigns/{created['id']}"):
            answer = await browser.get(path)
            assert answer.status_code == 200
            assert "sentinel" not in answer.text.lower()
        assert (await browser.get(f"/campaigns/{created['id']}/arms")).status_code == 403
    assert "sentinel" not in (await operator.get(f"/campaigns/{created['id']}")).text
    listed = await arms(operator, created)
    assert [(arm["name"], arm["model"], arm["key_env"]) for arm in listed] == [
        ("sentinel-arm", "sentinel-model", "SENTINEL_KEY"),
        ("sentinel-b", "sentinel-model", "SENTINEL_KEY"),
    ]


async def test_only_open_campaigns_are_there_for_contributors(town: Town, operator: Browser) -> None:
    created = await create(operator)
    contributor = await town.enter(Role.CONTRIBUTOR)
    path = f"/campaigns/{created['id']}"
    assert [entry["id"] for entry in (await contributor.get("/campaigns")).json()] == [created["id"]]
    assert (await operator.patch(path, {"status": "paused"})).json()["status"] == "paused"
    assert (await contributor.get("/campaigns")).json() == []
    assert (await contributor.get(path)).status_code == 404
    assert len((await operator.get("/campaigns")).json()) == 1
    async with town.database.transaction() as session:
        with pytest.raises(campaigns.CampaignClosedError):
            await campaigns.get_open_campaign(session, UUID(created["id"]))
    assert (await operator.patch(path, {"status": "finished"})).status_code == 422


async def test_new_guidelines_and_rubrics_are_new_versions(town: Town, operator: Browser) -> None:
    created = await create(operator)
    path = f"/campaigns/{created['id']}"
    rubric = {name: created["rubric"][name] for name in ("axes", "requires_justification", "requires_key_axis")}
    same = await operator.patch(path, {"rubric": rubric, "guidelines": created["guidelines_markdown"]})
    assert same.json()["rubric"]["version"] == 1
    rubric["axes"] = rubric["axes"][:2]
    changed = (await operator.patch(path, {"rubric": rubric, "guidelines": "Look twice."})).json()
    assert changed["rubric"]["version"] == 2
    assert len(changed["rubric"]["axes"]) == 2
    assert changed["guidelines_markdown"] == "Look twice."
    async with town.database.transaction() as session:
        kept = (await session.execute(text("SELECT version, markdown FROM guidelines_version ORDER BY 1"))).all()
        numbers = (await session.execute(text("SELECT version FROM rubric_version ORDER BY 1"))).scalars().all()
    assert [tuple(row) for row in kept] == [(1, "Look at the evidence."), (2, "Look twice.")]
    assert numbers == [1, 2]
    async with town.database.sessions() as session:
        with pytest.raises(DBAPIError, match="never changed"):
            await session.execute(text("UPDATE rubric_version SET content = '{}'"))


async def test_changes_that_do_not_fit_are_refused_whole(operator: Browser) -> None:
    created = await create(operator, min_turns=2, max_turns=3)
    path = f"/campaigns/{created['id']}"
    refused = await operator.patch(path, {"title": "New", "max_turns": 1})
    assert refused.status_code == 422
    assert "max_turns" in fields(refused)
    assert (await operator.get(path)).json()["title"] == created["title"]
    assert "example_briefs[0]" in fields(await operator.patch(path, {"example_briefs": ["nonsense"]}))
    assert (await operator.patch(f"/campaigns/{uuid4()}", {"title": "New"})).status_code == 404


async def test_a_campaign_is_created_once_and_whole(town: Town, operator: Browser) -> None:
    created = await create(operator)
    again = await operator.post("/campaigns", body(slug=created["slug"]))
    assert again.status_code == 409
    assert again.json()["code"] == "campaign-exists"
    broken = await operator.post("/campaigns", body(arms=[ARM]))
    assert broken.status_code == 422
    assert "upstream" in fields(broken)
    assert len((await operator.get("/campaigns")).json()) == 1, "the broken one left nothing behind"


async def test_arms_that_cannot_work_are_refused_with_the_reason(operator: Browser) -> None:
    created = await create(operator, base_images=["debian"], upstreams=[UPSTREAM])
    path = f"/campaigns/{created['id']}/arms"
    scripted = {"name": "x", "agent": "scripted"}
    cases = [
        (scripted | {"name": "careful"}, 409, "name"),
        (ARM | {"agent": "no-such-agent"}, None, "no-such-agent"),
        (ARM | {"agent": "/etc/passwd"}, 422, "machine"),
        (ARM | {"upstream": "nowhere"}, 422, "nowhere"),
        (ARM | {"upstream": None, "model": None}, 422, "upstream"),
        (ARM | {"agent": "claude-code"}, 422, "anthropic"),
        (scripted | {"upstream": "sentinel-upstream", "model": "m"}, 422, "model"),
        (scripted | {"settings": {"script": "/etc/passwd"}}, 422, "settings.script names a file"),
        (scripted | {"settings": {"script": "carefull"}}, 422, "careful, hasty"),
        (scripted | {"settings": {"script": "careful", "speed": 3}}, 422, "speed"),
        (ARM | {"settings": {"include": ["../../secrets"]}}, 422, "settings.include[0] names a file"),
    ]
    for wish, status, told in cases:
        answer = await operator.post(path, wish)
        assert 400 <= answer.status_code < 500, answer.text
        if status is not None:
            assert answer.status_code == status, answer.text
        assert told in answer.text
        assert answer.json()["hint"]
    key = await operator.post(path, ARM | {"key_env": "sk-ant-api03-AAAABBBBCCCC"})
    assert key.status_code == 422
    assert "AAAABBBBCCCC" not in key.text
    assert len(await arms(operator, created)) == 2


async def test_only_scripted_arms_may_see_the_hosts_files(operator: Browser) -> None:
    created = await create(operator, base_images=["host-view"], upstreams=[UPSTREAM])
    refused = await operator.post(f"/campaigns/{created['id']}/arms", ARM)
    assert refused.status_code == 422
    assert "debian" in refused.json()["hint"]
    assert (await operator.post("/campaigns", body(base_images=["host-view"], arms=[ARM]))).status_code == 422
    pinned = await create(operator, slug="pinned", base_image="node", arms=[ARM])
    assert [image["name"] for image in pinned["base_images"]] == ["node"]
    mixed = await operator.patch(f"/campaigns/{pinned['id']}", {"base_images": ["debian", "host-view"]})
    assert mixed.status_code == 422
    assert "sentinel-arm" in mixed.json()["detail"]
    more = await operator.patch(f"/campaigns/{pinned['id']}", {"base_images": ["debian", "node"]})
    assert [image["name"] for image in more.json()["base_images"]] == ["debian", "node"]


async def test_an_upstream_by_its_address_is_made_once(operator: Browser) -> None:
    created = await create(operator)
    path = f"/campaigns/{created['id']}/arms"
    wish = {"agent": "minimal", "model": "m", "upstream": "http://127.0.0.1:8000/v1/", "api": "openai-chat"}
    first = await operator.post(path, wish | {"name": "one"})
    second = await operator.post(path, wish | {"name": "two", "upstream": "http://127.0.0.1:8000/v1"})
    assert first.status_code == second.status_code == 201, first.text
    assert first.json()["upstream"] == second.json()["upstream"] == "127.0.0.1"
    assert first.json()["base_url"] == "http://127.0.0.1:8000/v1"
    other = await operator.post(path, wish | {"name": "three", "upstream": "http://127.0.0.1:9000/v1"})
    assert other.json()["upstream"] == "127.0.0.1-2"
    malformed = await operator.post(path, wish | {"name": "four", "upstream": "ftp://127.0.0.1/"})
    assert malformed.status_code == 422
    assert malformed.json()["hint"]


async def test_upstreams_of_one_name_are_the_same_or_refused(operator: Browser) -> None:
    await create(operator, upstreams=[UPSTREAM])
    await create(operator, upstreams=[UPSTREAM])
    clash = await operator.post("/campaigns", body(upstreams=[UPSTREAM | {"base_url": "https://other.example.com"}]))
    assert clash.status_code == 409
    assert clash.json()["code"] == "upstream-exists"


async def test_resting_arms_are_not_drawn(town: Town, operator: Browser) -> None:
    created = await create(operator)
    campaign_id = UUID(created["id"])
    listed = await arms(operator, created)
    path = f"/campaigns/{created['id']}/arms/{listed[0]['id']}"
    for _ in range(2):
        assert (await operator.patch(path, {"active": False})).json()["active"] is False
    async with town.database.transaction() as session:
        with pytest.raises(ArmsMissingError):
            await draw_arms(session, campaign_id)
    assert (await operator.patch(path, {"active": True})).json()["active"] is True
    other = await create(operator)
    assert (await operator.patch(path.replace(created["id"], other["id"]), {"active": False})).status_code == 404


async def test_a_tuned_arm_never_meets_a_repository_it_was_trained_on(town: Town, operator: Browser) -> None:
    origin = {"run": "r", "method": "dpo", "model": "m", "dataset": "d", "split": "s", "synthetic": False}
    origin |= {"parent": "base", "parent_hash": "p", "trained_on": ["seen"]}
    three = [{"name": "parent", "agent": "scripted"}, {"name": "other", "agent": "scripted"}]
    campaign = await open_campaign(
        town.database, arms=[*three, {"name": "tuned", "agent": "scripted"} | {"lineage": origin}]
    )
    listed = await arms(operator, {"id": str(campaign.id)})
    assert {arm["name"]: arm["lineage"] for arm in listed} == {"parent": None, "other": None, "tuned": origin}
    async with town.database.transaction() as session:
        for _ in range(20):
            drawn = await draw_arms(session, campaign.id, repository="seen")
            assert {arm.name for arm in drawn} == {"parent", "other"}
        met = [await draw_arms(session, campaign.id, repository="new") for _ in range(40)]
        assert any(arm.name == "tuned" for pair in met for arm in pair)
        parent = next(arm for arm in drawn if arm.name == "parent")
        await campaigns.set_arm_active(session, campaign.id, parent.id, active=False, actor=None)
        with pytest.raises(ArmsMissingError, match="no two arms for this repository"):
            await draw_arms(session, campaign.id, repository="seen")


async def test_three_arms_meet_in_all_pairs_and_the_draw_is_recorded(town: Town) -> None:
    third = [{"name": name, "agent": "scripted"} for name in ("x", "y", "z")]
    campaign = await open_campaign(town.database, arms=third)
    async with town.database.transaction() as session:
        drawn = [await draw_arms(session, campaign.id) for _ in range(60)]
        again = await draw_arms(session, campaign.id, seed=drawn[0].record["seed"])
    assert len({frozenset(arm.id for arm in pair) for pair in drawn}) == 3
    assert again.arms == drawn[0].arms
    assert again.record == drawn[0].record


async def test_terms_are_a_snapshot_that_can_be_stored(town: Town) -> None:
    campaign = await open_campaign(town.database)
    terms = campaigns.terms_snapshot(campaign)
    assert terms["guidelines_version"] == 1
    assert {"title", "reveal", "continuation", "min_turns", "max_turns", "limits", "budget_usd"} <= set(terms)
