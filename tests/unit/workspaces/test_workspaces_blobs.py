"""Many files' bytes by one process that may be ended at any time."""

from __future__ import annotations

from pathlib import Path

import pytest

from marlin.workspaces import BlobReader, GitError, Mirror


@pytest.mark.parametrize(
    "said", [f"{'a' * 40} blob 100\\nSPDX", f"{'a' * 40} blob 4\\nSPDX", "", f"{'a' * 40} missing\\n"]
)
def test_a_file_that_git_did_not_tell_to_its_end_is_not_half_a_file(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = tmp_path / "git"
    git.write_text(f"#!/bin/sh\nread asked\nprintf '{said}'\n")
    git.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with BlobReader(Mirror("k", tmp_path)) as reader, pytest.raises(GitError, match="lacks"):
        reader.read("a" * 40, limit=50)
