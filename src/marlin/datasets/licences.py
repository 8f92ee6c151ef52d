"""Which licences a repository names, a folder of it, or a file: by the text of licence files, else by what a package
says, and by the heads of files, the files beside them (``NAME.license``) and ``REUSE.toml`` (REUSE 3.3)."""

from __future__ import annotations

import posixpath
import re
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence

from marlin.datasets.headers import HEAD, UNRECOGNISED, licences_in_head
from marlin.datasets.licence_texts import BESIDE, LICENCE_FILES, PACKAGE_FILES, is_licence_file, licences_of
from marlin.datasets.patches import ChangedFile
from marlin.datasets.reuse import NAME as REUSE
from marlin.datasets.reuse import UNREADABLE, Table, resolved, table_for, tables_of
from marlin.errors import InvalidInputError, NotFoundError
from marlin.workspaces import (
    ArchiveMissingError,
    BlobReader,
    GitError,
    Mirror,
    MirrorStore,
    TooLargeError,
    find_files,
    read_blob,
    to_text,
)

_WANTED = re.compile(
    rf"(?i:{LICENCE_FILES})|{'|'.join(map(re.escape, (*PACKAGE_FILES, REUSE)))}|.+{re.escape(BESIDE)}".encode(),
    re.DOTALL,
)
_LARGEST = 512 * 1024
_REMEMBERED = 20_000
"""Folders, of all commits together; and heads of files."""
_MOST_FILES = 200
"""Of one folder; more of them are under some licence that was not read."""
_MOST_TABLES = 200
"""Files of them, each of which may have as many bytes as are read of one."""
_LONGEST_LINK = 1024
_NO_FOLDER = b"\0"
"""Begins what no path begins with."""
_MOST_LINKS = 8
"""From one to the next."""
_MOST_OPEN = 4
"""Mirrors that are being read."""
_GONE = (NotFoundError, InvalidInputError, ArchiveMissingError, GitError)


