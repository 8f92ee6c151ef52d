"""A folder on this machine as a workplace. For our own sample repository only: other code runs in a sandbox."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from marlin.examples import sample_repository_commit


@dataclass
class Folder:
    path: Path

    async def read(self, path: str) -> str | None:
        target = self.path / path
        return target.read_text(encoding="utf-8") if target.exists() else None

    async def write(self, path: str, text: str) -> None:
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    async def run(self, command: str, *, stdin: str = "") -> tuple[int, str]:
        process = await asyncio.create_subprocess_shell(
            command,
            cwd=self.path,
            env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate(stdin.encode())
        assert process.returncode is not None
        return process.returncode, output.decode(errors="replace")


@pytest.fixture
def sample(tmp_path: Path) -> Folder:
    folder = tmp_path / "repository"
    sample_repository_commit(folder)
    return Folder(folder)
