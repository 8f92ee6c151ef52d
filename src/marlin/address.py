"""Where a Marlin that runs answers: told to the commands of the same data folder, which print links to it.

What it was started with (``marlin up --port``) no other process can know. Each service keeps a locked file in
``<home>/serving`` with its address. The lock ends with the process, however that ends, so a file that nobody locks says
nothing any more.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from marlin.logging import get

_FOLDER = "serving"
_log = get(__name__)


@contextlib.contextmanager
def announced(home: Path, url: str) -> Iterator[None]:
    """Tell for the block that a Marlin on the data folder ``home`` answers at ``url``.

    A folder that can't be written is logged: a service whose database is elsewhere needs none.
    """
    with contextlib.ExitStack() as stack:
        try:
            folder = home / _FOLDER
            folder.mkdir(parents=True, exist_ok=True)
            with _alone_in(folder):
                _remove_leftovers(folder)
                file = stack.enter_context(tempfile.NamedTemporaryFile("w", dir=folder, encoding="utf-8"))
                fcntl.flock(file, fcntl.LOCK_EX)
                file.write(url)
                file.flush()
        except OSError as error:
            _log.warning("commands can't learn this service's address; set MARLIN_PUBLIC_URL", reason=str(error))
        yield


def told_address(home: Path) -> str | None:
    """Where the Marlin on ``home`` answers: the one that was started last, of those that run on this machine."""
    told: list[tuple[float, str]] = []
    with contextlib.suppress(FileNotFoundError):  # none ever ran here
        for path in (home / _FOLDER).iterdir():
            with contextlib.suppress(FileNotFoundError), path.open(encoding="utf-8") as file:  # it may end just now
                if _is_held(file) and (url := file.read()):
                    told.append((os.fstat(file.fileno()).st_mtime, url))
    return max(told)[1] if told else None


def _is_held(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _remove_leftovers(folder: Path) -> None:
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError), path.open(encoding="utf-8") as file:
            if not _is_held(file):
                path.unlink()


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """One at a time begins a file there: one that is not locked yet would be taken for a leftover."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
