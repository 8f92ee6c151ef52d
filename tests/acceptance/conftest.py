"""Homes for whole Marlins."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def marlin_home() -> Iterator[Path]:
    """A fresh MARLIN_HOME that PostgreSQL's own user can pass; pytest's own folders are closed to it."""
    folder = Path(tempfile.mkdtemp(prefix="marlin-home-", dir="/var/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def marlin_env(marlin_home: Path) -> dict[str, str]:
    """The environment of a Marlin of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MARLIN_", "DATABASE_URL"))}
    return {**clean, "MARLIN_HOME": str(marlin_home)}
