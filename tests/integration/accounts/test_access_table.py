"""Role × endpoint × ownership, walked over the OpenAPI description of the whole service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from access_table import BESIDE, TABLE, Access, Owned, Who
from fastapi.routing import APIRoute, APIWebSocketRoute
from tests.factories.judgement import answers, arms_of, open_campaign, ready_comparison
from tests.factories.people import Browser, Town

from marlin import tasks
from marlin.accounts import Person, Role
from marlin.accounts.service import create_api_token
from marlin.comparisons import get_comparison
from marlin.routes import GIT, ROUTERS
from marlin.settings import Settings
from marlin.tasks import Brief
from marlin.terminals import Terminal

SENTINEL = f"sentinel{uuid4().hex[:12]}"
"""Part of every name that says what is behind a side; only operators may ever be served it."""

REFUSALS = {"not-signed-in", "terms-not-accepted", "role-required", "csrf"}


@dataclass
class World:
    """One of everything, and a program with a bearer token for each kind of caller."""

    town: Town
    owner: Person
    callers: dict[str, Browser]
    ids: dict[str, str]
    submitted: UUID
    served: list[tuple[str, str]] = field(default_factory=list)

    async def call(self, caller: str, row: tuple[str, str], access: Access, **ids: str) -> httpx.Response:
        """Send the row's request as ``caller``."""
        method, path = row
        options: dict[str, Any] = {"params": dict(access.query)}
        if method in ("POST", "PUT", "PATCH"):
            options["json"] = access.body if access.body is not None else {}
        answer = await self.callers[caller].request(method, path.format(**(self.ids | ids)), **options)
        self.served.append((f"{method} {path} as {caller}", answer.text))
        return answer


async def program(town: Town, *roles: Role, consent: bool = True, person: Person | None = None) -> Browser:
    """A program that acts for somebody: no cookies, so no request changes whether the next is let in."""
    person = person or await town.person(*roles, consent=consent)
    async with town.database.transaction() as session:
        _, token = await create_api_token(session, person, "access table")
    browser = town.stranger()
    browser.http.headers["Authorization"] = f"Bearer {token}"
    return browser


@pytest.fixture
def code_store(tmp_path: Path) -> Iterator[None]:
    """Access to repositories, of which there are none."""
    tasks.use_code(tasks.Code(Settings(home=tmp_path)))
    yield
    tasks.use_code(None)


@pytest.fixture
async def world(town: Town, code_store: None) -> World:
    upstream = {"name": f"{SENTINEL}-up", "base_url": f"https://{SENTINEL}.example.com", "api": "openai-chat"}
    arm = {"agent": "minimal", "model": f"{SENTINEL}-model", "upstream": f"{SENTINEL}-up", "key_env": "SOME_KEY"}
    arms = [arm | {"name": f"{SENTINEL}-{letter}"} for letter in "xy"]
    campaign = await open_campaign(town.database, upstreams=[upstream], arms=arms)
    owner = await town.person(Role.CONTRIBUTOR)
    comparison = await ready_comparison(town.database, owner.id, campaign=campaign)
    submitted = await ready_comparison(town.database, owner.id, campaign=campaign)
    browser = await town.sign_in(owner)
    for path, body in (("turns/1/rating", answers()), ("submit", {})):
        answer = await browser.post(f"/comparisons/{submitted}/{path}", body)
        assert answer.is_success, answer.text
    token_id = (await browser.post("/api-tokens", {"name": "mine"})).json()["id"]
    async with town.database.transaction() as session:
        brief = Brief(campaign_id=campaign.id, owner_id=owner.id, title="A draft", base_image="debian")
        session.add(brief)
    held = (await browser.post(f"/campaigns/{campaign.id}/assignment")).json()
    operator = await town.enter(Role.OPERATOR)
    invitation = (await operator.post("/invitations", {"roles": ["reviewer"]})).json()
    return World(
        town=town,
        owner=owner,
        callers={
            "nobody": town.stranger(),
            "without consent": await program(town, *Role, consent=False),
            "without roles": await program(town),
            "owner": await program(town, person=owner),
            "other contributor": await program(town, Role.CONTRIBUTOR),
            **{role.value: await program(town, role) for role in Role},
        },
        ids={
            "run_id": "0123456789abcdef",
            "dataset_id": "0123456789abcdef",
            "comparison_id": str(comparison),
            "brief_id": str(brief.id),
            "campaign_id": str(campaign.id),
            "arm_id": str((await arms_of(town.database, campaign.id))[0].id),
            "person_id": str((await town.person()).id),
            "invitation_id": invitation["id"],
            "token_id": token_id,
            "token": "mrl_i_unknown",
            "assignment_id": held["id"],
            "check_id": str(uuid4()),
            "comment_id": str(uuid4()),
            "terminal_id": str(await _terminal(town, comparison, owner.id)),
            "number": "1",
        },
        submitted=submitted,
    )


