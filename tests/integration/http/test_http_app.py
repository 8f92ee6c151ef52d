"""What surrounds every request: problems, headers, limits, origins, repeated requests, pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import select, text, update

from marlin.accounts import Person, Role, accept_terms, create_person, current_terms
from marlin.accounts.service import create_api_token, revoke_api_token
from marlin.app import create_app
from marlin.db import Database, events, now, transaction
from marlin.db.models import EventStream, IdempotentRequest
from marlin.errors import ConflictError, NotFoundError
from marlin.http import pages
from marlin.http.idempotency import IN_PROGRESS_LIMIT
from marlin.http.sessions import Session
from marlin.settings import Settings

ORIGIN = "http://127.0.0.1:8420"
BEARER = {"Authorization": "Bearer one"}


class Item(BaseModel):
    name: str
    count: int = 1


def add_endpoints(app: FastAPI) -> None:
    """Endpoints of this test: each does one thing that the frame around them must handle."""
    gate = asyncio.Event()
    app.state.gate = gate

    @app.post("/api/v1/test/items", status_code=201)
    async def make(item: Item, session: Session) -> dict[str, Any]:
        number = await events.append(session, STREAM, "item", item.model_dump())
        if item.name == "slow":
            await gate.wait()
        if item.name == "conflict":
            raise ConflictError("It is taken.", hint="Choose another.", retry_after=7)
        if item.name == "defect":
            raise ZeroDivisionError("secret detail")
        return {"number": number}

    @app.get("/api/v1/test/missing")
    async def missing() -> None:
        raise NotFoundError("There is no such thing.", hint="Look elsewhere.", name="x")

    # what a catch-all page route would shadow must come before it
    app.router.routes.insert(0, app.router.routes.pop())
    app.router.routes.insert(0, app.router.routes.pop())


STREAM = __import__("uuid").UUID(int=7)


@pytest.fixture
async def app(database: Database) -> AsyncIterator[FastAPI]:
    made = create_app(Settings(database_url=str(database.url.render_as_string(hide_password=False))))
    add_endpoints(made)
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as made:
        yield made


async def count() -> int:
    async with transaction() as session:
        return await events.last_id(session, STREAM)


async def test_an_error_is_a_problem_document_that_says_what_to_do(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/test/missing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:marlin:problem:not-found",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no such thing.",
        "code": "not-found",
        "hint": "Look elsewhere.",
        "request_id": answer.headers["x-request-id"],
        "details": {"name": "x"},
    }


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/api/v1/test/items", {"count": "many"}, 422, "invalid-input"),
        ("/api/v1/test/items", {"name": "conflict"}, 409, "conflict"),
        ("/api/v1/nothing", {}, 405, "method-not-allowed"),
    ],
)
async def test_every_kind_of_error_is_a_problem_document(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    answer = await client.post(path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert await count() == 0


async def test_a_defect_tells_a_number_and_no_secret(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/test/items", json={"name": "defect"})
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.json()["hint"]
    assert "secret" not in answer.text
    assert await count() == 0
    assert answer.headers["content-security-policy"]


async def test_an_unknown_api_path_is_a_problem_and_not_a_page(client: httpx.AsyncClient) -> None:
    for path in ("/api/v1/nothing", "/git/token/comparison-00000000.git/HEAD"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_every_answer_has_the_security_headers(client: httpx.AsyncClient) -> None:
    for path in ("/", "/healthz", "/api/v1/nothing", "/api/v1/openapi.json"):
        headers = (await client.get(path)).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "script-src 'self';" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


async def test_webassembly_may_run_in_the_worker_that_colours_code_and_nowhere_else(client: httpx.AsyncClient) -> None:
    answer = await client.get("/assets/colour-worker-Cvf_iT-j.js")
    worker = answer.headers["content-security-policy"]
    assert worker.startswith("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; ")
    assert "frame-ancestors 'none'" in worker  # also where there is no such file, and a page says so
    for path in ("/", "/assets/app.js", "/assets/colour-worker-a/b.js", "/api/v1/assets/colour-worker-a.js"):
        assert "wasm" not in (await client.get(path)).headers["content-security-policy"]


async def test_a_body_that_is_too_large_is_refused_announced_or_not(client: httpx.AsyncClient) -> None:
    announced = await client.post("/api/v1/test/items", content=b"x" * ((1 << 20) + 1))

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    streamed = await client.post("/api/v1/test/items", content=chunks(), headers={"content-type": "application/json"})
    assert (announced.status_code, streamed.status_code) == (413, 413)
    assert streamed.json()["code"] == "too-large"


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Cookie": "a=b", "Origin": ORIGIN}, True),
        ({"Cookie": "a=b", "Origin": "http://localhost:8420"}, True),
        ({"Cookie": "a=b", "Origin": "https://evil.example"}, False),
        ({"Cookie": "a=b", "Origin": "http://127.0.0.1:9999"}, False),
        ({"Cookie": "a=b", "Origin": "null"}, False),
        ({"Cookie": "a=b", "Sec-Fetch-Site": "cross-site"}, False),
        ({"Cookie": "a=b", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Cookie": "a=b"}, True),
        ({"Origin": "https://evil.example"}, True),
        ({**BEARER, "Origin": "https://elsewhere.example"}, True),
    ],
)
async def test_a_browsers_request_must_come_from_our_own_pages(
    client: httpx.AsyncClient, headers: dict[str, str], allowed: bool
) -> None:
    answer = await client.post("/api/v1/test/items", json={"name": "x"}, headers=headers)
    assert answer.status_code == (201 if allowed else 403)
    assert await count() == (1 if allowed else 0)
    assert (await client.get("/healthz", headers=headers)).status_code == 200


@pytest.fixture
async def program(app: FastAPI) -> tuple[Person, UUID, dict[str, str]]:
    """Somebody with an API token: who, the token's id, and the header that it is sent in."""
    async with transaction() as session:
        person = await create_person(session, name="P", email="p@example.org", roles=[Role.CONTRIBUTOR])
        await accept_terms(session, person, current_terms().version)
        row, token = await create_api_token(session, person, "a program")
    return person, row.id, {"Authorization": f"Bearer {token}"}


