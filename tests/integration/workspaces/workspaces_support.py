"""Ordinary git for the tests of workspaces, as a person would use it."""

import os
import subprocess
from pathlib import Path

GIT_ENV = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    **{
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", "T"), ("EMAIL", "t@e.org"))
    },
    "GIT_AUTHOR_DATE": "1700000000 +0000",
    "GIT_COMMITTER_DATE": "1700000000 +0000",
}


def git(folder: Path, *args: str, stdin: bytes = b"") -> str:
    """Ordinary git, as a person would use it."""
    done = subprocess.run(["git", *args], cwd=folder, input=stdin, capture_output=True, env=GIT_ENV, check=True)
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def commit_all(folder: Path, message: str = "change") -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")
