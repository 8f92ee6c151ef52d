"""The training process: ``python -m marlin.training.worker RUN``, on each device, started by accelerate or torchrun.

It goes on from the last whole checkpoint if there is one. What it is for is in ``run.yaml``; how it ended is in
``record.json``, which is how the process that started it learns of it.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from marlin.errors import MarlinError
from marlin.training import record
from marlin.training.checkpoints import last_whole, synced
from marlin.training.commands import goes_on
from marlin.training.disks import disk_is_full, full_disk
from marlin.training.ending import end_with_launcher
from marlin.training.errors import InvalidRunError, RunStateError
from marlin.training.holding import PATIENCE, Hold, joined
from marlin.training.models import local_model
from marlin.training.plan import Plan, RunFolder
from marlin.training.progress import append, saying
from marlin.training.saying import Say, silently
from marlin.training.templates import load_tokenizer, prepare
from marlin.training.wandb_runs import logging_to_wandb

_PEER_GONE = ("Connection closed by peer", "Connection reset by peer", "Broken pipe", "NCCL", "remote process exited")
"""What the others' collectives say once one of several processes has ended."""


def main(path: Path, *, patience: float = PATIENCE) -> int:
    """Train; 0 when the adapter is saved, 5 if somebody else trains the run or has trained it.

    :param patience: seconds to wait for somebody else who trains it and may be about to end.
    """
    run = RunFolder(path)
    end_with_launcher()
    admitted = False

    def admit() -> None:
        nonlocal admitted
        admitted = True

    try:
        with joined(run, patience=patience) as hold:
            if hold is not None:
                record.require_untrained(run)
                admit()
            train(run, hold, admit)
    except RunStateError as error:
        if not admitted:
            sys.stderr.write(f"{error.message} {error.hint}\n")
            return error.exit_code
        _told(run, error)
        raise
    except BaseException as error:
        if admitted:  # else the run is somebody else's, and so is its record
            _told(run, error)
        raise
    return 0


def train(run: RunFolder, hold: Hold | None = None, admit: Callable[[], None] = lambda: None) -> None:
    """Train to the end, and save the adapter in one step."""
    say = saying(run.metrics_file) if int(os.environ.get("RANK", "0")) == 0 else silently
    say("loading torch and the trainers")
    import torch
    from accelerate import PartialState
    from accelerate.utils import broadcast_object_list

    from marlin.training.trainers import built

    plan = run.plan()
    # set, not defaulted: of a run before it in this process, or of whoever started it, it would be another run's folder
    os.environ["TENSORBOARD_LOGGING_DIR"] = str(run.path / "tensorboard")
    if "wandb" in plan.loggers:
        logging_to_wandb(run, first=int(os.environ.get("RANK", "0")) == 0)
    model = local_model(plan.model)
    tokenizer = load_tokenizer(str(model))
    prepare(tokenizer, tools=plan.folder.has_tools)
    # on a CPU it must be told so, or each of several processes takes itself for the only one
    first = PartialState(cpu=not torch.cuda.is_available()).is_main_process
    if first:  # whoever started it by launch.sh has not said so
        record.update(run, state="training", failure=None, pid=os.getpid(), host=socket.gethostname())
    chosen = [_going_on(run, plan, model, say) if first else None]
    whole = broadcast_object_list(chosen)[0]  # one looks and decides, so that all go on from the same
    admit()  # the first has got here, so it holds the run for all of them
    trainer = built(plan, run, tokenizer, model, say=say)
    _require_scale(plan, trainer.accelerator.distributed_type.value, trainer.accelerator.num_processes)
    if hold is not None:
        hold.require()
    trainer.train(resume_from_checkpoint=whole)
    say("saving the adapter")
    fresh = run.path / ".adapter"
    trainer.save_model(str(fresh))
    if first:
        _kept(run, fresh, trainer)