async def _terminal(town: Town, comparison_id: UUID, person_id: UUID) -> UUID:
    async with town.database.transaction() as session:
        comparison = await get_comparison(session, comparison_id, owner_id=None)
        terminal = Terminal(
            comparison_id=comparison.id,
            rollout_id=comparison.turns[0].rollouts[0].id,
            person_id=person_id,
            turn=1,
            side="A",
            columns=80,
            rows=24,
        )
        session.add(terminal)
    return terminal.id


def code(answer: httpx.Response) -> str | None:
    """The problem's code, if it is one."""
    problem = "problem+json" in answer.headers.get("content-type", "")
    return answer.json()["code"] if problem else None


def test_every_operation_has_a_row_and_every_row_an_operation(town: Town) -> None:
    described = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, operations in town.app.openapi()["paths"].items()
        for method in operations
        if method in ("get", "post", "put", "patch", "delete")
    }
    assert described - set(TABLE) == set(), "say in access_table.py who may call these"
    assert set(TABLE) - described == set(), "these are gone"


def test_nothing_is_served_beside_what_is_described(town: Town) -> None:
    described = set(town.app.openapi()["paths"])
    beside = {getattr(route, "path", "") for route in town.app.routes} - described
    sockets = {
        ("WEBSOCKET", f"/api/v1{route.path}")
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIWebSocketRoute)
    }
    git = {(method, route.path) for route in GIT.routes if isinstance(route, APIRoute) for method in route.methods}
    assert sockets | git == set(BESIDE), "say in access_table.py who may reach these"
    assert not [path for path in beside if path.startswith("/api/") and path != "/api/v1/openapi.json"]


async def test_nobody_gets_in_without_signing_in(world: World) -> None:
    for row, access in TABLE.items():
        answer = await world.call("nobody", row, access)
        if access.who is Who.ANYBODY:
            assert code(answer) not in REFUSALS, row
        else:
            assert (answer.status_code, code(answer)) == (401, "not-signed-in"), row


async def test_nothing_but_the_terms_works_before_consent(world: World) -> None:
    for row, access in TABLE.items():
        answer = await world.call("without consent", row, access)
        if access.who in (Who.ANYBODY, Who.SIGNED_IN):
            assert code(answer) not in REFUSALS, row
            if row == ("POST", "/consent"):
                assert answer.status_code == 422
        else:
            assert (answer.status_code, code(answer)) == (403, "terms-not-accepted"), row


async def test_roles_decide_and_names_behind_sides_stay_hidden(world: World) -> None:
    for caller in ("without roles", *Role):
        for row, access in TABLE.items():
            allowed = not isinstance(access.who, frozenset) or caller in access.who
            if allowed and access.endless:
                continue
            answer = await world.call(caller, row, access)
            if allowed:
                assert code(answer) not in REFUSALS, (row, caller, answer.text)
                assert code(answer) != "defect", (row, caller, answer.text)
            else:
                assert (answer.status_code, code(answer)) == (403, "role-required"), (row, caller)
    assert [what for what, text in world.served if SENTINEL in text and "as operator" not in what] == []


async def test_what_belongs_to_somebody_else_is_not_there(world: World) -> None:
    owned = {row: access for row, access in TABLE.items() if access.owned is not None}
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for row, access in owned.items():
        for caller in ("other contributor", *([Role.REVIEWER] if access.owned is Owned.VISIBLE else [])):
            answer = await world.call(caller, row, access)
            assert answer.status_code == 404, (row, caller, answer.text)
            told[row] = answer.json()
    for row, access in sorted(owned.items(), key=lambda item: item[0][0] == "DELETE"):
        if not access.endless:
            answer = await world.call("owner", row, access)
            assert code(answer) not in REFUSALS
            if code(answer) is not None:
                assert answer.json()["detail"] != told[row]["detail"], (row, "the owner is let in")
    assert [what for what, text in world.served if SENTINEL in text] == []


async def test_reviewers_see_what_was_submitted_and_operators_all(world: World) -> None:
    for row, access in TABLE.items():
        if access.owned is not Owned.VISIBLE or access.endless:
            continue
        for caller, comparison in ((Role.REVIEWER, world.submitted), (Role.OPERATOR, world.ids["comparison_id"])):
            answer = await world.call(caller, row, access, comparison_id=str(comparison))
            assert "no such comparison" not in answer.text, (row, caller)
            assert code(answer) not in REFUSALS
    assert [what for what, text in world.served if SENTINEL in text and "as operator" not in what] == []


async def test_a_browser_without_the_csrf_token_changes_nothing(world: World) -> None:
    browser = await world.town.sign_in(await world.town.person(*Role))
    del browser.http.headers["X-CSRF-Token"]
    for (method, path), access in TABLE.items():
        if method == "GET" or access.who is Who.ANYBODY:
            continue
        answer = await browser.request(method, path.format(**world.ids), json={})
        assert (answer.status_code, code(answer)) == (403, "csrf"), (method, path)
