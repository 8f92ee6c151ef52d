"""Datasets to and from any place that fsspec knows: object stores, the Hub (``hf://datasets/OWNER/NAME``), other hosts.

The manifest travels last, so what lies at the other end is a dataset only when it is whole; a transfer that broke off
goes on from the files that are there.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import fsspec.callbacks

from marlin.dataset_files.errors import DatasetDamagedError, DatasetPlaceError, DatasetUnreadableError
from marlin.dataset_files.hub import push_to_hub
from marlin.dataset_files.layout import MANIFEST
from marlin.dataset_files.manifest import Manifest, ManifestFile
from marlin.dataset_files.reading import read_manifest
from marlin.dataset_files.verifying import verify

Progress = Callable[[int], None]
_WITHOUT_FOLDERS = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "oss", "r2"})
"""Stores that know keys alone. To ask them for a folder makes a bucket, of whatever name was mistyped."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}")
_ID = re.compile(r"[0-9a-f]{64}")


def push(
    root: Path, url: str, progress: Progress = lambda _bytes: None, *, proving: Progress = lambda _bytes: None
) -> str:
    """Copy a dataset into a folder of its own name under ``url``; that folder's address.

    A place on the Hub (``hf://datasets/OWNER/NAME``; the repository must exist) gets it in one commit, see
    :func:`marlin.dataset_files.hub.push_to_hub`.

    :param progress: told how many bytes more are there. :param proving: and how many more were read here before.
    :raises DatasetDamagedError: it is not whole here.
    :raises DatasetPlaceError: the place can't be reached or written.
    """
    states = {file.path: _state(root / file.path) for file in read_manifest(root).files}
    found = verify(root, proving)
    if found.problems:
        raise DatasetDamagedError(f"{root} is not whole: {'; '.join(found.problems)}.", hint="Nothing was copied.")
    with _place(url, url) as (fs, base):
        if "hf" in _protocols(fs) and not base.startswith("buckets/"):
            return push_to_hub(fs, base, root, found.manifest, progress)
        target = f"{base}/{root.resolve().name}"
        there = _sizes(fs, target)
        for file in found.manifest.files:
            # Of equal size it is what an earlier try brought: the folder's name holds the id of all contents.
            told = _Told(progress)
            if there.get(file.path) != file.bytes:
                _put(fs, root / file.path, f"{target}/{file.path}", told)
                if _state(root / file.path) != states[file.path]:
                    fs.rm_file(f"{target}/{file.path}")  # of the right size, the next try would take it for whole
                    raise DatasetDamagedError(f"{file.path} changed while it was copied.", hint="Repeat the command.")
            told.up_to(file.bytes)
        arrived = _sizes(fs, target)
        short = [file.path for file in found.manifest.files if arrived.get(file.path) != file.bytes]
        if short:
            raise DatasetPlaceError(f"{short[0]} did not arrive whole at {url}.", hint="Repeat the command.")
        _put(fs, root / MANIFEST, f"{target}/{MANIFEST}")
        return str(fs.unstrip_protocol(target))


def pull(
    url: str,
    folder: Path,
    progress: Progress = lambda _bytes: None,
    *,
    sized: Progress = lambda _bytes: None,
    proving: Progress = lambda _bytes: None,
) -> Path:
    """Copy the dataset at ``url`` into a folder of its own under ``folder``, and prove it whole; where it lies.

    :param progress: told how many bytes more are here. :param sized: told once how many there are.
    :param proving: told how many bytes more were read to prove it whole.
    :raises DatasetUnreadableError: there is no dataset at ``url``.
    :raises DatasetDamagedError: what arrived is not what its manifest says; nothing is left of it.
    :raises DatasetPlaceError: the place can't be reached, there is no room, or another process fetches the same.
    """
    with (
        _place(url, str(folder)) as (fs, base),
        _written(folder),
        _alone(folder / f".pulling-{Path(base).name}") as work,
    ):
        manifest = _manifest(fs, base, url, work)
        sized(sum(file.bytes for file in manifest.files))
        for file in manifest.files:
            _get(fs, base, file, work, progress)
        return _place_whole(manifest, url, folder, work, proving)


def _manifest(fs: Any, base: str, url: str, work: Path) -> Manifest:
    try:
        fs.get_file(f"{base}/{MANIFEST}", str(work / MANIFEST))
    except FileNotFoundError as error:
        shutil.rmtree(work, ignore_errors=True)
        raise DatasetUnreadableError(f"{url} holds no dataset.", hint="Name the folder that push printed.") from error
    manifest = read_manifest(work)
    if not _NAME.fullmatch(manifest.name) or not _ID.fullmatch(manifest.id):
        shutil.rmtree(work)
        raise DatasetDamagedError(f"{url} has a name or an id that is none.", hint="Don't trust where it came from.")
    return manifest


def _place_whole(manifest: Manifest, url: str, folder: Path, work: Path, proving: Progress) -> Path:
    found = verify(work, proving)
    if found.problems:
        shutil.rmtree(work)
        raise DatasetDamagedError(
            f"What arrived from {url} is not whole: {'; '.join(found.problems)}.",
            hint="Pull or push it again.",
        )
    target = folder / f"{manifest.name}-{manifest.id[:12]}"
    if not target.exists():
        work.rename(target)
        return target
    if problems := verify(target).problems:
        raise DatasetDamagedError(
            f"{target} was there, and is not whole: {'; '.join(problems)}.",
            hint=f"Move it away and pull again: all that it takes is in {work}.",
        )
    shutil.rmtree(work)
    return target


