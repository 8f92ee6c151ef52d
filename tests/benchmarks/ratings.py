"""Accepting ratings and saving drafts over HTTP, 16 clients in a closed loop, on a database that syncs to disk."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import uvicorn
from tests.benchmarks.installed import installed
from tests.benchmarks.laps import cpu_seconds, quick
from tests.factories.judgement import answers, open_campaign, ready_comparison
from tests.factories.people import Town, app_on

from marlin.accounts import Role
from marlin.accounts.service import create_api_token
from marlin.app import create_app
from marlin.db import Database, opened
from marlin.logging import configure
from marlin.settings import Settings
from marlin.up import bind

CLIENTS = 16
RATINGS = 30
"""Per client."""
DRAFTS = 60
"""Per client."""


def _serve(url: str) -> None:
    configure(level="ERROR")
    listening = bind("127.0.0.1", 0)
    print(listening.getsockname()[1], flush=True)
    app = create_app(Settings(database_url=url))
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[listening])


async def _people(database: Database) -> list[tuple[str, list[UUID]]]:
    """A token and comparisons to rate for each client."""
    town = Town(database, app_on(database))
    campaign = await open_campaign(database)
    found = []
    for _ in range(CLIENTS):
        person = await town.person(Role.CONTRIBUTOR)
        async with database.transaction() as session:
            _, token = await create_api_token(session, person, "benchmark")
        found.append(
            (
                token,
                [
                    await ready_comparison(database, person.id, campaign=campaign)
                    for _ in range(5 if quick() else RATINGS)
                ],
            )
        )
    return found


class _Client:
    """One kept-alive connection that does as little as a client can: what is measured is the server."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._head = f"host: 127.0.0.1:{port}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n"

    async def connect(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, bytes]:
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{method} /api/v1{path} HTTP/1.1\r\n{self._head}content-length: {len(data)}\r\n\r\n"
        self._writer.write(head.encode() + data)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", answer)
        assert length is not None, answer
        return int(answer[9:12]), await self._reader.readexactly(int(length[1]))

    def close(self) -> None:
        self._writer.close()


async def _rate(client: _Client, comparisons: list[UUID], took: list[float]) -> None:
    for comparison in comparisons:
        began = time.perf_counter()
        status, said = await client.ask("POST", f"/comparisons/{comparison}/turns/1/rating", answers())
        took.append(time.perf_counter() - began)
        assert status == 201, said


async def _type(client: _Client, comparisons: list[UUID], took: list[float]) -> None:
    for revision in range(10 if quick() else DRAFTS):
        body = {"revision": revision, "answers": answers(justification="word " * (revision + 1))}
        began = time.perf_counter()
        status, said = await client.ask("PUT", f"/comparisons/{comparisons[0]}/turns/1/rating/draft", body)
        took.append(time.perf_counter() - began)
        assert status == 200, said


async def _all(
    work: Callable[[_Client, list[UUID], list[float]], Awaitable[None]], clients: list[tuple[_Client, list[UUID]]]
) -> tuple[list[float], float]:
    took: list[float] = []
    began = time.perf_counter()
    await asyncio.gather(*(work(client, comparisons, took) for client, comparisons in clients))
    return sorted(took), len(took) / (time.perf_counter() - began)


async def _measure(url: str) -> list[dict[str, Any]]:
    async with opened(url) as database:
        people = await _people(database)
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.ratings", "serve", url], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        clients = [(_Client(port, token), mine) for token, mine in people]
        await asyncio.gather(*(client.connect() for client, _ in clients))
        await asyncio.gather(*(client.ask("GET", "/session") for client, _ in clients))
        rows = []
        for name, work, target, least in (("save a draft", _type, 250, None), ("accept a rating", _rate, 100, 200)):
            busy = cpu_seconds(server.pid)
            took, rate = await _all(work, clients)
            busy = cpu_seconds(server.pid) - busy
            for part in (50, 99):
                value = round(took[len(took) * part // 100] * 1000, 1)
                label = f"{name}, {CLIENTS} clients, p{part}"
                rows.append(
                    {
                        "name": label,
                        "value": value,
                        "unit": "ms",
                        "target": target if part == 99 else None,
                        "ratio": None,
                    }
                )
            label = f"{name}, {CLIENTS} clients"
            rows.append({"name": label, "value": round(rate), "unit": "1/s", "target": least, "ratio": None})
            label, value = f"{name}: CPU of the web process", round(busy / len(took) * 1000, 2)
            rows.append({"name": label, "value": value, "unit": "ms", "target": None, "ratio": None})
        for client, _ in clients:
            client.close()
        return rows
    finally:
        server.kill()
        server.wait()


def run() -> list[dict[str, Any]]:
    """Rows of name, value, unit, target and ratio."""
    configure(level="WARNING")
    with installed() as (url, _):
        return asyncio.run(_measure(url))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", address]:
            _serve(address)
        case _:
            for row in run():
                print(row)
