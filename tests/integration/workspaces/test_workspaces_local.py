"""An operator's repository on the same machine: what works, and what each mistake is told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from workspaces_support import commit_all, git

from marlin.workspaces import CommitNotFoundError, InvalidSourceError, MirrorStore, SourceNotFoundError

Bring = Callable[..., tuple[str, str]]


@pytest.mark.parametrize("kind", ["plain", "bare", "worktree", "shallow", "shared"])
def test_every_kind_of_repository(kind: str, repository: Path, bring: Bring, tmp_path: Path) -> None:
    other = tmp_path / "other"
    head = git(repository, "rev-parse", "HEAD")
    match kind:
        case "plain":
            other = repository
        case "bare":
            git(tmp_path, "clone", "-q", "--bare", str(repository), str(other))
        case "worktree":
            git(repository, "worktree", "add", "-q", "--detach", str(other))
        case "shallow":
            git(tmp_path, "clone", "-q", "--depth=1", f"file://{repository}", str(other))
        case "shared":
            git(tmp_path, "clone", "-q", "--shared", str(repository), str(other))
    assert bring(other)[1] == head


def test_branches_tags_and_short_ids(repository: Path, bring: Bring) -> None:
    head = git(repository, "rev-parse", "HEAD")
    git(repository, "branch", "feature/x")
    git(repository, "tag", "-am", "a tag", "v1")
    for revision in ("main", "feature/x", "v1", head, head[:10]):
        assert bring(repository, revision)[1] == head
    with pytest.raises(CommitNotFoundError, match="nope"):
        bring(repository, "nope")
    with pytest.raises(CommitNotFoundError):
        bring(repository, "f" * 40)


def test_mistakes(tmp_path: Path, bring: Bring) -> None:
    with pytest.raises(SourceNotFoundError, match="no folder"):
        bring(tmp_path / "missing")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InvalidSourceError, match="is empty"):
        bring(empty)
    (empty / "file").write_text("x")
    with pytest.raises(InvalidSourceError, match="not a git repository") as caught:
        bring(empty)
    assert caught.value.hint
    git(empty, "init", "-q")
    with pytest.raises(InvalidSourceError, match="no commit yet"):
        bring(empty)


def test_a_folder_inside_a_repository_is_not_one(repository: Path, bring: Bring) -> None:
    with pytest.raises(InvalidSourceError, match="not a git repository"):
        bring(repository / "src")


def test_configuration_and_hooks_of_the_repository_do_not_run(
    repository: Path, bring: Bring, mirrors: MirrorStore, tmp_path: Path
) -> None:
    proof = tmp_path / "proof"
    script = tmp_path / "evil"
    script.write_text(f"#!/bin/sh\ntouch {proof}\n")
    script.chmod(0o755)
    for key in ("core.fsmonitor", "uploadpack.packObjectsHook", "core.sshCommand", "diff.external", "core.pager"):
        git(repository, "config", key, str(script))
    for hook in ("post-checkout", "reference-transaction", "pre-auto-gc"):
        (repository / ".git/hooks").mkdir(exist_ok=True)
        (repository / ".git/hooks" / hook).symlink_to(script)
    bring(repository)
    assert not proof.exists()


def test_a_partial_clone_is_told(repository: Path, bring: Bring, tmp_path: Path) -> None:
    git(repository, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{repository}", str(tmp_path / "p"))
    with pytest.raises(InvalidSourceError, match="partial clone"):
        bring(tmp_path / "p")
    assert commit_all(repository)
