"""A second workspace, a snapshot, its diffs: against ``git worktree add`` and ``git add -A``, in turn, in one run.

Needs the privileges that sandboxes need, and a package index to fetch mlflow-skinny from.
"""

from __future__ import annotations

import asyncio
import secrets
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from marlin.sandboxes import BubblewrapBackend, SandboxSpec, host_view, open_backend, remove_tree
from marlin.settings import Settings
from marlin.workspaces import DurableStore, Workspaces, fetch_policy, parse_source

ROUNDS = 9
FILES = 5_000
EDITS = 20

EDIT = f"""
import pathlib, sys
tracked = sorted(p for p in pathlib.Path(".").rglob("*.py") if ".git" not in p.parts)
for path in tracked[:: max(1, len(tracked) // {EDITS})][:{EDITS}]:
    path.write_text(path.read_text() + "# " + sys.argv[1] + "\\n")
pathlib.Path("new.py").write_text("x = " + sys.argv[1] + "\\n")
pathlib.Path("debug.log").write_text("log\\n")
"""


TARGETS = {"second workspace": 10.0, "second workspace to first command": 100.0, "snapshot + diff": 100.0}
"""Milliseconds on an idle machine."""

AGAINST = {
    "second workspace": "git worktree add",
    "second workspace to first command": "git worktree add",
    "snapshot + diff": "git add -A, write-tree",
}
"""What a measurement is divided by for its ratio."""


class Laps:
    """Named measurements, in seconds."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}

    @contextmanager
    def lap(self, name: str) -> Iterator[None]:
        """Measure the block."""
        started = time.perf_counter()
        yield
        self.add(name, time.perf_counter() - started)

    def add(self, name: str, seconds: float) -> None:
        """Note a measurement that was made elsewhere."""
        self.taken.setdefault(name, []).append(seconds)

    def rows(self, where: str) -> list[dict[str, Any]]:
        """Medians: name, value, unit, target, ratio."""
        medians = {name: statistics.median(seconds) * 1000 for name, seconds in self.taken.items()}
        return [
            {
                "name": f"{where}: {name}",
                "value": round(value, 1),
                "unit": "ms",
                "target": TARGETS.get(name),
                "ratio": round(value / medians[AGAINST[name]], 3) if name in AGAINST else None,
            }
            for name, value in medians.items()
        ]


def _repository(folder: Path) -> Path:
    """A repository of many files of about 1 KiB."""
    for number in range(FILES):
        path = folder / f"package{number // 100:02}" / f"module{number:05}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {number}\n" + "value = 1\n" * 100)
    (folder / ".gitignore").write_text("*.log\n")
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=b", "-c", "user.email=b@b", "commit", "-qm", "base"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


async def _measure(workspaces: Workspaces, backend: BubblewrapBackend, home: Path, source: str, laps: Laps) -> None:
    with laps.lap("import"):
        imported = await workspaces.import_source(parse_source(source, operator=True))
    repository, base = imported.repository, imported.commit
    with laps.lap("first workspace"):
        await workspaces.base_layer(repository, base)
    clone = home / secrets.token_hex(4)
    mirror = workspaces.mirrors.open(repository)
    subprocess.run(["git", "init", "-q", str(clone)], check=True)
    (clone / ".git/objects/info/alternates").write_text(f"{mirror.path}/objects\n")
    (clone / ".git/shallow").write_text(f"{base}\n")
    subprocess.run(["git", "update-ref", "refs/heads/base", base], cwd=clone, check=True)
    for number in range(ROUNDS):
        tree = home / secrets.token_hex(4)
        with laps.lap("git worktree add"):
            subprocess.run(["git", "worktree", "add", "-q", "--detach", str(tree), base], cwd=clone, check=True)
        subprocess.run(["python3", "-c", EDIT, str(number)], cwd=tree, check=True)
        with laps.lap("git add -A, write-tree"):
            subprocess.run(["git", "add", "-A"], cwd=tree, check=True)
            subprocess.run(["git", "write-tree"], cwd=tree, check=True, capture_output=True)
        remove_tree(tree)
        with laps.lap("second workspace"):
            start = await workspaces.open_turn(repository, base)
        with laps.lap("second workspace to first command"):
            spec = SandboxSpec(id=secrets.token_hex(8), base=host_view(backend.store), lowers=start.lowers)
            sandbox = await backend.open(spec)
            await sandbox.exec(["true"], timeout=60)
        await sandbox.exec(["python3", "-c", EDIT, str(number)], timeout=60)
        with laps.lap("seal"):
            files, kept = await sandbox.seal(f"bench-{secrets.token_hex(6)}")
        with laps.lap("snapshot + diff"):
            snapshot = await workspaces.capture(
                repository, parent=base, lowers=start.lowers, files=files, home=kept, comparison="b", turn=1, side="a"
            )
            stat = workspaces.diffstat(repository, base, snapshot.commit)
            await asyncio.gather(stat, workspaces.diff(repository, base, snapshot.commit))
        for part, seconds in snapshot.seconds.items():
            laps.add(f"… of it: {part}", seconds)


async def _measure_all() -> list[dict[str, Any]]:
    home = Path(tempfile.mkdtemp(prefix="marlin-bench-"))
    backend = open_backend(home, demo=True)
    workspaces = Workspaces(
        home,
        backend=backend,
        layers=backend.store,
        image=host_view(backend.store),
        durable=DurableStore((home / "storage").as_uri()),
        policy=fetch_policy(Settings()),
    )
    rows: list[dict[str, Any]] = []
    try:
        made = _repository(home / "made")
        for where, source in (("mlflow-skinny 3.8.0", "pypi:mlflow-skinny==3.8.0"), (f"{FILES:,} files", str(made))):
            laps = Laps()
            await _measure(workspaces, backend, home, source, laps)
            rows += laps.rows(where)
    finally:
        await backend.close()
        remove_tree(home)
    return rows


def run() -> list[dict[str, Any]]:
    """Rows of name, value, unit, target and ratio (against git's own way, on the same files in the same run)."""
    return asyncio.run(_measure_all())


if __name__ == "__main__":
    for row in run():
        print(row)
