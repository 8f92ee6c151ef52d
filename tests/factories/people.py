"""People with browsers, for tests that go through the public HTTP API."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI

from marlin.accounts import Person, Role, accept_terms, create_person, create_sign_in_link, current_terms
from marlin.accounts.guards import CSRF_HEADER
from marlin.app import create_app
from marlin.db import Database
from marlin.settings import Settings

_numbers = itertools.count(1)

BASE_URL = "http://127.0.0.1:8420"


def app_on(database: Database) -> FastAPI:
    """The whole web service on a test's database, without its lifespan (the fixture has opened the database)."""
    return create_app(Settings(database_url=database.url.render_as_string(hide_password=False)))


class Browser:
    """Somebody at a browser: keeps cookies, and sends the CSRF token as Marlin's pages do."""

    def __init__(self, app: FastAPI, *, person: Person | None = None, address: str = "192.0.2.1") -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=True, client=(address, 50000))
        self.http = httpx.AsyncClient(transport=transport, base_url=f"{BASE_URL}/api/v1")
        self._person = person

    @property
    def person(self) -> Person:
        """Who it is."""
        assert self._person is not None
        return self._person

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request."""
        return await self.http.request(method, path, **options)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """GET ``path`` below /api/v1."""
        return await self.http.get(path, **options)

    async def post(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        """POST ``json``."""
        return await self.http.post(path, json=json, **options)

    async def put(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        """PUT ``json``."""
        return await self.http.put(path, json=json, **options)

    async def patch(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        """PATCH ``json``."""
        return await self.http.patch(path, json=json, **options)

    async def delete(self, path: str, **options: Any) -> httpx.Response:
        """DELETE ``path``."""
        return await self.http.delete(path, **options)

    def remember(self, session: dict[str, Any]) -> None:
        """Send the CSRF token of an answer from GET /session, or from signing in, from now on."""
        self.http.headers[CSRF_HEADER] = session["csrf_token"]

    async def close(self) -> None:
        """Close the browser."""
        await self.http.aclose()


class Town:
    """The people of one test and their browsers."""

    def __init__(self, database: Database, app: FastAPI) -> None:
        self.database = database
        self.app = app
        self._browsers: list[Browser] = []

    def stranger(self, *, address: str = "192.0.2.1") -> Browser:
        """A browser in which nobody is signed in."""
        browser = Browser(self.app, address=address)
        self._browsers.append(browser)
        return browser

    async def person(
        self, *roles: Role, name: str | None = None, consent: bool = True, password_hash: str | None = None
    ) -> Person:
        """Somebody new, with these roles."""
        number = next(_numbers)
        name = name or f"Person {number}"
        async with self.database.transaction() as session:
            email = f"person{number}@example.org"
            person = await create_person(session, name=name, email=email, roles=roles, password_hash=password_hash)
            if consent:
                await accept_terms(session, person, current_terms().version)
        return person

    async def enter(self, *roles: Role, consent: bool = True, name: str | None = None) -> Browser:
        """Somebody new, with these roles, signed in."""
        return await self.sign_in(await self.person(*roles, consent=consent, name=name))

    async def sign_in(self, person: Person) -> Browser:
        """Another browser of ``person``, signed in by a link."""
        async with self.database.transaction() as session:
            token, _ = await create_sign_in_link(session, person)
        browser = Browser(self.app, person=person)
        self._browsers.append(browser)
        answer = await browser.post("/sign-in/link", {"token": token})
        assert answer.status_code == 200, answer.text
        browser.remember(answer.json())
        return browser

    async def close(self) -> None:
        """Close all browsers."""
        for browser in self._browsers:
            await browser.close()


@asynccontextmanager
async def town_on(database: Database) -> AsyncIterator[Town]:
    """A town on a test's database."""
    town = Town(database, app_on(database))
    try:
        yield town
    finally:
        await town.close()


def fields(answer: httpx.Response) -> dict[str, str]:
    """The fields that a problem document complains about."""
    problem = answer.json()
    listed: Sequence[dict[str, str]] = problem.get("errors") or problem.get("details", {}).get("errors") or []
    return {error["field"]: error["message"] for error in listed}
