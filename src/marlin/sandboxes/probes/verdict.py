"""Remembering, until the machine starts again or anything relevant changes, that a machine passed the probes."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from marlin.sandboxes.probes.suite import ProbeResult
from marlin.sandboxes.records import boot_id

FOLDER = Path("/run/marlin-probes")


def verdict_key(backend: str) -> str:
    """What a verdict depends on: this boot, the kernel, the backend's version and our own code."""
    digest = hashlib.sha256()
    for part in (boot_id(), os.uname().release, os.uname().version, backend):
        digest.update(part.encode() + b"\0")
    package = Path(__file__).parent.parent
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:32]


def remembered(key: str, folder: Path = FOLDER) -> list[ProbeResult] | None:
    """An earlier verdict; None when there is none."""
    try:
        return [ProbeResult(**entry) for entry in json.loads((folder / f"{key}.json").read_text())]
    except (FileNotFoundError, ValueError, TypeError):
        return None


def remember(key: str, results: list[ProbeResult], folder: Path = FOLDER) -> None:
    """Keep a verdict; older ones are dropped."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = folder / f".{key}.{os.getpid()}"
    temporary.write_text(json.dumps([asdict(result) for result in results]))
    temporary.rename(folder / f"{key}.json")
    for old in folder.glob("*.json"):
        if old.stem != key:
            old.unlink(missing_ok=True)


@contextmanager
def one_at_a_time(folder: Path = FOLDER) -> Iterator[None]:
    """Let only one process of this machine run the probes; the others wait and read its verdict. Blocks."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
