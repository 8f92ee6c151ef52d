"""The training process: ``python -m marlin.training.worker RUN``, on each device, started by accelerate or torchrun.

It goes on from the last whole checkpoint if there is one. What it is for is in ``run.yaml``; how it ended is in
``record.json``, which is how the process that started it learns of it.
"""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from marlin.errors import MarlinError
from marlin.training import record
from marlin.training.models import local_model
from marlin.training.plan import RunFolder
from marlin.training.progress import DISK_HINT, append, disk_is_full, last_whole
from marlin.training.templates import load_tokenizer, prepare


def main(path: Path) -> int:
    """Train; 0 when the adapter is saved."""
    run = RunFolder(path)
    try:
        train(run)
    except BaseException as error:
        if int(os.environ.get("RANK", "0")) == 0:
            _told(run, error)
        raise
    return 0


def train(run: RunFolder) -> None:
    """Train to the end, and save the adapter in one step."""
    from accelerate import PartialState

    from marlin.training.trainers import built

    plan = run.plan()
    # set, not defaulted: of a run before it in this process, or of whoever started it, it would be another run's folder
    os.environ["TENSORBOARD_LOGGING_DIR"] = str(run.path / "tensorboard")
    model = local_model(plan.model)
    tokenizer = load_tokenizer(str(model))
    prepare(tokenizer, tools=plan.folder.has_tools)
    first = PartialState().is_main_process
    whole = last_whole(run.checkpoints) if first else None
    PartialState().wait_for_everyone()
    whole = whole or last_whole(run.checkpoints)
    trainer = built(plan, run, tokenizer, model)
    trainer.train(resume_from_checkpoint=None if whole is None else str(whole))
    fresh = run.path / ".adapter"
    trainer.save_model(str(fresh))
    if first:
        _kept(run, fresh, trainer)


def _kept(run: RunFolder, fresh: Path, trainer: Any) -> None:
    if run.adapter.exists():
        shutil.rmtree(run.adapter)
    (fresh / "training_args.bin").unlink(missing_ok=True)  # a pickle, which nobody should have to open
    fresh.replace(run.adapter)
    shutil.rmtree(run.path / "cache", ignore_errors=True)
    record.update(
        run,
        state="trained",
        steps=trainer.state.global_step,
        ended_at=record.now(),
        adapter_hash=record.folder_hash(run.adapter, ("*.safetensors", "adapter_config.json")),
        failure=None,
    )
    append(run.metrics_file, {"event": "trained", "step": trainer.state.global_step})


def _told(run: RunFolder, error: BaseException) -> None:
    if isinstance(error, MarlinError):
        failure = {"message": error.message, "hint": error.hint}
    elif disk_is_full(run.path, error):
        failure = {"message": f"The disk of {run.path} is full.", "hint": DISK_HINT}
        # what is only half there makes room for saying so
        shutil.rmtree(run.path / ".adapter", ignore_errors=True)
        last_whole(run.checkpoints)
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
        record.update(run, state="failed", failure=failure)
        append(run.metrics_file, {"event": "failed", **failure})


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
