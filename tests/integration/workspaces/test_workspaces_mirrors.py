"""Mirrors: what enters, what is refused, and what comes back on a host that has nothing."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from workspaces_support import commit_all, git

from marlin.workspaces import (
    ArchiveMissingError,
    CommitNotFoundError,
    DurableStore,
    MirrorStore,
    StorageFullError,
    bundles,
    commits,
    list_tree,
    read_blob,
)
from marlin.workspaces.git import GitFailed
from marlin.workspaces.mirrors import RefusedObjectsError
from marlin.workspaces.scan import ChangedFile

Bring = Callable[..., tuple[str, str]]


def _snapshot(mirrors: MirrorStore, key: str, parent: str, text: bytes, ref: str = "refs/marlin/c/1/a") -> str:
    change = ChangedFile(b"note", "120000", len(text), target=text)
    with commits.build(mirrors.open(key), parent, [], [change], message="Snapshot\n") as built:
        return mirrors.add(key, built.bundle, ref=ref)


def test_a_mirror_holds_the_base_commit_and_no_history(repository: Path, bring: Bring, mirrors: MirrorStore) -> None:
    key, commit = bring(repository)
    mirror = mirrors.open(key)
    assert commit == git(repository, "rev-parse", "HEAD")
    assert git(mirror.path, "rev-list", commit) == commit
    assert not mirrors.has(mirror, git(repository, "rev-parse", "HEAD~1"))
    assert git(mirror.path, "fsck", "--full", "--strict") == ""


def test_both_of_two_neighbours_are_bases_without_history(repository: Path, bring: Bring, mirrors: MirrorStore) -> None:
    key, older = bring(repository, "HEAD~1")
    _, newer = bring(repository)
    assert git(mirrors.open(key).path, "rev-list", newer) == newer
    assert older != newer


def test_importing_again_is_harmless(repository: Path, bring: Bring) -> None:
    assert bring(repository) == bring(repository)


def test_snapshots_return_on_a_host_with_nothing(
    repository: Path, bring: Bring, mirrors: MirrorStore, durable: DurableStore, tmp_path: Path
) -> None:
    key, base = bring(repository)
    first = _snapshot(mirrors, key, base, b"one")
    second = _snapshot(mirrors, key, first, b"two", "refs/marlin/c/2/b")
    assert mirrors.ref(mirrors.open(key), "refs/marlin/c/2/b") == second
    other_host = MirrorStore(tmp_path / "host-2", durable)
    shutil.rmtree(tmp_path / "host-1")
    mirror = other_host.ensure(key, second)
    assert read_blob(mirror, second, "note") == b"two"
    assert read_blob(mirror, base, "README.md") == b"# hello\n\nmore\n"
    assert git(mirror.path, "rev-list", second).split() == [second, first, base]


def test_unknown_commits_and_lost_archives(
    repository: Path, bring: Bring, mirrors: MirrorStore, durable: DurableStore, tmp_path: Path
) -> None:
    key, base = bring(repository)
    with pytest.raises(CommitNotFoundError, match="holds the commit"):
        mirrors.ensure(key, "0" * 40)
    with pytest.raises(CommitNotFoundError, match="full commit id"):
        mirrors.ensure(key, "--all")
    shutil.rmtree(tmp_path / "durable" / "objects")
    shutil.rmtree(mirrors.open(key).path)
    with pytest.raises(ArchiveMissingError):
        mirrors.ensure(key, base)


def test_refs_are_marlins_own(repository: Path, bring: Bring, mirrors: MirrorStore) -> None:
    key, base = bring(repository)
    for name in ("refs/heads/main", "refs/marlin/../x", "refs/marlin/A/1", "--stdin"):
        with pytest.raises(ValueError, match="ref"):
            mirrors.set_ref(mirrors.open(key), name, base)


def test_dangerous_objects_are_refused_and_not_kept(tmp_path: Path, mirrors: MirrorStore, bring: Bring) -> None:
    folder = tmp_path / "evil"
    folder.mkdir()
    git(folder, "init", "-q")
    blob = git(folder, "hash-object", "-w", "--stdin", stdin=b"x")
    tree = git(folder, "mktree", stdin=f"100644 blob {blob}\t.GIT\n".encode())
    commit = git(folder, "commit-tree", "-m", "x", tree)
    git(folder, "update-ref", "HEAD", commit)
    with pytest.raises(RefusedObjectsError) as caught:
        bring(folder)
    assert caught.value.objects == {tree: "hasDotgit"}
    assert caught.value.hint
    assert not list(tmp_path.glob("host-1/mirrors/*/*/objects/pack/*"))


def test_blemishes_of_old_commits_are_let_in(tmp_path: Path, bring: Bring) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    git(folder, "init", "-q")
    tree = git(folder, "mktree", stdin=b"")
    raw = f"tree {tree}\nauthor A <a@b.c 1 +051800\ncommitter A <a@b.c> 1 +051800\n\nold\n".encode()
    commit = git(folder, "hash-object", "-w", "--literally", "-t", "commit", "--stdin", stdin=raw)
    git(folder, "update-ref", "HEAD", commit)
    assert bring(folder)[1] == commit


def test_a_failing_check_keeps_nothing(repository: Path, mirrors: MirrorStore, tmp_path: Path) -> None:
    from marlin.workspaces.local import bundle_local
    from marlin.workspaces.sources import Source, SourceKind

    commit, bundle = bundle_local(Source(SourceKind.LOCAL_GIT, str(repository)), tmp_path)

    def refuse(*_: object) -> None:
        raise StorageFullError("no", hint="x")

    with pytest.raises(StorageFullError):
        mirrors.add("k" * 32, bundle, base=True, check=refuse)
    assert not mirrors.has(mirrors.open("k" * 32), commit)
    mirrors.add("k" * 32, bundle, base=True)


def test_a_bundle_that_names_what_it_lacks(
    repository: Path, bring: Bring, mirrors: MirrorStore, tmp_path: Path
) -> None:
    key, base = bring(repository)
    pack = subprocess.run(
        ["git", "pack-objects", "--stdout", "-q"], cwd=repository, input=b"", capture_output=True, check=True
    ).stdout
    bundle = tmp_path / "lies"
    bundle.write_bytes(bundles.write_header("d" * 40, (base,)) + pack)
    with pytest.raises(Exception, match="does not hold the commit"):
        mirrors.add(key, bundle)
    bundle.write_bytes(bundles.write_header("d" * 40, (base,)) + b"garbage")
    with pytest.raises(GitFailed):
        mirrors.add(key, bundle)


def test_threads_import_into_one_mirror(repository: Path, bring: Bring, mirrors: MirrorStore) -> None:
    key, base = bring(repository)
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda n: _snapshot(mirrors, key, base, b"%d" % n, f"refs/marlin/c{n}/1/a"), range(60)))
    mirror = mirrors.open(key)
    assert len(set(made)) == 60
    assert all(mirrors.ref(mirror, f"refs/marlin/c{n}/1/a") == commit for n, commit in enumerate(made))
    assert len(list((mirror.path / "objects/pack").glob("*.pack"))) < 60, "small packs are joined"
    assert git(mirror.path, "fsck", "--full", "--strict") == ""


_OTHER_PROCESS = """
import sys
from pathlib import Path
from marlin.workspaces import DurableStore, MirrorStore
from marlin.workspaces import commits
from marlin.workspaces.scan import ChangedFile
root, url, key, base, name = sys.argv[1:]
mirrors = MirrorStore(Path(root), DurableStore(url))
for n in range(5):
    change = ChangedFile(b"note", "120000", 3, target=b"%s-%d" % (name.encode(), n))
    with commits.build(mirrors.open(key), base, [], [change], message="Snapshot") as built:
        print(mirrors.add(key, built.bundle, ref=f"refs/marlin/{name}/{n}/a"))
