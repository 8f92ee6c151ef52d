"""The same in front of the real service: PostgreSQL, a mirror with the generated results, git, and the built pages.

The trees are those of ``web/dev/generated.ts``, committed to a mirror; the comparison is its owner's, ready to rate.
What the service needs for an answer, git's own time among it, is part of what is seen: nothing is asked for beforehand.
The service runs in a process of its own on the same two cores as the browser.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import uvicorn
from playwright.async_api import async_playwright
from sqlalchemy import select, update
from tests.benchmarks import web
from tests.benchmarks.installed import installed
from tests.benchmarks.laps import Row, quick, tell
from tests.benchmarks.web import watching
from tests.benchmarks.web.watching import Place
from tests.factories.chromium import CHROMIUM
from tests.factories.judgement import open_campaign, ready_comparison
from tests.factories.pages import NODE, WEB
from tests.factories.people import Town, app_on

from marlin import tasks
from marlin.accounts import Person, Role
from marlin.accounts.guards import COOKIE
from marlin.app import create_app
from marlin.comparisons import Comparison, Rollout, Turn
from marlin.db import Database, opened
from marlin.logging import configure
from marlin.settings import Settings
from marlin.tasks import Brief
from marlin.workspaces import mirror_key

TREES = "import('./dev/generated.ts').then((m) => process.stdout.write(JSON.stringify(m.BENCHMARKS[{name!r}]())))"


def _serve(url: str, home: str) -> None:
    configure(level="ERROR")
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(listening.getsockname()[1], flush=True)
    app = create_app(Settings(database_url=url, home=Path(home)))
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[listening])


def _commits(mirror: Path, name: str) -> dict[str, str]:
    """The generated trees as commits of a mirror."""
    command = [str(NODE), "-e", TREES.format(name=name)]
    made = subprocess.run(command, cwd=WEB, check=True, capture_output=True).stdout
    found = {}
    for which, tree in json.loads(made).items():
        lines = [f"commit refs/marlin/{name}-{which}\ncommitter b <b@b> 0 +0000\ndata 0\ndeleteall\n".encode()]
        for path, text in tree.items():
            data = text.encode()
            lines.append(f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n")
        subprocess.run(["git", "fast-import", "--quiet", "--force"], cwd=mirror, input=b"".join(lines), check=True)
        shown = ["git", "rev-parse", f"refs/marlin/{name}-{which}"]
        found[which] = subprocess.run(shown, cwd=mirror, check=True, capture_output=True, text=True).stdout.strip()
    return found


async def _comparison(database: Database, person: Person, code: tasks.Code, name: str) -> UUID:
    """A comparison whose sides left the generated results."""
    repository = mirror_key(name)
    mirror = code.mirrors.open(repository).path
    commits = await asyncio.to_thread(_commits, mirror, name)
    changes = {side: await code.changes(repository, commits["base"], commits[side]) for side in ("A", "B")}
    comparison = await ready_comparison(database, person.id, campaign=await open_campaign(database, reveal="live"))
    async with database.transaction() as session:
        brief = (await session.get_one(Comparison, comparison)).brief_id
        await session.execute(
            update(Brief).where(Brief.id == brief).values(repository=repository, base_commit=commits["base"])
        )
        turn = (await session.execute(select(Turn.id).where(Turn.comparison_id == comparison))).scalar_one()
        for side in ("A", "B"):
            files = [
                {"path": each.path, "old_path": None, "status": "M", "binary": False}
                | {"additions": each.additions, "deletions": each.deletions}
                for each in changes[side].files
            ]
            await session.execute(
                update(Rollout)
                .where(Rollout.turn_id == turn, Rollout.side == side)
                .values(commit=commits[side], files=files)
            )
    return comparison


@asynccontextmanager
async def _scene(url: str, home: Path) -> AsyncIterator[tuple[Place, dict[str, UUID]]]:
    async with opened(url) as database:
        town = Town(database, app_on(database))
        person = await town.person(Role.CONTRIBUTOR)
        cookie = (await town.sign_in(person)).http.cookies[COOKIE]
        code = tasks.Code(Settings(home=home))
        comparisons = {}
        for name, size in web.SIZES.items():
            tell(f"committing {size}")
            comparisons[name] = await _comparison(database, person, code, name)
        await town.close()
        command = [sys.executable, "-m", "tests.benchmarks.web.service", "serve", url, str(home)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            yield Place(f"http://127.0.0.1:{int(server.stdout.readline())}", cookie), comparisons
        finally:
            server.kill()
            server.wait()


async def _measure(url: str, home: Path) -> list[Row]:
    seconds = 2.0 if quick() else web.SCROLLED_S
    async with _scene(url, home) as (place, comparisons), async_playwright() as playwright:
        browser = await playwright.chromium.launch(**CHROMIUM)
        rows = web.floor_rows(await watching.floors(browser, place))
        await browser.close()
        for name, size in web.SIZES.items():
            browser = await playwright.chromium.launch(**CHROMIUM)
            load, files = os.getloadavg()[0], 1 if name == "bench-33000" else 2
            found = await web.measure(browser, place, f"/comparisons/{comparisons[name]}", files=files, seconds=seconds)
            await browser.close()
            tell(f"{size} (load {load:.1f}): " + ", ".join(f"{key} {value:,.0f}" for key, value in found.items()))
            rows += web.figures(size, found)
    return rows


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
