"""Checks of a result: each command in a fresh sandbox on the sealed files, so that no leftover process helps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from marlin import examples, logging, tasks
from marlin.comparisons import linting, measuring, size
from marlin.comparisons.blinding import opaque_id
from marlin.comparisons.continuation import Result
from marlin.comparisons.lifecycle import Assignment
from marlin.comparisons.linting import Change
from marlin.comparisons.models import CheckResult
from marlin.db import DatabaseUnavailableError, LostExecutorError, timeless_id, transaction
from marlin.errors import MarlinError, NotFoundError
from marlin.sandboxes import MIB, SandboxGoneError
from marlin.tasks import (
    BaseCheck,
    Brief,
    Environment,
    PlannedCheck,
    Workbench,
    against_base,
    outcomes_data,
    plan,
)
from marlin.workspaces import StoredLayer, TooLargeError

log = logging.get(__name__)

MEASURED_FILES = 400
"""Changed files that lint and size read; of a larger change the rest is counted by git's own numbers."""
MEASURED_BYTES = 64 * MIB
"""Of their contents, before and after together: they are in the worker's memory."""
_TOO_LARGE = b"\0" * (linting.LARGEST_FILE + 1)
"""Stands for contents that are not read: neither text nor small enough for any reader."""

LINT = "Lint of changed lines"
SIZE = "Size of the change"


async def check_result(
    bench: Workbench,
    work: Assignment,
    result: Result,
    changed: list[dict[str, Any]],
    *,
    on_check: Callable[[dict[str, Any]], None],
) -> list[CheckResult]:
    """Run every check that applies to a result.

    :param changed: the changed files, as the rollout's row has them.
    :param on_check: told each check's name and status as soon as it is known.
    """
    async with transaction() as session:
        environment = await tasks.get_environment(session, work.environment_id)
        brief = await tasks.get_brief(session, work.brief_id, owner_id=None)
        base = {
            (check.kind, check.name, check.command): check
            for check in await tasks.base_checks(session, work.environment_id)
        }
    planned = plan(
        test_command=brief.test_command,
        acceptance=tasks.acceptance_checks(brief.example),
        changed=[path for file in changed for path in (file["path"], file["old_path"]) if path],
        time_limit_seconds=float(work.terms["check_time_limit_seconds"]),
    )
    files = (*work.start.files, result.files)
    results = []
    for position, check in enumerate(planned):
        try:
            done = await _run(bench, work, environment, brief, check, files, position, base)
        except (DatabaseUnavailableError, LostExecutorError, SandboxGoneError):
            raise
        except MarlinError as error:  # what an arm left may make one check impossible, never the others
            log.warning("a check could not be run", check=check.name, turn=str(work.turn_id), error=error.message)
            done = not_run(work, error, kind=check.kind, name=check.name, position=position)
        on_check({"name": check.name, "kind": check.kind, "status": done.status, "summary": done.summary})
        results.append(done)
    contents = await contents_of(bench, environment, result.commit, changed)
    for kind, name, measure in (("lint", LINT, _lint), ("size", SIZE, _size)):
        position = len(results)
        try:
            done = await measure(bench, work, Change(environment, result.commit, files, changed, *contents), position)
        except (DatabaseUnavailableError, LostExecutorError, SandboxGoneError):
            raise
        except MarlinError as error:
            log.warning("a check could not be run", check=name, turn=str(work.turn_id), error=error.message)
            done = not_run(work, error, kind=kind, name=name, position=position)
        on_check({"name": name, "kind": kind, "status": done.status, "summary": done.summary})
        results.append(done)
    return results


def not_run(
    work: Assignment, error: Exception, *, kind: str = "test_command", name: str = "Checks", position: int = 0
) -> CheckResult:
    """What stands for checks of a result that Marlin could not run. Details are for the operator's log."""
    code = error.code if isinstance(error, MarlinError) else "defect"
    what = "the checks" if name == "Checks" else "this check"
    return CheckResult(
        id=timeless_id(),
        rollout_id=work.rollout_id,
        attempt=work.attempt,
        position=position,
        kind=kind,
        name=name,
        status="error",
        against_base="unknown",
        summary=f"Marlin could not run {what} ({code}). The operator's log says why.",
        exit_code=None,
        seconds=0.0,
        log=None,
    )


