"""Run folders, read. One may be half written, torn by a kill, or gone: then that run says so, and the others stay."""

from __future__ import annotations

import hashlib
import json
import math
import os
import socket
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from marlin.errors import MarlinError, NotFoundError
from marlin.training.plan import Plan, RunFolder
from marlin.training.progress import append, read_metrics
from marlin.training.record import read
from marlin.tuning_runs.schemas import EvaluationOut, MetricPoint, State, TuningRunOut, TuningRunRow

LIST = "tuning-runs.jsonl"
MOST_RUNS = 200
MOST_POINTS = 600
SILENT_SECONDS = 120
_HOUSEKEEPING = {"step", "steps", "seconds", "seconds_left", "memory", "time", "event", "epoch"}


def note_run(home: Path, folder: Path) -> None:
    """Remember where a run is, so that the web can follow it. Again for the same one is as good as once."""
    home.mkdir(parents=True, exist_ok=True)
    append(home / LIST, {"path": str(folder.resolve())})


def list_runs(home: Path) -> list[TuningRunRow]:
    """The newest runs, the one begun last first."""
    return [_row(folder) for folder in _folders(home)[:MOST_RUNS]]


def get_run(home: Path, run_id: str) -> TuningRunOut:
    """One run.

    :raises NotFoundError: none with this id was begun here.
    """
    found = next((folder for folder in _folders(home) if run_key(folder) == run_id), None)
    if found is None:
        raise NotFoundError("There is no such run.", hint="Open it from the list of tuning runs.")
    return _whole(found)


def run_key(folder: Path) -> str:
    """The id of a run: of where it is, since the folder is the run."""
    return hashlib.sha256(str(folder).encode()).hexdigest()[:16]


def _folders(home: Path) -> list[Path]:
    try:
        lines = (home / LIST).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    found: dict[Path, None] = {}
    for line in lines:
        try:
            path = Path(json.loads(line)["path"])
        except (ValueError, KeyError, TypeError):  # torn by a full disk
            continue
        found.pop(path, None)
        found[path] = None
    return list(reversed(found))


def _row(folder: Path) -> TuningRunRow:
    run = RunFolder(folder)
    about = {"id": run_key(folder), "name": folder.name, "path": str(folder)}
    if not run.plan_file.exists():
        return TuningRunRow(**about, state="gone")
    try:
        return TuningRunRow(**about, **_facts(run, run.plan(), read(run), _metrics(run)))
    except (MarlinError, ValueError, TypeError, OSError, AttributeError):  # of a folder that somebody else wrote
        return TuningRunRow(**about, state="unreadable")


def _whole(folder: Path) -> TuningRunOut:
    row, run = _row(folder), RunFolder(folder)
    if row.state not in ("gone", "unreadable"):
        record = read(run)
        try:
            return TuningRunOut(
                **row.model_dump(),
                points=_points(_metrics(run)),
                evaluation=_evaluation(record),
                failure=record.get("failure"),
                plan=asdict(run.plan()),
                inputs=record.get("inputs", {}),
                cost=record.get("cost", {}),
            )
        except ValidationError:  # its facts are no facts
            row = row.model_copy(update={"state": "unreadable"})
    nothing: dict[str, Any] = {"points": [], "evaluation": None, "failure": None}
    return TuningRunOut(**row.model_dump(), **nothing, plan={}, inputs={}, cost={})


def _metrics(run: RunFolder) -> list[dict[str, Any]]:
    return [said for said in read_metrics(run.metrics_file) if isinstance(said, dict)]


def _facts(run: RunFolder, plan: Plan, record: dict[str, Any], metrics: list[dict[str, Any]]) -> dict[str, Any]:
    last: dict[str, Any] = next((said for said in reversed(metrics) if "step" in said), {})
    loss = next((said["loss"] for said in reversed(metrics) if isinstance(said.get("loss"), int | float)), None)
    accuracy = (record.get("evaluation") or {}).get("accuracy") or {}
    dataset = record.get("inputs", {}).get("dataset", {})
    state = _state(run, record)
    return {
        "state": state,
        "method": plan.method,
        "control": plan.control != "none",
        "model": Path(plan.model).name,
        "dataset_id": dataset.get("id"),
        "synthetic": bool(dataset.get("synthetic")),
        "created_at": record.get("created_at"),
        "ended_at": record.get("ended_at"),
        "step": last.get("step"),
        "steps": next((said["steps"] for said in reversed(metrics) if "steps" in said), None),
        "seconds_left": last.get("seconds_left") if state == "training" else None,
        "loss": loss if loss is not None and math.isfinite(loss) else None,
        "accuracy": accuracy.get("mean"),
    }


def _state(run: RunFolder, record: dict[str, Any]) -> State:
    said: State = record.get("state", "prepared")
    if said != "training":
        return said
    pid, host = record.get("pid"), record.get("host")
    here = host == socket.gethostname()
    if pid and (here or host is None) and _lives(int(pid)):
        return said
    if pid and here:
        return "interrupted"
    newest = max((file.stat().st_mtime for file in (run.metrics_file, run.record_file) if file.exists()), default=0.0)
    # One that trains on another machine, in a folder that both see, has no process here but writes.
    return said if time.time() - newest < SILENT_SECONDS else "interrupted"


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _points(metrics: list[dict[str, Any]]) -> list[MetricPoint]:
    found = []
    for said in metrics:
        values = {
            name: float(value)
            for name, value in said.items()
            if name not in _HOUSEKEEPING and isinstance(value, int | float) and math.isfinite(value)
        }
        if values and isinstance(said.get("step"), int):
            found.append(MetricPoint(step=said["step"], values=values))
    every = math.ceil(len(found) / MOST_POINTS) or 1
    return [point for index, point in enumerate(found) if index % every == 0 or index == len(found) - 1]


def _evaluation(record: dict[str, Any]) -> EvaluationOut | None:
    found = record.get("evaluation")
    try:
        return EvaluationOut.model_validate(found) if found else None
    except ValidationError:  # of an older Marlin
        return None
