"""Measuring a change in a process of its own: an arm wrote what is read, and no file may stop a worker or fill it."""

from __future__ import annotations

import asyncio
import json
import pickle
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from marlin import logging
from marlin.comparisons import size
from marlin.comparisons.size import Size
from marlin.tasks import is_test_file

PATIENCE = 4.0
"""So many times its processor seconds may pass by the clock: others use the machine too."""

log = logging.get(__name__)


async def measured(
    before: Mapping[str, bytes | None],
    after: Mapping[str, bytes | None],
    lines: Mapping[str, tuple[int, int]],
    *,
    seconds: int = size.SECONDS,
    memory: int = size.MEMORY,
) -> Size | None:
    """The size of a change; see :func:`marlin.comparisons.size.measure`. None if it takes too long or too much room."""
    if not lines:
        return size.measure(before, after, lines)
    tests = {path for path in lines if is_test_file(path)}
    wanted = pickle.dumps((dict(before), dict(after), dict(lines), tests))
    return await asyncio.to_thread(_run, wanted, seconds, memory)


def _run(wanted: bytes, seconds: int, memory: int) -> Size | None:
    program = [sys.executable, "-I", str(Path(size.__file__)), str(seconds), str(memory)]
    limit = PATIENCE * seconds
    try:
        done = subprocess.run(program, input=wanted, capture_output=True, env={}, cwd="/", timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        log.warning("a change was not measured", reason=f"not done after {limit:g} s")
        return None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        log.warning("a change was not measured", status=done.returncode, reason=said[:500])
        return None
    told = json.loads(done.stdout)
    return Size(**{**told, "new_dependencies": tuple(told["new_dependencies"])})
