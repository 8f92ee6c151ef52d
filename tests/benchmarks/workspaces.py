"""Sandboxes, workspaces, snapshots and both sides of a turn: against git's own commands, in turn, in one run.

Two trees: the source of a package as people use it, and a generated one of 5,000 files. Needs root, and the package
registry that the machine's own client is set up for.
"""

from __future__ import annotations

import asyncio
import secrets
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.benchmarks.laps import Laps, Row, quick, tell

from marlin import tasks
from marlin.agents import JsonlSink, PromptOutcome, Redactor
from marlin.comparisons import Side, capturing
from marlin.comparisons.blinding import SIDES
from marlin.comparisons.continuation import Start
from marlin.comparisons.lifecycle import Assignment
from marlin.comparisons.preparing import Prepared
from marlin.db import new_id
from marlin.logging import configure
from marlin.sandboxes import Sandbox, remove_tree
from marlin.settings import Settings
from marlin.tasks import Environment, Workbench
from marlin.workbench import open_workbench
from marlin.workspaces import parse_source

ROUNDS = 25
FILES = 5_000
EDITS = 20
PACKAGE = "mlflow-skinny==3.8.0"
LIMITS = {"memory_mib": 1024, "pids": 512, "cpus": 2.0, "disk_mib": 512}

EDIT = f"""
import pathlib, sys
tracked = sorted(p for p in pathlib.Path(".").rglob("*.py") if ".git" not in p.parts)
for path in tracked[:: max(1, len(tracked) // {EDITS})][:{EDITS}]:
    path.write_text(path.read_text() + "# " + sys.argv[1] + "\\n")
pathlib.Path("new.py").write_text("x = " + repr(sys.argv[1]) + "\\n")
pathlib.Path("debug.log").write_text("log\\n")
"""

WORKTREE = "git worktree add"
BUBBLEWRAP = "bubblewrap alone: run `true`"
ADD = "git add -A, git write-tree in a worktree"
TARGETS = {
    "files of a second workspace": 10,
    "second sandbox to its first command": 100,
    "snapshot and diff of 20 edits": 100,
    "both agents stopped to both diffs": 1000,
}
AGAINST = {
    "files of a second workspace": WORKTREE,
    "second sandbox to its first command": WORKTREE,
    "snapshot and diff of 20 edits": ADD,
    "sandbox: run `true`": BUBBLEWRAP,
}


def _repository(folder: Path) -> Path:
    """A repository of FILES files of about 1 KiB."""
    for number in range(FILES):
        path = folder / f"package{number // 100:02}" / f"module{number:05}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {number}\n" + "value = 1\n" * 100)
    (folder / ".gitignore").write_text("*.log\n")
    commit = ["-c", "user.name=b", "-c", "user.email=b@b", "commit", "-qm", "base"]
    for command in (["init", "-q"], ["add", "."], commit):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


