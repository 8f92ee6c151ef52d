"""A build that is told to stop, or has another beside it, leaves one honest state behind."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from tests.factories.people import Town
from tests.integration.datasets.test_datasets_building import build, bytes_of, judged, spring

from marlin import datasets
from marlin.datasets import Wish
from marlin.datasets.errors import DatasetBusyError
from marlin.db import EmbeddedPostgres
from marlin.tasks import Code


async def test_a_build_that_is_stopped_while_it_writes_has_ended_when_its_claim_has(
    town: Town, code: Code, tmp_path: Path
) -> None:
    campaign = await spring(town)
    await judged(town, code, campaign, [-1, 2, 1])
    whole = await build(town, code, campaign, tmp_path / "whole")
    loop, over, wrote = asyncio.get_running_loop(), threading.Event(), list[str]()

    def stop(stage: str, _: int) -> None:
        if stage == "writing":
            wrote.append("while the build stood")
            loop.call_soon_threadsafe(building.cancel)
            if over.wait(1):  # the build had ended, and left its thread behind
                wrote.append("after the build")

    async with town.database.transaction() as session:
        building = asyncio.ensure_future(
            datasets.build(session, code, campaign, Wish(), tmp_path / "out", progress=stop)
        )
        with pytest.raises(asyncio.CancelledError):
            await building
    over.set()
    assert wrote == ["while the build stood"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == [".building-spring"]
    rest = await build(town, code, campaign, tmp_path / "out")
    assert bytes_of(rest.path) == bytes_of(whole.path)


def _hearing_interrupts() -> None:
    """As at a terminal: what a shell started in the background ignores them, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(("sign", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_the_command_says_that_it_was_stopped_and_goes_on_later(
    town: Town, code: Code, tmp_path: Path, database_url: str, sign: signal.Signals, status: int
) -> None:
    campaign = await spring(town)
    await judged(town, code, campaign, [-1, 2] * 6)
    whole = await build(town, code, campaign, tmp_path / "whole")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MARLIN_")}
    settings = kept | {"DATABASE_URL": database_url, "MARLIN_HOME": str(tmp_path / "home")}
    out = tmp_path / "out"
    command = [sys.executable, "-m", "marlin", "dataset", "build", "spring", "--to", str(out)]
    running = subprocess.Popen(
        command,
        env=settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hearing_interrupts,
    )
    while running.poll() is None and not (out / ".building-spring" / "spool" / "rows.jsonl").exists():
        await asyncio.sleep(0.001)
    running.send_signal(sign)
    _, said = await asyncio.to_thread(running.communicate)
    assert (running.returncode, "Stopped. The same command goes on" in said) == (status, True), said
    assert [path.name for path in out.iterdir()] == [".building-spring"]
    done = await asyncio.to_thread(subprocess.run, command, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert bytes_of(out / whole.path.name) == bytes_of(whole.path)


async def test_of_two_builds_at_once_one_is_refused_and_other_folders_are_free(
    town: Town, code: Code, tmp_path: Path
) -> None:
    campaign = await spring(town)
    await judged(town, code, campaign, [-1, 2, 1])
    begun, let_go = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def wait(stage: str, _: int) -> None:
        if stage == "writing":
            loop.call_soon_threadsafe(begun.set)
            let_go.wait()

    async with town.database.transaction() as session:
        first = asyncio.ensure_future(datasets.build(session, code, campaign, Wish(), tmp_path / "out", progress=wait))
        await begun.wait()
        with pytest.raises(DatasetBusyError, match="builds a dataset of this campaign"):
            await build(town, code, campaign, tmp_path / "out", scrub_models=True)
        elsewhere = await build(town, code, campaign, tmp_path / "elsewhere")
        let_go.set()
        here = await first
    assert bytes_of(here.path) == bytes_of(elsewhere.path)
    other = await build(town, code, campaign, tmp_path / "out", scrub_models=True)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted([here.path.name, other.path.name])


def test_a_command_that_is_asked_to_end_leaves_no_database_behind() -> None:
    home = Path(tempfile.mkdtemp(prefix="marlin-embedded-"))
    home.chmod(0o711)  # PostgreSQL's own user must be able to pass
    script = (
        "import asyncio\nfrom marlin import logging\nfrom marlin.cli.database import in_transaction\n"
        "logging.configure(level='WARNING')\n"
        "async def work(session):\n    print('begun', flush=True)\n    await asyncio.sleep(600)\n"
        "in_transaction(work, create_tables=True)\n"
    )
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    running = subprocess.Popen(
        [sys.executable, "-c", script], env=kept | {"MARLIN_HOME": str(home)}, stdout=subprocess.PIPE, text=True
    )
    try:
        assert running.stdout is not None
        assert running.stdout.readline() == "begun\n"
        running.terminate()
        assert running.wait() == 143
        assert not (home / "postgres" / "data" / "postmaster.pid").exists()
    finally:
        running.kill()
        EmbeddedPostgres(home / "postgres").stop()
        shutil.rmtree(home)


_KILLED = """
import os, signal, sys
event, end = sys.argv[1:3]
def kill(happens, said):
    if happens == event and str(said[0]).endswith(end):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(kill)
sys.argv = ["marlin", *sys.argv[3:]]
import runpy
runpy.run_module("marlin", run_name="__main__", alter_sys=True)
"""
"""Python tells of what is about to happen to a file."""
_MOMENTS = [
    ("open", "/dataset/README.md"),
    ("open", "/dataset/dataset.json"),
    ("os.rename", "/.building-spring/dataset"),
    ("shutil.rmtree", "/.building-spring"),
    ("os.rmdir", "spool"),
]


async def test_a_kill_while_the_card_is_written_or_the_folder_shown_loses_nothing(
    town: Town, code: Code, tmp_path: Path, database_url: str
) -> None:
    campaign = await spring(town)
    await judged(town, code, campaign, [-1, 2, 1])
    whole = await build(town, code, campaign, tmp_path / "whole")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MARLIN_")}
    settings = kept | {"DATABASE_URL": database_url, "MARLIN_HOME": str(tmp_path / "home")}
    command = ["dataset", "build", "spring", "--to"]

    async def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(
            subprocess.run, [sys.executable, *arguments], env=settings, capture_output=True, text=True, check=False
        )

    for number, moment in enumerate(_MOMENTS):
        out = tmp_path / f"out-{number}"
        killed = await run("-c", _KILLED, *moment, *command, str(out))
        assert killed.returncode == -signal.SIGKILL, (moment, killed.stderr)
        assert all(bytes_of(shown) == bytes_of(whole.path) for shown in out.glob("spring-*"))
        done = await run("-m", "marlin", *command, str(out))
        assert done.returncode == 0, (moment, done.stderr)
        assert [path.name for path in out.iterdir()] == [whole.path.name]
        assert bytes_of(out / whole.path.name) == bytes_of(whole.path)
