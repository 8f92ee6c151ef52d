"""One folder that any server loads: the adapter merged into its base."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from marlin.training import record
from marlin.training.disks import telling_full
from marlin.training.errors import RunStateError
from marlin.training.extra import quiet_libraries
from marlin.training.models import local_model
from marlin.training.plan import RunFolder
from marlin.training.saying import Say, silently


def merged(run: RunFolder, output: Path, say: Say = silently) -> dict[str, Any]:
    """Write base and adapter as one model, with the base's own chat template; returns what is recorded of it.

    :raises RunStateError: the run is not trained, is a reward model, its adapter or base has changed, or there is
        something in the way.
    :raises RunFailedError: the disk of ``output`` is full; nothing is left there.
    """
    say("loading torch and peft")
    from peft import PeftModel
    from transformers import AutoTokenizer

    from marlin.training.trainers import causal

    quiet_libraries()
    plan = run.plan()
    record.require_adapter(run)
    if plan.method == "reward":
        raise RunStateError("A reward model scores; it can't be served as an agent's model.", hint="Merge another run.")
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise RunStateError(
            f"{output} is not an empty folder.",
            hint="Name a new folder. If an earlier merge wrote a model there it is whole: it came there in one step.",
        )
    base = local_model(plan.model)
    record.require_model(run, plan, base, say)
    fresh = output.with_name(f".{output.name}.partial")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        with telling_full(output.parent, "Free some space there, then do it again; the run itself is whole."):
            say("loading the model and merging the adapter")
            whole = PeftModel.from_pretrained(causal(plan, base), str(run.adapter)).merge_and_unload()
            say("writing the merged model")
            whole.save_pretrained(str(fresh))
            # not the training variant of the template: a server wants the original
            AutoTokenizer.from_pretrained(str(base), trust_remote_code=False).save_pretrained(str(fresh))
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)  # as large as the model, and of no use
        raise
    if output.exists():
        output.rmdir()
    fresh.replace(output)
    found = {"path": str(output), "hash": record.folder_hash(output, record.WEIGHTS, say), "merged_at": record.now()}
    with telling_full(
        run.path, "The model is written; free some space all the same, then merge again to have it on record."
    ):
        record.update(run, merged=found)
    return found
