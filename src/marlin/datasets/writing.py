"""Writing a dataset's files, each hashed on the way, and showing the folder when all of them are there."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from marlin import __version__
from marlin.campaigns import Campaign
from marlin.dataset_files import (
    CARD,
    CROISSANT,
    MANIFEST,
    SPLITS,
    VIEWS,
    DatasetDamagedError,
    DatasetUnreadableError,
    LeftOut,
    Manifest,
    ManifestFile,
    SplitRule,
    ViewState,
    rows_path,
    verify,
    view_path,
)
from marlin.datasets.card import card
from marlin.datasets.choosing import Gathered
from marlin.datasets.croissant import croissant
from marlin.datasets.lines import to_line
from marlin.datasets.shaping import views_of
from marlin.datasets.splitting import BY, Division
from marlin.datasets.spooling import Spool
from marlin.datasets.wishes import Wish

Progress = Callable[[str, int], None]
"""Told how much more is done of a stage: rows of ``gathering`` and ``writing``, bytes of ``checking``, which is of a
dataset that was there already."""


@dataclass(frozen=True, slots=True)
class Built:
    """A finished dataset, and where it lies.

    :ivar new: False if the same one was there already. :ivar aside: where that one is now if it was not whole any more.
    :ivar held: values that may be secrets and kept rows out of it, by id; see :mod:`marlin.datasets.choosing`.
    """

    path: Path
    manifest: Manifest
    new: bool
    held: dict[str, Any] = field(default_factory=dict)
    aside: Path | None = None


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


def write(
    campaign: Campaign,
    wish: Wish,
    folder: Path,
    work: Path,
    spool: Spool,
    found: Gathered,
    divided: Division,
    progress: Progress,
) -> Built:
    """The files of a dataset, in a folder that is shown when it is whole."""
    root = work / "dataset"
    shutil.rmtree(root, ignore_errors=True)
    files = _Files(root)
    try:
        _write_rows(files, spool, found, divided, progress)
        listed = files.close()
    except BaseException:
        files.abandon()
        raise
    manifest = _manifest(campaign, wish, found, files, listed, _frozen(found, divided))
    about = []
    for name, text in ((CARD, card(manifest).encode()), (CROISSANT, croissant(manifest))):
        (root / name).write_bytes(text)
        about.append(ManifestFile(path=name, sha256=hashlib.sha256(text).hexdigest(), bytes=len(text)))
    manifest = manifest.model_copy(update={"files": [*about, *listed]}).sealed()
    (root / MANIFEST).write_bytes(manifest.to_bytes())
    return _place(root, folder / f"{manifest.name}-{manifest.id[:12]}", work, manifest, found.held, progress)


def _write_rows(files: _Files, spool: Spool, found: Gathered, divided: Division, progress: Progress) -> None:
    names = [*VIEWS, *(f"axes/{axis}" for axis in sorted(found.axes))]
    for split in SPLITS:
        files.ready(rows_path(split))
        for view in names:
            files.ready(view_path(view, split))
    keys = (key for _, key in found.rows())
    for entry, kept in zip(spool.entries(), found.kept, strict=True):
        if not kept:
            continue
        row = entry["row"]
        split = divided.split_of(next(keys))
        files.add(rows_path(split), {**row, "split": split})
        for view, shaped in views_of(row):
            files.add(view_path(view, split), shaped)
        progress("writing", 1)


def _frozen(found: Gathered, divided: Division) -> str:
    """The hash of the split: over every row's id and split, in file order."""
    digest = hashlib.sha256()
    for split in SPLITS:
        for row_id, key in found.rows():
            if divided.split_of(key) == split:
                digest.update(f"{row_id}\t{split}\n".encode())
    return digest.hexdigest()


def _manifest(
    campaign: Campaign, wish: Wish, found: Gathered, files: _Files, listed: list[ManifestFile], frozen: str
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
        counts=counts | found.distinct() | {"joined_by_nearness": found.groups.joined_by_nearness},
        left_out=[
            LeftOut(scope=scope, reason=reason, count=count)
            for (scope, reason), count in sorted(found.left_out.items())
        ],
        scrubbed=dict(sorted(found.scrubbed.items())),
        licences=dict(sorted(found.licences.items())),
        consent=found.consent(),
        benchmarks=found.benchmark_states(),
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


def _place(root: Path, target: Path, work: Path, manifest: Manifest, held: dict[str, Any], progress: Progress) -> Built:
    """Show the finished dataset, whole or not at all."""
    for path in (CARD, CROISSANT, MANIFEST):
        with (root / path).open("rb") as file:
            os.fsync(file.fileno())
    aside = _set_aside(target, progress) if target.exists() else None
    new = not target.exists()
    if new:
        root.rename(target)
    shutil.rmtree(work, ignore_errors=True)
    return Built(target, manifest, new, held, aside)


def _set_aside(target: Path, progress: Progress) -> Path | None:
    """Where a dataset of that name was moved to if it is not whole; None if it is, and stays."""
    try:
        if not verify(target, lambda read: progress("checking", read)).problems:
            return None
    except (DatasetDamagedError, DatasetUnreadableError):
        pass
    number = next(number for number in itertools.count(1) if not _damaged(target, number).exists())
    return target.rename(_damaged(target, number))


def _damaged(target: Path, number: int) -> Path:
    return target.with_name(f"{target.name}.damaged-{number}")
