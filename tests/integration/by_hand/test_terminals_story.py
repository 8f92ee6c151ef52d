"""A terminal into a copy of a result, through the public API and a real sandbox."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from uuid import UUID

from page import at
from tests.factories.place import Start
from tests.factories.real_results import ENVIRONMENT, RealResults, work

from marlin.comparisons import get_comparison
from marlin.db import Database, new_id
from marlin.tasks import Environment, Workbench


async def test_a_shell_in_a_copy_leaves_the_result_as_it_was(start: Start) -> None:
    async with start() as here:
        terminal = await here.open("A")
        async with at(here, terminal["id"]) as page:
            await page.type("tail -n 1 shop.py; touch made-by-hand; ls; tty; id -un; uname -n\n")
            await page.sees(b"by A")
            await page.sees(b"sandbox")
            assert b"made-by-hand" in page.drawn
            await page.type("rm -rf /workspace/* ; exit 7\n")
            assert await page.hears("ended") == {"type": "ended", "reason": "exited", "exit_code": 7, "message": ""}
            assert await page.closed() == 1000
        row = await here.ended(terminal["id"])
        assert (row.reason, row.exit_code) == ("exited", 7)
        again = await here.open("A")
        async with at(here, again["id"]) as page:
            await page.type("ls; cat shop.py; ls -a ~\n")
            await page.sees(b"by A")
            await page.type("echo $((40+2))\n")
            await page.sees(b"\r42")
            assert b"made-by-hand" not in page.drawn
            assert b".agent" not in page.drawn
        read = await here.bench.code.read_blob(here.real.repository, here.real.sides["A"].commit, "shop.py")
        assert read.endswith(b"by A\n")


async def test_after_a_reload_the_same_shell_is_there_with_its_recent_output(start: Start) -> None:
    async with start() as here:
        terminal = await here.open("B", columns=0, rows=9999)
        async with at(here, terminal["id"]) as page:
            await page.type("word=kept; stty size; echo first\n")
            await page.sees(b"\nfirst")
            assert re.search(rb"300 2\b", page.drawn), page.drawn
        listed = (await here.owner.get(f"/comparisons/{here.comparison}/terminals")).json()
        assert [(entry["id"], entry["side"], entry["status"]) for entry in listed] == [(terminal["id"], "B", "open")]
        async with AsyncExitStack() as stack:
            page = await stack.enter_async_context(at(here, terminal["id"]))
            await page.hears("attached")
            second = await stack.enter_async_context(at(here, terminal["id"]))
            replay = (await second.hears("attached"))["replay"]
            assert replay > 0
            assert await page.closed() == 4409
            assert page.told[-1] == {"type": "replaced"}
            await second.sees(b"\nfirst")
            await second.say("resize", columns=101, rows=33)
            await second.type("stty size; echo $word\n")
            await second.sees(b"33 101")
            await second.sees(b"\nkept")
        assert (await here.owner.delete(f"/terminals/{terminal['id']}")).status_code == 204
        assert (await here.ended(terminal["id"])).reason == "closed"
        assert (await here.owner.get(f"/comparisons/{here.comparison}/terminals")).json() == []


async def test_times_of_files_do_not_say_which_side_was_faster(start: Start) -> None:
    async with start() as here:
        seen = {}
        for side in "AB":
            terminal = await here.open(side)
            async with at(here, terminal["id"]) as page:
                await page.type("git status --short; stat -c '%n %Y.' shop.py; date '+now %s.'; echo $((6*7))\n")
                await page.sees(b"42\r\n")
                written = re.search(rb"shop.py (\d+)\.", page.drawn)
                assert written is not None
                seen[side] = int(written[1])
                opened = re.search(rb"now (\d+)\.", page.drawn)
                assert opened is not None
                assert int(opened[1]) - seen[side] <= 30, "the time is that of the copy"
        assert seen["A"] <= seen["B"]


async def test_what_an_arm_committed_tells_neither_its_name_nor_when(start: Start, bench: Workbench) -> None:
    """Harnesses sign commits; reflogs, branches and the index have times: the copy's repository is the base's."""
    async with start() as here:
        await _committed(bench, here.real, here.database, here.comparison)
        terminal = await here.open("A")
        async with at(here, terminal["id"]) as page:
            await page.type(
                "export GIT_PAGER=cat; git config color.ui never; git log --all --format='%an %s %b'; "
                "git status --short; git diff | tail -n 1; git stash list; ls -a .git; grep -rl Zephyr .git; "
                "git add -A; git commit -qm mine; git log --format=%s; echo $((6*7))\n"
            )
            await page.sees(b"42\r\n")
            assert b" M shop.py" in page.drawn
            assert b"+by hand" in page.drawn
            assert b"commit 1" in page.drawn, "the base is there"
            assert b"mine\r\n" in page.drawn, "and one can work with it"
            for word in (b"Zephyr Agent", b"Zephyr <", b"zephyr/", b"logs", b"COMMIT_EDITMSG"):
                assert word not in page.drawn


async def _committed(bench: Workbench, real: RealResults, database: Database, comparison_id: UUID) -> None:
    """Give side A a result that its arm committed, on a branch of its own."""
    command = (
        "git checkout -qb zephyr/fix && printf 'by hand\\n' >> shop.py && git add -A && "
        "git -c user.name='Zephyr Agent' commit -qm 'Fix\n\nCo-Authored-By: Zephyr <z@example.org>' && "
        "chmod 500 .git/refs"
    )
    environment = Environment(id=new_id(), key="c", repository=real.repository, base_commit=real.base, **ENVIRONMENT)
    result = await work(bench, environment, "A", command)
    async with database.transaction() as session:
        comparison = await get_comparison(session, comparison_id, owner_id=None)
        rollout = next(each for each in comparison.turns[0].rollouts if each.side == "A")
        rollout.result, rollout.commit = result.to_json(), result.commit
