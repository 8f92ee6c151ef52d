"""Real repositories, mirrors and stores for the tests of workspaces."""

from collections.abc import Callable
from pathlib import Path

import pytest
from workspaces_support import commit_all, git

from marlin.workspaces import DurableStore, MirrorStore, mirror_key
from marlin.workspaces.local import bundle_local
from marlin.workspaces.sources import Source, SourceKind


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small repository with two commits."""
    folder = tmp_path / "repository"
    (folder / "src").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "README.md").write_text("# hello\n")
    (folder / "src/app.py").write_text("def add(a, b):\n    return a - b\n\n\ndef sub(a, b):\n    return a - b\n")
    (folder / "run.sh").write_text("#!/bin/sh\necho hi\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("src/app.py")
    (folder / ".gitignore").write_text("*.log\nbuild/\n")
    commit_all(folder, "one")
    (folder / "README.md").write_text("# hello\n\nmore\n")
    commit_all(folder, "two")
    return folder


@pytest.fixture
def durable(tmp_path: Path) -> DurableStore:
    return DurableStore((tmp_path / "durable").as_uri())


@pytest.fixture
def mirrors(tmp_path: Path, durable: DurableStore) -> MirrorStore:
    return MirrorStore(tmp_path / "host-1" / "mirrors", durable)


@pytest.fixture
def bring(mirrors: MirrorStore, tmp_path: Path) -> Callable[..., tuple[str, str]]:
    """Import a local repository's HEAD; (mirror key, commit)."""

    def import_it(folder: Path, revision: str | None = None) -> tuple[str, str]:
        source = Source(SourceKind.LOCAL_GIT, str(folder), revision)
        scratch = tmp_path / f"bring-{len(list(tmp_path.iterdir()))}"
        scratch.mkdir()
        commit, bundle = bundle_local(source, scratch)
        key = mirror_key(source.canonical)
        mirrors.add(key, bundle, base=True)
        return key, commit

    return import_it
