"""Which licences a repository names: by the text of its licence files, else by what its package says of itself."""

from __future__ import annotations

import json
import re
import tempfile
import tomllib
from collections.abc import Mapping
from typing import Any

from identify.identify import license_id

from marlin.errors import InvalidInputError, NotFoundError
from marlin.workspaces import ArchiveMissingError, GitError, MirrorStore, list_tree, read_blob

LICENCE_FILES = re.compile(r"(?i)^(?:(?:mit-|apache-)?licen[cs]es?|copying|unlicense)(?:[-._].*)?$")
PACKAGE_FILES = ("pyproject.toml", "Cargo.toml", "package.json")
UNRECOGNISED = "unrecognised"
"""A licence file whose text is none of the common ones, or was changed."""
_LARGEST = 512 * 1024
_SPDX = re.compile(r"^\(?[A-Za-z0-9][A-Za-z0-9.+-]{1,39}(?: (?:OR|AND|WITH) [A-Za-z0-9][A-Za-z0-9.+-]{1,39})*\)?$")
_REMEMBERED = 4096


def licences_of(files: Mapping[str, bytes]) -> list[str]:
    """SPDX identifiers, in order; empty where nothing is named.

    :param files: the contents of a repository's licence and package files, by name.
    """
    texts = [data for name, data in files.items() if LICENCE_FILES.match(name)]
    if texts:
        return sorted({_of_text(data) for data in texts})
    said = {name: _of_package(name, files[name]) for name in PACKAGE_FILES if name in files}
    found = next((words for words in said.values() if words), None)
    return sorted(set(re.split(r" (?:OR|AND) ", found.strip("()")))) if found else []


def _of_text(data: bytes) -> str:
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(data.decode(errors="replace").encode())
        file.flush()
        return license_id(file.name) or UNRECOGNISED


def _of_package(name: str, data: bytes) -> str | None:
    try:
        text = data.decode()
        read: Any = json.loads(text) if name.endswith(".json") else tomllib.loads(text)
        part = read if name == "package.json" else read.get("project" if name == "pyproject.toml" else "package", {})
        said = part.get("license")
    except (ValueError, AttributeError, RecursionError):  # untrusted: what can't be read says nothing
        return None
    words = said.get("text") if isinstance(said, dict) else said
    return words if isinstance(words, str) and _SPDX.match(words) else None


class Licences:
    """Licences of repositories at their base commits, each looked for once."""

    def __init__(self, mirrors: MirrorStore) -> None:
        self._mirrors = mirrors
        self._known: dict[tuple[str, str], list[str]] = {}

    def of(self, repository: str, commit: str) -> list[str]:
        """As :func:`licences_of`; empty, too, where the commit is gone."""
        key = (repository, commit)
        if key not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = self._find(repository, commit)
        return self._known[key]

    def _find(self, repository: str, commit: str) -> list[str]:
        try:
            mirror = self._mirrors.holding(repository, commit)
            wanted = [
                entry.path
                for entry in list_tree(mirror, commit)
                if entry.kind == "blob"
                and entry.mode != "120000"
                and (entry.size or 0) <= _LARGEST
                and (LICENCE_FILES.match(entry.path) or entry.path in PACKAGE_FILES)
            ]
            return licences_of({path: read_blob(mirror, commit, path) for path in wanted})
        except (NotFoundError, InvalidInputError, ArchiveMissingError, GitError):
            return []