async def _run(
    bench: Workbench,
    work: Assignment,
    environment: Environment,
    brief: Brief,
    check: PlannedCheck,
    files: tuple[StoredLayer, ...],
    position: int,
    base: dict[tuple[str, str, str], BaseCheck],
) -> CheckResult:
    ran = await bench.run_command(
        environment,
        check.command,
        sandbox_id=opaque_id(work.rollout_id, work.attempt, f"check-{position}"),
        files=files,
        limits=work.terms["limits"],
        time_limit=check.time_limit_seconds,
        checks_dir=examples.checks_dir(brief.example) if check.hidden_files and brief.example else None,
        restore={path: await _base_file(bench, environment, path) for path in check.restore},
        reports=check.kind != "acceptance",
    )
    kind = "test_command" if check.kind == "test_command_base_tests" else check.kind
    on_base = base.get((kind, "Tests" if kind == "test_command" else check.name, check.command))
    return CheckResult(
        id=timeless_id(),
        rollout_id=work.rollout_id,
        attempt=work.attempt,
        position=position,
        kind=check.kind,
        name=check.name,
        status=ran.status,
        against_base=against_base(on_base.status if on_base else None, ran.status),
        summary=ran.summary,
        exit_code=ran.exit_code,
        seconds=ran.seconds,
        log=await bench.keep_bytes(ran.log) if ran.log else None,
        data=await _per_test(bench, on_base, ran.log) if kind == "test_command" else {},
    )


async def _per_test(bench: Workbench, on_base: BaseCheck | None, output: bytes) -> dict[str, Any]:
    """What changed per test; the base's output is in durable storage, so every worker has it."""
    base = await asyncio.to_thread(bench.code.durable.get, on_base.log) if on_base else None
    return {"tests": await asyncio.to_thread(outcomes_data, base, output)}


async def _base_file(bench: Workbench, environment: Environment, path: str) -> bytes | None:
    try:
        return await bench.code.read_blob(environment.repository, environment.base_commit, path)
    except NotFoundError:
        return None


async def contents_of(
    bench: Workbench, environment: Environment, commit: str, changed: list[dict[str, Any]]
) -> tuple[dict[str, bytes | None], dict[str, bytes | None]]:
    """What the changed files held on the base, and hold now, by their path now; of the first :data:`MEASURED_FILES`.

    What is too large for lint and size stands there as something that neither reads.
    """
    room = MEASURED_BYTES

    async def read(commit: str, path: str, exists: bool) -> bytes | None:
        nonlocal room
        if not exists:
            return None
        limit = min(linting.LARGEST_FILE, room)
        try:
            data = await bench.workspaces.read_blob(environment.repository, commit, path, limit=limit)
        except NotFoundError:
            return None  # a submodule
        except TooLargeError:
            return _TOO_LARGE
        room -= len(data)
        return data

    named = changed[:MEASURED_FILES]
    before = {
        file["path"]: await read(environment.base_commit, file["old_path"] or file["path"], file["status"] != "A")
        for file in named
    }
    after = {file["path"]: await read(commit, file["path"], file["status"] != "D") for file in named}
    return before, after


async def _lint(bench: Workbench, work: Assignment, change: Change, position: int) -> CheckResult:
    started = time.monotonic()
    sandbox_id = opaque_id(work.rollout_id, work.attempt, f"check-{position}")
    found = await linting.lint(bench, change, sandbox_id=sandbox_id, limits=work.terms["limits"])
    return _informing(
        work,
        position,
        kind="lint",
        name=LINT,
        status=found.status,
        summary=found.summary(),
        seconds=time.monotonic() - started,
        data=found.to_json(),
    )


async def _size(bench: Workbench, work: Assignment, change: Change, position: int) -> CheckResult:
    lines = {file["path"]: (file["additions"], file["deletions"]) for file in change.changed}
    measured = await measuring.measured(change.before, change.after, lines)
    if measured is None:
        room = f"{size.MEMORY >> 30} GiB"
        summary = f"not measured: it would take more than {size.SECONDS} s, or more than {room} of memory"
        return _informing(work, position, kind="size", name=SIZE, status="error", summary=summary)
    summary = measured.summary() if lines else "no change"
    return _informing(work, position, kind="size", name=SIZE, status="passed", summary=summary, data=measured.to_json())


def _informing(
    work: Assignment,
    position: int,
    *,
    kind: str,
    name: str,
    status: str,
    summary: str,
    data: dict[str, Any] | None = None,
    seconds: float = 0.0,
) -> CheckResult:
    """A check that tells something of a result and has no log, no exit code and no say in whether it is right."""
    return CheckResult(
        id=timeless_id(),
        rollout_id=work.rollout_id,
        attempt=work.attempt,
        position=position,
        kind=kind,
        name=name,
        status=status,
        against_base="unknown",
        summary=summary,
        exit_code=None,
        seconds=seconds,
        log=None,
        data=data or {},
    )
