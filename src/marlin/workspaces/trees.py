"""The tree an arm starts from: a commit's files, with a ``.git`` of its own that knows this one commit only.

Files are written from git's objects byte by byte: no checkout, so no filter, hook, end-of-line rule, ``ident`` or
``export-ignore`` has a say. Links stay links, submodules are empty folders. An arm never sees the mirror: later
history, other refs and other arms' results are not there to be read.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from marlin.sandboxes import WORKSPACE
from marlin.workspaces import git, paths
from marlin.workspaces.blobs import BlobReader
from marlin.workspaces.durable import disk_errors
from marlin.workspaces.errors import SourceTooLargeError, UnsafeSourceError
from marlin.workspaces.mirrors import Mirror
from marlin.workspaces.objects import read_commit

_LFS = b"version https://git-lfs.github.com/spec/v1"

_CONFIG = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
[user]
\tname = agent
\temail = agent@localhost
"""


@dataclass(frozen=True, slots=True)
class TreeLimits:
    """What a base commit may hold."""

    files: int = 200_000
    file_bytes: int = 256 * 1024**2
    total_bytes: int = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class TreeReport:
    """What a base commit holds, and what of it Marlin can't bring to the arms.

    :ivar submodules: paths that are other repositories; they are empty folders for the arms.
    :ivar lfs_pointers: files whose content lies in Git LFS; the arms see the pointer.
    """

    files: int
    bytes: int
    submodules: tuple[str, ...]
    lfs_pointers: tuple[str, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences for the person who brings the repository."""
        said = []
        if self.submodules:
            said.append(f"Submodules are not fetched and stay empty: {_some(self.submodules)}.")
        if self.lfs_pointers:
            said.append(f"Files in Git LFS are not fetched; arms see their pointers: {_some(self.lfs_pointers)}.")
        if not self.files:
            said.append("The commit holds no files.")
        return tuple(said)


def inspect_tree(mirror: Mirror, commit: str, limits: TreeLimits | None = None) -> TreeReport:
    """Look through a commit before anyone works on it.

    :raises SourceTooLargeError: it is beyond ``limits``; the message names the file or the count.
    :raises CommitNotFoundError: the mirror lacks it.
    """
    limits = limits or TreeLimits()
    count = total = 0
    submodules, small = [], []
    for mode, object_id, size, path in _listing(mirror, commit):
        if mode == "160000":
            submodules.append(paths.to_text(path))
            continue
        count, total = count + 1, total + size
        if size > limits.file_bytes:
            raise _too_large(f"{paths.to_text(path)} has {size:,} bytes", f"{limits.file_bytes:,} bytes a file")
        if len(_LFS) < size < 1024 and mode != "120000":
            small.append((object_id, path))
    if count > limits.files:
        raise _too_large(f"The commit has {count:,} files", f"{limits.files:,} files")
    if total > limits.total_bytes:
        raise _too_large(f"The commit's files have {total:,} bytes", f"{limits.total_bytes:,} bytes together")
    with BlobReader(mirror) as blobs:
        pointers = [paths.to_text(path) for object_id, path in small if blobs.read(object_id).startswith(_LFS)]
    return TreeReport(count, total, tuple(submodules), tuple(pointers))


def write_base(mirror: Mirror, commit: str, target: Path) -> None:
    """Write the files of ``commit`` below ``target`` at the workspace's path, with their own ``.git``.

    :param target: an empty folder; afterwards the content of a layer.
    :raises StorageFullError: no room. :raises UnsafeSourceError: the commit holds a path that is none.
    """
    info = read_commit(mirror.path, commit)
    workspace = target / str(WORKSPACE).lstrip("/")
    with disk_errors(str(target)):
        workspace.mkdir(parents=True)
        _write_files(mirror, commit, os.fsencode(workspace), info.time)
        _write_repository(mirror, commit, workspace / ".git", shallow=bool(info.parents))


@contextmanager
def base_folder(mirror: Mirror, commit: str, scratch: Path) -> Iterator[Path]:
    """A folder below ``scratch`` with :func:`write_base`'s content, removed at the end if it is still there."""
    target = scratch / f"base-{uuid4().hex}"
    target.mkdir(parents=True)
    try:
        write_base(mirror, commit, target)
        yield target
    finally:
        shutil.rmtree(target, ignore_errors=True)


def _write_files(mirror: Mirror, commit: str, workspace: bytes, time: int) -> None:
    made = {b""}
    with BlobReader(mirror) as blobs:
        for mode, object_id, _, path in _listing(mirror, commit):
            if paths.refused(path) == "name" or len(path) > 3000:
                raise UnsafeSourceError(
                    f"The commit holds the path {paths.to_text(path[:200])}, which is not safe to write.",
                    hint="Remove it from the repository, then bring the new commit.",
                )
            _make_folders(workspace, path if mode == "160000" else os.path.dirname(path), made)
            where = os.path.join(workspace, path)
            if mode == "120000":
                os.symlink(blobs.read(object_id), where)
            elif mode != "160000":
                _write_file(where, blobs.read(object_id), 0o755 if mode == "100755" else 0o644, time)


def _write_file(path: bytes, data: bytes, mode: int, time: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    with open(handle, "wb", buffering=0) as target:
        view = memoryview(data)
        while view:
            view = view[target.write(view) :]
        os.fchmod(handle, mode)  # whatever the umask is
        os.utime(handle, (time, time))


def _make_folders(workspace: bytes, path: bytes, made: set[bytes]) -> None:
    if path in made:
        return
    _make_folders(workspace, os.path.dirname(path), made)
    where = os.path.join(workspace, path)
    os.mkdir(where)
    os.chmod(where, 0o755)  # noqa: S103 - as git makes folders, whatever the umask is
    made.add(path)


def _write_repository(mirror: Mirror, commit: str, git_dir: Path, *, shallow: bool) -> None:
    """An ordinary repository with one commit on ``main``: no remotes, no reflog, nothing that came later."""
    for folder in ("objects/pack", "objects/info", "refs/heads", "refs/tags", "info"):
        (git_dir / folder).mkdir(parents=True)
    (git_dir / "HEAD").write_text("ref: refs/heads/main\n")
    (git_dir / "config").write_text(_CONFIG)
    (git_dir / "refs/heads/main").write_text(f"{commit}\n")
    if shallow:
        (git_dir / "shallow").write_text(f"{commit}\n")
    only = {"GIT_SHALLOW_FILE": str(git_dir / "shallow")} if shallow else {}
    pack = ["pack-objects", "--revs", "--threads=1", "-q", str(git_dir / "objects/pack/pack")]
    git.run(mirror.path, pack, stdin=f"{commit}\n".encode(), env=only, timeout=600)
    git.run(git_dir, ["read-tree", commit], timeout=120)
    for folder, _, names in os.walk(git_dir):
        Path(folder).chmod(0o755)
        for name in names:
            Path(folder, name).chmod(0o444 if folder.endswith("/pack") else 0o644)


def _listing(mirror: Mirror, commit: str) -> Iterator[tuple[str, str, int, bytes]]:
    """(mode, object id, size, path) of every file, link and submodule."""
    read_commit(mirror.path, commit)
    for line in git.run(mirror.path, ["ls-tree", "-r", "-l", "-z", commit], timeout=300).split(b"\0")[:-1]:
        meta, path = line.split(b"\t", 1)
        mode, _, object_id, size = meta.decode().split()
        yield mode, object_id, 0 if size == "-" else int(size), path


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _too_large(what: str, limit: str) -> SourceTooLargeError:
    return SourceTooLargeError(
        f"{what}; the limit is {limit}.", hint="Choose a smaller repository, or a commit without that content."
    )
