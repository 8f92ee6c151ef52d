"""Fetching results with the real git client, over HTTP."""

from __future__ import annotations

import asyncio
import os
import subprocess
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update
from tests.factories.judgement import set_turn_status
from tests.factories.place import Place, Start
from tests.factories.real_results import real_comparison

from marlin import tasks
from marlin.accounts import Role
from marlin.checkouts import Checkout
from marlin.comparisons import Comparison
from marlin.db import now


class GitRefusedError(Exception):
    """git ended with an error; its words."""


async def git(folder: Path, *arguments: str, version: int = 2) -> str:
    """Run somebody's git."""
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }
    done = await asyncio.to_thread(
        subprocess.run,
        ["git", "-c", f"protocol.version={version}", *arguments],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if done.returncode != 0:
        raise GitRefusedError(done.stderr)
    return done.stdout.strip()


async def checkout(here: Place, number: int = 1) -> dict[str, Any]:
    """A new address of the owner's."""
    tasks.use_code(here.bench.code)
    answer = await here.owner.post(f"/comparisons/{here.comparison}/turns/{number}/checkouts")
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.mark.parametrize("version", [0, 2])
async def test_a_clone_has_both_results_and_no_other_history(start: Start, tmp_path: Path, version: int) -> None:
    async with start(worker=False) as here:
        made = await checkout(here)
        assert [branch["name"] for branch in made["branches"]] == ["base", "turn-1-a", "turn-1-b"]
        await git(tmp_path, *made["clone"][0].split()[1:], version=version)
        clone = tmp_path / made["name"]
        assert made["clone"][1:] == [f"cd {made['name']}", "git switch turn-1-a"]
        await git(clone, "switch", "turn-1-a")
        assert (clone / "shop.py").read_text().endswith("by A\n")
        assert await git(clone, "rev-parse", "origin/turn-1-b") == here.real.sides["B"].commit
        assert await git(clone, "rev-parse", "origin/base") == here.real.base
        assert sorted((await git(clone, "rev-list", "--all")).split()) == sorted(
            {here.real.base, here.real.sides["A"].commit, here.real.sides["B"].commit}
        )
        assert "careful" not in await git(clone, "log", "--all", "--format=fuller")
        with pytest.raises(GitRefusedError, match="was used"):
            await git(tmp_path, "clone", made["url"], "again", version=version)


async def test_a_clone_of_ones_own_takes_the_results_in(start: Start, tmp_path: Path, bench_home: Path) -> None:
    async with start(worker=False) as here:
        made = await checkout(here)
        await git(tmp_path, "clone", "-q", str(bench_home / "repository"), "mine")
        mine = tmp_path / "mine"
        await git(mine, *made["fetch"][0].split()[1:])
        assert await git(mine, "rev-parse", "marlin/turn-1-b") == here.real.sides["B"].commit
        assert not (mine / ".git" / "shallow").exists()
        assert "-by A" in await git(mine, *made["fetch"][1].split()[1:])
        assert len((await git(mine, "rev-list", "marlin/turn-1-a")).split()) == 3


async def test_a_shallow_clone_and_a_single_branch_work(start: Start, tmp_path: Path) -> None:
    async with start(worker=False) as here:
        made = await checkout(here)
        await git(tmp_path, "clone", "-q", "--depth", "1", "-b", "turn-1-b", made["url"], "shallow")
        assert (tmp_path / "shallow" / "shop.py").read_text().endswith("by B\n")
        assert (await git(tmp_path / "shallow", "rev-list", "--all")).split() == [here.real.sides["B"].commit]


@pytest.mark.parametrize("version", [0, 2])
async def test_nothing_else_can_be_asked_for(start: Start, tmp_path: Path, version: int) -> None:
    async with start(worker=False) as here:
        made = await checkout(here)
        await git(tmp_path, "init", "-q", "mine")
        mine = tmp_path / "mine"
        before = (await git(here.bench.settings.home / "repository", "rev-parse", "HEAD~2")).strip()
        for other in (here.real.later, before):
            with pytest.raises(GitRefusedError):
                await git(mine, "fetch", made["url"], other, version=version)
        with pytest.raises(GitRefusedError, match=r"couldn't find remote ref|no such"):
            await git(mine, "fetch", made["url"], "refs/marlin/commits/x", version=version)
        identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
        await git(mine, *identity, "commit", "-q", "--allow-empty", "-m", "mine")
        with pytest.raises(GitRefusedError, match=r"403|pushed"):
            await git(mine, "push", made["url"], "HEAD:refs/heads/x", version=version)
        names = await git(mine, "ls-remote", made["url"], version=version)
        assert sorted(line.split("\t")[1] for line in names.splitlines()) == [
            "HEAD",
            "refs/heads/base",
            "refs/heads/turn-1-a",
            "refs/heads/turn-1-b",
        ]
        await git(tmp_path, "clone", "-q", made["url"], "yes", version=version)


async def test_an_address_is_of_one_comparison_for_a_while(start: Start, tmp_path: Path) -> None:
    async with start(worker=False) as here:
        made = await checkout(here)
        token = made["url"].split("/")[4]
        for url in (
            made["url"].replace(token, token[:-1] + ("a" if token[-1] != "a" else "b")),
            made["url"].replace("comparison-", "another-"),
            made["url"].replace(token, "..%2f..%2fetc"),
        ):
            with pytest.raises(GitRefusedError):
                await git(tmp_path, "clone", url, "no")
        other = await real_comparison(here.database, here.owner.person.id, here.real)
        assert (await here.owner.post(f"/comparisons/{other}/turns/1/checkouts")).json()["url"] != made["url"]
        async with here.database.transaction() as session:
            await session.execute(update(Checkout).values(expires_at=now() - timedelta(seconds=1)))
        with pytest.raises(GitRefusedError, match="too old"):
            await git(tmp_path, "clone", made["url"], "no")


async def test_what_is_withheld_or_somebody_elses_is_not_given(start: Start, tmp_path: Path) -> None:
    async with start(worker=False) as here:
        made = await checkout(here)
        stranger = await here.town.enter(Role.CONTRIBUTOR)
        answer = await stranger.post(f"/comparisons/{here.comparison}/turns/1/checkouts")
        assert (answer.status_code, answer.json()["code"]) == (404, "comparison-not-found")
        await set_turn_status(here.database, here.comparison, "running")
        answer = await here.owner.post(f"/comparisons/{here.comparison}/turns/1/checkouts")
        assert (answer.status_code, answer.json()["code"]) == (409, "turn-running")
        with pytest.raises(GitRefusedError, match="not to be seen"):
            await git(tmp_path, "clone", made["url"], "no")


async def test_who_may_no_longer_see_it_fetches_nothing(start: Start, tmp_path: Path) -> None:
    async with start(worker=False) as here:
        tasks.use_code(here.bench.code)
        await _status(here, "submitted")
        reviewer = await here.town.enter(Role.REVIEWER)
        made = (await reviewer.post(f"/comparisons/{here.comparison}/turns/1/checkouts")).json()
        await _status(here, "to_rate")
        with pytest.raises(GitRefusedError, match="nothing to fetch"):
            await git(tmp_path, "clone", made["url"], "no")
        await _status(here, "submitted")
        await git(tmp_path, "clone", "-q", made["url"], "yes")


async def _status(here: Place, status: str) -> None:
    async with here.database.transaction() as session:
        (await session.get_one(Comparison, UUID(str(here.comparison)))).status = status


async def test_requests_that_no_git_sends_are_refused(start: Start) -> None:
    async with start(worker=False) as here:
        made = await checkout(here)
        async with httpx.AsyncClient() as client:
            post = f"{made['url']}/git-upload-pack"
            assert (await client.get(f"{made['url']}/info/refs")).status_code == 403
            assert (await client.get(f"{made['url']}/HEAD")).status_code in (200, 404, 503)  # the app's own page
            gzip = {"Content-Encoding": "gzip"}
            assert (await client.post(post, content=b"no gzip", headers=gzip)).status_code == 400
            packer = zlib.compressobj(wbits=31)
            bomb = packer.compress(b"0" * (64 << 20)) + packer.flush()
            assert (await client.post(post, content=bomb, headers=gzip)).status_code == 400
            assert (await client.post(post, content=b"x", headers={"Content-Encoding": "br"})).status_code == 400
            answer = await client.post(post, content=b"nonsense")
            assert answer.status_code in (200, 503)
            assert b"PACK" not in answer.content
        async with here.database.transaction() as session:
            row = await session.get_one(Checkout, UUID(made["id"]))
        assert row.spent_at is None
