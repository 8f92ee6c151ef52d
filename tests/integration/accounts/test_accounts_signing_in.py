"""Signing in and out, by password, link, invitation and bearer token, through the HTTP API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from tests.factories.people import Browser, Town, fields

from marlin.accounts import Role, create_invitation, create_sign_in_link, current_terms
from marlin.accounts.guards import COOKIE, CSRF_HEADER
from marlin.accounts.models import ApiToken, Consent, Invitation, SignIn, SignInFailures, SignInLink
from marlin.accounts.passwords import hash_now
from marlin.db import now

PASSWORD = "an honest day of work"
VERSION = current_terms().version


async def sign_in(browser: Browser, email: str, password: str = PASSWORD) -> Any:
    return await browser.post("/sign-in", {"email": email, "password": password})


async def test_sign_in_by_password_gives_a_session_and_sign_out_ends_it(town: Town) -> None:
    person = await town.person(Role.CONTRIBUTOR, password_hash=hash_now(PASSWORD))
    browser = town.stranger()
    assert (await browser.get("/session")).status_code == 401
    answer = await sign_in(browser, person.email.upper())
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie, "this service is on plain http"
    session = (await browser.get("/session")).json()
    assert session == answer.json()
    assert session["person"] == {
        "id": str(person.id),
        "name": person.name,
        "email": person.email,
        "roles": ["contributor"],
    }
    assert session["terms"] == {"version": VERSION, "accepted": True, "earlier": False}
    browser.remember(session)
    token = browser.http.cookies[COOKIE]
    assert (await browser.post("/sign-out")).status_code == 204
    assert (await browser.get("/session")).status_code == 401
    browser.http.cookies.set(COOKIE, token)
    assert (await browser.get("/session")).status_code == 401, "the stolen cookie is of no use either"


async def test_a_wrong_password_and_nobody_get_the_same_answer(town: Town) -> None:
    person = await town.person(Role.CONTRIBUTOR, password_hash=hash_now(PASSWORD))
    without_password = await town.person(Role.CONTRIBUTOR)
    answers = []
    for email in (person.email, without_password.email, "nobody@example.org", "no address"):
        answer = await sign_in(town.stranger(), email, "wrong but long enough")
        assert answer.status_code == 401
        answers.append({key: value for key, value in answer.json().items() if key != "request_id"})
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["code"] == "sign-in-refused"


async def test_guessing_is_slowed_down_for_the_guesser_not_for_the_person(town: Town) -> None:
    person = await town.person(Role.CONTRIBUTOR, password_hash=hash_now(PASSWORD))
    guesser = town.stranger(address="198.51.100.7")
    codes = [(await sign_in(guesser, person.email, f"guess number {number}")).status_code for number in range(7)]
    assert codes[:5] == [401] * 5
    assert 429 in codes[5:]
    refused = await sign_in(guesser, person.email)
    assert refused.status_code == 429, "even with the right password"
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json()["hint"]
    assert (await sign_in(town.stranger(address="203.0.113.9"), person.email)).status_code == 200


async def test_waiting_helps_and_success_forgets_the_failures(town: Town) -> None:
    person = await town.person(Role.CONTRIBUTOR, password_hash=hash_now(PASSWORD))
    browser = town.stranger()
    for number in range(6):
        await sign_in(browser, person.email, f"guess number {number}")
    async with town.database.transaction() as session:
        await session.execute(update(SignInFailures).values(last_at=now() - timedelta(hours=1)))
    assert (await sign_in(browser, person.email)).status_code == 200
    async with town.database.transaction() as session:
        left = (await session.execute(select(SignInFailures.failures))).scalars().all()
    assert left == [5], "only the network address keeps its count; refused and successful attempts do not add to it"


async def test_a_link_signs_in_once_or_until_it_expires(town: Town) -> None:
    person = await town.person(Role.REVIEWER)
    async with town.database.transaction() as session:
        once, _ = await create_sign_in_link(session, person)
        demo, ends = await create_sign_in_link(session, person, reusable=True, lifetime=timedelta(days=30))
    assert ends <= now() + timedelta(hours=24)
    codes = [(await town.stranger().post("/sign-in/link", {"token": once})).status_code for _ in range(2)]
    assert codes == [200, 404]
    codes = [(await town.stranger().post("/sign-in/link", {"token": demo})).status_code for _ in range(3)]
    assert codes == [200, 200, 200]
    async with town.database.transaction() as session:
        await session.execute(update(SignInLink).values(expires_at=now() - timedelta(seconds=1)))
    answer = await town.stranger().post("/sign-in/link", {"token": demo})
    assert answer.status_code == 404
    assert answer.json()["code"] == "sign-in-link-invalid"


async def test_a_token_of_one_kind_does_not_pass_for_another(town: Town) -> None:
    person = await town.person(Role.OPERATOR)
    async with town.database.transaction() as session:
        link, _ = await create_sign_in_link(session, person, reusable=True)
    browser = town.stranger()
    browser.http.cookies.set(COOKIE, link)
    assert (await browser.get("/session")).status_code == 401
    assert (await town.stranger().get("/session", headers={"Authorization": f"Bearer {link}"})).status_code == 401
    assert (await town.stranger().get(f"/invitations/{link}")).status_code == 404


async def test_sign_ins_end_when_unused_and_slide_when_used(town: Town) -> None:
    browser = await town.enter(Role.CONTRIBUTOR)
    async with town.database.transaction() as session:
        await session.execute(
            update(SignIn).values(last_seen_at=now() - timedelta(days=1), expires_at=now() + timedelta(minutes=1))
        )
    assert (await browser.get("/session")).status_code == 200
    async with town.database.transaction() as session:
        slid = (await session.execute(select(SignIn.expires_at))).scalar_one()
        assert slid > now() + timedelta(days=13)
        await session.execute(
            update(SignIn).values(created_at=now() - timedelta(days=89), last_seen_at=now() - timedelta(days=1))
        )
    await browser.get("/session")
    async with town.database.transaction() as session:
        assert (await session.execute(select(SignIn.expires_at))).scalar_one() < now() + timedelta(days=2)
        await session.execute(update(SignIn).values(expires_at=now()))
    assert (await browser.get("/session")).status_code == 401


async def test_unsafe_requests_of_a_browser_need_the_csrf_token(town: Town) -> None:
    browser, other = await town.enter(Role.OPERATOR), await town.enter(Role.OPERATOR)
    body = {"roles": ["reviewer"]}
    for token in (None, "", "0" * 64, other.http.headers[CSRF_HEADER]):
        headers = {} if token is None else {CSRF_HEADER: token}
        bare = town.stranger()
        bare.http.cookies = browser.http.cookies
        answer = await bare.post("/invitations", body, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["code"] == "csrf"
    assert (await browser.post("/invitations", body)).status_code == 201


async def test_bearer_tokens_need_no_csrf_and_can_be_revoked(town: Town) -> None:
    browser = await town.enter(Role.OPERATOR)
    created = await browser.post("/api-tokens", {"name": "laptop"})
    assert created.status_code == 201
    program = town.stranger()
    program.http.headers["Authorization"] = f"Bearer {created.json()['token']}"
    session = (await program.get("/session")).json()
    assert session["csrf_token"] is None
    assert session["person"]["id"] == str(browser.person.id)
    assert (await program.post("/invitations", {"roles": ["reviewer"]})).status_code == 201
    assert (await program.post("/api-tokens", {"name": "another"})).status_code == 403
    listed = (await browser.get("/api-tokens")).json()
    assert [token["name"] for token in listed] == ["laptop"]
    assert "token" not in listed[0]
    assert listed[0]["last_used_at"] is not None
    other = await town.enter(Role.OPERATOR)
    assert (await other.delete(f"/api-tokens/{listed[0]['id']}")).status_code == 404
    assert (await browser.delete(f"/api-tokens/{listed[0]['id']}")).status_code == 204
    assert (await program.get("/session")).status_code == 401


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer  ", "Bearer mrl_t_nonsense", "nonsense"])
async def test_credentials_that_are_none(town: Town, header: str) -> None:
    browser = await town.enter(Role.OPERATOR)
    answer = await browser.get("/session", headers={"Authorization": header})
    assert answer.status_code == 401, "a bad token is not made good by a cookie"
    assert "bearer" in answer.headers["www-authenticate"].lower()


async def test_secrets_are_stored_as_hashes_only(town: Town) -> None:
    browser = await town.enter(Role.OPERATOR)
    api_token = (await browser.post("/api-tokens", {"name": "laptop"})).json()["token"]
    invitation = (await browser.post("/invitations", {"roles": ["reviewer"]})).json()["url"].split("#")[1]
    async with town.database.transaction() as session:
        for table in (SignIn, SignInLink, ApiToken, Invitation):
            rows = (await session.execute(text(f"SELECT t::text FROM {table.__tablename__} t"))).scalars().all()
            assert rows
            for secret in (api_token, invitation, browser.http.cookies[COOKIE]):
                assert not any(secret in row for row in rows)
        entries = (await session.execute(text("SELECT t::text FROM audit_entry t"))).scalars().all()
    assert not any(api_token in entry or invitation in entry for entry in entries)


async def test_a_password_change_ends_the_other_browsers(town: Town) -> None:
    person = await town.person(Role.CONTRIBUTOR)
    here, elsewhere = await town.sign_in(person), await town.sign_in(person)
    assert (await here.put("/password", {"password": "short"})).status_code == 422
    assert (await here.put("/password", {"password": PASSWORD})).status_code == 204
    assert (await here.get("/session")).status_code == 200
    assert (await elsewhere.get("/session")).status_code == 401
    wrong = await here.put("/password", {"current": "not my password", "password": PASSWORD + "!"})
    assert wrong.status_code == 401
    right = await here.put("/password", {"current": PASSWORD, "password": PASSWORD + "!"})
    assert right.status_code == 204
    assert (await sign_in(town.stranger(), person.email, PASSWORD + "!")).status_code == 200


async def test_consent_comes_before_everything_else(town: Town) -> None:
    browser = await town.enter(Role.OPERATOR, consent=False)
    refused = await browser.get("/people")
    assert refused.status_code == 403
    assert refused.json()["code"] == "terms-not-accepted"
    first = {"version": VERSION, "accepted": False, "earlier": False}
    assert (await browser.get("/session")).json()["terms"] == first
    async with town.database.transaction() as session:
        session.add(Consent(person_id=browser.person.id, terms_version="1999-01-01"))
    assert (await browser.get("/session")).json()["terms"] == first | {"earlier": True}
    terms = (await town.stranger().get("/terms")).json()
    assert terms["version"] == VERSION
    outdated = await browser.post("/consent", {"terms_version": "1999-01-01"})
    assert outdated.status_code == 409
    for _ in range(2):
        assert (await browser.post("/consent", {"terms_version": VERSION})).status_code == 200
    assert (await browser.get("/people")).status_code == 200


# --- invitations -----------------------------------------------------------------------------------------------------


async def invite(town: Town, **body: Any) -> tuple[Browser, dict[str, Any], str]:
    operator = await town.enter(Role.OPERATOR)
    answer = await operator.post("/invitations", {"roles": ["contributor"]} | body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert created["url"].startswith("http://127.0.0.1:8420/invite#")
    return operator, created, created["url"].split("#")[1]


def joining(**changes: Any) -> dict[str, Any]:
    return {"name": "Grace", "email": "grace@example.org", "password": PASSWORD, "terms_version": VERSION} | changes


async def test_an_invitation_lets_one_person_join_once(town: Town) -> None:
    operator, created, token = await invite(town, roles=["reviewer", "contributor"])
    browser = town.stranger()
    shown = (await browser.get(f"/invitations/{token}")).json()
    assert shown["roles"] == ["contributor", "reviewer"]
    assert shown["email"] is None
    assert shown["terms"]["version"] == VERSION
    answer = await browser.post(f"/invitations/{token}/accept", joining())
    assert answer.status_code == 201
    assert answer.json()["person"]["roles"] == ["contributor", "reviewer"]
    assert answer.json()["terms"]["accepted"] is True
    browser.remember(answer.json())
    assert (await browser.get("/api-tokens")).status_code == 200
    again = await town.stranger().post(f"/invitations/{token}/accept", joining(email="other@example.org"))
    assert again.status_code == 409
    assert again.json()["code"] == "invitation-spent"
    assert (await town.stranger().get(f"/invitations/{token}")).status_code == 409
    assert (await operator.delete(f"/invitations/{created['id']}")).status_code == 409
    assert (await operator.get("/invitations")).json()[0]["state"] == "accepted"


async def test_refused_ways_to_join_leave_the_invitation_open(town: Town) -> None:
    _, _, token = await invite(town, email="Grace@example.org")
    existing = await town.person(Role.REVIEWER)
    url = f"/invitations/{token}/accept"
    browser = town.stranger()
    assert (await browser.post(url, joining(email="other@example.org"))).status_code == 403
    weak = await browser.post(url, joining(password="grace"))
    assert weak.json()["code"] == "weak-password"
    assert (await browser.post(url, joining(terms_version="1999-01-01"))).json()["code"] == "terms-outdated"
    assert (await browser.post(url, joining(email=existing.email))).status_code == 403
    assert "name" in fields(await browser.post(url, joining(name=" ")))
    assert (await browser.get(f"/invitations/{token}")).json()["email"] == "grace@example.org"


async def test_a_known_address_is_told_to_sign_in(town: Town) -> None:
    _, _, token = await invite(town)
    existing = await town.person(Role.REVIEWER)
    url = f"/invitations/{token}/accept"
    answer = await town.stranger().post(url, joining(email=existing.email))
    assert answer.status_code == 409
    assert answer.json()["code"] == "person-exists"
    codes = [(await town.stranger().post(url, joining(email=existing.email))).status_code for _ in range(6)]
    assert codes[-1] == 429, "an invitation is no way to find out who is here"


async def test_withdrawn_expired_and_unknown_invitations(town: Town) -> None:
    operator, created, token = await invite(town)
    for _ in range(2):
        assert (await operator.delete(f"/invitations/{created['id']}")).status_code == 204
    assert (await town.stranger().get(f"/invitations/{token}")).status_code == 409
    assert (await town.stranger().get("/invitations/mrl_i_unknown")).status_code == 404
    async with town.database.transaction() as session:
        _, late = await create_invitation(
            session, email=None, roles=[Role.REVIEWER], lifetime=timedelta(seconds=-1), actor=None
        )
    assert "expired" in (await town.stranger().get(f"/invitations/{late}")).json()["detail"]
    states = {entry["state"] for entry in (await operator.get("/invitations")).json()}
    assert states == {"revoked", "expired"}


# --- people ----------------------------------------------------------------------------------------------------------


async def test_operators_change_roles_but_one_operator_stays(town: Town) -> None:
    operator = await town.enter(Role.OPERATOR)
    contributor = await town.enter(Role.CONTRIBUTOR)
    mine, theirs = (f"/people/{browser.person.id}/roles" for browser in (operator, contributor))
    assert (await operator.put(mine, {"roles": ["reviewer"]})).json()["code"] == "last-operator"
    promoted = await operator.put(theirs, {"roles": ["operator", "contributor"]})
    assert promoted.json()["roles"] == ["operator", "contributor"]
    assert (await contributor.get("/people")).status_code == 200, "at once, without signing in again"
    assert (await operator.put(mine, {"roles": []})).status_code == 200
    assert (await operator.get("/people")).status_code == 403
    assert (await contributor.put(theirs, {"roles": ["admin"]})).status_code == 422


async def test_an_operator_helps_who_forgot_a_password(town: Town) -> None:
    operator = await town.enter(Role.OPERATOR)
    forgetful = await town.person(Role.CONTRIBUTOR)
    answer = await operator.post(f"/people/{forgetful.id}/sign-in-link")
    assert answer.status_code == 201
    url, _, token = answer.json()["url"].partition("#")
    assert url.endswith("/sign-in/link")
    session = await town.stranger().post("/sign-in/link", {"token": token})
    assert session.json()["person"]["id"] == str(forgetful.id)
    assert (await operator.post(f"/people/{operator.person.id.hex[::-1]}/sign-in-link")).status_code in (404, 422)


async def test_a_secret_that_is_shown_once_is_not_kept_for_repetitions(town: Town) -> None:
    browser = await town.enter(Role.OPERATOR)
    key = {"Idempotency-Key": "one"}
    token = (await browser.post("/api-tokens", {"name": "laptop"}, headers=key)).json()["token"]
    url = (await browser.post("/invitations", {"roles": ["reviewer"]}, headers={"Idempotency-Key": "two"})).json()[
        "url"
    ]
    async with town.database.transaction() as session:
        kept = (await session.execute(text("SELECT body FROM idempotent_request"))).scalars().all()
    assert not any(token.encode() in (body or b"") or url.encode() in (body or b"") for body in kept)
