"""Start a run: check, estimate, write ``run.yaml``, then hand over to what starts its processes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marlin.counted import counted
from marlin.training import record
from marlin.training.commands import command, goes_on, script
from marlin.training.cost import Cost, estimated
from marlin.training.dataset import DatasetFolder
from marlin.training.disks import telling_full
from marlin.training.ending import ending_with_parent
from marlin.training.errors import InvalidRunError, RunFailedError, RunStateError
from marlin.training.extra import require_loggers, require_scale
from marlin.training.holding import PATIENCE, Holder, held
from marlin.training.kept_preflights import checked, kept_shape
from marlin.training.models import local_model
from marlin.training.plan import Plan, RunFolder
from marlin.training.report import Report
from marlin.training.rows import repeats
from marlin.training.saying import Say, silently


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that may start.

    :ivar model: the folder of the base model.
    :ivar checked_before: the report is of an earlier preflight of the very same.
    """

    plan: Plan
    run: RunFolder
    folder: DatasetFolder
    model: Path
    report: Report
    cost: Cost
    checked_before: bool = False


def prepared(plan: Plan, output: Path, *, leave_out_long: bool = False, say: Say = silently) -> Prepared:
    """Preflight and cost of a plan; nothing is written.

    :raises PreflightRefusedError: the run would be spoilt.
    :raises InvalidRunError: it can't be trained so, or not in that folder.
    :raises RunStateError: there is something in the output folder already.
    :raises TuneExtraMissingError: it is to be sharded, or logged to, by a package that is not installed.
    """
    plan.check()
    require_loggers(plan.loggers)
    require_scale(plan.scale)
    _require_new(output)
    folder = plan.folder
    say(f"looking for the model {plan.model}")
    model = local_model(plan.model)
    report, before = checked(folder, model, max_length=plan.max_length or None, leave_out_long=leave_out_long, say=say)
    report.require()
    left = {split: list(ids) for split, ids in report.left_out.items()} or None
    plan = plan.changed(max_length=report.max_length, left_out=left)
    rows = None
    if plan.repeat_by_strength:
        rows = sum(repeats(pair) for pair in folder.pairs("train") if pair.id not in plan.excluded("train"))
    cost = estimated(plan, report, kept_shape(folder, model, say), rows=rows)
    if plan.processes > 1 and plan.processes * plan.batch > cost.rows:
        raise InvalidRunError(
            f"{counted(plan.processes, 'process', 'processes')} take {plan.processes * plan.batch:,} rows at once, and "
            f"there are {cost.rows:,}: some would train on copies.",
            hint="Use fewer --processes, or a smaller --batch.",
        )
    if cost.steps == cost.full_steps:  # a larger --max-steps cuts nothing short
        plan = plan.changed(max_steps=None)
    return Prepared(plan, RunFolder(output), folder, model, report, cost, before)


def _require_new(output: Path) -> None:
    whole = str(output.resolve())
    if not whole.isprintable() or "\\" in whole:  # a shell takes them, but Slurm, logs and lists of runs don't
        raise InvalidRunError(
            f"A run can't be kept in {whole!r}: a backslash, or a character that can't be printed, is in it.",
            hint="Name another folder.",
        )
    try:
        if output.is_file():
            raise InvalidRunError(f"{output} is no folder.", hint="Name a new one.")
        empty = not output.exists() or not any(output.iterdir())
    except OSError as error:
        raise InvalidRunError(f"{output} can't be used: {error.strerror}.", hint="Name another folder.") from error
    if not empty:
        raise RunStateError(f"{output} is not empty.", hint="Name a new folder, or go on with the run in it.")


def written(ready: Prepared, say: Say = silently) -> RunFolder:
    """Make the run's folder, ``run.yaml`` first.

    :raises InvalidRunError: the folder can't be made, or its disk has no room for adapter and checkpoints.
    :raises RunFailedError: its disk is full.
    """
    run = ready.run
    try:
        with telling_full(run.path, hint="Free some space, or name a folder on another disk."):
            return _written(ready, run, say)
    except OSError as error:
        raise InvalidRunError(f"{run.path} can't be written: {error.strerror}.", hint="Name another folder.") from error


