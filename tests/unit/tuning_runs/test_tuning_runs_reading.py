"""Runs are read as they are: while they train, torn by a kill, failed, or gone."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from marlin.errors import NotFoundError
from marlin.training.plan import Plan
from marlin.tuning_runs.reading import LIST, MOST_POINTS, get_run, list_runs, note_run, run_key

EVALUATION = {
    "accuracy": {"mean": 0.6, "low": 0.5, "high": 0.7, "pairs": 40, "tasks": 20},
    "baselines": [],
    "ceiling": None,
    "drift_alarm": False,
    "conclusion": ["It is so."],
}


def make(home: Path, name: str, *, metrics: str = "", **record: Any) -> Path:
    folder = home / "elsewhere" / name
    folder.mkdir(parents=True)
    (folder / "run.yaml").write_text(Plan(method="dpo", dataset="d", model="/m/base", max_length=64).to_yaml())
    (folder / "record.json").write_text(json.dumps(record))
    (folder / "metrics.jsonl").write_text(metrics)
    note_run(home, folder)
    return folder


def steps(last: int, **more: Any) -> str:
    lines = [json.dumps({"event": "started", "step": 0, "steps": last})]
    lines += [
        json.dumps({"step": n, "steps": last, "loss": 1 / n, "seconds_left": last - n, **more})
        for n in range(1, last + 1)
    ]
    return "\n".join(lines) + "\n"


def test_the_run_begun_last_comes_first_and_once(tmp_path: Path) -> None:
    assert list_runs(tmp_path) == []
    first, second = make(tmp_path, "one", state="trained"), make(tmp_path, "two", state="prepared")
    assert [run.name for run in list_runs(tmp_path)] == ["two", "one"]
    note_run(tmp_path, first)
    with (tmp_path / LIST).open("a") as file:
        file.write('{"path": torn')
    assert [run.name for run in list_runs(tmp_path)] == ["one", "two"]
    assert get_run(tmp_path, run_key(second)).state == "prepared"


def test_a_run_that_trains_says_how_far_it_is(tmp_path: Path) -> None:
    make(tmp_path, "one", metrics=steps(8) + '{"step": 9, "lo', state="training", pid=os.getpid())
    (run,) = list_runs(tmp_path)
    assert (run.state, run.step, run.steps, run.seconds_left, run.loss) == ("training", 8, 8, 0, 0.125)
    assert (run.method, run.model) == ("dpo", "base")


def test_a_run_whose_process_is_gone_is_interrupted_once_it_is_silent(tmp_path: Path) -> None:
    folder = make(tmp_path, "one", metrics=steps(3), state="training", pid=2**22 + 1)
    assert list_runs(tmp_path)[0].state == "training"  # it may train on another machine
    for name in ("metrics.jsonl", "record.json"):
        os.utime(folder / name, (1, 1))
    (run,) = list_runs(tmp_path)
    assert (run.state, run.seconds_left) == ("interrupted", None)


def test_of_a_run_on_another_machine_no_process_of_this_one_is_asked(tmp_path: Path) -> None:
    folder = make(tmp_path, "there", metrics=steps(3), state="training", pid=os.getpid(), host="another-machine")
    for name in ("metrics.jsonl", "record.json"):
        os.utime(folder / name, (1, 1))
    assert list_runs(tmp_path)[0].state == "interrupted"
    make(tmp_path, "here", metrics=steps(3), state="training", pid=2**22 + 1, host=socket.gethostname())
    assert list_runs(tmp_path)[0].state == "interrupted"  # at once: nothing of it lives here


def test_numbers_that_are_none_are_left_out_and_long_runs_are_thinned(tmp_path: Path) -> None:
    folder = make(tmp_path, "one", metrics=steps(4000, grad_norm=float("nan")), state="trained", evaluation=EVALUATION)
    whole = get_run(tmp_path, run_key(folder))
    assert len(whole.points) <= MOST_POINTS + 1
    assert (whole.points[0].step, whole.points[-1].step) == (1, 4000)
    assert set(whole.points[0].values) == {"loss"}
    assert whole.evaluation is not None
    assert (whole.accuracy, whole.evaluation.conclusion) == (0.6, ["It is so."])
    whole.model_dump_json()


def test_one_bad_folder_spoils_only_itself(tmp_path: Path) -> None:
    gone, torn, odd = make(tmp_path, "gone"), make(tmp_path, "torn"), make(tmp_path, "odd", state="trained")
    (gone / "run.yaml").unlink()
    (torn / "record.json").write_text("{")
    (odd / "record.json").write_text("[1]")
    states = {run.name: run.state for run in list_runs(tmp_path)}
    assert states == {"gone": "gone", "torn": "unreadable", "odd": "unreadable"}
    assert get_run(tmp_path, run_key(torn)).points == []
    strange = make(tmp_path, "strange", state="trained", failure="in words", cost=7)
    assert get_run(tmp_path, run_key(strange)).state == "unreadable"
    with pytest.raises(NotFoundError):
        get_run(tmp_path, "nobody")


def test_why_it_failed_is_told(tmp_path: Path) -> None:
    failure = {"message": "The disk is full.", "hint": "Make room."}
    folder = make(tmp_path, "one", state="failed", failure=failure)
    found = get_run(tmp_path, run_key(folder)).failure
    assert found is not None
    assert found.model_dump() == failure
