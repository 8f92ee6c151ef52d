"""Where a benchmark of a service runs: a folder of its own, with an embedded database in it."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from marlin.db import EmbeddedPostgres
from marlin.db.engine import parse_url
from marlin.db.migrating import upgrade


@contextlib.contextmanager
def installed(options: dict[str, str] | None = None) -> Iterator[tuple[str, Path]]:
    """The database's address, its tables made, and the folder; both are gone afterwards.

    :param options: of the server, such as ``fsync``.
    """
    home = Path(tempfile.mkdtemp(prefix="marlin-bench-"))
    home.chmod(0o711)
    postgres = EmbeddedPostgres(home / "postgres", options=options)
    try:
        url = postgres.start()
        upgrade(parse_url(url))
        yield url, home
    finally:
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)
