"""Many terminals at once, and much in one: limits say no clearly, nothing is left, and nobody else waits."""

from __future__ import annotations

import asyncio
import os
import resource
from pathlib import Path
from uuid import UUID

from page import at
from sqlalchemy import func, select
from tests.factories.people import Browser
from tests.factories.place import Place, Start
from tests.factories.real_results import real_comparison

from marlin import terminals
from marlin.accounts import Role
from marlin.terminals.live import SCROLLBACK, WINDOW

PEOPLE, EACH = int(os.environ.get("PEOPLE", "3")), int(os.environ.get("EACH", "4"))
SECONDS = float(os.environ.get("SECONDS", "1"))


def kept_open() -> set[str]:
    """What this process has open, beside what any process may always open more of."""
    found = set()
    for path in Path("/proc/self/fd").iterdir():
        try:
            target = os.readlink(path)
        except OSError:
            continue  # the one that lists them
        if "ptmx" in target or "pts" in target or "cgroup" in target or "sandboxes" in target:
            found.add(f"{path.name} {target}")
    return found


def left_of(here: Place) -> list[str]:
    """Sandboxes on disk, and their control groups."""
    home = here.bench.settings.home
    folders = [path.name for path in (home / "sandboxes").iterdir() if not path.name.startswith(".")]
    groups = [str(path) for name in folders for path in Path("/sys/fs/cgroup").rglob(f"*{name}*")]
    return folders + groups


async def use(here: Place, who: Browser, terminal: str) -> None:
    """Attach, see the shell answer, and end it."""
    async with at(here, terminal, who=who) as page:
        await page.type("echo $((6*7))\n")
        await page.sees(b"\r42")
        assert (await who.delete(f"/terminals/{terminal}")).status_code == 204
        assert (await page.hears("ended"))["reason"] == "closed"


async def test_very_many_at_once_are_few_at_a_time_and_leave_nothing(start: Start) -> None:
    async with start(terminals_per_person=2, terminals_per_worker=3) as here:
        before = kept_open()
        everybody = [await here.town.enter(Role.CONTRIBUTOR) for _ in range(PEOPLE)]
        theirs = [await real_comparison(here.database, who.person.id, here.real) for who in everybody]
        asked = [
            who.post(f"/comparisons/{comparison}/turns/1/terminals", {"side": side})
            for who, comparison in zip(everybody, theirs, strict=True)
            for side in ("A", "B") * (EACH // 2)
        ]
        answers = await asyncio.gather(*asked)
        made = {answer.json()["id"]: everybody[at // EACH] for at, answer in enumerate(answers) if answer.is_success}
        refused = {answer.json()["code"] for answer in answers if not answer.is_success}
        assert (len(made), refused) == (2 * PEOPLE, {"too-many-terminals"})
        await asyncio.gather(*(use(here, who, terminal) for terminal, who in made.items()))
        for terminal in made:
            assert (await here.ended(terminal)).reason == "closed"
        async with asyncio.timeout(30):
            while left_of(here) or kept_open() != before:
                await asyncio.sleep(0.05)
        async with here.database.transaction() as session:
            open_now = await session.scalar(select(func.count()).where(terminals.Terminal.status != "ended"))
        assert open_now == 0


async def test_a_gigabyte_of_output_fills_no_memory_and_keeps_nobody_waiting(start: Start) -> None:
    async with start() as here:
        terminal = await here.open()
        other = await here.town.enter(Role.CONTRIBUTOR)
        async with at(here, terminal["id"]) as page:
            await page.type("yes | head -c 1G\n")
            await page.sees(b"y\r\ny")
            before, end, asked = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0, 0
            finished = asyncio.get_running_loop().time() + SECONDS
            while asyncio.get_running_loop().time() < finished:
                hearing = asyncio.create_task(page.hear())
                assert (await other.get("/session")).is_success
                await hearing
                asked, end, page.drawn = asked + 1, end + len(page.drawn), b""
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
            told = f"{end:,} bytes drawn, {asked} requests answered meanwhile, {grown:,} bytes more memory"
            assert grown < 64 * (SCROLLBACK + WINDOW), told
            assert asked > 3, told
            for size in range(400):
                await page.say("resize", columns=20 + size % 200, rows=10 + size % 50)
            await page.type(b"\x03")
            await page.type("\x15stty size; echo $((6*7))\n")
            await page.sees(b"\n42")
            assert b"59 219" in page.drawn
        async with here.database.transaction() as session:
            assert (await session.get_one(terminals.Terminal, UUID(terminal["id"]))).status == "open"
