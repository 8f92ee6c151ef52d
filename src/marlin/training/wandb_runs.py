"""Weights & Biases, where a run is to be logged there: one run of theirs for one of ours, resumed with it."""

from __future__ import annotations

import hashlib
import os

from marlin.training import record
from marlin.training.commands import goes_on
from marlin.training.errors import RunFailedError
from marlin.training.plan import RunFolder


def logging_to_wandb(run: RunFolder, *, first: bool) -> None:
    """Prepare what transformers' callback reads from the environment. What the user has set stays as it is.

    :param first: of several processes; it alone logs.
    :raises RunFailedError: nobody is logged in there.
    """
    os.environ.setdefault("WANDB_PROJECT", "marlin")
    os.environ.setdefault("WANDB_DIR", str(run.path.resolve()))
    os.environ.setdefault("WANDB_RUN_ID", wandb_id(run))
    os.environ.setdefault("WANDB_RESUME", "allow")
    if first and os.environ.get("WANDB_MODE", "online") == "online":
        _require_login(run)


def wandb_id(run: RunFolder) -> str:
    """The id of a run there: the same when it is resumed, another for another run in the same place."""
    began = str(record.read(run).get("created_at"))
    return hashlib.sha256(f"{run.path.resolve()}\0{began}".encode()).hexdigest()[:12]


def _require_login(run: RunFolder) -> None:
    import wandb

    try:
        known = wandb.login()
    except wandb.errors.Error:
        known = False
    if not known:
        raise RunFailedError(
            "Nobody is logged in to Weights & Biases on this machine.",
            hint="`wandb login`, or set WANDB_API_KEY; or WANDB_MODE=offline, and `wandb sync` later. Then "
            f"{goes_on(run.plan(), run)}.",
        )
