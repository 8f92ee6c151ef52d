"""Making one commit out of files, without a working tree.

``git fast-import`` is given names and bytes over a pipe, in a repository of its own that only borrows the mirror's
objects. There is no checkout, no index, no attribute, filter or hook in this path, and git never opens a file that a
sandbox wrote. The result is a bundle, which enters the mirror through its one checked door.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import IO
from uuid import uuid4

from marlin.workspaces import bundles, git, paths
from marlin.workspaces.errors import GitError
from marlin.workspaces.mirrors import Mirror, make_bare
from marlin.workspaces.objects import read_commit
from marlin.workspaces.scan import ChangedFile

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Built:
    """A commit in a bundle, not yet in the mirror; ``scratch`` is the repository it was made in."""

    commit: str
    bundle: Path
    scratch: Path


@contextmanager
def build(
    mirror: Mirror,
    parent: str,
    deleted: Iterable[bytes],
    files: Iterable[ChangedFile],
    *,
    message: str,
    timeout: float = 120.0,
) -> Iterator[Built]:
    """Make the commit that applies changes to ``parent``; everything temporary is removed at the end.

    Author, committer and time (a second after the parent's) follow from the parent: equal files on equal parents are
    the same commit.

    :raises GitError: it failed, or took longer than ``timeout`` seconds.
    """
    scratch = mirror.path.with_name(f"{mirror.key}.{uuid4().hex}.scratch")
    try:
        make_bare(scratch, alternates=mirror.path / "objects")
        if (mirror.path / "shallow").exists():
            shutil.copyfile(mirror.path / "shallow", scratch / "shallow")
        time = read_commit(mirror.path, parent).time + 1
        head = (
            f"commit refs/heads/marlin\nauthor {git.NAME} <{git.EMAIL}> {time} +0000\n"
            f"committer {git.NAME} <{git.EMAIL}> {time} +0000\ndata {len(message.encode())}\n{message}\nfrom {parent}\n"
        )
        _import(scratch, head.encode(), deleted, files, timeout)
        commit = (scratch / "refs/heads/marlin").read_text().strip()
        yield Built(commit, _bundle(scratch, commit, parent), scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def paths_of(built: Built, objects: Iterable[str]) -> dict[str, bytes]:
    """Where these objects are in the built commit (one path each)."""
    wanted, found = set(objects), {read_commit(built.scratch, built.commit).tree: b""}
    for line in git.run(built.scratch, ["ls-tree", "-r", "-t", "-z", built.commit]).split(b"\0")[:-1]:
        meta, path = line.split(b"\t", 1)
        object_id = meta.split()[2].decode()
        if object_id in wanted:
            found[object_id] = path
    return found


def _import(scratch: Path, head: bytes, deleted: Iterable[bytes], files: Iterable[ChangedFile], timeout: float) -> None:
    process = subprocess.Popen(
        ["git", "fast-import", "--quiet", "--done", "--date-format=raw"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=git.environment(scratch),
    )
    assert process.stdin is not None
    assert process.stderr is not None
    late = Timer(timeout, process.kill)
    late.start()
    try:
        with suppress(BrokenPipeError):
            process.stdin.write(head)
            for path in deleted:
                process.stdin.write(b"D " + _quoted(path) + b"\n" if path else b"deleteall\n")
            for file in files:
                _send(process.stdin, file)
            process.stdin.write(b"\ndone\n")
            process.stdin.close()
        message = process.stderr.read()
        code = process.wait()
    finally:
        in_time = late.is_alive()
        late.cancel()
        process.kill()
        process.wait()
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.stderr.close()
    if code != 0 and not in_time:
        raise GitError(
            f"Making the snapshot took longer than {timeout:g} seconds.", hint="Try again on a quieter machine."
        )
    if code != 0:
        raise git.failure(["fast-import"], code, message)


def _send(pipe: IO[bytes], file: ChangedFile) -> None:
    pipe.write(b"M " + file.mode.encode() + b" inline " + _quoted(file.path) + b"\n")
    if file.source is None:
        pipe.write(b"data %d\n%b\n" % (len(file.target), file.target))
        return
    handle = os.open(file.source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(handle, "rb", buffering=0) as source:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size != file.size:
            raise GitError(
                f"{paths.to_text(file.path)} changed while it was read: its layer is not sealed.",
                hint="Seal the sandbox before capturing it.",
            )
        pipe.write(b"data %d\n" % file.size)
        left = file.size
        while left and (data := source.read(min(_CHUNK, left))):
            pipe.write(data)
            left -= len(data)
        if left:
            raise GitError(f"{paths.to_text(file.path)} is shorter than its size.", hint="Check the disk.")
        pipe.write(b"\n")


def _bundle(scratch: Path, commit: str, parent: str) -> Path:
    """The pack that fast-import wrote (the new objects only), with a header before it."""
    packs = list((scratch / "objects/pack").glob("*.pack"))
    bundle = scratch / "new.bundle"
    with bundle.open("wb") as target:
        target.write(bundles.write_header(commit, (parent,)))
        if len(packs) == 1:
            with packs[0].open("rb") as source:
                shutil.copyfileobj(source, target, _CHUNK)
        else:
            pack = git.run(
                scratch, ["pack-objects", "--revs", "--stdout", "-q"], stdin=f"{commit}\n^{parent}\n".encode()
            )
            target.write(pack)
    return bundle


def _quoted(path: bytes) -> bytes:
    return paths.quote(path).encode()
