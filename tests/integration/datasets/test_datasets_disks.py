"""A build whose disks fill or fail says which one, and the next try makes the same bytes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.factories.people import Town
from tests.integration.datasets.test_datasets_building import build, bytes_of, judged, spring
from tests.integration.datasets.test_datasets_trusted import keep_repository, move

from marlin import datasets
from marlin.datasets import DatasetDiskError, DatasetDiskFullError, Wish
from marlin.datasets.errors import DatasetStorageError
from marlin.tasks import Code


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk with very little room."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24k", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def grow(small: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=32m", str(small)], check=True)


@pytest.mark.parametrize("kib", [4, 16, 64, 112])
async def test_no_room_for_what_is_made_is_told_at_every_stage(
    town: Town, code: Code, tmp_path: Path, small: Path, kib: int
) -> None:
    campaign = await spring(town)
    await judged(town, code, campaign, [-1, 2, 1] * 2)
    whole = await build(town, code, campaign, tmp_path / "whole")
    subprocess.run(["mount", "-o", f"remount,size={kib}k", str(small)], check=True)
    with pytest.raises(DatasetDiskFullError, match=small.name) as refused:
        await build(town, code, campaign, small)
    assert "goes on from what was done" in str(refused.value.hint)
    assert [path.name for path in small.iterdir()] in ([], [".building-spring"])
    grow(small)
    built = await build(town, code, campaign, small)
    assert bytes_of(built.path) == bytes_of(whole.path)
    assert [path.name for path in small.iterdir()] == [built.path.name]


@pytest.mark.parametrize("kib", [4, 24, 40])
async def test_no_room_for_a_mirror_names_that_disk_and_costs_no_patch(
    town: Town, code: Code, tmp_path: Path, small: Path, kib: int
) -> None:
    campaign = await spring(town)
    made = await judged(town, code, campaign, [-2, 1])
    await move(town.database, made[0], "e" * 64, *keep_repository(code, tmp_path / "repository", "e" * 64))
    whole = await build(town, code, campaign, tmp_path / "whole")
    root = code.mirrors.root
    shutil.rmtree(root)
    root.symlink_to(small)
    subprocess.run(["mount", "-o", f"remount,size={kib}k", str(small)], check=True)
    with pytest.raises(DatasetDiskFullError, match=f"No space is left in {root}") as refused:
        await build(town, code, campaign, tmp_path / "out")
    assert "goes on from what was done" in str(refused.value.hint)
    left = [path.name for path in small.rglob("*") if path.suffix in (".new", ".bundle")]
    assert left == []
    grow(small)
    built = await build(town, code, campaign, tmp_path / "out")
    assert bytes_of(built.path) == bytes_of(whole.path)


@pytest.mark.parametrize("alone", [256, 1])
async def test_a_storage_that_fails_for_a_while_costs_no_trajectory(
    town: Town, code: Code, tmp_path: Path, alone: int
) -> None:
    campaign = await spring(town)
    await judged(town, code, campaign, [-1, 2, 1])
    whole = await build(town, code, campaign, tmp_path / "whole")
    objects = Path(code.durable.url.removeprefix("file://")) / "objects"
    kept = objects.rename(tmp_path / "kept")
    for path in kept.glob("*/*"):
        (objects / path.relative_to(kept)).mkdir(parents=True)  # what can be opened, and not read
    async with town.database.transaction() as session:
        with pytest.raises(DatasetStorageError, match="storage can't be read") as refused:
            await datasets.build(session, code, campaign, Wish(), tmp_path / "out", alone=alone)
    assert "goes on from what was done" in str(refused.value.hint)
    shutil.rmtree(objects)
    kept.rename(objects)
    built = await build(town, code, campaign, tmp_path / "out")
    assert bytes_of(built.path) == bytes_of(whole.path)


async def test_what_somebody_takes_away_meanwhile_is_told(town: Town, code: Code, tmp_path: Path) -> None:
    campaign = await spring(town)
    await judged(town, code, campaign, [-1, 2])
    out = tmp_path / "out"

    def take_away(stage: str, _: int) -> None:
        if stage == "writing" and out.exists():
            shutil.rmtree(out)

    async with town.database.transaction() as session:
        with pytest.raises(DatasetDiskError, match=f"can't be written to {out}"):
            await datasets.build(session, code, campaign, Wish(), out, progress=take_away)
    assert not os.listdir(out) if out.exists() else True
