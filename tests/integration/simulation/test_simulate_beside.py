"""``marlin simulate`` at a Marlin that runs, beside one, and interrupted: as processes, as people start them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from sqlalchemy import select

from marlin import accounts
from marlin.accounts import Person, Role
from marlin.accounts.service import accept_terms, create_api_token
from marlin.accounts.terms import current_terms
from marlin.campaigns import Campaign
from marlin.cli.demo import free_port
from marlin.cli.simulation_host import OPERATOR
from marlin.comparisons import Comparison
from marlin.db import EmbeddedPostgres, opened, transaction

LIMIT = 240


def marlin(home: Path, *words: str, **more: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MARLIN_", "DATABASE_URL"))}
    env = {**kept, "MARLIN_HOME": str(home), "COLUMNS": "200", **more}
    command = [sys.executable, "-m", "marlin", *words]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@contextmanager
def running(home: Path, port: int) -> Iterator[str]:
    """A Marlin with a worker that may use host-view."""
    process = marlin(home, "up", "--demo", "--port", str(port))
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{address}/api/v1/terms").status_code == 200:
                    break
            except httpx.TransportError:
                assert process.poll() is None, process.communicate()[1][-3000:]
            time.sleep(0.2)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=LIMIT)


@contextmanager
def database(home: Path) -> Iterator[str]:
    postgres = EmbeddedPostgres(home / "postgres")
    try:
        yield postgres.start()
    finally:
        postgres.stop()


async def token_of_an_operator(url: str) -> str:
    async with opened(url, pool_size=1), transaction() as session:
        person = await accounts.create_person(session, name="Op", email="op@example.org", roles=[Role.OPERATOR])
        await accept_terms(session, person, current_terms().version)
        return (await create_api_token(session, person, "simulate"))[1]


async def pairs(url: str) -> list[bool]:
    """Whether each comparison is an A/A control."""
    async with opened(url, pool_size=1), transaction() as session:
        rows = await session.execute(select(Comparison.arm_a_id, Comparison.arm_b_id))
        return [first == second for first, second in rows]


async def left_behind(url: str) -> tuple[bool, list[str]]:
    """Whether somebody is an operator still on whose behalf a simulation ran; and the campaigns."""
    async with opened(url, pool_size=1), transaction() as session:
        person = await session.scalar(select(Person).where(Person.email == OPERATOR))
        slugs = list(await session.scalars(select(Campaign.slug)))
        return person is not None and person.has([Role.OPERATOR]), slugs


def test_at_a_marlin_that_runs_with_controls_and_never_beside_one(home: Path) -> None:
    with running(home, port := free_port("127.0.0.1")) as address:
        beside = marlin(home, "simulate", "--comparisons", "1")
        told = beside.communicate(timeout=LIMIT)[1]
        assert beside.returncode == 5, told
        assert "A Marlin runs on this database already" in told
        assert "--url" in told
        with database(home) as url:
            token = asyncio.run(token_of_an_operator(url))
        options = ["--contributors", "2", "--comparisons", "4", "--overlap", "0", "--aa", "0.5", "--campaign", "there"]
        process = marlin(home, "simulate", "--url", address, *options, MARLIN_TOKEN=token)
        out, err = process.communicate(timeout=LIMIT)
        assert process.returncode == 0, err[-3000:]
        summary = json.loads(out)
        assert summary["comparisons"] == {
            "accepted": 4, "failed": 0, "originals": 4, "repeats": 0, "once_more": 0,
        }  # fmt: skip
        assert (home / "simulations" / f"127.0.0.1-{port}" / "there.json").exists()
        with database(home) as url:
            controls = asyncio.run(pairs(url))
        assert len(controls) == 4
        refused = marlin(home, "simulate", "--url", address, "--campaign", "there", MARLIN_TOKEN="wrong")
        assert "other options" in refused.communicate(timeout=LIMIT)[1]
        assert refused.returncode == 2


def test_ctrl_c_ends_with_130_leaves_no_operator_and_the_same_command_goes_on(home: Path) -> None:
    options = ["simulate", "--contributors", "2", "--overlap", "0", "--seed", "5"]
    process = marlin(home, *options, "--comparisons", "50")
    record = home / "simulations" / "simulation-5.json"
    deadline = time.monotonic() + LIMIT
    while not record.exists() and time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[1][-3000:]
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, out) == (130, ""), err[-3000:]
    assert "of 50 comparisons accepted" in err
    assert "The same command goes on from here" in err
    assert "Traceback" not in err
    with database(home) as url:
        still_operator, slugs = asyncio.run(left_behind(url))
    assert (still_operator, slugs) == (False, ["simulation-5"])
    again = marlin(home, *options, "--comparisons", "1")
    out, err = again.communicate(timeout=LIMIT)
    assert again.returncode == 0, err[-3000:]
    assert json.loads(out)["comparisons"]["accepted"] >= 1
