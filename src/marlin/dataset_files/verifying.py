"""Whether a dataset's folder is what its manifest says, to the byte."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from marlin.dataset_files.layout import MANIFEST, SPLITS
from marlin.dataset_files.manifest import Manifest
from marlin.dataset_files.reading import read_manifest, read_rows

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found. :ivar problems: sentences; empty when the dataset is whole."""

    manifest: Manifest
    problems: tuple[str, ...]
    files: int
    bytes: int


def verify(root: Path, progress: Callable[[int], None] | None = None) -> Verified:
    """Hash every file and hold it, the id and the frozen split against the manifest.

    :param progress: told how many bytes more have been read.
    :raises DatasetUnreadableError: there is no dataset.
    :raises DatasetDamagedError: its manifest, or a row, can't be read.
    """
    manifest = read_manifest(root)
    problems = []
    if manifest.id != manifest.expected_id():
        problems.append("dataset.json is not what its id says: it was changed after the dataset was made")
    total = 0
    for file in manifest.files:
        path = root / file.path
        if path.is_symlink() or not path.resolve().is_relative_to(root.resolve()):
            problems.append(f"{file.path} leads out of the dataset")
        elif not path.is_file():
            problems.append(f"{file.path} is missing")
        else:
            size, digest, lines = _measure(path, progress)
            total += size
            if (size, digest) != (file.bytes, file.sha256):
                problems.append(f"{file.path} was changed: {size:,} bytes, SHA-256 {digest[:12]}…")
            elif file.rows is not None and lines != file.rows:
                problems.append(f"{file.path} has {lines:,} rows, not {file.rows:,}")
    known = {file.path for file in manifest.files} | {MANIFEST}
    strangers = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    problems += [f"{name} does not belong to the dataset" for name in strangers if name not in known]
    if not problems and split_hash(root) != manifest.split.hash:
        problems.append("rows are not divided as the frozen split says")
    return Verified(manifest, tuple(problems), len(manifest.files), total)


def split_hash(root: Path) -> str:
    """SHA-256 over each row's id and split, in the order of the files."""
    digest = hashlib.sha256()
    for split in SPLITS:
        for row in read_rows(root, split):
            digest.update(f"{row['id']}\t{split}\n".encode())
    return digest.hexdigest()


def _measure(path: Path, progress: Callable[[int], None] | None) -> tuple[int, str, int]:
    digest, size, lines = hashlib.sha256(), 0, 0
    with path.open("rb") as file:
        while data := file.read(_CHUNK):
            digest.update(data)
            size += len(data)
            lines += data.count(b"\n")
            if progress:
                progress(len(data))
    return size, digest.hexdigest(), lines
