"""Locks between threads and processes of one host."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from marlin.workspaces.errors import MirrorBusyError


@contextmanager
def file_lock(path: Path, seconds: float) -> Iterator[None]:
    """Hold ``path`` alone; it is freed when the block or the process ends, however it ends.

    :raises MirrorBusyError: somebody else held it for ``seconds`` seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + seconds
    with path.open("wb") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise MirrorBusyError(
                        f"Another process has been working on this repository for {seconds:g} seconds.",
                        hint="Wait for it, or restart the worker that hangs.",
                    ) from None
                time.sleep(0.005)
        yield