class Licences:
    """Licences at base commits, and in what was changed; close it at the end. Not safe between threads.

    Each commit's files are listed once, each folder's licences looked for once, each file's head read once.
    """

    def __init__(self, mirrors: MirrorStore) -> None:
        self._mirrors = mirrors
        self._known: dict[tuple[str, str], _Folders] = {}
        self._remembered = 0
        self._heads: dict[tuple[str, str], frozenset[str]] = {}
        self._tables: dict[tuple[str, str, bytes], tuple[Table, ...]] = {}
        self._readers: OrderedDict[str, BlobReader] = OrderedDict()

    def close(self) -> None:
        """End what was started for reading."""
        while self._readers:
            self._readers.popitem()[1].close()

    def of(
        self, repository: str, commits: Sequence[str], changed: Collection[ChangedFile] = (), *, unread: bool = False
    ) -> list[str]:
        """The repository's own, those of every folder with licences of its own that holds what was changed, those that
        changed files name in their heads, before or after, or that stand in a file beside them or in a ``REUSE.toml``
        above, and those of licence and package files that a change brings, links to some included.

        :param commits: what the repository is looked at in: its base, and what a turn began with.
        :param changed: files of patches whose objects the mirror has.
        :param unread: whether more was changed than could be looked at: then ``unrecognised`` is among them.
        :returns: as :func:`licences_of`. Empty, too, where the commits are gone, and where the root names none and a
            changed file neither lies in a folder that does nor names one itself.
        """
        places = [(commit, self._folders_of(repository, commit)) for commit in dict.fromkeys(commits)]
        found = {one for commit, folders in places for one in self._read(repository, commit, folders, b"")}
        named = bool(found)
        brought = self._brought(repository, changed)
        for file in changed:
            below = {
                one
                for commit, folders in places
                for path in file.paths
                for folder in _above(path)
                for one in self._read(repository, commit, folders, folder)
            }
            below |= self._in_files(repository, file)
            own = self._heads_of(repository, file) | {
                one
                for commit, folders in places
                for path in file.paths
                for one in self._beside(repository, commit, folders, path)
            }
            below |= {
                one
                for commit, folders in places
                for new in ({}, *([brought[file.commit]] if file.commit in brought else []))
                for path in file.paths or {b""}
                for one in resolved(self._speaking(repository, commit, folders, path, new), own)
            }
            if not named and not below:
                return []
            found |= below
        return sorted(found | {UNRECOGNISED}) if unread and found else sorted(found)

    def _folders_of(self, repository: str, commit: str) -> _Folders:
        key = (repository, commit)
        folders = self._known.get(key)
        if folders is None:
            folders = self._list(repository, commit)
            if self._remembered >= _REMEMBERED:
                self._known.clear()
                self._remembered = 0
            self._known[key] = folders
            self._remembered += 1 + len(folders)
        return folders

    def _heads_of(self, repository: str, file: ChangedFile) -> set[str]:
        """What a changed file says in its head, before and after."""
        objects = [object_id for object_id in (file.before, file.after) if object_id is not None]
        return {one for object_id in objects for one in self._head(repository, object_id)}

    def _in_files(self, repository: str, file: ChangedFile) -> set[str]:
        """What a changed licence or package file says."""
        found = set[str]()
        names = {path.rpartition(b"/")[2].decode(errors="replace") for path in file.paths}
        wanted = [name for name in sorted(names) if is_licence_file(name) or name in PACKAGE_FILES]
        if wanted and file.after is not None:
            data = self._blob(repository, file.after, _LARGEST)
            found |= {UNRECOGNISED} if data is None else set(licences_of({wanted[0]: data}))
        if wanted and file.link is not None:
            found |= self._linked(repository, file, wanted[0])
        return found

    def _linked(self, repository: str, file: ChangedFile, name: str) -> set[str]:
        """What a link leads to in the change's own commit; one that leads nowhere is a licence that nobody can read."""
        said = self._blob(repository, str(file.link), _LONGEST_LINK)
        if said is None or file.commit is None:
            return {UNRECOGNISED}
        path = next(path for path in sorted(file.paths) if path.endswith(name.encode(errors="replace")))
        try:
            data = _followed(self._mirrors.holding(repository, file.commit), file.commit, path, said)
        except _GONE:
            return {UNRECOGNISED}
        return set(licences_of({name: data})) or {UNRECOGNISED}

    def _brought(self, repository: str, changed: Collection[ChangedFile]) -> dict[str | None, dict[bytes, _Tables]]:
        """What each ``REUSE.toml`` says that a change brings, by the change's commit and by folder."""
        found: dict[str | None, dict[bytes, _Tables]] = {}
        for file in changed:
            for folder, _, name in (path.rpartition(b"/") for path in sorted(file.paths)):
                if name == REUSE.encode() and (file.after or file.link):
                    data = self._blob(repository, file.after, _LARGEST) if file.after else None
                    found.setdefault(file.commit, {})[folder] = UNREADABLE if data is None else tables_of(data)
        return found

    def _speaking(
        self, repository: str, commit: str, folders: _Folders, path: bytes, brought: Mapping[bytes, _Tables]
    ) -> list[Table]:
        """The tables that speak for a file, from the root on."""
        found = []
        for folder in (b"", *_above(path)):
            tables = brought.get(folder) or self._tables_in(repository, commit, folders, folder)
            below = path[len(folder) + 1 :] if folder else path
            if tables and (table := table_for(tables, below.decode(errors="surrogateescape"))) is not None:
                found.append(table)
        return found

    def _tables_in(self, repository: str, commit: str, folders: _Folders, folder: bytes) -> _Tables:
        path = folder + b"/" + REUSE.encode() if folder else REUSE.encode()
        if _NO_FOLDER + path not in folders:
            return ()
        key = (repository, commit, path)
        if key not in self._tables:
            if len(self._tables) >= _MOST_TABLES:
                self._tables.clear()
            try:
                mirror = self._mirrors.holding(repository, commit)
                data = read_blob(mirror, commit, to_text(path), limit=_LARGEST)
                self._tables[key] = tables_of(_followed(mirror, commit, path, data))
            except (*_GONE, TooLargeError):
                self._tables[key] = UNREADABLE
        return self._tables[key]

    def _beside(self, repository: str, commit: str, folders: _Folders, path: bytes) -> frozenset[str]:
        """What the file beside one says of it."""
        beside = path + BESIDE.encode()
        key = _NO_FOLDER + beside
        found = folders.get(key)
        if found is None:
            return frozenset()
        if isinstance(found, list):
            try:
                data = read_blob(self._mirrors.holding(repository, commit), commit, to_text(beside), limit=_LARGEST)
                found = tuple(sorted(licences_in_head(data) or {UNRECOGNISED}))
            except (*_GONE, TooLargeError):
                found = (UNRECOGNISED,)
            folders[key] = found
        return frozenset(found)

    def _head(self, repository: str, object_id: str) -> frozenset[str]:
        key = (repository, object_id)
        if key not in self._heads:
            data = self._blob(repository, object_id, HEAD)
            if len(self._heads) >= _REMEMBERED:
                self._heads.clear()
            self._heads[key] = frozenset({UNRECOGNISED} if data is None else licences_in_head(data))
        return self._heads[key]

    def _blob(self, repository: str, object_id: str, limit: int) -> bytes | None:
        """A changed file's bytes; None if even a new process doesn't find it (the mirror may have been made anew)."""
        for _ in range(2):
            reader = self._readers.pop(repository, None)
            try:
                if reader is None:
                    while len(self._readers) >= _MOST_OPEN:
                        self._readers.popitem(last=False)[1].close()
                    reader = BlobReader(self._mirrors.open(repository))
                data = reader.read(object_id, limit=limit)
            except _GONE:
                if reader is not None:
                    reader.close()
            else:
                self._readers[repository] = reader
                return data
        return None

    def _list(self, repository: str, commit: str) -> _Folders:
        """Licence and package files by their folder."""
        folders: _Folders = {}
        try:
            for path in find_files(self._mirrors.holding(repository, commit), commit, _WANTED):
                folder, _, name = path.rpartition(b"/")
                if name.endswith(BESIDE.encode()) or name == REUSE.encode():
                    folders[_NO_FOLDER + path] = []
                    continue
                wanted = folders.setdefault(folder, [])
                assert isinstance(wanted, list)
                wanted.append(name)
        except _GONE:
            return {}
        return folders

    def _read(self, repository: str, commit: str, folders: _Folders, folder: bytes) -> tuple[str, ...]:
        found = folders.get(folder, ())
        if isinstance(found, list):
            try:
                mirror = self._mirrors.holding(repository, commit)
                files = dict(self._files(mirror, commit, folder, found[:_MOST_FILES]))
                unread = [UNRECOGNISED] if len(found) > _MOST_FILES else []
                found = tuple(sorted({*licences_of(files), *unread}))
            except _GONE:
                found = ()
            folders[folder] = found
        return found

    def _files(
        self, mirror: Mirror, commit: str, folder: bytes, names: Collection[bytes]
    ) -> Iterator[tuple[str, bytes]]:
        for name in names:
            path = folder + b"/" + name if folder else name
            shown = name.decode(errors="replace")
            try:
                yield shown, _followed(mirror, commit, path, read_blob(mirror, commit, to_text(path), limit=_LARGEST))
            except TooLargeError:
                if is_licence_file(shown):  # many in one file: none that is known, and not none
                    yield shown, b""


def _followed(mirror: Mirror, commit: str, path: bytes, data: bytes) -> bytes:
    """What a link leads to, as ``LICENSE`` to ``LICENSES/MIT.txt``; else, and where it leads nowhere, ``data``."""
    for _ in range(_MOST_LINKS):
        if not 0 < len(data) < _LONGEST_LINK or b"\n" in data:
            break
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), data))
        try:
            path, data = target, read_blob(mirror, commit, to_text(target), limit=_LARGEST)
        except (*_GONE, TooLargeError):
            break
    return data


_Tables = tuple[Table, ...]
_Folders = dict[bytes, list[bytes] | tuple[str, ...]]
"""By folder, and by path of the files that stand beside others: names that are still to be read, or the licences that
were found."""


def _above(path: bytes) -> Iterator[bytes]:
    """The folders that hold a file, but for the root."""
    parts = path.split(b"/")[:-1]
    return (b"/".join(parts[:end]) for end in range(1, len(parts) + 1))
