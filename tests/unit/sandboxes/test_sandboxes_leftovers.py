"""What a killed Marlin leaves of a sandbox is found and removed, whatever the moment."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from pathlib import Path

import pytest

from marlin.sandboxes import reaper, records
from marlin.workbench import keep_reaping


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where sandboxes are."""
    made = tmp_path / "sandboxes"
    made.mkdir()
    return made


def record_of(pid: int) -> records.Record:
    owner = records.Owner.of(pid)
    assert owner is not None
    return records.Record(owner, slot=-1, cgroup_kind="v2", cgroups={})


def test_a_sandbox_appears_with_its_record_or_not_at_all(folder: Path):
    record = record_of(os.getpid())
    record.claim(folder / "first0000")
    assert records.Record.read(folder / "first0000") == record
    with pytest.raises(FileExistsError):
        record_of(os.getppid()).claim(folder / "first0000")
    assert records.Record.read(folder / "first0000") == record
    assert [path.name for path in folder.iterdir()] == ["first0000"]


def test_a_sandbox_that_was_killed_while_it_was_claimed_is_removed_once_it_is_surely_dead(folder: Path):
    half = folder / f"{records.MAKING}abc"
    half.mkdir()
    assert reaper.reap(folder, frozenset()) == []
    assert half.exists()
    long_ago = time.time() - 120
    os.utime(half, (long_ago, long_ago))
    reaper.reap(folder, frozenset())
    assert not half.exists()


class Dying:
    """Stands for the backend of a worker whose predecessor is still being torn down at the first look."""

    def __init__(self, folder: Path, victim: subprocess.Popen[bytes]) -> None:
        self.folder, self.victim, self.looks = folder, victim, 0
        self.over = asyncio.Event()

    async def reap(self, keep: frozenset[str] = frozenset()) -> list[str]:
        self.looks += 1
        if self.looks == 2:
            raise OSError("the disk is busy")
        if self.looks == 3:
            self.victim.kill()
            await asyncio.to_thread(self.victim.wait)
        removed = reaper.reap(self.folder, keep)
        if removed:
            self.over.set()
        return removed


async def test_what_was_still_dying_at_the_start_is_removed_by_a_later_look(folder: Path):
    with subprocess.Popen(["sleep", "60"]) as victim:
        record_of(victim.pid).claim(folder / "dying0000")
        backend = Dying(folder, victim)
        looking = asyncio.create_task(keep_reaping(backend, [0.01] * 20))  # type: ignore[arg-type]
        await asyncio.wait_for(backend.over.wait(), 30)
        looking.cancel()
    assert backend.looks == 3
    assert not (folder / "dying0000").exists()
