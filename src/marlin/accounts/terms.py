"""The terms that people accept: versioned text files in this package. A version, once published, is never edited."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of the terms.

    :ivar version: the name of the file, such as ``2026-11-01``; versions sort by date.
    :ivar markdown: the text.
    """

    version: str
    markdown: str


@lru_cache(maxsize=1)
def current_terms() -> Terms:
    """The latest version."""
    folder = files("marlin.accounts") / "terms"
    latest = max((item for item in folder.iterdir() if item.name.endswith(".md")), key=lambda item: item.name)
    return Terms(latest.name.removesuffix(".md"), latest.read_text(encoding="utf-8"))
