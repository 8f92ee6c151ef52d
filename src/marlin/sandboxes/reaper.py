"""Removing what dead Marlin processes left behind.

Mounts, loop devices and namespaces go with the keeper, whose mount namespace held them. What stays is processes that
hang on for a moment, control groups, id ranges and files.
"""

from __future__ import annotations

import time
from pathlib import Path

from marlin.sandboxes import records
from marlin.sandboxes.cgroups import Cgroup
from marlin.sandboxes.layers import remove_tree


def reap(folder: Path, keep: frozenset[str] | set[str]) -> list[str]:
    """Remove the sandboxes below ``folder`` whose owner is dead, except ``keep``; their ids."""
    if not folder.is_dir():
        return []
    for path in folder.glob(f"{records.MAKING}*"):
        if _is_stale(path):  # its maker died within the milliseconds that this takes
            remove_tree(path)
    found = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".") and path.name not in keep]
    return [path.name for path in found if reap_one(path)]


def sandboxes_live(home: Path) -> int:
    """How many sandboxes of live Marlin processes there are in a data folder."""
    found = [records.Record.read(path) for path in (home / "sandboxes").glob("[!.]*")]
    return sum(record is not None and record.owner.alive for record in found)


def reap_one(folder: Path) -> bool:
    """Remove one sandbox, unless its owner lives; whether it was removed."""
    record = records.Record.read(folder)
    if record is None and not _is_stale(folder):
        return False
    if record is not None:
        if record.owner.alive:
            return False
        group = Cgroup(record.cgroup_kind, {name: Path(path) for name, path in record.cgroups.items()})
        if any(path.exists() for path in group.paths.values()):
            group.kill()
            group.remove()
        records.free_slot(record.slot)
    remove_tree(folder)
    return True


def _is_stale(folder: Path) -> bool:
    """Whether a folder without a record is old enough to be sure that nobody is making it this moment."""
    try:
        return time.time() - folder.stat().st_mtime > 60
    except FileNotFoundError:
        return False
