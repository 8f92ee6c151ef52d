"""Mirrors: one bare repository per source, holding base commits without history, and every snapshot made on them.

A mirror is a cache. What enters it rests in durable storage too, as a bundle, and :meth:`MirrorStore.ensure` makes it
again from there on a host that has nothing. Everything enters through ``git index-pack`` with its checks on, with
Marlin's configuration only. Calls block; run them in a thread.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from marlin import logging
from marlin.workspaces import bundles, git
from marlin.workspaces.durable import DurableStore, disk_errors
from marlin.workspaces.errors import (
    ArchiveMissingError,
    CommitNotFoundError,
    GitError,
    StorageFullError,
    UnsafeSourceError,
)
from marlin.workspaces.locks import file_lock
from marlin.workspaces.objects import read_commit

_log = logging.get(__name__)

_TOLERATED = (
    "badDate",
    "badDateOverflow",
    "badEmail",
    "badFilemode",
    "badName",
    "badTimezone",
    "missingEmail",
    "missingNameBeforeEmail",
    "missingSpaceBeforeDate",
    "missingSpaceBeforeEmail",
    "multipleAuthors",
    "nulInCommit",
    "zeroPaddedDate",
    "zeroPaddedFilemode",
)
"""Blemishes of old commits that do no harm (``git fsck --help``); everything else that fsck knows is refused."""

_STRICT = "--strict=" + ",".join(f"{name}=ignore" for name in _TOLERATED)

_FSCK = re.compile(r"object ([0-9a-f]{40}): (\w+)")
_REF = re.compile(r"refs/marlin/[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)+")

_BARE_CONFIG = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\thooksPath = /dev/null
\tfsmonitor = false
\tlogAllRefUpdates = false
[transfer]
\tfsckObjects = true
[gc]
\tauto = 0
"""

_MAX_PACKS = 48
_QUARANTINE = "quarantine-"


class RefusedObjectsError(UnsafeSourceError):
    """git's own checks refuse objects of a bundle; ``objects`` maps each object id to the check's name."""

    def __init__(self, objects: dict[str, str]) -> None:
        self.objects = objects
        names = ", ".join(sorted(set(objects.values())))
        super().__init__(
            f"git's checks (fsck) refuse {len(objects)} object(s): {names}.",
            hint="Mend the repository (`git fsck --strict` names the files), then bring it again.",
            checks=sorted(set(objects.values())),
        )


@dataclass(frozen=True, slots=True)
class Mirror:
    """A repository's mirror on this host."""

    key: str
    path: Path


def mirror_key(canonical: str) -> str:
    """The key of a source: 32 hexadecimal digits, from :attr:`Source.canonical`."""
    return hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()[:32]


