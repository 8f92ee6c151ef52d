"""Making a dataset: rows are gathered once, divided, then written as files that only a finished dataset shows."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy.ext.asyncio import AsyncSession

from marlin import __version__
from marlin.campaigns import Campaign
from marlin.dataset_files import (
    CARD,
    MANIFEST,
    SPLITS,
    VIEWS,
    LeftOut,
    Manifest,
    ManifestFile,
    Split,
    SplitRule,
    ViewState,
    rows_path,
    view_path,
)
from marlin.datasets import queries
from marlin.datasets.card import card
from marlin.datasets.errors import DatasetBusyError, DatasetDiskFullError, NoSplitError, NothingToExportError
from marlin.datasets.lines import to_line
from marlin.datasets.rows import canonical_row, never_trains
from marlin.datasets.scrubbing import Scrubber
from marlin.datasets.shaping import views_of
from marlin.datasets.splitting import BY, Groups
from marlin.datasets.spooling import Spool, input_digest
from marlin.datasets.wishes import Wish
from marlin.tasks import Code

Progress = Callable[[str, int], None]


@dataclass(slots=True)
class _Gathered:
    groups: Groups = field(default_factory=Groups)
    keys: list[bytes] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    scrubbed: Counter[str] = field(default_factory=Counter)
    rubrics: set[int] = field(default_factory=set)
    guidelines: set[int] = field(default_factory=set)
    axes: set[str] = field(default_factory=set)
    seen: dict[str, set[str]] = field(default_factory=lambda: {"raters": set(), "repositories": set(), "tasks": set()})


@dataclass(frozen=True, slots=True)
class Built:
    """A finished dataset, and where it lies. :ivar new: False if the same one was there already."""

    path: Path
    manifest: Manifest
    new: bool


async def build(
    session: AsyncSession,
    code: Code,
    campaign: Campaign,
    wish: Wish,
    folder: Path,
    *,
    progress: Progress = lambda _stage, _rows: None,
) -> Built:
    """Make the dataset of a campaign in ``folder``, in a folder of its own that is named by its contents.

    :raises NothingToExportError: no accepted rating gets through.
    :raises NoSplitError: everything hangs together, and a test split is wanted.
    :raises DatasetDiskFullError: no room; the next try takes over what was done.
    """
    work = folder / f".building-{campaign.slug}"
    try:
        with _alone(work):
            return await _build(session, code, campaign, wish, folder, work, progress)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DatasetDiskFullError(
            f"There is no room left for the dataset in {folder}.",
            hint="Make room and run the same command again: it goes on from what was done.",
        ) from error


@contextlib.contextmanager
def _alone(work: Path) -> Iterator[None]:
    """One build of a campaign in a folder at a time; a dead one's claim ends with it."""
    work.mkdir(parents=True, exist_ok=True)
    handle = os.open(work, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise DatasetBusyError(f"Another process builds this dataset in {work.parent}.", hint="Wait for it.") from error
    finally:
        os.close(handle)


async def _build(
    session: AsyncSession, code: Code, campaign: Campaign, wish: Wish, folder: Path, work: Path, progress: Progress
) -> Built:
    spool = Spool(work / "spool")
    try:
        gathered = await _gather(session, code, campaign, wish, spool, progress)
    finally:
        spool.close()
    divided = _divide(gathered, campaign, wish)
    return await asyncio.to_thread(_write, campaign, wish, folder, work, spool, gathered, divided, progress)


async def _gather(
    session: AsyncSession, code: Code, campaign: Campaign, wish: Wish, spool: Spool, progress: Progress
) -> _Gathered:
    found = _Gathered()
    async for item in queries.items(session, campaign.id):
        found.counts["ratings"] += len(item.ratings)
        progress("gathering", 1)
        facts = await queries.facts_of(session, item)
        if never_trains(item, facts):
            found.left_out["dataset", "an arm's outputs may not train"] += 1
            continue
        digest = input_digest(item, facts)
        known = await asyncio.to_thread(spool.known, digest)
        if known is None:
            row = await canonical_row(code, item, facts, campaign=campaign.slug)
            entry = await asyncio.to_thread(_scrub, row)
            await asyncio.to_thread(spool.add, digest, entry)
        else:
            entry = Spool.parse(known)
            await asyncio.to_thread(spool.add_line, known)
        _note(found, entry, wish)
        session.expunge_all()  # what was read is no longer needed: memory stays the same however many there are
    return found


def _scrub(row: dict[str, Any]) -> dict[str, Any]:
    scrubber = Scrubber()
    clean = scrubber.value(row)
    return {"row": clean, "scrubbed": dict(scrubber.counts)}


def _note(found: _Gathered, entry: dict[str, Any], wish: Wish) -> None:
    row = entry["row"]
    refusal = wish.refusal(row)
    if refusal:
        found.left_out["dataset", refusal] += 1
        return
    found.scrubbed.update(entry["scrubbed"])
    found.keys.append(
        found.groups.add(
            repository=row["repository"], task=row["task_id"], base_commit=row["base_commit"], request=row["request"]
        )
    )
    found.counts["rows"] += 1
    found.counts["pairs"] += row["pairs"]
    found.counts["trajectory_pairs"] += row["trajectory"]
    found.counts["ties"] += row["agg"]["label"] in ("equal", "both_bad")
    if not row["pairs"]:
        found.left_out["pairs", row["pairs_refused"]] += 1
    elif not row["trajectory"]:
        found.left_out["trajectories", row["trajectory_refused"]] += 1
    if row["pairs"]:
        for name in ("a", "b"):
            if row[name]["patch_refused"]:
                found.left_out["patches", row[name]["patch_refused"]] += 1
                break
    found.rubrics.add(row["rubric_version"])
    found.guidelines.add(row["guidelines_version"])
    found.axes.update(row["agg"]["axes"])
    found.seen["raters"].update(rating["rater"] for rating in row["ratings"])
    found.seen["repositories"].add(row["repository"])
    found.seen["tasks"].add(row["task_id"])


def _divide(found: _Gathered, campaign: Campaign, wish: Wish) -> dict[bytes, Split]:
    if not found.keys:
        left = "; ".join(f"{count} × {reason}" for (_, reason), count in sorted(found.left_out.items()))
        raise NothingToExportError(
            f"Campaign {campaign.slug} has nothing to export: {left or 'no comparison is accepted yet'}.",
            hint="Loosen the filters, or wait until submissions are accepted.",
        )
    if not wish.test_split:
        return found.groups.everything("train")
    divided = found.groups.divide(seed=wish.seed, test_fraction=wish.test_fraction)
    if divided is None:
        raise NoSplitError(
            "All rows hang together (one repository, or tasks that share base commit or request), so nothing can be "
            "held out without the test being known from training.",
            hint="Add --no-test-split to put all of it into train, or export a campaign with more repositories.",
        )
    return divided


class _Files:
    """Files that are being written, each hashed on the way."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open: dict[str, tuple[BinaryIO, Any]] = {}
        self.rows: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()

    def ready(self, name: str) -> None:
        """The file exists, if only empty."""
        if name not in self._open:
            path = self._root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            self._open[name] = path.open("wb", buffering=1 << 18), hashlib.sha256()

    def add(self, name: str, row: dict[str, Any]) -> None:
        """Append a row."""
        self.ready(name)
        line = to_line(row)
        file, digest = self._open[name]
        file.write(line)
        digest.update(line)
        self.rows[name] += 1
        self._bytes[name] += len(line)

    def close(self) -> list[ManifestFile]:
        """On the disk, and what to tell of each."""
        made = []
        for name, (file, digest) in sorted(self._open.items()):
            file.flush()
            os.fsync(file.fileno())
            file.close()
            size = self._bytes[name]
            made.append(ManifestFile(path=name, sha256=digest.hexdigest(), bytes=size, rows=self.rows[name]))
        return made

    def abandon(self) -> None:
        """Let go of what is open."""
        for file, _ in self._open.values():
            with contextlib.suppress(OSError):  # a full disk: what is told is the first error
                file.close()


def _write(
    campaign: Campaign,
    wish: Wish,
    folder: Path,
    work: Path,
    spool: Spool,
    found: _Gathered,
    divided: dict[bytes, Split],
    progress: Progress,
) -> Built:
    root = work / "dataset"
    shutil.rmtree(root, ignore_errors=True)
    files = _Files(root)
    try:
        frozen = _write_rows(files, wish, spool, found, divided, progress)
        listed = files.close()
    except BaseException:
        files.abandon()
        raise
    manifest = _manifest(campaign, wish, found, files, listed, frozen)
    text = card(manifest).encode()
    (root / CARD).write_bytes(text)
    about = ManifestFile(path=CARD, sha256=hashlib.sha256(text).hexdigest(), bytes=len(text))
    manifest = manifest.model_copy(update={"files": [about, *listed]}).sealed()
    (root / MANIFEST).write_bytes(manifest.to_bytes())
    return _place(root, folder / f"{manifest.name}-{manifest.id[:12]}", work, manifest)


def _write_rows(
    files: _Files, wish: Wish, spool: Spool, found: _Gathered, divided: dict[bytes, Split], progress: Progress
) -> str:
    names = [*VIEWS, *(f"axes/{axis}" for axis in sorted(found.axes))]
    for split in SPLITS:
        files.ready(rows_path(split))
        for view in names:
            files.ready(view_path(view, split))
    said: dict[Split, Any] = {split: bytearray() for split in SPLITS}
    keys = iter(found.keys)
    for entry in spool.entries():
        row = entry["row"]
        if wish.refusal(row):
            continue
        split = divided[next(keys)]
        said[split] += f"{row['id']}\t{split}\n".encode()
        files.add(rows_path(split), {**row, "split": split})
        for view, shaped in views_of(row):
            files.add(view_path(view, split), shaped)
        progress("writing", 1)
    return hashlib.sha256(b"".join(bytes(said[split]) for split in SPLITS)).hexdigest()


def _manifest(
    campaign: Campaign, wish: Wish, found: _Gathered, files: _Files, listed: list[ManifestFile], frozen: str
) -> Manifest:
    views = {}
    for view in [*VIEWS, *(f"axes/{axis}" for axis in sorted(found.axes))]:
        spec = VIEWS[view if view in VIEWS else "trl_pref"]
        rows = {split: files.rows[view_path(view, split)] for split in SPLITS}
        views[view] = ViewState(reader=spec.reader, content=spec.content, verified=spec.verified, rows=rows)
    counts = {name: found.counts[name] for name in ("ratings", "rows", "pairs", "trajectory_pairs", "ties")}
    return Manifest(
        name=campaign.slug,
        campaigns=[campaign.slug],
        synthetic=campaign.synthetic,
        marlin=__version__,
        filters=wish.to_json(),
        rubric_versions=sorted(found.rubrics),
        guidelines_versions=sorted(found.guidelines),
        axes=sorted(found.axes),
        counts=counts | {name: len(seen) for name, seen in found.seen.items()},
        left_out=[
            LeftOut(scope=scope, reason=reason, count=count)
            for (scope, reason), count in sorted(found.left_out.items())
        ],
        scrubbed=dict(sorted(found.scrubbed.items())),
        split=SplitRule(
            by=BY,
            seed=wish.seed,
            test_fraction=wish.test_fraction if wish.test_split else 0.0,
            rows={split: files.rows[rows_path(split)] for split in SPLITS},
            hash=frozen,
        ),
        views=views,
        files=listed,
    )


def _place(root: Path, target: Path, work: Path, manifest: Manifest) -> Built:
    """Show the finished dataset, whole or not at all."""
    for path in (CARD, MANIFEST):
        with (root / path).open("rb") as file:
            os.fsync(file.fileno())
    new = not target.exists()
    if new:
        root.rename(target)
    shutil.rmtree(work, ignore_errors=True)
    return Built(target, manifest, new)
