"""Faults beyond killing: frozen workers, an empty second worker, a database that is away, a disk that is full."""

from __future__ import annotations

from collections.abc import Callable

FAULTS: dict[str, Callable[[], str]] = {}
