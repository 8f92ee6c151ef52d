"""Turns from end to end: a real sandbox works on a real repository, its files are captured, the next turn goes on."""

import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from workspaces_support import Turn, git, play_turn, worker

from marlin.sandboxes import BubblewrapBackend, open_backend
from marlin.workspaces import (
    ArchiveMissingError,
    LeftOut,
    Reason,
    Snapshot,
    SourceKind,
    Workspaces,
    parse_source,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

EDIT = """
from pathlib import Path
Path("src/app.py").write_text(Path("src/app.py").read_text().replace("return a - b", "return a + b", 1))
Path("new.py").write_text("x = 1\\n")
Path("README.md").unlink()
Path("debug.log").write_text("noise\\n")
Path("build").mkdir(); Path("build/a.o").write_bytes(b"o" * 10); Path("build/b.o").write_bytes(b"o")
Path.home().joinpath("session.json").write_text("{}")
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def backend(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[BubblewrapBackend]:
    made = open_backend(tmp_path_factory.mktemp("host-1"), demo=True)
    yield made
    await made.close()


@pytest.fixture
def storage(tmp_path: Path) -> str:
    return (tmp_path / "storage").as_uri()


@pytest.fixture
def workspaces(backend: BubblewrapBackend, tmp_path: Path, storage: str) -> Workspaces:
    return worker(tmp_path / "host-1", storage, backend)


@pytest_asyncio.fixture(loop_scope="module")
async def first(workspaces: Workspaces, backend: BubblewrapBackend, repository: Path) -> Turn:
    imported = await workspaces.import_source(parse_source(str(repository), operator=True))
    return await play_turn(workspaces, backend, imported.repository, imported.commit, EDIT)


async def test_a_turn_becomes_a_commit_on_its_ref(workspaces: Workspaces, first: Turn, repository: Path) -> None:
    snapshot = first.snapshot
    assert first.base == git(repository, "rev-parse", "HEAD")
    changes = {
        each.path: str(each.status) for each in await workspaces.diffstat(first.repository, first.base, snapshot.commit)
    }
    assert changes == {"src/app.py": "modified", "new.py": "added", "README.md": "deleted"}
    assert snapshot.ref == "refs/marlin/c-1/1/a"
    mirror = workspaces.mirrors.open(first.repository)
    assert workspaces.mirrors.ref(mirror, snapshot.ref) == snapshot.commit
    assert git(mirror.path, "log", "-1", "--format=%an %ae %cn %ce %s%b|%P", snapshot.commit) == (
        f"Marlin marlin@localhost Marlin marlin@localhost Snapshot|{first.base}"
    )
    assert b"+    return a + b" in await workspaces.diff(first.repository, first.base, snapshot.commit)


async def test_ignored_files_are_listed_with_their_folder(first: Turn) -> None:
    assert first.snapshot.left_out == (
        LeftOut("build/", Reason.IGNORED, "named by a .gitignore", 2, 11),
        LeftOut("debug.log", Reason.IGNORED, "named by a .gitignore", 1, 6),
    )


async def test_capturing_again_gives_the_same(workspaces: Workspaces, backend: BubblewrapBackend, first: Turn) -> None:
    snapshot = first.snapshot
    again = await workspaces.capture(
        first.repository,
        parent=first.base,
        lowers=first.start.lowers,
        files=backend.store.get(snapshot.files.name),
        home=backend.store.get(snapshot.home.name),
        comparison="c-1",
        turn=1,
        side="a",
    )
    assert again == snapshot
    assert Snapshot.from_json(json.loads(json.dumps(snapshot.to_json()))) == snapshot


async def test_the_next_turn_goes_on_from_files_and_home(
    workspaces: Workspaces, backend: BubblewrapBackend, first: Turn
) -> None:
    second = await play_turn(
        workspaces,
        backend,
        first.repository,
        first.base,
        "from pathlib import Path\n"
        "assert (Path.home() / 'session.json').read_text() == '{}'\n"
        "assert not Path('README.md').exists() and Path('build/a.o').exists()\n"
        "Path('new.py').write_text('x = 2\\n'); Path('debug.log').unlink()\n",
        after=first,
    )
    changes = await workspaces.diffstat(first.repository, first.snapshot.commit, second.snapshot.commit)
    assert [(each.path, str(each.status)) for each in changes] == [("new.py", "modified")]
    assert second.snapshot.parent == first.snapshot.commit
    assert [each.path for each in second.snapshot.left_out] == ["build/"], "still there; the log is gone"


async def test_the_next_turn_runs_on_another_host_with_an_empty_cache(
    workspaces: Workspaces, first: Turn, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, storage: str
) -> None:
    shutil.rmtree(tmp_path / "host-1")
    other = open_backend(tmp_path_factory.mktemp("host-2"), demo=True)
    try:
        elsewhere = worker(tmp_path / "host-2", storage, other)
        program = "from pathlib import Path; Path('new.py').write_text((Path.home() / 'session.json').read_text())"
        second = await play_turn(elsewhere, other, first.repository, first.base, program, after=first)
        assert b"+{}" in await elsewhere.diff(first.repository, first.base, second.snapshot.commit)
        assert first.base == second.base
    finally:
        await other.close()


async def test_a_lost_archive_is_told(workspaces: Workspaces, backend: BubblewrapBackend, first: Turn) -> None:
    lost = replace(first.snapshot.files, name="not-here", digest="0" * 64)
    with pytest.raises(ArchiveMissingError) as caught:
        await workspaces.open_turn(first.repository, first.base, previous=[lost])
    assert caught.value.hint
    assert not backend.store.exists("not-here")


async def test_equal_work_of_both_arms_is_one_commit(
    workspaces: Workspaces, backend: BubblewrapBackend, first: Turn
) -> None:
    other = await play_turn(workspaces, backend, first.repository, first.base, EDIT, side="B")
    assert other.snapshot.commit == first.snapshot.commit
    assert other.snapshot.ref == "refs/marlin/c-1/1/b"


async def test_a_turn_that_changed_nothing(workspaces: Workspaces, backend: BubblewrapBackend, first: Turn) -> None:
    nothing = await play_turn(workspaces, backend, first.repository, first.base, "pass")
    assert await workspaces.diffstat(first.repository, first.base, nothing.snapshot.commit) == []
    assert nothing.snapshot.commit != first.base
    assert nothing.snapshot.left_out == ()


async def test_git_in_the_sandbox_is_an_ordinary_repository(
    workspaces: Workspaces, backend: BubblewrapBackend, first: Turn
) -> None:
    program = """
import subprocess
run = lambda *a: subprocess.run(["git", *a], check=True, capture_output=True, text=True).stdout
assert run("status", "--porcelain") == ""
assert len(run("log", "--format=%H").split()) == 1
open("note.txt", "w").write("n")
run("add", "-A"); run("commit", "-qm", "done"); run("tag", "mine")
run("switch", "-qc", "idea"); open("hidden.txt", "w").write("h"); run("add", "-A"); run("commit", "-qm", "hidden")
run("switch", "-q", "main")
"""
    turn = await play_turn(workspaces, backend, first.repository, first.base, program)
    changes = await workspaces.diffstat(first.repository, first.base, turn.snapshot.commit)
    assert [each.path for each in changes] == ["note.txt"]
    assert [each.path for each in turn.snapshot.left_out] == [".git/refs/heads/idea", ".git/refs/tags/mine"]
    assert {each.reason for each in turn.snapshot.left_out} == {Reason.OTHER_BRANCH}


async def test_an_environment_layer_is_below_and_not_in_the_diff(
    workspaces: Workspaces, backend: BubblewrapBackend, first: Turn
) -> None:
    """What set-up made in the workspace is there for the arms, but is not their work."""
    setup = await play_turn(
        workspaces, backend, first.repository, first.base, "open('installed.txt', 'w').write('by set-up')", side="env"
    )
    start = await workspaces.open_turn(first.repository, first.base, environment=[setup.snapshot.files])
    assert len(start.lowers) == 2
    after = Turn(first.repository, first.base, start, replace(setup.snapshot, commit=first.base, left_out=()))
    work = await play_turn(
        workspaces,
        backend,
        first.repository,
        first.base,
        "assert open('installed.txt').read(); open('work.txt', 'w').write('w')",
        after=after,
    )
    changes = await workspaces.diffstat(first.repository, first.base, work.snapshot.commit)
    assert [each.path for each in changes] == ["work.txt"]


async def test_an_operators_archive_comes_in_through_the_sandbox(
    workspaces: Workspaces, backend: BubblewrapBackend, repository: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "a-1.tar.gz"
    git(repository, "archive", "--prefix=a-1/", "-o", str(archive), "HEAD")
    archive.chmod(0o600)
    source = parse_source(str(archive), operator=True)
    assert source.kind is SourceKind.LOCAL_ARCHIVE
    said: list[str] = []
    imported = await workspaces.import_source(source, said.append)
    assert said
    assert imported.report.files == 5
    listed = await workspaces.list_tree(imported.repository, imported.commit, recursive=True)
    assert "src/app.py" in [each.path for each in listed]
    assert not [layer.name for layer in backend.store.list() if layer.name.startswith("fetch-")]
    again = await workspaces.import_source(source)
    assert again.commit == imported.commit