def _going_on(run: RunFolder, plan: Plan, model: Path, say: Say) -> str | None:
    """The checkpoint to go on from, if there is one; says of each newer one why it is not that.

    :raises RunStateError: dataset or model are no longer what the run began with.
    """
    say("looking for a whole checkpoint")
    whole, torn = last_whole(run.checkpoints)
    for one in torn:
        on = f"{whole.name}" if whole is not None else "the beginning"
        append(run.metrics_file, {"event": "torn", "checkpoint": one.step, "why": one.why, "from": on})
    record.require_dataset(run, plan, say)
    if whole is None:
        return None
    record.require_model(run, plan, model, say)
    return str(whole)


def _require_scale(plan: Plan, found: str, processes: int) -> None:
    """See that weights are sharded as was asked, over as many processes: accelerate leaves sharding out on a CPU,
    whoever starts the worker by hand may have forgotten the launcher, and more processes would make larger steps.

    :raises InvalidRunError: they are not.
    """
    start = "Submit its launch.sh" if plan.nodes > 1 else "Start it by `marlin tune resume` or its launch.sh"
    wanted = {"fsdp2": "FSDP", "zero3": "DEEPSPEED"}.get(plan.scale)
    if wanted is not None and found != wanted:
        raise InvalidRunError(
            f"The run was to be sharded by {plan.scale}, and accelerate does not do so here (it says {found}).",
            hint=f"{start}, where GPUs are; elsewhere use --scale single.",
        )
    if processes != plan.processes:
        raise InvalidRunError(
            f"The run is for {plan.processes} processes, and {processes} were started: its steps would be other ones.",
            hint=f"{start}.",
        )


def _kept(run: RunFolder, fresh: Path, trainer: Any) -> None:
    if run.adapter.exists():
        shutil.rmtree(run.adapter)
    (fresh / "training_args.bin").unlink(missing_ok=True)  # a pickle, which nobody should have to open
    synced(fresh)
    fresh.replace(run.adapter)
    shutil.rmtree(run.path / "cache", ignore_errors=True)
    record.update(
        run,
        state="trained",
        steps=trainer.state.global_step,
        ended_at=record.now(),
        adapter_hash=record.folder_hash(run.adapter, record.ADAPTER),
        failure=None,
        pid=None,
    )
    append(run.metrics_file, {"event": "trained", "step": trainer.state.global_step})


def _told(run: RunFolder, error: BaseException) -> None:
    """Say in the record why it ended; of several processes the first to fail does, the others fail because of it."""
    several = int(os.environ.get("WORLD_SIZE", "1")) > 1
    if several and record.read(run).get("failure"):
        return
    if isinstance(error, MarlinError):
        failure = {"message": error.message, "hint": error.hint}
    elif disk_is_full(run.path, error):
        failure = {"message": full_disk(run.path, error), "hint": f"Free some space; then {goes_on(run.plan(), run)}."}
        # what is only half there makes room for saying so
        shutil.rmtree(run.path / ".adapter", ignore_errors=True)
        last_whole(run.checkpoints)
    elif several and any(sign in str(error) for sign in _PEER_GONE):
        failure = {
            "message": f"One of the run's {os.environ['WORLD_SIZE']} processes ended, and training with it.",
            "hint": f"What the launcher printed ({run.log_file}, or your job's log) names it and how it ended "
            "(signal 9 is often the kernel's, out of memory). "
            f"{goes_on(run.plan(), run)}.",
        }
    elif "out of memory" in str(error).lower():
        failure = {
            "message": f"The device's memory is too small: {str(error).splitlines()[0]}",
            "hint": "Start again with a smaller --batch, a smaller --max-length, or --scale fsdp2 on several GPUs.",
        }
    else:
        failure = {
            "message": f"Training stopped: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}",
            "hint": f"{run.log_file} has the trainers' own words.",
        }
    with suppress(OSError):  # still full: whoever started this process looks for that itself
        traceback.print_exception(error)
        record.update(run, state="failed", failure=failure, pid=None)
        append(run.metrics_file, {"event": "failed", **failure})


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
