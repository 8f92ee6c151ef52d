"""TOML of repositories, which anybody may have written. Pure."""

from __future__ import annotations

import re
import tomllib
from typing import Any

_MOST_PARTS = 64
"""Of a name such as ``tool.ruff.lint``. The library remembers each beginning of each name: half a megabyte of dots
would take it hours."""
_QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_BLANK = re.compile(r"[ \t]+")
_NAME = re.compile(r"[\w.-]+")


def read_toml(text: str) -> dict[str, Any]:
    """What a text says.

    :raises ValueError: it is no TOML, or a name in it has too many parts.
    :raises RecursionError: it is nested too deeply.
    """
    bare = _BLANK.sub("", _QUOTED.sub("", text))
    if any(name.group().count(".") > _MOST_PARTS for name in _NAME.finditer(bare)):
        raise ValueError("a name has too many parts")
    return tomllib.loads(text)
