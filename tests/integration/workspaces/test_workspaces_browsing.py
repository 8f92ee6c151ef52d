"""Listing and searching the files of real commits."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from workspaces_support import commit_all

from marlin.workspaces import CommitNotFoundError, MirrorStore, list_files, search_files
from marlin.workspaces.browsing import LINE_SHOWN

Bring = Callable[..., tuple[str, str]]


def test_every_file_is_listed_and_a_limit_says_so(repository: Path, bring: Bring, mirrors: MirrorStore) -> None:
    key, commit = bring(repository)
    mirror = mirrors.open(key)
    entries, complete = list_files(mirror, commit)
    assert [each.path for each in entries] == [".gitignore", "README.md", "link", "run.sh", "src/app.py"]
    assert complete
    assert list_files(mirror, commit, limit=2) == (entries[:2], False)
    with pytest.raises(CommitNotFoundError):
        list_files(mirror, "0" * 40)
    with pytest.raises(CommitNotFoundError):
        list_files(mirror, "HEAD")


def test_a_search_is_for_text_and_not_for_a_pattern(repository: Path, bring: Bring, mirrors: MirrorStore) -> None:
    (repository / "odd.txt").write_text("a.*b\nnothing\n(((((\n" + "x" * 1000 + "NEEDLE" + "y" * 1_000_000 + "\n")
    (repository / "binary").write_bytes(b"\0NEEDLE\n")
    with open(os.fsencode(repository) + b"/two\nlines: \xe9", "wb") as odd:
        odd.write(b"first\nneedle here\n")
    commit_all(repository)
    key, commit = bring(repository)
    mirror = mirrors.open(key)
    assert [(each.path, each.line) for each in search_files(mirror, commit, "a.*b").lines] == [("odd.txt", 1)]
    assert [each.line for each in search_files(mirror, commit, "(((((").lines] == [3]
    found = search_files(mirror, commit, "needle")
    assert [(each.path, each.line) for each in found.lines] == [("odd.txt", 4), ('"two\\nlines: \\351"', 2)]
    assert "NEEDLE" in found.lines[0].text
    assert len(found.lines[0].text) <= LINE_SHOWN + 2
    assert search_files(mirror, commit, "needle", ignore_case=False).lines == found.lines[1:]
    assert search_files(mirror, commit, "eedl", whole_words=True).lines == []
    assert search_files(mirror, commit, "--no-index\n-f").lines == []
    assert search_files(mirror, commit, "-e").complete
    limited = search_files(mirror, commit, "a", limit=1)
    assert (len(limited.lines), limited.complete) == (1, False)
    with pytest.raises(CommitNotFoundError):
        search_files(mirror, "0" * 40, "x")
