"""Results as arms leave them, with real layers and commits: for tests that open them by hand."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from tests.factories.judgement import ready_comparison

from marlin.comparisons import SIDES, Comparison, Rollout, Side, Turn
from marlin.comparisons.continuation import Result, Start
from marlin.db import Database, new_id, now
from marlin.sandboxes import HOME, WORKSPACE
from marlin.settings import Settings
from marlin.tasks import Brief, Environment, Workbench
from marlin.workbench import open_workbench
from marlin.workspaces import StoredLayer, mirror_key
from marlin.workspaces.local import bundle_local
from marlin.workspaces.sources import Source, SourceKind

LIMITS = {"memory_mib": 256, "pids": 512, "cpus": 1.0, "disk_mib": 64}
ENVIRONMENT = {"base_image": "host-view", "set_up_command": "", "status": "ready"}


def make_repository(folder: Path) -> None:
    """A small repository with a history: what came before the base must reach nobody."""
    folder.mkdir(parents=True)
    _git(folder, "init", "-q", "-b", "main")
    for number, text in enumerate(("secret of the past\n", "def add(a, b):\n    return a - b\n", "the future\n")):
        (folder / ("shop.py" if number == 1 else f"note{number}.txt")).write_text(text)
        _git(folder, "add", "-A")
        _git(folder, "commit", "-qm", f"commit {number}")


def _git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


@dataclass(frozen=True)
class RealResults:
    """Two results on one base.

    :ivar base: the second of the repository's three commits.
    """

    repository: str
    base: str
    later: str
    sides: dict[Side, Result]


@asynccontextmanager
async def bench_on(home: Path, **changes: object) -> AsyncIterator[Workbench]:
    """A worker's tools over a view of this machine's /usr."""
    async with open_workbench(Settings(home=home, **changes), demo=True) as bench:  # type: ignore[arg-type]
        yield bench


async def real_results(bench: Workbench, folder: Path) -> RealResults:
    """Run two arms of three lines each, and keep what they leave."""
    make_repository(folder)
    base, later = _git(folder, "rev-parse", "HEAD~1"), _git(folder, "rev-parse", "HEAD")
    source = Source(SourceKind.LOCAL_GIT, str(folder), base)
    key = mirror_key(source.canonical)
    for number, revision in enumerate((base, later)):  # another comparison brought a later commit
        scratch = folder.with_name(f"{folder.name}-bundle-{number}")
        scratch.mkdir()
        _, bundle = bundle_local(Source(SourceKind.LOCAL_GIT, str(folder), revision), scratch)
        bench.code.mirrors.add(key, bundle, base=True)
    environment = Environment(id=new_id(), key="k", repository=key, base_commit=base, **ENVIRONMENT)
    sides: dict[Side, Result] = {}
    for side in SIDES:
        sides[side] = await work(bench, environment, side, f"printf 'by {side}\\n' >> shop.py")
    return RealResults(key, base, later, sides)


async def work(bench: Workbench, environment: Environment, side: Side, command: str) -> Result:
    sandbox = await bench.open_sandbox(environment, sandbox_id=new_id().hex[:20], limits=LIMITS)
    await sandbox.exec(["sh", "-c", command], cwd=WORKSPACE, timeout=60)
    await sandbox.write_file(HOME / ".agent" / "who", b"sentinel-agent\n")
    snapshot = await bench.snapshot(
        environment,
        sandbox,
        parent=environment.base_commit,
        files=[],
        comparison=new_id().hex[:12],
        turn=1,
        side=side,
        earlier=[],
    )
    files, home = (StoredLayer(layer.name, layer.digest) for layer in (snapshot.files, snapshot.home))
    return Result(snapshot.commit, files, home, None)


async def real_comparison(database: Database, owner_id: UUID, real: RealResults, **terms: object) -> UUID:
    """A comparison of somebody's whose first turn has these results."""
    comparison_id = await ready_comparison(database, owner_id, limits=LIMITS, **terms)
    async with database.transaction() as session:
        comparison = await session.get_one(Comparison, comparison_id)
        brief = await session.get_one(Brief, comparison.brief_id)
        brief.repository, brief.base_commit = real.repository, real.base
        environment = await session.get_one(Environment, comparison.environment_id)
        environment.repository, environment.base_commit = real.repository, real.base
        environment.base_image = "host-view"
        comparison.created_at = now() - timedelta(days=1)  # the results are older than this test
        first = comparison.created_at
        turn = (await session.scalars(select(Turn).where(Turn.comparison_id == comparison_id))).one()
        turn.created_at = first
        for rollout in await session.scalars(select(Rollout).where(Rollout.turn_id == turn.id)):
            result = real.sides["A" if rollout.side == "A" else "B"]
            rollout.start, rollout.result, rollout.commit = Start(real.base).to_json(), result.to_json(), result.commit
    return comparison_id
