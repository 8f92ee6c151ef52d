"""Which licences a repository names: by the text of its licence files, else by what its package says of itself."""

from __future__ import annotations

import json
import re
import tempfile
import tomllib
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from marlin.datasets.errors import DatasetWishError
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


def check_licence(name: str) -> None:
    """Refuse what no repository can be under, before any is looked at.

    :param name: an SPDX identifier, with its exception if it has one; ``LicenseRef-…``; or ``unrecognised``.
    :raises DatasetWishError: it is none of them.
    """
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    if name.lower() == UNRECOGNISED:
        return
    if re.search(r"(?i)[()]|\s(?:and|or)\s", name):
        raise DatasetWishError(f"{name!r} is more than one licence.", hint="Name each one: --licence A --licence B.")
    try:
        canonicalize_license_expression(name)
    except InvalidLicenseExpression as error:
        raise DatasetWishError(
            f"There is no licence {name!r}.",
            hint=f"{_near(name)} Any identifier of spdx.org/licenses will do, LicenseRef-… for one of somebody's own, "
            f"and {UNRECOGNISED} for a text that is none of the common ones.",
        ) from error


def _near(name: str) -> str:
    from identify.vendor.licenses import LICENSES

    by_small = {identifier.lower(): identifier for identifier, _ in LICENSES}
    near = get_close_matches(name.lower(), by_small, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(by_small[one] for one in near)}?"
    return "Such as MIT, Apache-2.0 or BSD-3-Clause."


def all_allowed(licences: Collection[str], allowed: Collection[str]) -> bool:
    """Whether every one of some licences is among those that are allowed.

    A text says GPL-3.0 where packages say ``-only`` or ``-or-later``: the first two are the same, and who may choose a
    later version may choose this one.
    """
    known = {_plain(name) for name in allowed}
    return all(not known.isdisjoint({_plain(one), _plain(one).removesuffix("-or-later")}) for one in licences)


def _plain(name: str) -> str:
    small = name.lower().removesuffix("-only")
    return f"{small[:-1]}-or-later" if small.endswith("+") else small


def _of_text(data: bytes) -> str:
    from identify.identify import license_id

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
