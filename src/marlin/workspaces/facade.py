"""The one door to repositories, workspaces and snapshots for the contexts."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from marlin.sandboxes import Backend, Layer, LayerStore
from marlin.workspaces import diffs
from marlin.workspaces.diffs import FileChange, TreeEntry
from marlin.workspaces.durable import DurableStore
from marlin.workspaces.errors import ArchiveMissingError
from marlin.workspaces.fetching import FetchPolicy, Progress, fetch
from marlin.workspaces.locks import file_lock
from marlin.workspaces.mirrors import Mirror, MirrorStore, mirror_key
from marlin.workspaces.scan import LeftOut, ScanLimits
from marlin.workspaces.snapshots import Snapshot, StoredLayer, commit_layer
from marlin.workspaces.sources import Source
from marlin.workspaces.trees import TreeReport, base_folder, inspect_tree


@dataclass(frozen=True, slots=True)
class Imported:
    """A repository at a commit, ready to be worked on.

    :ivar repository: its mirror's key, to be given to every other call.
    :ivar title: of the pull request it came from, else empty; so ``body``.
    :ivar warnings: sentences for the person who brought it: submodules, LFS pointers, what an archive could not keep.
    """

    repository: str
    commit: str
    title: str
    body: str
    warnings: tuple[str, ...]
    report: TreeReport


@dataclass(frozen=True, slots=True)
class TurnStart:
    """What a turn's sandboxes are opened on: ``lowers`` and ``home`` of a ``SandboxSpec``."""

    lowers: tuple[Layer, ...]
    home: Layer | None


