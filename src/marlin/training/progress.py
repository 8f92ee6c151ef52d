"""While it trains: one line of JSON per log, and a seal on each checkpoint."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from marlin.training.checkpoints import seal
from marlin.training.plan import RunFolder
from marlin.training.record import now
from marlin.training.saying import Say

EVERY = 2.0
"""Seconds between two lines about the same thing."""


def append(file: Path, said: dict[str, Any]) -> None:
    """Add a line; a reader sees whole lines only, since it is written at once."""
    line = json.dumps({"time": now(), **said}) + "\n"
    with file.open("ab", buffering=0) as stream:
        stream.write(line.encode())


def saying(metrics: Path) -> Say:
    """Says it in a run's metrics, where whoever follows the run reads it: what is new at once, else rarely."""
    last, at = "", 0.0

    def say(what: str, done: int = 0, of: int = 0, /) -> None:
        nonlocal last, at
        now = time.monotonic()
        if what != last or (now - at >= EVERY and done):
            last, at = what, now
            append(metrics, {"event": "doing", "what": what, "done": done, "of": of})

    return say


def read_metrics(file: Path) -> list[dict[str, Any]]:
    """All lines that are whole, without those of steps that a kill undid."""
    kept: list[dict[str, Any]] = []
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return kept
    for line in text.splitlines():
        try:
            said = json.loads(line)
        except ValueError:  # torn by a kill
            continue
        if said.get("event") == "started":
            kept = [one for one in kept if one.get("step", 0) <= said["step"]]
        kept.append(said)
    return kept


def callback(run: RunFolder) -> Any:
    """The trainers' callback that writes both. Made in a function: its base class comes with torch."""
    from accelerate import PartialState
    from transformers import TrainerCallback

    class Progress(TrainerCallback):
        """Follows a trainer."""

        def __init__(self) -> None:
            self.began, self.first_step = time.monotonic(), 0

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.began, self.first_step = time.monotonic(), state.global_step
            if state.is_world_process_zero:
                append(run.metrics_file, {"event": "started", "step": state.global_step, "steps": state.max_steps})

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
            if not state.is_world_process_zero or not logs:
                return
            seconds = time.monotonic() - self.began
            done = state.global_step - self.first_step
            left = (state.max_steps - state.global_step) * seconds / done if done else None
            numbers = {name: value for name, value in logs.items() if isinstance(value, int | float)}
            append(
                run.metrics_file,
                {
                    "step": state.global_step,
                    "steps": state.max_steps,
                    "seconds": round(seconds, 2),
                    "seconds_left": None if left is None else round(left),
                    "memory": peak_memory(),
                    **numbers,
                },
            )

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            PartialState().wait_for_everyone()
            if state.is_world_process_zero:
                seal(run.checkpoints / f"checkpoint-{state.global_step}")

    return Progress()


def peak_memory() -> int:
    """Bytes: of the GPU if there is one, else of this process."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
