"""Diffs, files and folders of real commits."""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from workspaces_support import commit_all

from marlin.workspaces import (
    Changes,
    ChangeStatus,
    CommitNotFoundError,
    Differ,
    Mirror,
    MirrorStore,
    PathNotFoundError,
    TooLargeError,
    diff,
    diff_stream,
    diffstat,
    list_changes,
    list_tree,
    read_blob,
)

Bring = Callable[..., tuple[str, str]]


@pytest.fixture
def two(repository: Path, bring: Bring, mirrors: MirrorStore) -> tuple[Mirror, str, str]:
    """A mirror with a base, and a second commit that changes everything there is."""
    key, base = bring(repository)
    (repository / "src/app.py").write_text("def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n")
    (repository / "README.md").rename(repository / "READ ME.md")
    (repository / "binary").write_bytes(b"\0\1\2" * 100)
    (repository / "link").unlink()
    (repository / "link").write_text("now a file\n")
    (repository / "run.sh").chmod(0o644)
    with open(os.fsencode(repository) + b"/caf\xe9\n", "wb") as odd:
        odd.write(b"x\n")
    (repository / ".gitattributes").write_text("*.py -diff\n*.md diff=evil\nbinary diff\n")
    commit_all(repository)
    _, changed = bring(repository)
    return mirrors.open(key), base, changed


def test_diffstat_says_what_happened_to_each_file(two: tuple[Mirror, str, str]) -> None:
    changes = {each.path: each for each in diffstat(*two)}
    assert set(changes) == {
        ".gitattributes", "READ ME.md", "binary", '"caf\\351\\n"', "link", "run.sh", "src/app.py",
    }  # fmt: skip
    assert changes["READ ME.md"].old_path == "README.md"
    assert changes["READ ME.md"].status is ChangeStatus.RENAMED
    assert changes["binary"].binary
    assert changes["link"].status is ChangeStatus.TYPE_CHANGED
    assert (changes["link"].old_mode, changes["link"].new_mode) == ("120000", "100644")
    assert (changes["run.sh"].old_mode, changes["run.sh"].new_mode) == ("100755", "100644")
    assert (changes["src/app.py"].additions, changes["src/app.py"].deletions) == (1, 1)


def test_a_change_too_large_to_measure_is_listed_all_the_same(two: tuple[Mirror, str, str]) -> None:
    whole = list_changes(*two)
    assert whole == Changes(diffstat(*two))
    cut = list_changes(*two, limit=100)
    assert not cut.measured
    assert {each.path for each in cut.files} == {each.path for each in whole.files} | {"README.md"}
    assert {(each.additions, each.deletions, each.binary) for each in cut.files} == {(0, 0, False)}
    short = list_changes(*two, limit=100, most=3)
    assert [each.path for each in short.files] == [each.path for each in cut.files[:3]]
    assert short.unlisted == {"": 4, "src/": 1}
    with pytest.raises(CommitNotFoundError):
        list_changes(two[0], two[1], "0" * 40, limit=100)


