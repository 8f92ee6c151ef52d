"""The second person to judge results reads, fetches and opens them like the first: real commits, layers and git."""

from __future__ import annotations

import asyncio
import io
import subprocess
from pathlib import Path

from page import at
from tests.factories.place import Start

from marlin import comparisons, tasks
from marlin.accounts import Role
from marlin.comparisons import Comparison
from marlin.comparisons.models import CheckResult
from marlin.db import now, timeless_id


async def test_every_way_to_a_result_leads_to_the_same_one(start: Start, tmp_path: Path) -> None:
    async with start() as here:
        tasks.use_code(here.bench.code)
        log = await asyncio.to_thread(here.bench.code.durable.put, io.BytesIO(b"3 passed\n"))
        second = await here.town.enter(Role.CONTRIBUTOR)
        async with here.database.transaction() as session:
            source = await session.get_one(Comparison, here.comparison)
            source.status, source.submitted_at = "submitted", now()
            first = await comparisons.get_comparison(session, here.comparison, owner_id=None)
            for rollout in first.turns[0].rollouts:
                facts = {"kind": "test_command", "name": "tests", "status": "passed", "against_base": "same"}
                session.add(
                    CheckResult(
                        id=timeless_id(), rollout_id=rollout.id, attempt=1, position=0, summary="", exit_code=0,
                        seconds=1.0, log=log, **facts,
                    )
                )  # fmt: skip
        async with here.database.transaction() as session:
            made = await comparisons.repeat_comparison(session, second.person.id, here.comparison, price_cents=1)
        original = "A" if made.arm_a_id == first.arm_a_id else "B"
        path = f"/comparisons/{made.id}/turns/1"
        patch = (await second.get(f"{path}/patch", params={"to": "A"})).text
        assert f"+by {original}" in patch
        between = (await second.get(f"{path}/patch", params={"from": "A", "to": "B"})).text
        assert f"-by {original}" in between
        blob = (await second.get(f"{path}/blob", params={"at": "A", "path": "shop.py"})).text
        assert blob.endswith(f"by {original}\n")
        tree = (await second.get(f"{path}/tree", params={"at": "A"})).json()["files"]
        assert "shop.py" in {entry["path"] for entry in tree}
        found = (await second.get(f"{path}/search", params={"at": "A", "text": f"by {original}"})).json()["lines"]
        assert [line["path"] for line in found] == ["shop.py"]
        shown = (await second.get(f"/comparisons/{made.id}")).json()["turns"][0]["sides"]["A"]
        assert shown["commit"] == here.real.sides[original].commit
        check = (await second.get(f"/comparisons/{made.id}/checks/{shown['checks'][0]['id']}/log")).text
        assert check == "3 passed\n"

        fetched = (await second.post(f"{path}/checkouts")).json()
        clone = ["git", *fetched["clone"][0].split()[1:]]
        await asyncio.to_thread(subprocess.run, clone, cwd=tmp_path, check=True, capture_output=True)
        told = await asyncio.to_thread(
            subprocess.run,
            ["git", "show", "origin/turn-1-a:shop.py"],
            cwd=tmp_path / fetched["name"],
            check=True,
            capture_output=True,
            text=True,
        )
        assert told.stdout.endswith(f"by {original}\n")

        opened = await second.post(f"{path}/terminals", {"side": "A"})
        assert opened.status_code == 201, opened.text
        here.owner = second
        async with at(here, opened.json()["id"]) as page:
            await page.type("tail -n 1 shop.py; echo $((40+2))\n")
            await page.sees(b"\n42")
            assert f"by {original}".encode() in page.drawn