class MirrorStore:
    """All mirrors under ``root``, safe between threads and processes.

    :param durable: where bundles rest; shared by all hosts.
    :param lock_seconds: how long to wait for another process that is importing into the same mirror.
    """

    def __init__(self, root: Path, durable: DurableStore, *, lock_seconds: float = 300.0) -> None:
        self.root = root
        self._durable = durable
        self._lock_seconds = lock_seconds
        self._seen: set[tuple[int, int, str]] = set()

    def open(self, key: str) -> Mirror:
        """The mirror with this key, made empty if this host has none.

        :raises StorageFullError: no room for it; nothing half made is left.
        """
        mirror = Mirror(key, self.root / key[:2] / f"{key}.git")
        if not (mirror.path / "HEAD").exists():
            with self._room(), self._locked(mirror):
                if not (mirror.path / "HEAD").exists():
                    for killed in mirror.path.parent.glob(f"{key}.*.new"):  # made under this lock alone, which is ours
                        shutil.rmtree(killed, ignore_errors=True)
                    temporary = mirror.path.with_name(f"{key}.{uuid4().hex}.new")
                    try:
                        make_bare(temporary)
                        shutil.rmtree(mirror.path, ignore_errors=True)
                        temporary.rename(mirror.path)
                    except BaseException:  # a full disk, say
                        shutil.rmtree(temporary, ignore_errors=True)
                        raise
        return mirror

    def has(self, mirror: Mirror, commit: str) -> bool:
        """Whether this host's mirror holds ``commit`` (a yes is remembered while the mirror is the same one)."""
        _check_id(commit)
        made = (mirror.path / "HEAD").stat()  # written once, when the mirror was made
        seen = (made.st_ino, made.st_mtime_ns, commit)
        if seen in self._seen:
            return True
        try:
            read_commit.__wrapped__(mirror.path, commit)
        except CommitNotFoundError:
            return False
        if len(self._seen) > 50_000:
            self._seen.clear()
        self._seen.add(seen)
        return True

    def add(
        self,
        key: str,
        bundle: Path,
        *,
        ref: str | None = None,
        base: bool = False,
        check: Callable[[Mirror, str], None] | None = None,
    ) -> str:
        """Put a bundle's commit into durable storage and the mirror; the commit.

        :param base: history ends at this commit, whether or not the mirror happens to hold its parents.
        :param check: called once the mirror holds the commit; if it raises, nothing is kept.
        :param ref: also let this name (``refs/marlin/…``) stand for the commit.
        :raises RefusedObjectsError: git's checks refuse it; nothing was kept.
        :raises UnsafeSourceError: it is no bundle.
        :raises StorageFullError: no room; nothing was kept.
        """
        with bundle.open("rb") as source:
            header = bundles.read_header(source)
            (commit,) = set(header.tips.values())
            mirror = self.open(key)
            with self._locked(mirror):
                known = check is not None and self.has(mirror, commit)
                pack = self._index(mirror, source, header, commit, base=base)
                try:
                    if check is not None:
                        check(mirror, commit)
                    with bundle.open("rb") as whole:  # git moved the other one under its buffer: seek(0) would not help
                        archive = self._durable.put(whole)
                except BaseException:
                    if not known:
                        self._forget_pack(mirror, pack)
                    raise
                self._join_packs(mirror)
        note = {"bundle": archive, "parents": [] if base else list(header.prerequisites), "base": base}
        self._durable.set_record(_record(key, commit), json.dumps(note, sort_keys=True).encode())
        self.set_ref(mirror, ref or f"refs/marlin/commits/{commit}", commit)
        return commit

    def ensure(self, key: str, commit: str) -> Mirror:
        """The mirror, holding ``commit``: restored from durable storage where this host lacks it.

        :raises CommitNotFoundError: neither has it.
        :raises ArchiveMissingError: durable storage lost a part of it.
        :raises StorageFullError: no room to restore it.
        """
        mirror = self.open(key)
        missing: list[tuple[str, dict[str, Any]]] = []
        wanted: str | None = commit
        while wanted and not self.has(mirror, wanted):
            note = self._durable.record(_record(key, wanted))
            if note is None:
                if not missing:
                    raise CommitNotFoundError(
                        f"No repository here holds the commit {commit[:12]}.", hint="Import the repository first."
                    )
                raise ArchiveMissingError(
                    f"Durable storage does not know {wanted[:12]}, on which {commit[:12]} was made.",
                    hint="Restore the durable storage from a backup.",
                )
            known = json.loads(note)
            missing.append((wanted, known))
            wanted = known["parents"][0] if known["parents"] else None
        for each, known in reversed(missing):
            self._restore(mirror, each, known["bundle"], base=known["base"])
        return mirror

    def holding(self, key: str, *commits: str) -> Mirror:
        """The mirror, holding all of these commits. Raises as :meth:`ensure`."""
        mirror = self.open(key)
        for commit in dict.fromkeys(commits):
            if not self.has(mirror, commit):
                mirror = self.ensure(key, commit)
        return mirror

    def set_ref(self, mirror: Mirror, ref: str, commit: str) -> None:
        """Let ``ref`` (``refs/marlin/…``, lower case) stand for ``commit``."""
        if not _REF.fullmatch(ref):
            raise ValueError(f"not a ref of Marlin's: {ref!r}")
        # A loose ref is a file with the id; nothing but this method writes refs here, and names never nest.
        path = mirror.path / ref
        temporary = path.with_name(f".{uuid4().hex}")
        with self._room():
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.write_text(f"{_check_id(commit)}\n")
                temporary.replace(path)
            except BaseException:  # a full disk, say
                temporary.unlink(missing_ok=True)
                raise

    def ref(self, mirror: Mirror, ref: str) -> str | None:
        """The commit that ``ref`` stands for on this host, or None."""
        found = git.run(mirror.path, ["rev-parse", "--quiet", "--verify", ref], ok=(0, 1)).decode().strip()
        return found or None

    def _join_packs(self, mirror: Mirror) -> None:
        """Join small packs every few dozen imports (the caller holds the lock); loses nothing."""
        if len(list((mirror.path / "objects/pack").glob("*.pack"))) > _MAX_PACKS:
            git.run(mirror.path, ["repack", "-d", "-q", "--geometric=2"], timeout=900)

    def _restore(self, mirror: Mirror, commit: str, archive: str, *, base: bool) -> None:
        temporary = mirror.path.with_name(f"{mirror.key}.{uuid4().hex}.bundle")
        try:
            with self._durable.open(archive) as source, self._room(), temporary.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
            with temporary.open("rb") as source:
                header = bundles.read_header(source)
                if commit not in header.tips.values():
                    raise ArchiveMissingError(
                        f"The durable bundle of {commit[:12]} holds another commit.",
                        hint="Restore the durable storage from a backup.",
                    )
                with self._room(), self._locked(mirror):
                    self._index(mirror, source, header, commit, base=base)
        finally:
            temporary.unlink(missing_ok=True)
        self.set_ref(mirror, f"refs/marlin/commits/{commit}", commit)
        _log.info("commit restored", mirror=mirror.key, commit=commit)

    def _index(self, mirror: Mirror, source: BinaryIO, header: bundles.BundleHeader, commit: str, *, base: bool) -> str:
        """Check a bundle's pack, then take it in (the caller holds the lock); the pack's name."""
        sweep(mirror)
        if base and header.prerequisites:
            _mark_shallow(mirror, commit)
        os.lseek(source.fileno(), header.pack_offset, os.SEEK_SET)
        # index-pack can refuse a pack that it has put in place already: it works in a quarantine, as for receive-pack.
        quarantine = mirror.path / f"{_QUARANTINE}{uuid4().hex}"
        (quarantine / "pack").mkdir(parents=True)
        try:
            name = _index_pack(mirror, source, quarantine)
            for suffix in (".pack", ".rev", ".idx"):  # the index last: it makes the pack visible
                path = quarantine / "pack" / f"pack-{name}{suffix}"
                if path.exists():
                    path.replace(mirror.path / "objects/pack" / path.name)
        finally:
            shutil.rmtree(quarantine, ignore_errors=True)
        if not self.has(mirror, commit):
            self._forget_pack(mirror, name)
            raise GitError(
                f"The bundle does not hold the commit {commit[:12]} that it names.", hint="Fetch the repository again."
            )
        return name

    def _forget_pack(self, mirror: Mirror, name: str) -> None:
        self._seen.clear()
        for leftover in (mirror.path / "objects/pack").glob(f"pack-{name}.*"):
            leftover.unlink(missing_ok=True)

    @contextmanager
    def _room(self) -> Iterator[None]:
        """What finds no room on the mirrors' disk, git included, says which disk that is."""
        try:
            with disk_errors(str(self.root)):
                yield
        except StorageFullError as error:
            raise StorageFullError(
                f"No space is left in {self.root}.", hint="Free space there, then try again."
            ) from error

    def _locked(self, mirror: Mirror) -> AbstractContextManager[None]:
        return file_lock(mirror.path.with_name(f"{mirror.key}.lock"), self._lock_seconds)