class Workspaces:
    """Repositories, workspaces and snapshots of this host, restored from durable storage when they are missing here.

    :param root: folder for mirrors and scratch, on the same file system as the layers.
    :param image: base image with git and Python 3.9 or newer, for fetching.
    """

    def __init__(
        self,
        root: Path,
        *,
        backend: Backend,
        layers: LayerStore,
        image: Layer,
        durable: DurableStore,
        policy: FetchPolicy | None = None,
        limits: ScanLimits | None = None,
    ) -> None:
        self._root = root
        self._backend = backend
        self._layers = layers
        self._image = image
        self._policy = policy or FetchPolicy()
        self._limits = limits or ScanLimits()
        self.durable = durable
        self.mirrors = MirrorStore(root / "mirrors", durable)

    async def import_source(self, source: Source, progress: Progress | None = None) -> Imported:
        """Bring a repository in at the commit that ``source`` names. Again is harmless. Raises as :func:`fetch`."""
        key = mirror_key(source.canonical)
        tell = progress or (lambda _: None)
        reports: list[TreeReport] = []

        def check(mirror: Mirror, commit: str) -> None:
            reports.append(inspect_tree(mirror, commit, self._policy.tree))

        async with fetch(
            source,
            backend=self._backend,
            image=self._image,
            layers=self._layers,
            policy=self._policy,
            progress=tell,
        ) as fetched:
            tell("checking the files")
            commit = await asyncio.to_thread(self.mirrors.add, key, fetched.bundle, base=True, check=check)
        warnings = (*fetched.warnings, *reports[-1].warnings)
        return Imported(key, commit, fetched.title, fetched.body, warnings, reports[-1])

    async def base_layer(self, repository: str, commit: str) -> Layer:
        """The layer with the commit's files at ``/workspace``, made once per host.

        :raises CommitNotFoundError: neither this host nor durable storage has the commit.
        """
        return await asyncio.to_thread(self._base_layer, repository, commit)

    async def open_turn(
        self,
        repository: str,
        commit: str,
        *,
        environment: Sequence[StoredLayer] = (),
        previous: Sequence[StoredLayer] = (),
        home: StoredLayer | None = None,
    ) -> TurnStart:
        """What a turn's sandboxes start from: base tree, environment, then the chosen sides' files, oldest first.

        :raises ArchiveMissingError: durable storage lost a layer that this host does not have either.
        """
        base = await self.base_layer(repository, commit)
        above = [await self.ensure_layer(each) for each in (*environment, *previous)]
        return TurnStart((base, *above), None if home is None else await self.ensure_layer(home))

    async def capture(
        self,
        repository: str,
        *,
        parent: str,
        lowers: Sequence[Layer],
        files: Layer,
        home: Layer,
        comparison: str,
        turn: int,
        side: str,
        earlier: Sequence[LeftOut] = (),
    ) -> Snapshot:
        """Keep what a sealed sandbox left behind; the same layers give the same snapshot, so again is harmless.

        :param parent: the base commit, or the snapshot that the turn started from.
        :param lowers: as :meth:`open_turn` gave them.
        :param files: with ``home`` what ``Sandbox.seal`` gave.
        :param earlier: the parent snapshot's ``left_out``.
        :raises StorageFullError: no room. :raises CommitNotFoundError: ``parent`` is unknown.
        """
        started = time.perf_counter()
        ref = f"refs/marlin/{comparison.lower()}/{turn}/{side.lower()}"
        mirror = await asyncio.to_thread(self.mirrors.ensure, repository, parent)
        commit = asyncio.create_task(
            commit_layer(
                self.mirrors,
                mirror,
                parent=parent,
                lowers=lowers,
                files=files,
                ref=ref,
                earlier=earlier,
                limits=self._limits,
            )
        )
        made, stored_files, stored_home = await asyncio.gather(commit, self.store_layer(files), self.store_layer(home))
        return Snapshot(
            commit=made.commit,
            tree=made.tree,
            parent=parent,
            ref=ref,
            left_out=made.left_out,
            files=stored_files,
            home=stored_home,
            seconds={**made.seconds, "total": time.perf_counter() - started},
        )

    async def store_layer(self, layer: Layer) -> StoredLayer:
        """Put a layer into durable storage. :raises StorageFullError: no room."""
        digest = await asyncio.to_thread(self.durable.put_from, lambda target: self._layers.pack(layer, target))
        return StoredLayer(layer.name, digest)

    async def ensure_layer(self, stored: StoredLayer) -> Layer:
        """The layer on this host, restored if need be. :raises ArchiveMissingError: durable storage lost it."""
        return await asyncio.to_thread(self._ensure_layer, stored)

    async def diff(
        self,
        repository: str,
        a: str,
        b: str,
        *,
        path: str | None = None,
        old_path: str | None = None,
        ignore_whitespace: bool = False,
        context: int = 3,
        limit: int = diffs.DIFF_LIMIT,
    ) -> bytes:
        """Raw ``git diff`` text; see :func:`marlin.workspaces.diffs.diff`."""
        mirror = await self._holding(repository, a, b)
        return await asyncio.to_thread(
            lambda: diffs.diff(
                mirror,
                a,
                b,
                path=path,
                old_path=old_path,
                ignore_whitespace=ignore_whitespace,
                context=context,
                limit=limit,
            )
        )

    async def diff_chunks(
        self, repository: str, a: str, b: str, *, path: str | None = None
    ) -> AsyncGenerator[bytes, None]:
        """The same without a size limit, as it comes."""
        chunks = diffs.diff_stream(await self._holding(repository, a, b), a, b, path=path, timeout=600)
        try:
            while data := await asyncio.to_thread(next, chunks, b""):
                yield data
        finally:
            with contextlib.suppress(ValueError):  # cancelled: a thread is still in it, and its end ends git
                chunks.close()

    async def diffstat(self, repository: str, a: str, b: str, *, ignore_whitespace: bool = False) -> list[FileChange]:
        """Changed files; see :func:`marlin.workspaces.diffs.diffstat`."""
        mirror = await self._holding(repository, a, b)
        return await asyncio.to_thread(diffs.diffstat, mirror, a, b, ignore_whitespace=ignore_whitespace)

    async def read_blob(self, repository: str, commit: str, path: str, *, limit: int = diffs.BLOB_LIMIT) -> bytes:
        """A file's bytes; see :func:`marlin.workspaces.diffs.read_blob`."""
        mirror = await self._holding(repository, commit)
        return await asyncio.to_thread(diffs.read_blob, mirror, commit, path, limit=limit)

    async def list_tree(
        self, repository: str, commit: str, path: str = "", *, recursive: bool = False
    ) -> list[TreeEntry]:
        """A folder's entries; see :func:`marlin.workspaces.diffs.list_tree`."""
        mirror = await self._holding(repository, commit)
        return await asyncio.to_thread(diffs.list_tree, mirror, commit, path, recursive=recursive)

    async def _holding(self, repository: str, *commits: str) -> Mirror:
        def ensure() -> Mirror:
            for commit in commits:
                mirror = self.mirrors.ensure(repository, commit)
            return mirror

        return await asyncio.to_thread(ensure)

    def _base_layer(self, repository: str, commit: str) -> Layer:
        name = f"base-{repository[:12]}-{commit}"
        return self._once(name, lambda: self._make_base(name, repository, commit))

    def _make_base(self, name: str, repository: str, commit: str) -> Layer:
        mirror = self.mirrors.ensure(repository, commit)
        with base_folder(mirror, commit, self._root / "scratch") as folder:
            return self._layers.adopt(name, folder, owner="user")

    def _ensure_layer(self, stored: StoredLayer) -> Layer:
        return self._once(stored.name, lambda: self._restore(stored))

    def _restore(self, stored: StoredLayer) -> Layer:
        with self.durable.open(stored.digest) as source:
            layer = self._layers.unpack(stored.name, source)
            try:
                while source.read(1 << 20):
                    pass  # to the end, where the bytes are compared with their digest
            except ArchiveMissingError:
                self._layers.remove(stored.name)
                raise
        return layer

    def _once(self, name: str, make: Callable[[], Layer]) -> Layer:
        """The layer ``name``, made by one thread of one process while the others wait."""
        if self._layers.exists(name):
            return self._layers.get(name)
        with file_lock(self._root / "locks" / name, 900):
            return self._layers.get(name) if self._layers.exists(name) else make()
