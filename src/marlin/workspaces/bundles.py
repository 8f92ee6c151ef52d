"""Git bundles: the one form in which commits enter a mirror and rest in durable storage.

A bundle is a few lines of text and a pack (git's ``gitformat-bundle``, version 2). Its prerequisites are commits that
the reader must have. Marlin's bundles hold exactly one commit with its files; a base commit's prerequisites are its
parents, which nobody has: the mirror takes them as the end of history.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO

from marlin.workspaces.errors import UnsafeSourceError

SIGNATURE = b"# v2 git bundle\n"
OBJECT_ID = re.compile(r"[0-9a-f]{40}")
_MAX_HEADER = 1 << 16


@dataclass(frozen=True, slots=True)
class BundleHeader:
    """What a bundle says about itself.

    :ivar prerequisites: commits it does not hold.
    :ivar tips: names and the commits they stand for.
    :ivar pack_offset: where the pack begins, in bytes.
    """

    prerequisites: tuple[str, ...]
    tips: dict[str, str]
    pack_offset: int


def write_header(commit: str, parents: tuple[str, ...]) -> bytes:
    """The text before the pack, for one commit without its parents."""
    lines = [f"-{parent}\n" for parent in parents]
    return SIGNATURE + "".join([*lines, f"{commit} refs/heads/marlin\n", "\n"]).encode()


def read_header(source: BinaryIO) -> BundleHeader:
    """Read the header, leaving ``source`` where the pack begins.

    :raises UnsafeSourceError: this is no bundle of version 2.
    """
    if source.readline(_MAX_HEADER) != SIGNATURE:
        raise _broken()
    prerequisites: list[str] = []
    tips: dict[str, str] = {}
    offset = len(SIGNATURE)
    while True:
        line = source.readline(_MAX_HEADER)
        offset += len(line)
        if line == b"\n":
            return BundleHeader(tuple(prerequisites), tips, offset)
        text = line.decode("utf-8", "surrogateescape").rstrip("\n")
        object_id, _, name = text.removeprefix("-").partition(" ")
        if not line.endswith(b"\n") or offset > _MAX_HEADER or not OBJECT_ID.fullmatch(object_id):
            raise _broken()
        if text.startswith("-"):
            prerequisites.append(object_id)
        else:
            tips[name] = object_id


def _broken() -> UnsafeSourceError:
    return UnsafeSourceError(
        "What was fetched is not a git bundle with SHA-1 object names.",
        hint="Repositories in git's SHA-256 format are not supported; for others, fetch again.",
    )