def _index_pack(mirror: Mirror, source: BinaryIO, quarantine: Path) -> str:
    """Run git's checks over a pack and index it in ``quarantine``; its name."""
    command = ["index-pack", "--stdin", "--fix-thin", _STRICT]
    borrowed = {
        "GIT_OBJECT_DIRECTORY": str(quarantine),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(mirror.path / "objects"),
    }
    try:
        done = subprocess.run(
            ["git", *command],
            stdin=source,
            capture_output=True,
            env=git.environment(mirror.path, borrowed),
            timeout=900,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise GitError(
            "Checking the fetched objects took longer than 900 seconds and was stopped.",
            hint="The repository is too large for this machine, or made to be slow.",
        ) from error
    if done.returncode != 0:
        refused = dict(_FSCK.findall(done.stderr.decode("utf-8", "replace")))
        raise RefusedObjectsError(refused) if refused else git.failure(command, done.returncode, done.stderr)
    return done.stdout.decode().split()[-1]


def sweep(mirror: Mirror, *, older_than: float = 86_400.0) -> None:
    """Remove what killed processes left beside a mirror (the caller holds its lock).

    :param older_than: age in seconds of what may still be in use without the lock.
    """
    for stale in mirror.path.glob(f"{_QUARANTINE}*"):
        shutil.rmtree(stale, ignore_errors=True)
    for stale in mirror.path.parent.glob(f"{mirror.key}.*.*"):
        with suppress(FileNotFoundError):
            if stale.suffix in (".scratch", ".bundle", ".new") and time.time() - stale.stat().st_mtime > older_than:
                if stale.is_dir():
                    shutil.rmtree(stale, ignore_errors=True)
                else:
                    stale.unlink()


def make_bare(path: Path, *, alternates: Path | None = None) -> None:
    """Make an empty bare repository with Marlin's configuration, without starting git."""
    for folder in ("objects/pack", "objects/info", "refs/heads", "info"):
        (path / folder).mkdir(parents=True)
    (path / "HEAD").write_text("ref: refs/heads/none\n")
    (path / "config").write_text(_BARE_CONFIG)
    if alternates is not None:
        (path / "objects/info/alternates").write_text(f"{alternates}\n")


def _mark_shallow(mirror: Mirror, commit: str) -> None:
    """History ends at ``commit`` (git's ``shallow`` file; the caller holds the lock)."""
    path = mirror.path / "shallow"
    known = path.read_text().split() if path.exists() else []
    if commit not in known:
        temporary = path.with_name("shallow.new")
        temporary.write_text("".join(f"{each}\n" for each in sorted({*known, commit})))
        temporary.replace(path)


def _record(key: str, commit: str) -> str:
    return f"commits/{key}/{_check_id(commit)}"


def _check_id(commit: str) -> str:
    if not bundles.OBJECT_ID.fullmatch(commit):
        raise CommitNotFoundError(f"“{commit[:60]}” is not a full commit id.", hint="Give all 40 hexadecimal digits.")
    return commit
