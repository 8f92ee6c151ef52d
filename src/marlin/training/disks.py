"""Full disks, told as such: each library has words of its own for them, and some have none."""

from __future__ import annotations

import contextlib
import errno
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from marlin.errors import MarlinError
from marlin.training.errors import RunFailedError

DISK_FULL = (
    *("No space left on device", "os error 28", "Disk quota exceeded", "os error 122", "Not enough disk space"),
    *("PytorchStreamWriter failed writing", "unexpected pos"),  # torch, whose writer stops short
)
DISK_HINT = "Free some space, then `marlin tune resume`: it goes on from the last whole checkpoint."
LEAST_FREE = 65_536
"""Bytes under which a disk is called full whatever the error says: some libraries name none."""


def disk_is_full(folder: Path, error: BaseException | None = None) -> bool:
    """Whether that is why something failed: what was raised, or what it was raised from, says so."""
    return any(_says_full(one) for one in _chain(error)) or _free(folder) < LEAST_FREE


def full_disk(folder: Path, error: BaseException | None = None) -> str:
    """A sentence that names the disk. It need not be the one of ``folder``: libraries write elsewhere, too."""
    named = [Path(str(one.filename)) for one in _chain(error) if isinstance(one, OSError) and one.filename]
    places = named or [folder, Path(tempfile.gettempdir())]
    place = min(places, key=_free)
    size = shutil.disk_usage(_there(place)).total
    if any(isinstance(one, OSError) and one.errno == errno.EDQUOT for one in _chain(error)):
        return f"Your quota on the disk of {place} is used up (mounted at {_mount(place)})."
    of = f"{size / 1e9:,.0f} GB" if size >= 1e9 else f"{size / 1e6:,.2f} MB"
    return f"The disk of {place} is full (mounted at {_mount(place)}, {of})."


@contextlib.contextmanager
def telling_full(folder: Path, hint: str = DISK_HINT) -> Iterator[None]:
    """Around what writes into a folder.

    :raises RunFailedError: its disk is full; any other error stays what it is.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, MarlinError) or not disk_is_full(folder, error):
            raise
        raise RunFailedError(full_disk(folder, error), hint=hint) from error


def _says_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    return any(sign in str(error) for sign in DISK_FULL)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _there(place: Path) -> Path:
    """The nearest folder above that exists."""
    return next((one for one in (place, *place.absolute().parents) if one.exists()), Path("/"))


def _free(place: Path) -> int:
    return shutil.disk_usage(_there(place)).free


def _mount(place: Path) -> Path:
    there = _there(place).resolve()
    return next((one for one in (there, *there.parents) if one.is_mount()), Path("/"))
