"""Every attack of ``attacks.py`` is harmless, and what is left out is listed. The documentation's table is these."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from attacks import ATTACKS, PROLOGUE, Attack, table
from workspaces_support import commit_all, git, play_turn, quick_folder, worker

from marlin.sandboxes import GIB, BubblewrapBackend, Limits, open_backend, remove_tree
from marlin.workspaces import Reason, ScanLimits, Workspaces, list_tree, parse_source, read_blob

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = Path(__file__).parents[3] / "docs/reference/snapshot-attacks.md"
PROOF = Path("/tmp/marlin-proof")
SECRET = Path("/etc/marlin-secret")


@dataclass
class Range:
    """Where the attacks take place."""

    workspaces: Workspaces
    backend: BubblewrapBackend
    repository: str
    base: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def field() -> AsyncIterator[Range]:
    home = quick_folder("marlin-attacks-")
    folder = home / "repository"
    (folder / "src").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "README.md").write_text("# hello\n")
    (folder / "src/app.py").write_text("a = 1\n")
    (folder / "run.sh").write_text("#!/bin/sh\necho hi\n")
    (folder / "link").symlink_to("src/app.py")
    (folder / ".gitignore").write_text("*.log\n")
    commit_all(folder)
    backend = open_backend(home / "host", demo=True)
    workspaces = worker(home / "host", (home / "storage").as_uri(), backend, limits=ScanLimits(ignore_seconds=4))
    imported = await workspaces.import_source(parse_source(str(folder), operator=True))
    SECRET.write_text("the secret of the host\n")
    yield Range(workspaces, backend, imported.repository, imported.commit)
    SECRET.unlink()
    await backend.close()
    remove_tree(home)  # pytest's own cleaning dies on the deep tree


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_attack_is_harmless_and_reported(attack: Attack, field: Range) -> None:
    PROOF.unlink(missing_ok=True)
    async with asyncio.timeout(280):
        turn = await play_turn(
            field.workspaces,
            field.backend,
            field.repository,
            field.base,
            PROLOGUE + attack.program,
            limits=Limits(file_bytes=8 * GIB),
        )
    snapshot = turn.snapshot
    mirror = field.workspaces.mirrors.open(field.repository)
    files = {each.path for each in list_tree(mirror, snapshot.commit, recursive=True)}
    assert not PROOF.exists(), "something of the sandbox ran on the host"
    assert read_blob(mirror, snapshot.commit, "honest.txt") == b"honest work\n"
    for path, content in attack.kept.items():
        assert path in files
        if content:
            assert read_blob(mirror, snapshot.commit, path) == content
    assert not files & set(attack.gone)
    reported = {(each.path, each.reason) for each in snapshot.left_out}
    for path, reason in attack.expect:
        assert any(said.startswith(path) and why is reason for said, why in reported), (path, reason, reported)
    diff = await field.workspaces.diff(field.repository, field.base, snapshot.commit)
    assert b"the secret of the host" not in diff
    assert not any(path == ".git" or path.startswith(".git/") for path in files)
    assert git(mirror.path, "fsck", "--full", "--no-dangling", snapshot.commit) == ""


async def test_nothing_is_reported_when_nothing_was_left_out(field: Range) -> None:
    turn = await play_turn(field.workspaces, field.backend, field.repository, field.base, PROLOGUE)
    assert turn.snapshot.left_out == ()


async def test_a_long_list_is_summed_up(field: Range) -> None:
    program = PROLOGUE + "for n in range(1500): os.mkfifo(f'f{n}')"
    turn = await play_turn(field.workspaces, field.backend, field.repository, field.base, program)
    assert len(turn.snapshot.left_out) == 1001
    assert turn.snapshot.left_out[-1].files == 500
    assert turn.snapshot.left_out[-1].reason is Reason.SPECIAL


async def test_the_page_lists_exactly_these_attacks() -> None:
    assert table() in PAGE.read_text()
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 34
