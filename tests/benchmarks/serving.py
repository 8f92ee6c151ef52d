"""What people wait for at a page: live events, and a large diff; through the HTTP service, against git alone."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import uvicorn
from sqlalchemy import update
from tests.benchmarks.installed import installed
from tests.benchmarks.laps import Laps, Row, quantile, quick, tell
from tests.factories.judgement import open_campaign, ready_comparison
from tests.factories.people import Town, app_on

from marlin import tasks
from marlin.accounts import Role
from marlin.accounts.service import create_api_token
from marlin.app import create_app
from marlin.comparisons import Rollout
from marlin.db import Database, events, opened
from marlin.logging import configure
from marlin.settings import Settings
from marlin.tasks import Brief
from marlin.workspaces import mirror_key

FOLLOWERS = 50
EVENTS = 200
PACE = 0.02
"""Seconds between two events."""
CHANGED = 8_800
"""Lines of the diff's old side, and as many of its new side: 17,600 changed lines."""
FILES = 88
READS = 20


def _serve(url: str, home: str) -> None:
    configure(level="ERROR")
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(listening.getsockname()[1], flush=True)
    app = create_app(Settings(database_url=url, home=Path(home)))
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[listening])


@dataclass
class _Scene:
    """A service in a process of its own, with one comparison whose diff is large."""

    database: Database
    client: httpx.AsyncClient
    comparison: UUID
    mirror: Path
    commits: tuple[str, str]


async def _furnish(database: Database, home: Path) -> tuple[UUID, str, Path, tuple[str, str]]:
    town = Town(database, app_on(database))
    person = await town.person(Role.CONTRIBUTOR)
    campaign = await open_campaign(database, reveal="live")
    comparison = await ready_comparison(database, person.id, campaign=campaign)
    repository = mirror_key("benchmark")
    mirror = tasks.Code(Settings(home=home)).mirrors.open(repository).path
    base, result = (_commit(mirror, word) for word in ("before", "after"))
    async with database.transaction() as session:
        _, token = await create_api_token(session, person, "benchmark")
        await session.execute(update(Brief).values(repository=repository, base_commit=base))
        await session.execute(update(Rollout).values(commit=result))
    return comparison, token, mirror, (base, result)


def _commit(mirror: Path, word: str) -> str:
    lines = [b"commit refs/marlin/benchmark\ncommitter b <b@b> 0 +0000\ndata 0\ndeleteall\n"]
    for number in range(FILES):
        text = "".join(f"    {word}(line={line})\n" for line in range(CHANGED // FILES)).encode()
        lines.append(b"M 100644 inline package/module%03d.py\ndata %d\n%s\n" % (number, len(text), text))
    subprocess.run(["git", "fast-import", "--quiet", "--force"], cwd=mirror, input=b"".join(lines), check=True)
    found = subprocess.run(["git", "rev-parse", "refs/marlin/benchmark"], cwd=mirror, capture_output=True, check=True)
    return found.stdout.decode().strip()


@asynccontextmanager
async def _scene(url: str, home: Path) -> AsyncIterator[_Scene]:
    async with opened(url) as database:
        comparison, token, mirror, commits = await _furnish(database, home)
        command = [sys.executable, "-m", "tests.benchmarks.serving", "serve", url, str(home)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            base = f"http://127.0.0.1:{int(server.stdout.readline())}/api/v1"
            headers = {"Authorization": f"Bearer {token}"}
            limits = httpx.Limits(max_connections=None)
            async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60, limits=limits) as client:
                yield _Scene(database, client, comparison, mirror, commits)
        finally:
            server.kill()
            server.wait()


async def _diff(scene: _Scene, laps: Laps) -> None:
    """The first byte and the last of a large diff, and git's own time for it."""
    path = f"/comparisons/{scene.comparison}/turns/1/patch"
    command = ["git", "diff", *scene.commits]
    for _ in range(3 if quick() else READS):
        with laps.lap("git diff"):
            await asyncio.to_thread(subprocess.run, command, cwd=scene.mirror, check=True, capture_output=True)
        began, lines = time.perf_counter(), 0
        async with scene.client.stream("GET", path, params={"to": "A"}) as answer:
            assert answer.status_code == httpx.codes.OK, await answer.aread()
            async for chunk in answer.aiter_bytes():
                if not lines:
                    laps.add("diff of 17,600 lines: first byte", time.perf_counter() - began)
                lines += chunk.count(b"\n")
        laps.add("diff of 17,600 lines: last byte", time.perf_counter() - began)
        assert lines > 2 * CHANGED


async def _follow(scene: _Scene, took: list[float], ready: asyncio.Semaphore, wanted: int) -> None:
    path = f"/comparisons/{scene.comparison}/events/stream"
    async with scene.client.stream("GET", path) as answer:
        assert answer.status_code == httpx.codes.OK
        ready.release()
        seen = 0
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                event = json.loads(line.removeprefix("data: "))
                took.append(time.time() - event["data"]["sent"])
                seen += 1
                if seen == wanted:
                    return


async def _events(scene: _Scene) -> list[Row]:
    """From the worker's hand to every follower's browser."""
    count = 20 if quick() else EVENTS
    took: list[float] = []
    ready = asyncio.Semaphore(0)
    followers = [asyncio.create_task(_follow(scene, took, ready, count)) for _ in range(FOLLOWERS)]
    for _ in followers:
        await ready.acquire()
    async with events.EventWriter(scene.database) as writer:
        for number in range(count):
            data = {"turn": 1, "side": "A", "attempt": 1, "text": f"word {number}", "sent": time.time()}
            writer.add(scene.comparison, "message", data)
            await asyncio.sleep(PACE)
    await asyncio.wait_for(asyncio.gather(*followers), 60)
    assert len(took) == FOLLOWERS * count
    name = f"event, from the worker to {FOLLOWERS} followers (batches of 100 ms within)"
    return [
        {"name": f"{name}, p{part}", "value": quantile(took, part) * 1000, "unit": "ms"}
        | {"target": 250 if part == 99 else None, "ratio": None, "against": None}
        for part in (50, 99)
    ]


async def _measure(url: str, home: Path) -> list[Row]:
    async with _scene(url, home) as scene:
        laps = Laps()
        tell("a large diff")
        await _diff(scene, laps)
        tell("live events")
        rows = await _events(scene)
    first, last = "diff of 17,600 lines: first byte", "diff of 17,600 lines: last byte"
    return laps.rows(targets={first: 1000}, against={first: "git diff", last: "git diff"}) + rows


def run() -> list[Row]:
    """Rows as :mod:`tests.benchmarks.laps` describes them."""
    configure(level="WARNING")
    with installed() as (url, home):
        return asyncio.run(_measure(url, home))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", address, folder]:
            _serve(address, folder)
        case _:
            for row in run():
                print(row)
