"""What all probes use."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Any

Probe = Callable[[dict[str, Any]], "str | None"]

PROBES: dict[str, Probe] = {}
_libc = ctypes.CDLL(None, use_errno=True)


def probe(function: Probe) -> Probe:
    """Register a probe under its function's name."""
    PROBES[function.__name__] = function
    return function


def syscall(number: int, *arguments: object) -> int:
    """Make a system call (x86-64 numbers); raises OSError."""
    converted = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = int(_libc.syscall(ctypes.c_long(number), *converted))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def read(path: str, size: int = 4096) -> bytes:
    """The beginning of a file."""
    with open(path, "rb") as file:
        return file.read(size)
