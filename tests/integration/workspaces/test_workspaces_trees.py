"""The tree an arm starts from."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from workspaces_support import commit_all, git

from marlin.workspaces import CommitNotFoundError, MirrorStore, SourceTooLargeError, TreeLimits
from marlin.workspaces.trees import base_folder, inspect_tree, write_base

Bring = Callable[..., tuple[str, str]]


def test_the_tree_is_the_commit_with_a_git_of_its_own(
    repository: Path, bring: Bring, mirrors: MirrorStore, tmp_path: Path
) -> None:
    key, commit = bring(repository)
    target = tmp_path / "tree"
    write_base(mirrors.open(key), commit, target)
    workspace = target / "workspace"
    assert git(workspace, "status", "--porcelain") == ""
    assert git(workspace, "rev-list", "--all") == commit
    assert git(workspace, "branch", "--show-current") == "main"
    assert git(workspace, "config", "user.name") == "agent"
    assert git(workspace, "remote") == ""
    assert not (workspace / ".git/logs").exists()
    assert git(workspace, "fsck", "--full") == ""
    assert (workspace / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (workspace / "src/app.py").stat().st_mode & 0o777 == 0o644
    assert (workspace / "src/app.py").stat().st_mtime == 1_700_000_000
    assert os.readlink(workspace / "link") == "src/app.py"


def test_neither_earlier_nor_later_history_is_in_the_tree(
    repository: Path, bring: Bring, mirrors: MirrorStore, tmp_path: Path
) -> None:
    key, older = bring(repository, "HEAD~1")
    (repository / "the-fix.py").write_text("secret = 'the fix'\n")
    later = commit_all(repository, "the fix")
    bring(repository)
    write_base(mirrors.open(key), older, tmp_path / "tree")
    objects = git(tmp_path / "tree/workspace", "cat-file", "--batch-all-objects", "--batch-check")
    assert later not in objects
    assert git(repository, "rev-parse", "HEAD~1") not in objects
    assert older in objects
    assert "alternates" not in [path.name for path in (tmp_path / "tree").rglob("*")]


def test_attributes_filters_and_line_ends_have_no_say(tmp_path: Path, bring: Bring, mirrors: MirrorStore) -> None:
    folder = tmp_path / "r"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / ".gitattributes").write_text(
        "*.txt text eol=crlf ident\n*.x filter=evil\nhidden export-ignore\n*.w working-tree-encoding=UTF-16\n"
    )
    (folder / "a.txt").write_bytes(b"$Id$\nb\n")
    (folder / "b.x").write_bytes(b"plain")
    (folder / "hidden").write_bytes(b"here")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "x")
    key, commit = bring(folder)
    write_base(mirrors.open(key), commit, tmp_path / "tree")
    workspace = tmp_path / "tree/workspace"
    assert (workspace / "a.txt").read_bytes() == b"$Id$\nb\n"
    assert (workspace / "b.x").read_bytes() == b"plain"
    assert (workspace / "hidden").read_bytes() == b"here"


def test_odd_names_submodules_and_lfs_pointers(tmp_path: Path, bring: Bring, mirrors: MirrorStore) -> None:
    folder = tmp_path / "r"
    folder.mkdir()
    git(folder, "init", "-q")
    odd = os.fsencode(folder) + b"/caf\xe9 \n\xff"
    with open(odd, "wb") as file:
        file.write(b"x")
    (folder / "big.bin").write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n")
    (folder / "esc").symlink_to("/etc/passwd")
    git(folder, "add", ".")
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},libs/sub")
    git(folder, "commit", "-qm", "x")
    key, commit = bring(folder)
    report = inspect_tree(mirrors.open(key), commit)
    assert report.submodules == ("libs/sub",)
    assert report.lfs_pointers == ("big.bin",)
    assert len(report.warnings) == 2
    write_base(mirrors.open(key), commit, tmp_path / "tree")
    workspace = tmp_path / "tree/workspace"
    assert list((workspace / "libs/sub").iterdir()) == []
    assert os.path.lexists(os.fsencode(workspace) + b"/caf\xe9 \n\xff")
    assert stat.S_ISLNK(os.lstat(workspace / "esc").st_mode)


def test_limits_name_the_file(repository: Path, bring: Bring, mirrors: MirrorStore) -> None:
    key, commit = bring(repository)
    mirror = mirrors.open(key)
    with pytest.raises(SourceTooLargeError, match=r"src/app\.py has .* bytes"):
        inspect_tree(mirror, commit, TreeLimits(file_bytes=30))
    with pytest.raises(SourceTooLargeError, match="5 files"):
        inspect_tree(mirror, commit, TreeLimits(files=4))
    with pytest.raises(SourceTooLargeError, match="together"):
        inspect_tree(mirror, commit, TreeLimits(total_bytes=100))
    with pytest.raises(CommitNotFoundError):
        inspect_tree(mirror, "0" * 40)


def test_scratch_is_removed_whatever_happens(
    repository: Path, bring: Bring, mirrors: MirrorStore, tmp_path: Path
) -> None:
    key, commit = bring(repository)
    made = base_folder(mirrors.open(key), commit, tmp_path / "scratch")
    assert (made.__enter__() / "workspace/README.md").exists()
    error = RuntimeError("the layer store is gone")
    assert not made.__exit__(RuntimeError, error, None)
    assert list((tmp_path / "scratch").iterdir()) == []