async def test_the_same_request_twice_is_carried_out_once(
    client: httpx.AsyncClient, program: tuple[Person, UUID, dict[str, str]]
) -> None:
    headers = {**program[2], "Idempotency-Key": "k1"}
    first = await client.post("/api/v1/test/items", json={"name": "x"}, headers=headers)
    again = await client.post("/api/v1/test/items", json={"name": "x"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json() == {"number": 1}
    assert again.headers["idempotent-replay"] == "true"
    assert again.headers["content-type"] == first.headers["content-type"]
    assert await count() == 1
    other_caller = await client.post(
        "/api/v1/test/items", json={"name": "x"}, headers={**headers, "Authorization": "Bearer two"}
    )
    assert other_caller.json() == {"number": 2}


async def test_a_kept_answer_is_not_given_once_the_credentials_were_revoked(
    client: httpx.AsyncClient, program: tuple[Person, UUID, dict[str, str]]
) -> None:
    person, token_id, bearer = program
    headers = {**bearer, "Idempotency-Key": "k1"}
    request = {"url": "/api/v1/test/items", "json": {"name": "x"}, "headers": headers}
    assert (await client.post(**request)).status_code == 201
    assert (await client.post(**request)).headers["idempotent-replay"] == "true"
    async with transaction() as session:
        await revoke_api_token(session, person, token_id)
    refused = await client.post(**request)
    assert (refused.status_code, refused.json()["code"]) == (401, "not-signed-in")
    assert "number" not in refused.json()


async def test_another_request_under_the_same_key_is_refused(client: httpx.AsyncClient) -> None:
    headers = {**BEARER, "Idempotency-Key": "k2"}
    await client.post("/api/v1/test/items", json={"name": "x"}, headers=headers)
    answer = await client.post("/api/v1/test/items", json={"name": "y"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")


async def test_a_repetition_while_the_first_is_in_progress_is_refused(app: FastAPI, client: httpx.AsyncClient) -> None:
    headers = {**BEARER, "Idempotency-Key": "k3"}
    first = asyncio.create_task(client.post("/api/v1/test/items", json={"name": "slow"}, headers=headers))
    async with asyncio.timeout(5):
        while True:
            async with transaction() as session:
                if await session.scalar(select(IdempotentRequest.id)):
                    break
            await asyncio.sleep(0.02)
    again = await client.post("/api/v1/test/items", json={"name": "slow"}, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "in-progress")
    assert again.headers["retry-after"] == "1"
    app.state.gate.set()
    assert (await first).status_code == 201


@pytest.mark.parametrize("name", ["conflict", "defect"])
async def test_a_request_that_failed_frees_its_key(client: httpx.AsyncClient, name: str) -> None:
    headers = {**BEARER, "Idempotency-Key": "k4"}
    first = await client.post("/api/v1/test/items", json={"name": name}, headers=headers)
    assert first.status_code >= 400
    answer = await client.post("/api/v1/test/items", json={"name": "now right"}, headers=headers)
    assert answer.status_code == 201


async def test_a_repetition_after_a_crash_knows_whether_the_work_was_done(client: httpx.AsyncClient) -> None:
    """The process died before the commit: carried out now. After the commit, before the answer was kept: told so."""
    headers = {**BEARER, "Idempotency-Key": "k5"}
    await client.post("/api/v1/test/items", json={"name": "x"}, headers=headers)

    async def as_if_crashed(*, committed: bool) -> None:
        async with transaction() as session:
            await session.execute(
                update(IdempotentRequest).values(
                    status=None, body=None, committed=committed, at=now() - IN_PROGRESS_LIMIT * 2
                )
            )

    await as_if_crashed(committed=False)
    assert (await client.post("/api/v1/test/items", json={"name": "x"}, headers=headers)).json() == {"number": 2}
    await as_if_crashed(committed=True)
    answer = await client.post("/api/v1/test/items", json={"name": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "answer-lost")
    assert await count() == 2


async def test_a_request_whose_claim_was_taken_over_is_not_committed(app: FastAPI, client: httpx.AsyncClient) -> None:
    headers = {**BEARER, "Idempotency-Key": "k6"}
    first = asyncio.create_task(client.post("/api/v1/test/items", json={"name": "slow"}, headers=headers))
    async with asyncio.timeout(5):
        while True:
            async with transaction() as session:
                if await session.scalar(select(IdempotentRequest.id)):
                    break
            await asyncio.sleep(0.02)
    async with transaction() as session:
        await session.execute(update(IdempotentRequest).values(at=now()))
    app.state.gate.set()
    answer = await first
    assert (answer.status_code, answer.json()["code"]) == (409, "claim-lost")
    assert await count() == 0


async def test_while_the_database_is_away_the_answer_is_503_and_when_to_come_back(client: httpx.AsyncClient) -> None:
    from marlin.db import use_database

    nowhere = Database("postgresql://nobody@127.0.0.1:9/nothing")
    use_database(nowhere)
    for answer in (
        await client.get("/healthz"),
        await client.post("/api/v1/test/items", json={"name": "x"}),
        await client.post("/api/v1/test/items", json={"name": "x"}, headers={**BEARER, "Idempotency-Key": "k7"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
        assert int(answer.headers["retry-after"]) > 0
    await nowhere.close()


async def test_a_request_is_committed_before_it_is_answered(app: FastAPI, client: httpx.AsyncClient) -> None:
    """A deferred check fails at the commit: the client must not have been told that all went well."""
    async with transaction() as session:
        await session.execute(
            text(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'refused at commit'; END $$"
            )
        )
        await session.execute(
            text(
                f"CREATE CONSTRAINT TRIGGER late AFTER INSERT ON {EventStream.__tablename__} "
                "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"
            )
        )
    answer = await client.post("/api/v1/test/items", json={"name": "x"})
    assert answer.status_code == 500


async def test_pages_are_served_with_their_assets_and_nothing_else(tmp_path: Path) -> None:
    root = tmp_path / "dist"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_text("<p>app</p>")
    (root / "assets" / "app-1a2b.js").write_text("js")
    (tmp_path / "secret").write_text("secret")
    (root / "link").symlink_to(tmp_path / "secret")
    app = FastAPI()
    pages.install(app, root)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ORIGIN) as client:
        assert (await client.get("/assets/app-1a2b.js")).headers["cache-control"].endswith("immutable")
        for path in ("/", "/comparisons/1", "/%2e%2e/secret", "/..%2fsecret", "/link", "/a%00b"):
            assert (await client.get(path)).text == "<p>app</p>"


async def test_assets_come_packed_as_the_browser_can_unpack_them(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    text = "export const line = 'the same again';\n" * 200
    (tmp_path / "assets" / "app-1a2b.js").write_text(text)
    (tmp_path / "assets" / "font-1a2b.woff2").write_bytes(bytes(5000))
    app = FastAPI()
    pages.install(app, tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ORIGIN) as client:
        for accepted, coding in {
            "gzip, deflate, br, zstd": "zstd",
            "gzip, deflate": "gzip",
            "zstd;q=0, gzip;q=0.5": "gzip",
            "br": None,
            "gzip;q=x": None,
            "identity": None,
        }.items():
            answer = await client.get("/assets/app-1a2b.js", headers={"Accept-Encoding": accepted})
            assert answer.headers.get("content-encoding") == coding, accepted
            assert answer.text == text
            assert answer.headers["vary"] == "Accept-Encoding"
            assert answer.headers["content-type"].startswith("text/javascript")
            assert answer.headers["cache-control"].endswith("immutable")
            assert (int(answer.headers["content-length"]) < len(text) / 10) == (coding is not None)
        assert "content-encoding" not in (await client.get("/assets/font-1a2b.woff2")).headers


async def test_pages_that_are_not_built_say_how_to_build_them(tmp_path: Path) -> None:
    app = FastAPI()
    pages.install(app, tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ORIGIN) as client:
        answer = await client.get("/")
    assert answer.status_code == 503
    assert "make setup" in answer.text
