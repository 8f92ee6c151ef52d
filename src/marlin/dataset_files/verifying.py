"""Whether a dataset's folder is what its manifest says, to the byte."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from marlin.dataset_files.errors import DatasetDamagedError
from marlin.dataset_files.layout import MANIFEST, SPLITS, rows_path
from marlin.dataset_files.manifest import Manifest, ManifestFile
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
        try:
            size, problem = _checked(root, file, progress)
        except (OSError, ValueError) as error:
            size, problem = 0, f"{file.path} can't be read: {getattr(error, 'strerror', None) or error}"
        total += size
        problems += [problem] if problem else []
    known = {file.path for file in manifest.files} | {MANIFEST}
    # pipes and links, too, wherever they lead
    others = (path for path in root.rglob("*") if path.is_symlink() or not path.is_dir())
    strangers = sorted(str(path.relative_to(root)) for path in others)
    problems += [f"{name} does not belong to the dataset" for name in strangers if name not in known]
    if not problems and split_hash(root) != manifest.split.hash:
        problems.append("rows are not divided as the frozen split says")
    return Verified(manifest, tuple(problems), len(manifest.files), total)


def split_hash(root: Path) -> str:
    """SHA-256 over each row's id and split, in the order of the files."""
    digest = hashlib.sha256()
    for split in SPLITS:
        for row in read_rows(root, split):
            row_id = row.get("id")
            if not isinstance(row_id, str):
                raise DatasetDamagedError(f"{root / rows_path(split)} has a row without an id.", hint="Build it again.")
            digest.update(f"{row_id}\t{split}\n".encode(errors="surrogatepass"))
    return digest.hexdigest()


def _checked(root: Path, file: ManifestFile, progress: Callable[[int], None] | None) -> tuple[int, str | None]:
    """A file's bytes, and what is wrong with it."""
    path = root / file.path
    if path.is_symlink() or not path.resolve().is_relative_to(root.resolve()):
        return 0, f"{file.path} leads out of the dataset"
    if not path.is_file():
        return 0, f"{file.path} is missing"
    size, digest, lines = _measure(path, progress)
    if (size, digest) != (file.bytes, file.sha256):
        return size, f"{file.path} was changed: {size:,} bytes, SHA-256 {digest[:12]}…"
    if file.rows is not None and lines != file.rows:
        return size, f"{file.path} has {lines:,} rows, not {file.rows:,}"
    return size, None


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
