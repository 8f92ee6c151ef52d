"""Durable bundles are whole, also when they are larger than what is read of them at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from workspaces_support import commit_all

from marlin.workspaces import DurableStore, MirrorStore, read_blob


def test_a_large_commit_is_restored_on_a_host_that_has_nothing(
    repository: Path, bring: Callable[..., tuple[str, str]], durable: DurableStore, tmp_path: Path
) -> None:
    content = random.Random(1).randbytes(3_000_000)
    (repository / "large.bin").write_bytes(content)
    commit_all(repository)
    key, commit = bring(repository)
    elsewhere = MirrorStore(tmp_path / "elsewhere", durable)
    mirror = elsewhere.ensure(key, commit)
    assert read_blob(mirror, commit, "large.bin") == content
