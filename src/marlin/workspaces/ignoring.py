"""Which new files the workspace's ``.gitignore`` files name.

The patterns were written by whoever worked there. git matches them, but never in the workspace: it is given a folder in
which there is nothing but copies of the ``.gitignore`` files that apply, under a time limit (docs/decisions/0006).
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from marlin import logging
from marlin.workspaces import git
from marlin.workspaces.errors import GitError
from marlin.workspaces.mirrors import make_bare
from marlin.workspaces.scan import is_opaque

RULES = b".gitignore"
MOST_BYTES = 4 << 20
"""Of all ``.gitignore`` files together; no person writes as many."""

_log = logging.get(__name__)


class RulesNotAppliedError(Exception):
    """The rules could not be evaluated; the text says why, in a few words."""


def ignored(
    stack: Sequence[Path], files: Iterable[bytes], folders: set[bytes], scratch: Path, *, seconds: float
) -> set[bytes]:
    """Those of the new ``files`` and ``folders`` that a ``.gitignore`` names, with everything below such folders.

    :param stack: the workspace's folder in each layer, the topmost first; some may be missing.
    :param scratch: where a folder may be made for the time being.
    :raises RulesNotAppliedError: they are too large, took longer than ``seconds``, or git could not read them.
    """
    new = sorted(files)
    if not new:
        return set()
    tree = scratch / "tree"
    try:
        make_bare(scratch / "git")
        _lay_out(stack, {*folders, *(folder for path in new for folder in above(path))}, tree)
        matched = _match(scratch / "git", tree, sorted({*new, *folders}), seconds)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return matched | {path for path in new if any(folder in matched for folder in above(path))}


def above(path: bytes) -> list[bytes]:
    """The folders on the way to ``path``, the outermost first, the workspace itself left out."""
    parts = path.split(b"/")
    return [b"/".join(parts[:count]) for count in range(1, len(parts))]


def _lay_out(stack: Sequence[Path], folders: set[bytes], tree: Path) -> None:
    """Make the folders, so that git knows them for folders, with the rules that apply in each.

    :raises RulesNotAppliedError: there are too many rules.
    """
    room = MOST_BYTES
    for folder in [b"", *sorted(folders)]:  # the outer ones first
        target = os.path.join(os.fsencode(tree), folder)
        os.mkdir(target)
        source = _topmost(stack, folder)
        content = _read(source, room) if source is not None else b""
        room -= len(content)
        if content:
            with open(os.path.join(target, RULES), "wb") as copy:
                copy.write(content)


def _topmost(stack: Sequence[Path], folder: bytes) -> bytes | None:
    """Where the ``.gitignore`` of a folder lies that the overlay shows; None without one (or if it is no file)."""
    for layer in stack:
        hides, path = _enter(os.fsencode(layer), folder)
        if path is not None:
            with suppress(FileNotFoundError):
                rules = os.path.join(path, RULES)
                return rules if stat.S_ISREG(os.lstat(rules).st_mode) else None
        if hides:
            return None
    return None


def _enter(layer: bytes, folder: bytes) -> tuple[bool, bytes | None]:
    """Whether this layer hides what those below have in ``folder``; and where it has that folder itself, if it does."""
    hides = False
    path = layer
    for name in (b"", *folder.split(b"/")) if folder else (b"",):
        path = os.path.join(path, name) if name else path
        try:
            status = os.lstat(path)
        except FileNotFoundError:
            return hides, None
        if not stat.S_ISDIR(status.st_mode):  # a deletion, or a file in the folder's place
            return True, None
        hides = hides or is_opaque(path)
    return hides, path


def _read(path: bytes, room: int) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(handle, "rb", buffering=0) as source:
        content = source.read(room + 1) or b""
    if len(content) > room:
        raise RulesNotAppliedError("are too large")
    return content


def _match(repository: Path, tree: Path, candidates: list[bytes], seconds: float) -> set[bytes]:
    # A path that begins with "./" is never taken for pathspec magic, which check-ignore can't switch off.
    asked = b"".join(b"./" + path + b"\0" for path in candidates)
    try:
        said = git.run(
            repository,
            ["check-ignore", "--no-index", "--stdin", "-z"],
            stdin=asked,
            env={"GIT_WORK_TREE": str(tree), "GIT_LITERAL_PATHSPECS": "0"},
            cwd=tree,
            timeout=seconds,
            ok=(0, 1),
        )
    except git.GitFailed as error:
        _log.warning("ignore rules not applied", exit_code=error.code_of_git, stderr=error.stderr[-300:])
        raise RulesNotAppliedError("could not be evaluated") from error
    except GitError as error:
        raise RulesNotAppliedError("took too long") from error
    return {path.removeprefix(b"./") for path in said.split(b"\0")} & set(candidates)
