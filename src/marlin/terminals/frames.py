"""The bytes between a web service and the worker that keeps a terminal: a kind, a length, and as many bytes.

Input and output are bytes as the shell and the browser have them; control is JSON, an object with a ``type``.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from enum import Enum
from typing import Any

from marlin.errors import InvalidInputError

LARGEST = 1 << 18
"""Most bytes of a frame: the whole of a terminal's recent output."""


class Kind(bytes, Enum):
    """What a frame holds."""

    INPUT = b"i"
    OUTPUT = b"o"
    CONTROL = b"c"


@dataclass(frozen=True, slots=True)
class Frame:
    """One message."""

    kind: Kind
    data: bytes

    def control(self) -> dict[str, Any]:
        """The object of a control frame; empty if it is none."""
        return control_object(self.data)

    def encode(self) -> bytes:
        """As it crosses the wire."""
        return self.kind.value + len(self.data).to_bytes(4, "big") + self.data


def control(kind: str, **fields: Any) -> Frame:
    """A control frame."""
    return Frame(Kind.CONTROL, json.dumps({"type": kind, **fields}).encode())


def control_object(data: bytes | str) -> dict[str, Any]:
    """A control message's object; an empty one for whatever is none."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("type"), str) else {}


def number(found: dict[str, Any], name: str) -> int:
    """A whole number of a control message; 0 for whatever is none."""
    value = found.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


async def read_frame(reader: asyncio.StreamReader) -> Frame | None:
    """The next frame; None when the other end is gone.

    :raises InvalidInputError: it is no frame, or too large.
    """
    try:
        head = await reader.readexactly(5)
        length = int.from_bytes(head[1:], "big")
        if head[:1] not in {kind.value for kind in Kind} or length > LARGEST:
            raise InvalidInputError(
                "Not a frame of a terminal.", hint="Do web service and workers run the same version?"
            )
        return Frame(Kind(head[:1]), await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
