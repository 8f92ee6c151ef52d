"""Fetches the JUnit XML reports that a test command wrote out of its sandbox."""

from __future__ import annotations

import asyncio
from pathlib import PurePosixPath

from marlin import logging
from marlin.sandboxes import (
    WORKSPACE,
    CommandNotFoundError,
    ExecTimeoutError,
    Sandbox,
    SandboxError,
    SandboxFileError,
)
from marlin.tasks.junit import NotAReportError, Report, read_report, together

log = logging.get(__name__)

FILES = 200
"""Reports that are read; some runners write one for each class."""

FILE_BYTES = 16 * 1024**2
ALL_BYTES = 32 * 1024**2

_BEGAN = PurePosixPath("/tmp/.began")

# Files that the command wrote, never one that lay in the repository. One too large is listed, so that it is known of.
_LIST = (
    f"find . -xdev \\( -name node_modules -o -name .git \\) -prune -o -type f -name '*.xml' -newer {_BEGAN} -print"
    f" | head -n {FILES + 1}"
)


async def begin(sandbox: Sandbox) -> None:
    """Note when the command begins: only what is newer is its report."""
    await sandbox.write_file(_BEGAN, b"")


async def collect(sandbox: Sandbox) -> tuple[Report, list[str]] | None:
    """What the reports say, and their paths; None where the command wrote none that can be read.

    A sandbox that can't answer any more has no report: what the command said counts without one.
    """
    reports: dict[str, Report] = {}
    try:
        listed = await sandbox.exec(["sh", "-c", _LIST], cwd=WORKSPACE, timeout=30, output_limit=256 * 1024)
        paths = [line[2:] for line in listed.stdout.decode(errors="surrogateescape").splitlines() if line[:2] == "./"]
        whole = len(paths) <= FILES and listed.dropped_bytes == 0
        left = ALL_BYTES
        for path in sorted(paths[:FILES]):
            try:
                data = await sandbox.read_file(WORKSPACE / path, limit=min(FILE_BYTES, left))
            except SandboxFileError:
                whole = False  # too large, gone again, or not to be read
                continue
            left -= len(data)
            try:
                reports[path] = await asyncio.to_thread(read_report, data)
            except NotAReportError as error:
                log.debug("an XML file is no report", reason=str(error))
    except (SandboxError, ExecTimeoutError, CommandNotFoundError) as error:
        log.info("no reports could be read", reason=error.message)
        return None
    if not any(report.outcomes for report in reports.values()):
        return None
    return together(reports.values(), whole=whole), list(reports)