def _written(ready: Prepared, run: RunFolder, say: Say) -> RunFolder:
    run.path.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(run.path).free
    if free < ready.cost.disk:
        raise InvalidRunError(
            f"{run.path} has {free / 1e6:,.0f} MB free; adapter and checkpoints take {ready.cost.disk / 1e6:,.0f}.",
            hint="Name a folder on a larger disk.",
        )
    record.write_whole(run.plan_file, ready.plan.to_yaml())
    record.write_whole(run.path / "launch.sh", script(ready.plan, run))
    (run.path / "launch.sh").chmod(0o755)
    record.update(
        run,
        state="prepared",
        created_at=record.now(),
        inputs=record.inputs(ready.plan, ready.folder, ready.model, say),
        preflight=ready.report.to_json(),
        cost=ready.cost.to_json(),
    )
    return run


def require_startable(run: RunFolder) -> Plan:
    """What a run asks for, if this machine can train it now.

    :raises RunStateError: it is trained already, or it is for several machines.
    :raises TuneExtraMissingError: it is to be sharded, or logged to, by a package that is not installed.
    """
    plan = run.plan()
    if plan.nodes > 1:
        raise RunStateError(
            f"The run is for {plan.nodes} machines, and this is one.",
            hint=f"{goes_on(plan, run)}.",
        )
    require_scale(plan.scale)
    require_loggers(plan.loggers)
    record.require_untrained(run)
    return plan


def start(
    run: RunFolder,
    *,
    follow: Callable[[], None] | None = None,
    waiting: Callable[[Holder | None], None] | None = None,
    patience: float = PATIENCE,
) -> dict[str, Any]:
    """Train in a process of its own, to the end; returns the record. On Linux that process ends with this one,
    however this one ends.

    :param follow: called about twice a second meanwhile.
    :param waiting: called once if another process still holds the run.
    :param patience: seconds that it may.
    :raises RunStateError: another process trains it now; and as :func:`require_startable`, which is asked first.
    :raises RunFailedError: it stopped before its end; says why.
    """
    plan = require_startable(run)
    with held(run, waiting=waiting, patience=patience) as hold:
        record.require_untrained(run)  # whoever held the lock may have ended it meanwhile
        _noted(run, state="training", failure=None)
        with run.log_file.open("ab") as log:
            process = subprocess.Popen(
                command(plan, run),
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=os.environ | hold.environ,
                pass_fds=[hold.file],  # so that a killed parent doesn't let a second one in
                preexec_fn=ending_with_parent(),
            )
        _noted(run, pid=process.pid, host=socket.gethostname())
        try:
            while True:
                try:
                    status = process.wait(0.5)
                    break
                except subprocess.TimeoutExpired:
                    if follow is not None:
                        follow()
        except BaseException:
            process.terminate()
            process.wait()
            record.update(run, state="stopped", pid=None)
            raise
    if follow is not None:
        follow()
    found = _noted(run, pid=None)
    if status != 0:
        raise _failed(run, status, found)
    return found


def _noted(run: RunFolder, **values: Any) -> dict[str, Any]:
    with telling_full(run.path):
        return record.update(run, **values)


def _failed(run: RunFolder, status: int, found: dict[str, Any]) -> RunFailedError:
    failure = found.get("failure")
    if not failure:
        plan = run.plan()
        several = plan.processes
        by = f"signal {-status}" if status < 0 else f"exit status {status}"
        failure = {
            # the launcher ends the others before they can tell what they saw
            "message": f"One of the run's {several} processes ended, and training with it ({by} of their launcher)."
            if several > 1
            else f"The training process ended by {by}.",
            "hint": goes_on(plan, run)
            + (" (signal 9 is often the kernel's, out of memory)." if status == -9 else f"; {run.log_file} says more."),
        }
        _noted(run, state="failed", failure=failure)
    return RunFailedError(failure["message"], hint=failure["hint"])
