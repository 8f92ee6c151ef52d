"""Ordinary git, and turns as an agent plays them, for the tests of workspaces."""

import os
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marlin.sandboxes import BubblewrapBackend, Limits, SandboxSpec, host_view
from marlin.workspaces import DurableStore, Snapshot, TurnStart, Workspaces

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
    done = subprocess.run(["git", *args], cwd=folder, input=stdin, capture_output=True, env=GIT_ENV, check=False)
    assert done.returncode == 0, (args, done.stderr)
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def commit_all(folder: Path, message: str = "change") -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def quick_folder(prefix: str) -> Path:
    """A new folder, in memory where there is room: tens of thousands of files need not wear the disk."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 4 << 30
    return Path(tempfile.mkdtemp(prefix=prefix, dir=memory if roomy else None))


def worker(home: Path, storage: str, backend: BubblewrapBackend, **options: Any) -> Workspaces:
    """Workspaces as one worker on one host has them; ``home`` is that host's cache."""
    image = host_view(backend.store)
    return Workspaces(
        home, backend=backend, layers=backend.store, image=image, durable=DurableStore(storage), **options
    )


@dataclass(frozen=True)
class Turn:
    """What is needed to go on from a turn."""

    repository: str
    base: str
    start: TurnStart
    snapshot: Snapshot


async def play_turn(
    workspaces: Workspaces,
    backend: BubblewrapBackend,
    repository: str,
    base: str,
    program: str,
    *,
    after: Turn | None = None,
    side: str = "a",
    limits: Limits | None = None,
) -> Turn:
    """Run a Python program as an agent would work in its sandbox, seal, capture.

    :param after: the turn whose files this one starts from.
    """
    previous = [after.snapshot.files] if after else []
    start = await workspaces.open_turn(repository, base, previous=previous, home=after.snapshot.home if after else None)
    image = host_view(backend.store)
    name = secrets.token_hex(8)
    spec = SandboxSpec(id=name, base=image, lowers=start.lowers, home=start.home, limits=limits or Limits())
    sandbox = await backend.open(spec)
    try:
        result = await sandbox.exec(["python3", "-c", program], timeout=120)
        assert result.exit_code == 0, result.stderr.decode()
        files, home = await sandbox.seal(f"turn-{name}")
    finally:
        await sandbox.destroy()
    snapshot = await workspaces.capture(
        repository,
        parent=after.snapshot.commit if after else base,
        lowers=start.lowers,
        files=files,
        home=home,
        comparison="c-1",
        turn=2 if after else 1,
        side=side,
        earlier=after.snapshot.left_out if after else (),
    )
    return Turn(repository, base, start, snapshot)