"""


def test_processes_import_into_one_mirror(
    repository: Path, bring: Bring, mirrors: MirrorStore, durable: DurableStore, tmp_path: Path
) -> None:
    key, base = bring(repository)
    root = str(tmp_path / "host-1" / "mirrors")
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _OTHER_PROCESS, root, durable.url, key, base, name],
            stdout=subprocess.PIPE,
            env=dict(os.environ),
        )
        for name in ("p", "q")
    ]
    printed = b"".join(each.communicate()[0] for each in running).decode().split()
    mirror = mirrors.open(key)
    assert len(printed) == 10
    assert all(mirrors.has(mirror, commit) for commit in printed)


def test_a_process_killed_while_importing_leaves_a_usable_mirror(
    repository: Path, bring: Bring, mirrors: MirrorStore, durable: DurableStore, tmp_path: Path
) -> None:
    key, base = bring(repository)
    root = str(tmp_path / "host-1" / "mirrors")
    command = [sys.executable, "-c", _OTHER_PROCESS, root, durable.url, key, base, "k"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    assert _snapshot(mirrors, key, base, b"after")
    assert git(mirrors.open(key).path, "fsck", "--full", "--strict") == ""


def test_equal_files_on_equal_parents_are_one_commit(repository: Path, bring: Bring, mirrors: MirrorStore) -> None:
    key, base = bring(repository)
    assert _snapshot(mirrors, key, base, b"x") == _snapshot(mirrors, key, base, b"x", "refs/marlin/c/1/b")
    assert [entry.path for entry in list_tree(mirrors.open(key), base)] == [
        ".gitignore", "README.md", "link", "run.sh", "src",
    ]  # fmt: skip
    assert commit_all(repository)


def test_what_a_kill_or_a_full_disk_left_half_made_goes(tmp_path: Path, durable: DurableStore) -> None:
    place, key = tmp_path / "small", "ab" * 16
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=64", "tmpfs", str(place)], check=True)
    try:
        mirrors = MirrorStore(place, durable)
        killed = place / key[:2] / f"{key}.{'0' * 32}.new"
        (killed / "objects").mkdir(parents=True)
        mirror = mirrors.open(key)
        assert not killed.exists()
        (mirror.path / "refs/marlin/x").mkdir(parents=True)
        filler = place / "filler"
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 512)
        with pytest.raises(StorageFullError, match=place.name):
            mirrors.set_ref(mirror, "refs/marlin/x/y", "0" * 40)
        assert list((mirror.path / "refs/marlin/x").iterdir()) == []
        (mirror.path / "HEAD").unlink()
        with pytest.raises(StorageFullError, match=place.name):
            mirrors.open(key)
        assert sorted(path.name for path in mirror.path.parent.iterdir()) == [f"{key}.git", f"{key}.lock"]
        filler.unlink()
        assert mirrors.open(key) == mirror
    finally:
        subprocess.run(["umount", str(place)], check=True)
