"""A dataset on the Hub, by the Hub's own library: it is here because tuning's environment has that."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.stores.check import contents, hub
from tests.unit.dataset_files.test_dataset_folder import make

from marlin.dataset_files import read_manifest

SPRING = "hf://datasets/marlin/spring"


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Of a command that finds a Hub on loopback."""
    store = hub(tmp_path)
    store.start()
    yield os.environ | store.environment | {"HF_HUB_OFFLINE": "0", "HF_HOME": str(tmp_path / "hf")}
    store.stop()


def test_a_dataset_is_one_commit_whose_tag_keeps_it(tmp_path: Path, environment: dict[str, str]) -> None:
    def marlin(*words: str) -> str:
        command = [sys.executable, "-m", "marlin", "dataset", *words]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=240).stdout

    first, second = make(tmp_path / "first"), make(tmp_path / "second")
    manifest = read_manifest(second)
    fewer = manifest.model_copy(update={"files": manifest.files[:2], "name": "autumn"}).sealed()
    (second / "dataset.json").write_bytes(fewer.to_bytes())
    (second / manifest.files[2].path).unlink()

    tagged = marlin("push", str(first), SPRING).split()[-1]
    assert tagged == f"{SPRING}@{read_manifest(first).id[:12]}"
    marlin("push", str(second), SPRING)
    for address, made in ((SPRING, second), (tagged, first)):
        back = tmp_path / f"{made.name}-back"
        marlin("pull", address, "--to", str(back))
        (folder,) = back.iterdir()
        assert contents(folder) == contents(made)
