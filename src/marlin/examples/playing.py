"""Play a script's steps without an agent: for :mod:`marlin.examples.verify` and for tests of the scripts.

The scripted agent does the same inside a sandbox and speaks the Agent Client Protocol while it does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from marlin.examples.errors import BrokenExampleError
from marlin.examples.scripts import Step


class Workplace(Protocol):
    """The files that a script works on."""

    async def read(self, path: str) -> str | None:
        """The text of a file, None when there is no such file."""

    async def write(self, path: str, text: str) -> None:
        """Write a file, making its folders."""

    async def run(self, command: str, *, stdin: str = "") -> tuple[int, str]:
        """Run a shell command in the workspace; its exit code and output."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that a script ran."""

    command: str
    exit_code: int
    output: str


async def play(steps: Iterable[Step], workplace: Workplace) -> list[Ran]:
    """Do what the steps say, without waiting; the commands that were run.

    :raises BrokenExampleError: an edit or patch does not fit the files.
    """
    ran = []
    for number, step in enumerate(steps, start=1):
        if "run" in step:
            ran.append(Ran(step["run"], *await workplace.run(step["run"])))
        elif "write" in step:
            await workplace.write(step["write"], step["content"])
        elif "edit" in step:
            await _edit(number, step["edit"], step["old"], step["new"], workplace)
        elif "patch" in step:
            code, output = await workplace.run("git apply --whitespace=nowarn -", stdin=step["patch"])
            if code:
                raise BrokenExampleError(f"Step {number}: the patch does not apply: {output.strip()[:300]}")
    return ran


async def _edit(number: int, path: str, old: str, new: str, workplace: Workplace) -> None:
    text = await workplace.read(path)
    if text is None:
        raise BrokenExampleError(f"Step {number}: there is no {path}")
    if text.count(old) != 1:
        raise BrokenExampleError(
            f"Step {number}: the text to replace occurs {text.count(old)} times in {path}: {old!r}"
        )
    await workplace.write(path, text.replace(old, new))