class _Bench:
    """One repository, and what is measured on it."""

    def __init__(self, bench: Workbench, environment: Environment, home: Path) -> None:
        self.bench = bench
        self.environment = environment
        self.home = home
        self.laps = Laps()

    async def _open(self) -> Sandbox:
        return await self.bench.open_sandbox(self.environment, sandbox_id=secrets.token_hex(8), limits=LIMITS)

    async def git_round(self, clone: Path, number: int) -> None:
        """The same work with git's own commands."""
        tree = self.home / secrets.token_hex(4)
        with self.laps.lap(WORKTREE):
            command = ["git", "worktree", "add", "-q", "--detach", str(tree), self.environment.base_commit]
            await asyncio.to_thread(subprocess.run, command, cwd=clone, check=True)
        subprocess.run(["python3", "-c", EDIT, str(number)], cwd=tree, check=True)
        with self.laps.lap(ADD):
            for command in (["git", "add", "-A"], ["git", "write-tree"]):
                await asyncio.to_thread(subprocess.run, command, cwd=tree, check=True, capture_output=True)
        remove_tree(tree)

    async def sandbox_round(self) -> None:
        """Open, run, destroy."""
        laps = self.laps
        with laps.lap("files of a second workspace"):
            await self.bench.stack(self.environment, ())
        with laps.lap("second sandbox to its first command"):
            with laps.lap("sandbox: open"):
                sandbox = await self._open()
            await sandbox.exec(["true"], timeout=60)
        alone = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"]
        for _ in range(3):
            with laps.lap(BUBBLEWRAP):
                await (await asyncio.create_subprocess_exec(*alone)).wait()
            with laps.lap("sandbox: run `true`"):
                await sandbox.exec(["true"], timeout=60)
        with laps.lap("sandbox: destroy"):
            await sandbox.destroy()

    async def snapshot_round(self, number: int) -> None:
        """One side's turn: its edits become a commit and a diff."""
        base, repository = self.environment.base_commit, self.environment.repository
        sandbox = await self._open()
        await sandbox.exec(["python3", "-c", EDIT, f"alone {number}"], timeout=60)
        with self.laps.lap("snapshot and diff of 20 edits"):
            snapshot = await self.bench.snapshot(
                self.environment, sandbox, parent=base, files=(), comparison=uuid4().hex, turn=1, side="A", earlier=[]
            )
            changes, _ = await asyncio.gather(
                self.bench.code.changes(repository, base, snapshot.commit),
                self.bench.code.diff(repository, base, snapshot.commit),
            )
        assert len(changes.files) > EDITS, changes
        for part, seconds in snapshot.seconds.items():
            self.laps.add(f"snapshot: {part}", seconds)

    async def turn_round(self, number: int) -> None:
        """Both sides at once, as a turn's job does it, from the agents' end to both diffs."""
        comparison = new_id()
        sides = []
        for side in SIDES:
            sandbox = await self._open()
            await sandbox.exec(["python3", "-c", EDIT, f"{side} {number}"], timeout=60)
            work = self._assignment(comparison, side)
            sides.append((work, self._prepared(work, sandbox)))
        outcome = PromptOutcome(
            kind="completed", stop_reason="end_turn", detail="It stopped.", session_id="", seconds=0.0
        )

        async def capture(work: Assignment, prepared: Prepared) -> None:
            captured = await capturing.capture(self.bench, work, prepared, outcome)
            assert len(captured.files) > EDITS, captured.files
            await self.bench.code.diff(self.environment.repository, work.start.commit, captured.result.commit)

        with self.laps.lap("both agents stopped to both diffs"):
            await asyncio.gather(*(capture(work, prepared) for work, prepared in sides))
        for _, prepared in sides:
            await prepared.close()

    def _assignment(self, comparison: Any, side: Side) -> Assignment:
        return Assignment(
            comparison_id=comparison,
            turn_id=new_id(),
            turn_number=1,
            rollout_id=new_id(),
            arm_id=new_id(),
            environment_id=self.environment.id,
            brief_id=new_id(),
            side=side,
            attempt=1,
            attempt_id=new_id(),
            job_id=new_id().hex,
            prompt="",
            continuation="first",
            start=Start(self.environment.base_commit),
            terms={"limits": LIMITS},
            left=None,
        )

    def _prepared(self, work: Assignment, sandbox: Sandbox) -> Prepared:
        words = ("sentinel-arm", "sentinel-model")
        return Prepared(
            bench=self.bench,
            work=work,
            environment=self.environment,
            sandbox=sandbox,
            spec=None,  # type: ignore[arg-type] # nothing after an agent's end reads them
            installed=None,  # type: ignore[arg-type]
            words=words,
            redactor=Redactor(words),
            acp=JsonlSink(self.bench.raw_folder / "acp" / f"{work.attempt_id}.jsonl"),
            model=None,
        )


async def _measure(bench: Workbench, home: Path, where: str, source: str, rounds: int) -> list[Row]:
    tell(f"{where}: importing")
    imported = await bench.workspaces.import_source(parse_source(source, operator=True))
    environment = Environment(
        id=new_id(),
        key=new_id().hex,
        repository=imported.repository,
        base_commit=imported.commit,
        set_up_command="",
        base_image="host-view",
        status="ready",
        files=None,
    )
    one = _Bench(bench, environment, home)
    with one.laps.lap("first workspace: its files are written"):
        await bench.workspaces.base_layer(imported.repository, imported.commit)
    mirror = bench.workspaces.mirrors.open(imported.repository)
    clone = home / secrets.token_hex(4)
    subprocess.run(
        ["git", "clone", "-q", "--shared", "--no-checkout", str(mirror.path), str(clone)],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    tell(f"{where}: {rounds} rounds")
    for number in range(rounds):
        await one.git_round(clone, number)
        await one.sandbox_round()
        await one.snapshot_round(number)
        await one.turn_round(number)
    return one.laps.rows(f"{where}: ", targets=TARGETS, against=AGAINST)


async def _run() -> list[Row]:
    home = Path(tempfile.mkdtemp(prefix="marlin-bench-"))
    rounds = 3 if quick() else ROUNDS
    try:
        async with open_workbench(Settings(home=home), demo=True) as bench:
            rows = await _measure(bench, home, PACKAGE.replace("==", " "), f"pypi:{PACKAGE}", rounds)
            made = str(_repository(home / "made"))
            return rows + await _measure(bench, home, f"{FILES:,} files", made, rounds)
    finally:
        tasks.use_workbench(None)
        remove_tree(home)


def run() -> list[Row]:
    """Rows as :mod:`tests.benchmarks.laps` describes them."""
    configure(level="WARNING")
    return asyncio.run(_run())


if __name__ == "__main__":
    for row in run():
        print(row)
