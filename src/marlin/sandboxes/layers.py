"""The store of sealed layers: read-only directory trees with ids that mean the same on every host."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Literal

from marlin.sandboxes import archives
from marlin.sandboxes.errors import DiskFullError, LayerError, LayerExistsError, LayerNotFoundError
from marlin.sandboxes.keeper.identity import DISK_BASE, RANGE, ROOT, USER
from marlin.sandboxes.keeper.trees import change_owners, walk
from marlin.sandboxes.protocol import Layer

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")
_TREE, _FACTS = "tree", "layer.json"

Owner = Literal["user", "root", "shift"]


class LayerStore:
    """Sealed layers below one folder. Several processes may use it at once: a layer appears whole, by a rename.

    On disk: ``<root>/<name>/tree`` and, for images, ``<root>/<name>/layer.json``. Only root may look inside.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, name: str) -> Layer:
        """The layer ``name``.

        :raises LayerNotFoundError: there is none.
        """
        path = self._folder(name) / _TREE
        if not path.is_dir():
            raise LayerNotFoundError(
                f"no layer named {name}", hint="restore it from durable storage, or build it again"
            )
        return Layer(name, path)

    def exists(self, name: str) -> bool:
        """Whether there is a layer ``name``."""
        return (self._folder(name) / _TREE).is_dir()

    def list(self) -> list[Layer]:
        """All layers, by name."""
        if not self.root.is_dir():
            return []
        found = sorted(path for path in self.root.iterdir() if _NAME.fullmatch(path.name) and (path / _TREE).is_dir())
        return [Layer(path.name, path / _TREE) for path in found]

    def facts(self, layer: Layer) -> dict[str, Any]:
        """What was recorded about a layer when it was made; empty for most."""
        return read_facts(layer)

    def adopt(self, name: str, path: Path, *, owner: Owner = "user", facts: Mapping[str, Any] | None = None) -> Layer:
        """Take a tree that the host made into the store; ``path`` is gone afterwards.

        :param owner: whose everything in it is, inside sandboxes: the agent's user, root, or as it is now (``shift``,
            for images, whose ids are those of a whole system). The tree's own top folder is always root's, mode 0755,
            because it becomes ``/``.
        :raises LayerExistsError: the name is taken.
        :raises LayerError: it holds ids outside 0 … 65535 (``shift``), or is no folder.
        """
        if not path.is_dir() or path.is_symlink():
            raise LayerError(f"{path} is not a folder")
        if self.exists(name):
            raise LayerExistsError(f"there is a layer named {name} already")
        staging = self.stage()
        try:
            tree = _move(path, staging / _TREE)
            _set_owners(tree, owner)
            return self.commit(name, staging, facts=facts)
        except BaseException:
            remove_tree(staging)
            raise

    def stage(self) -> Path:
        """A new, private folder on the store's disk, to build a layer in (as ``<folder>/tree``) before ``commit``."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=".staging-", dir=self.root))

    def stage_tree(self) -> Path:
        """A staging folder with an empty tree in it."""
        staging = self.stage()
        (staging / _TREE).mkdir(mode=0o755)
        return staging

    def commit(self, name: str, staging: Path, *, facts: Mapping[str, Any] | None = None) -> Layer:
        """Give the tree in ``staging`` its name; from then on it never changes.

        :raises LayerExistsError: the name was taken meanwhile; ``staging`` is left to the caller.
        """
        tree = staging / _TREE
        os.chown(tree, DISK_BASE + ROOT, DISK_BASE + ROOT)
        tree.chmod(0o755)
        if facts is not None:
            (staging / _FACTS).write_text(json.dumps(dict(facts), indent=1, sort_keys=True))
        try:
            staging.rename(self._folder(name))
        except OSError as error:
            if self.exists(name):
                raise LayerExistsError(f"there is a layer named {name} already") from error
            raise
        return self.get(name)

    def remove(self, name: str) -> None:
        """Remove a layer; harmless when it is gone. It must not be in use by a live sandbox."""
        folder = self._folder(name)
        if not folder.exists():
            return
        trash = self.stage()
        folder.rename(trash / "removed")
        remove_tree(trash)

    def clean(self) -> int:
        """Remove what crashed processes left half made (older than a day); how many there were."""
        count = 0
        if not self.root.is_dir():
            return count
        newest = max((path.stat().st_mtime for path in self.root.iterdir()), default=0.0)
        for path in self.root.glob(".staging-*"):
            if newest - path.stat().st_mtime > 86_400:
                remove_tree(path)
                count += 1
        return count

    def disk_usage(self, name: str | None = None) -> int:
        """Bytes on disk of one layer, or of all."""
        layers = [self.get(name)] if name is not None else self.list()
        return sum(e.info.st_blocks * 512 for layer in layers for e in walk(str(layer.path)))

    def pack(self, layer: Layer, to: BinaryIO) -> None:
        """Write a layer as a zstd-compressed tar: the same tree gives the same bytes.

        Kept: whiteouts, opaque folders, ``user.*`` attributes, modes, times to the nanosecond, ids (relative to the
        sandbox), hard and symbolic links, holes, FIFOs, any name. Dead sockets are left out.
        """
        archives.pack(str(layer.path), to)

    def unpack(self, name: str, archive: BinaryIO, *, max_bytes: int | None = None) -> Layer:
        """Read a layer that ``pack`` wrote.

        :param max_bytes: largest total size of the files' contents; None: unlimited.
        :raises LayerError: the archive is damaged, or holds what no layer may (paths that lead out, devices).
        :raises LayerExistsError: the name is taken.
        """
        if self.exists(name):
            raise LayerExistsError(f"there is a layer named {name} already")
        staging = self.stage_tree()
        try:
            archives.unpack(archive, str(staging / _TREE), max_bytes=max_bytes)
            return self.commit(name, staging)
        except BaseException:
            remove_tree(staging)
            raise

    def _folder(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise LayerError(f"{name!r} is no name for a layer", hint="lower case letters, digits, '.', '_' and '-'")
        return self.root / name


def read_facts(layer: Layer) -> dict[str, Any]:
    """What was recorded about a layer when it was made; empty for most."""
    try:
        facts: dict[str, Any] = json.loads((layer.path.parent / _FACTS).read_text())
    except FileNotFoundError:
        return {}
    return facts


def remove_tree(path: Path) -> None:
    """Remove a folder with all it holds, however deep (``shutil.rmtree`` fails on trees 3,000 folders deep)."""
    subprocess.run(["rm", "-rf", "--one-file-system", "--", str(path)], check=True, capture_output=True)


def _move(source: Path, target: Path) -> Path:
    try:
        source.rename(target)
    except OSError:
        if source.is_mount():
            raise LayerError(f"{source} is a mount point and can't be moved") from None
        _copy_across(source, target)
    return target


def _copy_across(source: Path, target: Path) -> None:
    """Another file system: copy, then remove."""
    from marlin.sandboxes.keeper.trees import copy_tree

    target.mkdir()
    try:
        copy_tree(str(source), str(target), owner=lambda _path, uid, gid: (uid, gid), overlay=True)
    except OSError as error:
        if shutil.disk_usage(target).free < 1 << 20:
            raise DiskFullError("no room for the layer", hint=f"free space on the disk of {target}") from error
        raise
    remove_tree(source)


def _set_owners(tree: Path, owner: Owner) -> None:
    if owner == "shift":
        change_owners(str(tree), _shifted)
    else:
        own = DISK_BASE + (USER if owner == "user" else ROOT)
        change_owners(str(tree), lambda _path, _uid, _gid: (own, own))


def _shifted(path: bytes, uid: int, gid: int) -> tuple[int, int]:
    if not (0 <= uid < RANGE and 0 <= gid < RANGE):
        raise LayerError(f"{os.fsdecode(path)} belongs to {uid}:{gid}; ids of an image are 0 … {RANGE - 1}")
    return DISK_BASE + uid, DISK_BASE + gid
