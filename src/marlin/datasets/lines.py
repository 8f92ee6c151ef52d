"""A row as one line of JSON. Pure."""

from __future__ import annotations

import json
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)


def to_line(row: dict[str, Any]) -> bytes:
    """UTF-8, with its line feed."""
    return (_ENCODER.encode(row) + "\n").encode()
