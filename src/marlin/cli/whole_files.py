"""Files that take their name once they are whole: one that broke off would look like a short one."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from marlin.errors import InvalidInputError


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """A file to write into. Until it is whole, what had the name before has it: whatever ends this process.

    What killed processes left beside it is removed.

    :raises InvalidInputError: it can't be written; what had the name before still has it.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe or a terminal: there is nothing to keep
            with path.open("w", encoding="utf-8", newline="") as file:
                yield file
            return
        target = path.resolve()  # a link stays one
        _remove_leftovers(target)
        with _begun(target) as file:
            fresh = Path(file.name)
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                if target.exists():
                    shutil.copymode(target, fresh)  # whoever keeps it from others goes on keeping it
                fresh.replace(target)
            finally:
                fresh.unlink(missing_ok=True)
    except OSError as error:
        raise InvalidInputError(f"{path} can't be written: {error.strerror}.", hint="Name another file.") from error


def _begun(target: Path) -> TextIO:
    """An empty file beside ``target``, locked for as long as it is open: so it is seen that it is no leftover."""
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    while True:
        file = fresh.open("w", encoding="utf-8", newline="")
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(file.fileno()).st_nlink:
                return file
        file.close()  # taken for a leftover before it was locked


def _remove_leftovers(target: Path) -> None:
    before = f".{target.name}."
    with contextlib.suppress(OSError):  # a folder that can't be listed, or another process was quicker
        for path in target.parent.iterdir():
            if path.name.startswith(before) and path.name.removeprefix(before).isdigit():
                _remove_unlocked(path)


def _remove_unlocked(path: Path) -> None:
    with path.open("rb") as left:
        try:
            fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # it is being written
        path.unlink()
