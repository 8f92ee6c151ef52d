"""Many differences by few processes: one ``git diff-tree --stdin`` for each mirror that is being read.

Starting git takes longer than most differences do. What it prints is what :func:`marlin.workspaces.diff` gives, to the
byte; whatever is out of the ordinary is left to that function, which explains it. Not safe between threads.
"""

from __future__ import annotations

import secrets
import select
import subprocess
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from marlin.workspaces import git
from marlin.workspaces.bundles import OBJECT_ID
from marlin.workspaces.diffs import DIFF_LIMIT, OPTIONS, diff
from marlin.workspaces.errors import TooLargeError
from marlin.workspaces.mirrors import Mirror

_MOST_OPEN = 4
_SECONDS = 60.0
_CHUNK = 1 << 16


class _OddError(Exception):
    """Not what a difference looks like: too late, too long, no such commit, or git is gone."""


class Differ:
    """Differences of any number of mirrors; close it at the end."""

    def __init__(self) -> None:
        self._open: OrderedDict[Path, subprocess.Popen[bytes]] = OrderedDict()

    def diff(self, mirror: Mirror, a: str, b: str, *, limit: int = DIFF_LIMIT, memory: int | None = None) -> bytes:
        """The raw text of ``git diff``; parameters and errors as :func:`marlin.workspaces.diff`."""
        if OBJECT_ID.fullmatch(a) and OBJECT_ID.fullmatch(b):
            try:
                return self._ask(mirror, a, b, limit, memory)
            except (OSError, _OddError):
                self._end(mirror.path)
            except TooLargeError:
                self._end(mirror.path)
                raise
        return diff(mirror, a, b, limit=limit, memory=memory)

    def close(self) -> None:
        """End every process."""
        for path in list(self._open):
            self._end(path)

    def _ask(self, mirror: Mirror, a: str, b: str, limit: int, memory: int | None) -> bytes:
        process = self._process(mirror, memory)
        assert process.stdin is not None
        # A line that is no object's name is printed as it is, and at once: the end of what the line before it asked.
        end = f"end {secrets.token_hex(16)}\n".encode()
        process.stdin.write(f"{b} {a}\n".encode() + end)
        said = bytearray()
        for data in _read(process):
            said += data
            if said.endswith(end):
                break
            if len(said) > limit + 256:
                raise git.too_large("diff-tree", limit)
        head = f"{b}\n".encode()  # absent if there is no such commit
        if not said.startswith(head) or not said.endswith(end):
            raise _OddError
        found = bytes(said[len(head) : -len(end)])
        if len(found) > limit:
            raise git.too_large("diff-tree", limit)
        return found

    def _process(self, mirror: Mirror, memory: int | None) -> subprocess.Popen[bytes]:
        process = self._open.pop(mirror.path, None)
        if process is None:
            if len(self._open) >= _MOST_OPEN:
                self._end(next(iter(self._open)))
            words = ["diff-tree", "--stdin", "--always", "-r", "-p", *OPTIONS, "-U3"]
            process = subprocess.Popen(
                ["git", *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env=git.environment(mirror.path),
            )
            git.limit_memory(process, memory)
        self._open[mirror.path] = process
        return process

    def _end(self, path: Path) -> None:
        process = self._open.pop(path, None)
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _read(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """What the process says, as it comes."""
    assert process.stdout is not None
    waiting = select.poll()
    waiting.register(process.stdout, select.POLLIN)
    ends = time.monotonic() + _SECONDS
    while waiting.poll(max(0.0, ends - time.monotonic()) * 1000):
        data = process.stdout.read(_CHUNK)
        if not data:
            break
        yield data
    raise _OddError
