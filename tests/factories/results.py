"""Results as an arm leaves them: a repository, a sandbox in which files change, and the snapshot of it."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marlin.comparisons.checking import contents_of
from marlin.comparisons.linting import Change
from marlin.sandboxes import WORKSPACE, host_view, open_backend
from marlin.settings import Settings
from marlin.tasks import Code, Environment, Workbench, put_back, workspaces_folder
from marlin.workspaces import ChangeStatus, FileChange, Workspaces, fetch_policy, parse_source

LIMITS = {"memory_mib": 1024, "pids": 512, "cpus": 1.0, "disk_mib": 256}


@dataclass
class Desk:
    """A workbench, and the folder its repositories are made in."""

    bench: Workbench
    folder: Path

    async def environment(self, files: Mapping[str, str | bytes]) -> Environment:
        """An environment on a repository with these files."""
        folder = self.folder / secrets.token_hex(6)
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(text if isinstance(text, bytes) else text.encode())
        author = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
        for command in (["init", "-q"], ["add", "-A"], [*author, "commit", "-q", "--allow-empty", "-m", "base"]):
            subprocess.run(["git", *command], cwd=folder, check=True)
        imported = await self.bench.workspaces.import_source(parse_source(str(folder), operator=True))
        return Environment(repository=imported.repository, base_commit=imported.commit, base_image="host-view")

    async def change(self, environment: Environment, files: Mapping[str, str | bytes | None]) -> Change:
        """What an arm left that wrote these files (None: removed them)."""
        bench = self.bench
        sandbox = await bench.open_sandbox(environment, sandbox_id=secrets.token_hex(8), limits=LIMITS)
        raw = {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}
        assert all(not path.startswith("/") for path in raw), WORKSPACE
        await put_back(sandbox, raw)
        snapshot = await bench.snapshot(
            environment,
            sandbox,
            parent=environment.base_commit,
            files=(),
            comparison=secrets.token_hex(8),
            turn=1,
            side="a",
            earlier=(),
        )
        stat = await bench.code.changes(environment.repository, environment.base_commit, snapshot.commit)
        changed: list[dict[str, Any]] = [_row(entry) for entry in stat.files]
        contents = await contents_of(bench, environment, snapshot.commit, changed)
        return Change(environment, snapshot.commit, (snapshot.files,), changed, *contents)


def _row(change: FileChange) -> dict[str, Any]:
    """A changed file as the rollout's row has it."""
    return {
        "path": change.path,
        "old_path": change.old_path,
        "status": "T" if change.status is ChangeStatus.TYPE_CHANGED else change.status.value[0].upper(),
        "additions": change.additions or 0,
        "deletions": change.deletions or 0,
        "binary": change.binary,
    }


@asynccontextmanager
async def open_desk(home: Path) -> AsyncIterator[Desk]:
    """A worker's workbench in ``home``, on a view of this machine's /usr."""
    backend = open_backend(home, demo=True)
    settings = Settings(home=home, storage=(home / "storage").as_uri())
    code = Code(settings)
    image = host_view(backend.store)
    workspaces = Workspaces(
        workspaces_folder(settings),
        backend=backend,
        layers=backend.store,
        image=image,
        durable=code.durable,
        policy=fetch_policy(settings),
    )
    views = {"host-view": image}
    try:
        yield Desk(
            Workbench(settings, backend=backend, layers=backend.store, code=code, workspaces=workspaces, views=views),
            home / "made",
        )
    finally:
        await backend.close()
