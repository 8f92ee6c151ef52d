"""Indexes of datasets, made when somebody first looks at their rows, while the pages tell how far that is."""

from __future__ import annotations

import contextlib
import fcntl
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from marlin.dataset_files import DatasetUnreadableError, Manifest, rows_path
from marlin.datasets.errors import DatasetIndexError
from marlin.datasets.registry import dataset_key, keys_present
from marlin.datasets.row_index import WORK, RowIndex, build, fingerprint, opened

FOLDER = Path("cache") / "dataset-rows"
SUFFIX = ".sqlite"


@dataclass
class Progress:
    """How far an index is. :ivar done: bytes of rows that were read. :ivar error: why it broke off."""

    known_as: str
    of: int
    done: int = 0
    error: Exception | None = None


class _OutdatedError(Exception):
    """The dataset's files are others by now: nobody waits for this index."""


_running: dict[Path, Progress] = {}
_lock = threading.Lock()


@contextlib.contextmanager
def index_of(home: Path, folder: Path, manifest: Manifest) -> Iterator[RowIndex | Progress]:
    """The index of a dataset, or how far it is.

    :raises DatasetUnreadableError: its rows have gone. :raises DatasetDamagedError: a row can't be read.
    :raises DatasetIndexError: the index can't be written.
    """
    target = home / FOLDER / f"{dataset_key(folder)}{SUFFIX}"
    try:
        known_as = fingerprint(folder, manifest.id)
    except OSError as error:
        raise DatasetUnreadableError(
            f"{error.filename} can't be read: {error.strerror}.", hint="Was the dataset moved or removed?"
        ) from error
    with opened(target, known_as) as index:
        yield index if index is not None else _begun(home, folder, manifest, target, known_as)


@contextlib.contextmanager
def index_at_hand(home: Path, folder: Path, manifest: Manifest) -> Iterator[RowIndex | None]:
    """The index of a dataset if there is one; nothing is begun."""
    try:
        known_as = fingerprint(folder, manifest.id)
    except OSError:
        yield None
        return
    with opened(home / FOLDER / f"{dataset_key(folder)}{SUFFIX}", known_as) as index:
        yield index


def _begun(home: Path, folder: Path, manifest: Manifest, target: Path, known_as: str) -> Progress:
    with _lock:
        known = _running.get(target)
        if known is not None and known.known_as == known_as:
            if known.error is not None:
                del _running[target]  # told once; whoever asks again tries again
                raise known.error
            return known
        sizes = {file.path: file.bytes for file in manifest.files}
        made = Progress(known_as, sum(sizes.get(rows_path(split), 0) for split in ("train", "test")))
        _running[target] = made
    threading.Thread(target=_run, args=(home, folder, target, made), daemon=True, name=f"index {target.stem}").start()
    return made


def _run(home: Path, folder: Path, target: Path, made: Progress) -> None:
    def on(more: int) -> None:
        made.done += more
        if _running.get(target) is not made:
            raise _OutdatedError

    try:
        with _alone(target.parent):
            _tidied(home, target.parent)
            with opened(target, made.known_as) as there:
                if there is None:  # another process may have made it meanwhile
                    build(folder, target, made.known_as, on)
    except _OutdatedError:
        return
    except (OSError, sqlite3.Error) as error:
        what = getattr(error, "strerror", None) or str(error)
        made.error = DatasetIndexError(f"{target} can't be written: {what}.", hint="Mend that, and try again.")
    except Exception as error:  # whatever it is, whoever waits for it must hear of it
        made.error = error
    else:
        with _lock:
            if _running.get(target) is made:
                del _running[target]


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One index at a time, over all processes: each takes a processor, and the memory of the longest row."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _tidied(home: Path, cached: Path) -> None:
    """Remove indexes of datasets that are no longer there, and what a killed process left."""
    present = set(keys_present(home))
    for path in cached.iterdir():
        if path.suffix == WORK or (path.suffix == SUFFIX and path.stem not in present):
            with contextlib.suppress(OSError):  # it takes room, and hinders nobody
                path.unlink()