def test_a_change_that_takes_too_long_to_measure_is_listed_all_the_same(
    two: tuple[Mirror, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "git"  # git as it is, but for counting lines
    slow.write_text(f'#!/bin/sh\ncase "$*" in *--numstat*) exec sleep 60;; esac\nexec {shutil.which("git")} "$@"\n')
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    changes = list_changes(*two, timeout=0.5)
    assert not changes.measured
    assert "README.md" in {each.path for each in changes.files}


def test_attributes_of_the_repository_hide_nothing(two: tuple[Mirror, str, str]) -> None:
    text = diff(*two)
    assert b"-    return a - b\n+    return a + b\n" in text
    assert b"rename from README.md\nrename to READ ME.md\n" in text
    assert b"Binary files /dev/null and b/binary differ" in text
    assert b"GIT binary patch" not in text


def test_one_file_and_its_rename(two: tuple[Mirror, str, str]) -> None:
    assert diff(*two, path="src/app.py").count(b"diff --git") == 1
    assert diff(*two, path='"caf\\351\\n"').startswith(b'diff --git "a/caf')
    assert b"rename to" in diff(*two, path="READ ME.md", old_path="README.md")
    assert diff(*two, path="nothing") == b""
    assert diff(*two, path="*.py") == b"", "paths are names, not patterns"


def test_options_of_a_diff(two: tuple[Mirror, str, str], repository: Path, bring: Bring) -> None:
    mirror, _, changed = two
    (repository / "src/app.py").write_text(
        "def add(a, b):\n        return a + b\n\n\ndef sub(a, b):\n    return a - b\n"
    )
    commit_all(repository)
    _, spaced = bring(repository)
    assert diff(mirror, changed, spaced) != b""
    assert diff(mirror, changed, spaced, ignore_whitespace=True) == b""
    assert len(diff(mirror, changed, spaced, context=0)) < len(diff(mirror, changed, spaced, context=10))


def test_limits_and_streams(two: tuple[Mirror, str, str]) -> None:
    with pytest.raises(TooLargeError) as caught:
        diff(*two, limit=100)
    assert caught.value.hint
    assert b"".join(diff_stream(*two)) == diff(*two)
    half_read = diff_stream(*two)
    next(half_read)
    half_read.close()
    with pytest.raises(TooLargeError):
        read_blob(two[0], two[2], "binary", limit=10)


def test_files_and_folders(two: tuple[Mirror, str, str]) -> None:
    mirror, base, changed = two
    assert read_blob(mirror, base, "link") == b"src/app.py"
    assert read_blob(mirror, changed, '"caf\\351\\n"') == b"x\n"
    assert [(each.path, each.mode, each.kind) for each in list_tree(mirror, base, "src")] == [
        ("src/app.py", "100644", "blob")
    ]
    assert ("src", "tree", None) in [(each.path, each.kind, each.size) for each in list_tree(mirror, base)]
    assert "src/app.py" in [each.path for each in list_tree(mirror, base, recursive=True)]


@pytest.mark.parametrize("path", ["nothing", "src", "../etc/passwd", "", '"\\9"', "/etc/passwd", "src/app.py/x"])
def test_what_is_no_file(two: tuple[Mirror, str, str], path: str) -> None:
    with pytest.raises(PathNotFoundError):
        read_blob(two[0], two[1], path)


def test_unknown_commits(two: tuple[Mirror, str, str]) -> None:
    mirror, base, _ = two
    for unknown in ("0" * 40, "HEAD", "--output=/tmp/x", base[:12]):
        with pytest.raises(CommitNotFoundError):
            diff(mirror, base, unknown)
        with pytest.raises(CommitNotFoundError):
            diffstat(mirror, unknown, base)
        with pytest.raises(CommitNotFoundError):
            list_tree(mirror, unknown)
    with pytest.raises(PathNotFoundError):
        list_tree(mirror, base, "README.md")


def test_one_git_for_many_differences_says_what_git_diff_says(two: tuple[Mirror, str, str]) -> None:
    mirror, a, b = two
    differ = Differ()
    try:
        for old, new in ((a, b), (b, a), (a, a), (a, b)):
            assert differ.diff(mirror, old, new) == diff(mirror, old, new)
        with pytest.raises(TooLargeError):
            differ.diff(mirror, a, b, limit=100)
        for old, new in (("0" * 40, b), (a, "0" * 40), (a, "HEAD")):
            with pytest.raises(CommitNotFoundError):
                differ.diff(mirror, old, new)
        differ.diff(mirror, a, b)
        (running,) = _children()
        os.kill(running, signal.SIGKILL)
        assert differ.diff(mirror, a, b) == diff(mirror, a, b)
    finally:
        differ.close()
    assert _children() == []


def _children() -> list[int]:
    found = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(one) for one in found if b"diff-tree" in Path(f"/proc/{one}/cmdline").read_bytes()]
