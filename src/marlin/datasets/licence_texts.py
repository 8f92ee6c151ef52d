"""Names of licences, and what the text of a licence file or a package says it is under. Pure, but for where such texts
are recognised: that library reads files alone.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from marlin.datasets.errors import DatasetWishError
from marlin.datasets.headers import UNRECOGNISED, text_of
from marlin.toml_texts import read_toml

LICENCE_FILES = r"(?:(?:mit-|apache-)?licen[cs]es?|copying|unlicense)(?:[-._].*)?"
"""Names of files that hold the text of one."""
PACKAGE_FILES = ("pyproject.toml", "Cargo.toml", "package.json")
BESIDE = ".license"
"""Ends the name of the file that says what the one beside it is under, which can't say so itself."""
_SPDX = re.compile(r"^\(?[A-Za-z0-9][A-Za-z0-9.+-]{1,39}(?: (?:OR|AND|WITH) [A-Za-z0-9][A-Za-z0-9.+-]{1,39})*\)?$")
_PROSE = {"plain-text", "markdown", "rst", "asciidoc"}


def is_licence_file(name: str) -> bool:
    """Whether a file of this name is the text of a licence, and no code about licences."""
    if name.endswith(BESIDE) or not re.fullmatch(LICENCE_FILES, name, re.IGNORECASE):
        return False
    from identify.identify import tags_from_filename

    kinds = tags_from_filename(name)
    return not kinds or not kinds.isdisjoint(_PROSE)


def licences_of(files: Mapping[str, bytes]) -> list[str]:
    """SPDX identifiers, in order; empty where nothing is named.

    :param files: the contents of a folder's licence and package files, by name.
    """
    texts = [data for name, data in files.items() if is_licence_file(name)]
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
    later version may choose this one. An exception (``WITH``) allows more than its licence without it.
    """
    known = {_plain(name) for name in allowed}
    return all(not known.isdisjoint(_weaker(_plain(one))) for one in licences)


def _plain(name: str) -> str:
    licence, joint, exception = name.lower().partition(" with ")
    small = licence.removesuffix("-only")
    return (f"{small[:-1]}-or-later" if small.endswith("+") else small) + joint + exception


def _weaker(plain: str) -> set[str]:
    """What allows a licence: its own name, and those that give no more than it does."""
    licence, joint, exception = plain.partition(" with ")
    this_version = licence.removesuffix("-or-later")
    return {plain, licence, this_version, this_version + joint + exception}


def _of_text(data: bytes) -> str:
    from identify.identify import license_id

    # white space means nothing to it, but it looks for a copyright from every empty line over all that follow
    lines = [bare for line in re.split(r"[\r\n]+", text_of(data)) if (bare := line.strip())]
    # it reads files alone: one in memory, since a temporary folder may be full
    with os.fdopen(os.memfd_create("licence"), "wb") as file:
        file.write("\n".join(lines).encode(errors="replace"))
        file.flush()
        return license_id(f"/proc/self/fd/{file.fileno()}") or UNRECOGNISED


def _of_package(name: str, data: bytes) -> str | None:
    try:
        text = text_of(data)
        read: Any = json.loads(text) if name.endswith(".json") else read_toml(text)
        part = read if name == "package.json" else read.get("project" if name == "pyproject.toml" else "package", {})
        said = part.get("license")
    except (ValueError, AttributeError, RecursionError):  # untrusted: what can't be read says nothing
        return None
    words = said.get("text") if isinstance(said, dict) else said
    return words if isinstance(words, str) and _SPDX.match(words) else None