def _get(fs: Any, base: str, file: ManifestFile, work: Path, progress: Progress) -> None:
    target = (work / file.path).resolve()
    if not target.is_relative_to(work.resolve()):
        raise DatasetDamagedError(f"{file.path} leads out of the dataset.", hint="Don't trust where it came from.")
    told = _Told(progress)
    # One of the right size is an earlier try's; all of it is hashed at the end.
    if not target.is_file() or target.stat().st_size != file.bytes:
        target.parent.mkdir(parents=True, exist_ok=True)
        fs.get_file(f"{base}/{file.path}", str(target), callback=told)
    told.up_to(file.bytes)


class _Told(fsspec.callbacks.Callback):  # type: ignore[misc]
    """Tells of one file's bytes as they go; not every store does, or in time."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress, self._done = progress, 0

    def absolute_update(self, value: int) -> None:
        self._tell(value - self._done)

    def relative_update(self, inc: int = 1) -> None:
        self._tell(inc)

    def up_to(self, size: int) -> None:
        """All of it is there."""
        self._tell(size - self._done)

    def _tell(self, more: int) -> None:
        self._done += more
        if more:
            self._progress(more)


def _put(fs: Any, source: Path, target: str, told: _Told | None = None) -> None:
    if _WITHOUT_FOLDERS.isdisjoint(_protocols(fs)):
        fs.makedirs(target.rpartition("/")[0], exist_ok=True)
    fs.put_file(str(source), target, **({"callback": told} if told else {}))


def _state(path: Path) -> tuple[int, int, int] | None:
    """What tells that nobody wrote into a file since it was hashed."""
    with contextlib.suppress(OSError, ValueError):
        found = path.stat()
        return found.st_ino, found.st_size, found.st_mtime_ns
    return None


def _protocols(fs: Any) -> set[str]:
    return {fs.protocol} if isinstance(fs.protocol, str) else set(fs.protocol)


def _sizes(fs: Any, target: str) -> dict[str, int]:
    try:
        fs.invalidate_cache()
        found = fs.find(target, detail=True)
    except FileNotFoundError:
        return {}
    skip = len(target.rstrip("/")) + 1
    return {name[skip:]: int(info["size"]) for name, info in found.items()}


@contextlib.contextmanager
def _alone(work: Path) -> Iterator[Path]:
    """A folder to fetch into, made if it is not there, for one process at a time; a dead one's claim ends with it."""
    handle = _claim(work)
    while handle is None:  # who had it before has moved it to its place
        handle = _claim(work)
    try:
        yield work
    finally:
        os.close(handle)


def _claim(work: Path) -> int | None:
    try:
        with contextlib.suppress(FileExistsError):
            work.mkdir(parents=True)
        handle = os.open(work, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:  # moved between the two
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(work.stat(), os.fstat(handle)):
            return handle
    except BlockingIOError as error:
        os.close(handle)
        raise DatasetPlaceError(
            f"Another process fetches this dataset into {work.parent}.", hint="Wait for it, or name another folder."
        ) from error
    except FileNotFoundError:
        pass
    os.close(handle)
    return None


@contextlib.contextmanager
def _written(folder: Path) -> Iterator[None]:
    """What a folder of this machine refuses is no fault of the place at the other end."""
    try:
        yield
    except OSError as error:
        named = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else None
        ours = named is not None and (named.is_relative_to(folder) or folder.is_relative_to(named))
        if not ours or error.errno not in _REFUSED:
            raise
        raise DatasetPlaceError(
            f"{named} can't be written: {error.strerror}.", hint="Name a folder of your own with --to."
        ) from error


def require_place(url: str) -> None:
    """Before what takes long: find out whether an address can be one. Nothing is read or written there.

    :raises DatasetPlaceError: no store is called so, or a package that it needs is not installed.
    """
    with _place(url, url):
        return


@contextlib.contextmanager
def _place(url: str, written: str) -> Iterator[tuple[Any, str]]:
    """The file system of an address and the path in it; whatever it raises, as an error that says what to do.

    :param written: where files go to, for when there is no room and nobody says where.
    """
    kind, known, _ = url.partition("://")
    if known and "::" not in url and kind not in {*fsspec.available_protocols(), *fsspec.registry}:
        raise DatasetPlaceError(
            f"No kind of store is called {kind}://.", hint="Such as s3://, gs://, abfs:// or hf://, or name a folder."
        )
    try:
        fs, base = fsspec.core.url_to_fs(url)
        fs.invalidate_cache()  # it may be one of an earlier call, and remember what was there before
        yield fs, base.rstrip("/")
    except (DatasetDamagedError, DatasetPlaceError, DatasetUnreadableError):
        raise
    except ImportError as error:
        raise DatasetPlaceError(
            f"{url.partition(':')[0]}:// needs a package that is not installed: {error}",
            hint="Install it beside Marlin: s3fs, gcsfs, adlfs, or huggingface_hub for hf://.",
        ) from error
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise _failed(url, error) from error
        raise DatasetPlaceError(
            f"There is no room left in {error.filename2 or error.filename or written}.",
            hint="Make room and repeat the command: it goes on from what is there.",
        ) from error
    except Exception as error:  # every store has errors of its own, and all mean the same here
        raise _failed(url, error) from error


def _failed(url: str, error: Exception) -> DatasetPlaceError:
    return DatasetPlaceError(
        f"{url} failed: {type(error).__name__}: {error}",
        hint="Check the address, and the credentials that the store's library reads; then repeat the command.",
    )
