"""A dataset as one commit of a repository of the Hugging Face Hub, by its own library: all of it is there, or nothing.

Contents travel first, file by file; the commit that shows them comes last, and takes away what an earlier dataset had
there. A tag of the dataset's id is where this one stays when the next comes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from marlin.dataset_files.errors import DatasetDamagedError, DatasetPlaceError
from marlin.dataset_files.layout import CARD, CROISSANT, MANIFEST
from marlin.dataset_files.manifest import Manifest

_FOLDERS = ("rows/", "views/")
_AT_ONCE = 64 * 2**20
"""Bytes of files that are asked for, and sent, together."""


def push_to_hub(fs: Any, base: str, root: Path, manifest: Manifest, progress: Callable[[int], None]) -> str:
    """Commit a dataset that is known to be whole; its address, which goes on to mean this dataset.

    :param fs: an ``HfFileSystem``. :param base: a path of it: a dataset's repository (which gets the files as its own,
        so that ``datasets`` finds the card there), or a folder in one (which gets a folder of the dataset's name).
    :raises DatasetPlaceError: it is in no repository of a dataset.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

    if not base.startswith("datasets/"):
        raise DatasetPlaceError(
            f"hf://{base} is no repository of a dataset.", hint="Name one: hf://datasets/OWNER/NAME"
        )
    place = fs.resolve_path(base)
    where = {"repo_id": place.repo_id, "repo_type": "dataset", "revision": place.revision}
    folder = f"{place.path_in_repo}/{root.resolve().name}/" if place.path_in_repo else ""
    api = HfApi(endpoint=fs.endpoint, token=fs.token)
    sizes = {file.path: file.bytes for file in manifest.files} | {MANIFEST: 0}
    hashes = {file.path: file.sha256 for file in manifest.files}
    operations: list[Any] = []
    with _quiet():
        head = api.repo_info(**where).sha
        for names in _portions(sizes):
            added = [CommitOperationAdd(path_in_repo=folder + name, path_or_fileobj=root / name) for name in names]
            api.preupload_lfs_files(additions=added, free_memory=False, **where)
            _unchanged(hashes, {name: one.upload_info.sha256.hex() for name, one in zip(names, added, strict=True)})
            operations += added
            progress(sum(sizes[name] for name in names))
        gone = _of_an_earlier_one(fs, place, folder) - {folder + name for name in sizes}
        gone &= set(api.list_repo_files(**where))
        operations += [CommitOperationDelete(path_in_repo=name) for name in sorted(gone)]
        tag = manifest.id[:12]
        # Onto what was looked at: two at once would else leave files of both, and a card that reads them all.
        commit = api.create_commit(
            operations=operations, commit_message=f"{manifest.name} {tag}", parent_commit=head, **where
        )
        if folder:
            return f"hf://datasets/{place.repo_id}@{commit.oid}/{folder.rstrip('/')}"
        api.create_tag(
            place.repo_id, tag=tag, tag_message=manifest.id, revision=commit.oid, repo_type="dataset", exist_ok=True
        )
    return f"hf://datasets/{place.repo_id}@{tag}"


def _portions(sizes: dict[str, int]) -> Iterator[list[str]]:
    names: list[str] = []
    for name, size in sizes.items():
        if names and sum(sizes[one] for one in names) + size > _AT_ONCE:
            yield names
            names = []
        names.append(name)
    yield names


def _of_an_earlier_one(fs: Any, place: Any, folder: str) -> set[str]:
    """What the manifest lists that lies there; nothing where none can be read."""
    at = f"{place.root}/{folder}{MANIFEST}"
    try:
        known = Manifest.model_validate_json(fs.cat_file(at))
    except (FileNotFoundError, ValueError):
        return set()
    ours = {CARD, CROISSANT}  # a manifest that somebody else wrote could name all that the repository holds
    return {folder + file.path for file in known.files if file.path in ours or file.path.startswith(_FOLDERS)}


def _unchanged(hashes: dict[str, str], now: dict[str, str]) -> None:
    for name, digest in now.items():
        if hashes.get(name, digest) != digest:
            raise DatasetDamagedError(f"{name} changed while it was copied.", hint="Repeat the command.")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No bars of the library's own, which would break those of whoever calls."""
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    if are_progress_bars_disabled():
        yield
        return
    disable_progress_bars()
    try:
        yield
    finally:
        enable_progress_bars()
