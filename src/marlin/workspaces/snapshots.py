"""What a turn left behind: a commit, the archives of its layers, and the list of what the commit does not hold."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from marlin.sandboxes import WORKSPACE, Layer
from marlin.workspaces import commits, git, ignoring, paths
from marlin.workspaces.ignoring import above
from marlin.workspaces.mirrors import Mirror, MirrorStore, RefusedObjectsError
from marlin.workspaces.objects import read_commit
from marlin.workspaces.scan import ChangedFile, LeftOut, Reason, Scan, ScanLimits, scan, shorten_list

MESSAGE = "Snapshot\n"
_WORKSPACE = str(WORKSPACE).lstrip("/")


@dataclass(frozen=True, slots=True)
class StoredLayer:
    """A layer by name on hosts that have it, and by digest in durable storage for those that lack it."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One side's files after one turn.

    :ivar ref: ``refs/marlin/<comparison>/<turn>/<side>``, which stands for ``commit``.
    :ivar parent: the base commit in turn 1, later the commit that the turn started from.
    :ivar left_out: what the person who judges must see beside the diff.
    :ivar files: the overlay's upper layer; ``home``: the agent's HOME.
    :ivar seconds: how long each part took.
    """

    commit: str
    tree: str
    parent: str
    ref: str
    left_out: tuple[LeftOut, ...]
    files: StoredLayer
    home: StoredLayer
    seconds: dict[str, float] = field(default_factory=dict, compare=False)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, for a row; :meth:`from_json` reverses it."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Snapshot:
        """The snapshot that :meth:`to_json` wrote."""
        left_out = tuple(LeftOut(**{**each, "reason": Reason(each["reason"])}) for each in data["left_out"])
        stored = {name: StoredLayer(**data[name]) for name in ("files", "home")}
        return cls(**{**data, "left_out": left_out, **stored})


@dataclass(frozen=True, slots=True)
class Committed:
    """The git half of a snapshot."""

    commit: str
    tree: str
    left_out: tuple[LeftOut, ...]
    seconds: dict[str, float]


async def commit_layer(
    mirrors: MirrorStore,
    mirror: Mirror,
    *,
    parent: str,
    lowers: Sequence[Layer],
    files: Layer,
    ref: str,
    earlier: Sequence[LeftOut] = (),
    limits: ScanLimits | None = None,
) -> Committed:
    """Commit what the sealed layer ``files`` changed in the workspace, on top of ``parent``.

    :param lowers: the layers that were below ``files``, bottom first (without the image).
    :param earlier: what the parent's snapshot left out; listed again while it is still there.
    :raises CommitNotFoundError: the mirror lacks ``parent``.
    :raises StorageFullError: no room; nothing was kept.
    """
    limits = limits or ScanLimits()
    started = time.perf_counter()
    found, tracked = await asyncio.gather(
        asyncio.to_thread(scan, files.path / _WORKSPACE, limits),
        asyncio.to_thread(_tracked, mirror.path, parent),
    )
    scanned = time.perf_counter()
    new = [file for file in found.files if file.path not in tracked]
    folders = {folder for file in new for folder in above(file.path) if folder not in tracked}
    stack = [layer.path / _WORKSPACE for layer in (files, *reversed(lowers))]
    verdict: Future[set[bytes]] = Future()
    taken = _taken(found.files, tracked, verdict)
    building = asyncio.create_task(asyncio.to_thread(_import, mirrors, mirror, parent, list(found.deleted), taken, ref))
    try:
        ignored = await asyncio.to_thread(_ignored, mirror, stack, new, folders, found, limits.ignore_seconds)
        checked = time.perf_counter()
        verdict.set_result(ignored)
        commit, refused = await building
    except BaseException as error:
        if not verdict.done():
            verdict.set_exception(error)
        with suppress(BaseException):
            await building
        raise
    tree = (await asyncio.to_thread(read_commit, mirror.path, commit)).tree
    still = [each for each in earlier if _still_there(each, found)]
    left_out = _merged([*found.left_out, *_collapse(new, folders, ignored), *refused], still)
    seconds = {
        "scan": scanned - started,
        "ignore": checked - scanned,
        "commit": time.perf_counter() - checked,
    }
    return Committed(commit, tree, shorten_list(left_out, limits.listed), seconds)


def _taken(
    files: Sequence[ChangedFile], tracked: frozenset[bytes], verdict: Future[set[bytes]]
) -> Iterator[ChangedFile]:
    """What goes into the commit: first what the parent has too, then, once it is known, what is not ignored."""
    yield from (file for file in files if file.path in tracked)
    if any(file.path not in tracked for file in files):
        ignored = verdict.result()
        yield from (file for file in files if file.path not in tracked and file.path not in ignored)


@lru_cache(maxsize=8)
def _tracked(mirror: Path, commit: str) -> frozenset[bytes]:
    """Every path of a commit, folders included (remembered: both sides of a turn start from it)."""
    listing = git.run(mirror, ["ls-tree", "-r", "-t", "-z", "--name-only", commit])
    return frozenset(listing.split(b"\0")[:-1])


def _ignored(
    mirror: Mirror, stack: Sequence[Path], new: Sequence[ChangedFile], folders: set[bytes], found: Scan, seconds: float
) -> set[bytes]:
    """The new files and folders that the workspace's ``.gitignore`` files name.

    What can't be evaluated is not applied: the files are in the diff then, and the reason is listed.
    """
    if any(each.reason is Reason.SPECIAL and each.path.endswith(".gitignore") for each in found.left_out):
        found.left_out.append(LeftOut("", Reason.IGNORE_RULES, "a .gitignore is no file: none was applied", 0))
        return set()
    scratch = mirror.path.with_name(f"{mirror.key}.{uuid4().hex}.scratch")
    try:
        return ignoring.ignored(stack, (file.path for file in new), folders, scratch, seconds=seconds)
    except ignoring.RulesNotAppliedError as error:
        found.left_out.append(LeftOut("", Reason.IGNORE_RULES, f".gitignore files {error}: not applied", 0))
        return set()


def _collapse(new: Sequence[ChangedFile], folders: set[bytes], ignored: set[bytes]) -> list[LeftOut]:
    """One entry per ignored file, or per outermost ignored folder with what it holds."""
    counted: dict[bytes, list[int]] = {}
    for file in new:
        if file.path in ignored:
            top = next((folder + b"/" for folder in above(file.path) if folder in ignored & folders), file.path)
            counted.setdefault(top, []).append(file.size)
    return [
        LeftOut(paths.to_text(path), Reason.IGNORED, "named by a .gitignore", len(sizes), sum(sizes))
        for path, sizes in counted.items()
    ]


def _import(
    mirrors: MirrorStore, mirror: Mirror, parent: str, deleted: list[bytes], files: Iterable[ChangedFile], ref: str
) -> tuple[str, list[LeftOut]]:
    """Build and import; files whose content git's checks refuse are taken out and listed, then it is tried again."""
    refused: list[LeftOut] = []
    sent: list[ChangedFile] = []
    while True:
        with commits.build(mirror, parent, deleted, _recorded(files, sent), message=MESSAGE) as built:
            try:
                return mirrors.add(mirror.key, built.bundle, ref=ref), refused
            except RefusedObjectsError as error:
                where = commits.paths_of(built, error.objects)
                bad = {
                    file.path: check
                    for object_id, check in error.objects.items()
                    for file in sent
                    if _concerns(check, where.get(object_id), file)
                }
                if not bad:
                    raise
        refused += [LeftOut(paths.to_text(path), Reason.REFUSED_BY_GIT, check) for path, check in bad.items()]
        deleted = [*deleted, *bad]
        files, sent = [file for file in sent if file.path not in bad], []


def _recorded(files: Iterable[ChangedFile], into: list[ChangedFile]) -> Iterator[ChangedFile]:
    for file in files:
        into.append(file)
        yield file


def _concerns(check: str, path: bytes | None, file: ChangedFile) -> bool:
    """Whether git's ``check`` of the file or folder at ``path`` speaks about this changed file."""
    if path is None:
        return False
    in_folder = file.path.rpartition(b"/")[0] == path
    return file.path == path or (in_folder and (file.mode == "120000" or not check.endswith("Symlink")))


def _still_there(entry: LeftOut, found: Scan) -> bool:
    """Whether something left out earlier lies below unchanged: this turn neither removed nor rewrote it."""
    if not entry.path or entry.reason in (Reason.OTHER_BRANCH, Reason.GIT_REPLACED):
        return True
    path = paths.from_text(entry.path)
    folder, path = path.endswith(b"/"), path.rstrip(b"/")
    if {b"", path, *above(path)} & set(found.deleted):
        return False
    return folder or path not in found.touched


def _merged(new: Sequence[LeftOut], earlier: Sequence[LeftOut]) -> list[LeftOut]:
    known = {(each.path, each.reason) for each in new if each.path}
    return [*new, *(each for each in earlier if (each.path, each.reason) not in known)]
