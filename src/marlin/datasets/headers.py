"""Which licences a file names in its own head: SPDX tags, and notices that licences tell authors to put there. Pure.

Sources: SPDX specification 2.3, annex E (``SPDX-License-Identifier``), and the appendices of the licences themselves.
"""

from __future__ import annotations

import re

HEAD = 8192
"""Bytes of a file that are looked at."""
UNRECOGNISED = "unrecognised"
"""Some licence, but none that is known: a text that is none of the common ones or was changed, an unknown tag."""

_BEFORE = " \t\f\v#/*;:%!<>\"'\\.|(){}-"
_AFTER = " \t\f\v#/*%!<>\"'`=@\\|]}-"
"""What comments of programming languages begin and go on with, and what they end with."""
_WORDS = {"", "rem", "dnl", "c", "comment"}
"""Words that begin a comment, and none."""
_TAG = "SPDX-License-Identifier:"
_LONGEST = 300
"""Characters of an expression."""
_OPERATOR = re.compile(r"\s+(?:AND|OR)\s+", re.IGNORECASE)
_GNU = re.compile(
    r"under the terms of (?:version (?P<before>\d(?:\.\d)?) of )?the GNU (?P<kind>Lesser |Library |Affero )?"
    r"General Public License,?(?: \(GPL\))?(?: version (?P<middle>\d(?:\.\d)?),?)? as published by the Free Software "
    r"Foundation(?P<rest>.{0,160})",
    re.IGNORECASE,
)
_VERSION = re.compile(r"version (\d(?:\.\d)?)", re.IGNORECASE)
_NOTICES = (
    ("Apache-2.0", "licensed under the apache license, version 2.0"),
    ("MPL-2.0", "subject to the terms of the mozilla public license, v. 2.0"),
    ("MPL-1.1", "subject to the mozilla public license version 1.1"),
    ("EPL-2.0", "under the terms of the eclipse public license v. 2.0"),
    ("MIT", "permission is hereby granted, free of charge, to any person obtaining a copy of this software"),
)
_ISC = re.compile(
    r"permission to use, copy, modify,? and(?:/or)? distribute this software for any purpose with or without fee"
)
_BSD = "redistribution and use in source and binary forms, with or without modification, are permitted"


def licences_in_head(data: bytes) -> set[str]:
    """SPDX identifiers, ``unrecognised`` among them; none where the head says nothing of a licence.

    :param data: a file, or its first :data:`HEAD` bytes.
    """
    head = text_of(data[:HEAD])
    small = head.lower()
    if not any(word in small for word in ("license", "permission", "redistribution")):
        return set()
    lines = head.replace("\r", "\n").split("\n")
    tags = [tag for line in lines if (tag := _tag(line)) is not None]
    if not tags:
        return _noticed(" ".join(" ".join(map(_bare, lines)).split()))
    found = {name for tag in tags for name in identifiers_in(tag)}  # exact; a notice says the same in more words
    cut = len(data) >= HEAD and _tag(lines[-1]) is not None
    return found | {UNRECOGNISED} if cut else found


def text_of(data: bytes) -> str:
    """Whatever wrote it: editors of one system begin files with a byte order mark, and write some as UTF-16, with such
    a mark or without."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    first, second = data[0:HEAD:2].count(0), data[1:HEAD:2].count(0)
    half = min(len(data), HEAD) // 2
    if half and max(first, second) > half // 2 and min(first, second) <= half // 16:  # Latin letters have a zero each
        return data.decode("utf-16-be" if first > second else "utf-16-le", "replace")
    return data.decode("utf-8-sig", "replace")


def _tag(line: str) -> str | None:
    """What a line's tag says, if it has one where a comment may: after signs, or after who holds the copyright."""
    before, found, said = line.partition(_TAG)
    if not found:
        return None
    words = re.sub(r"[\W_]+", " ", before.lower()).strip()
    return said.strip(_AFTER) if words in _WORDS or words.startswith("copyright ") else None


def _bare(line: str) -> str:
    bare = line.lstrip(_BEFORE).rstrip(_AFTER)
    return bare.removeprefix("REM ").removeprefix("dnl ").lstrip()


def identifiers_in(expression: str) -> set[str]:
    """SPDX identifiers of an expression, each with its exception; ``unrecognised`` where it is none."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    bare = expression.strip(" \t.;")
    if len(bare) > _LONGEST:
        return {UNRECOGNISED}
    while bare.endswith(")") and bare.count(")") > bare.count("("):  # the end of a comment as in Pascal and OCaml
        bare = bare[:-1].rstrip(_AFTER)
    try:
        exact = str(canonicalize_license_expression(bare))
    except InvalidLicenseExpression:
        return {UNRECOGNISED}
    return set(_OPERATOR.split(exact.replace("(", " ").replace(")", " ").strip()))


def _noticed(words: str) -> set[str]:
    small = words.lower()
    found = {name for name, notice in _NOTICES if notice in small}
    if _BSD in small:
        found.add("BSD-3-Clause" if "neither the name" in small else "BSD-2-Clause")
    if _ISC.search(small):
        found.add("ISC" if "provided that the above copyright notice" in small else "0BSD")
    return found | {_gnu(said) for said in _GNU.finditer(words)}


def _gnu(said: re.Match[str]) -> str:
    kind = (said["kind"] or "").strip().lower()
    name = {"": "GPL", "lesser": "LGPL", "library": "LGPL", "affero": "AGPL"}[kind]
    rest = _VERSION.search(said["rest"])
    version = said["before"] or said["middle"] or (rest and rest.group(1))
    if version is None:
        return UNRECOGNISED
    number = version if "." in version else f"{version}.0"
    return f"{name}-{number}-{'or-later' if 'any later version' in said['rest'].lower() else 'only'}"
