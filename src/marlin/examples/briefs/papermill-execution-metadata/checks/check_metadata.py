"""Acceptance checks of `papermill-execution-metadata`; run in the repository: check_metadata.py GROUP.

`trace` and `edges` run engines that call the callbacks in known orders, look at every save, and compare with
`golden.json`, which was recorded on the base with `check_metadata.py record`. Times are checked against this program's
clock and then replaced by letters. Keys that the golden record does not know are ignored. `kernel` runs real notebooks.
`structure` looks at the source.
"""

from __future__ import annotations

import ast
import copy
import datetime
import inspect
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, os.getcwd())
NOTEBOOK = "papermill/tests/notebooks/simple_execute.ipynb"
GOLDEN = Path(__file__).with_name("golden.json")
FIELDS = ("start_time", "end_time", "duration", "exception", "status")
KEPT = ("input_path", "parameters", "note", "mine")

Run = Callable[[Any], None]


class Boom(Exception):
    """What an engine of ours raises."""


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def pause() -> None:
    time.sleep(0.002)


def record_of(data: dict[str, Any], began: datetime.datetime, seen: datetime.datetime) -> dict[str, Any]:
    """A record with its times checked and replaced: T a time, D the exact distance of both."""
    found = {key: data[key] for key in (*FIELDS, *KEPT) if key in data}
    times = {}
    for key in ("start_time", "end_time"):
        if found.get(key) is not None:
            moment = datetime.datetime.fromisoformat(found[key])
            assert moment.utcoffset() == datetime.timedelta(0), f"{key} {found[key]} is not in UTC"
            assert began <= moment <= seen or "mine" in found, f"{key} {found[key]} is not when it happened"
            times[key] = moment
            found[key] = "T"
    if found.get("duration") is not None:
        assert isinstance(found["duration"], float), f"duration {found['duration']!r} is not a float"
        exact = (times["end_time"] - times["start_time"]).total_seconds()
        assert found["duration"] == exact, f"duration {found['duration']} is not {exact}"
        found["duration"] = "D"
    return found


def trace(engine_run: Run, notebook: dict[str, Any] | None = None) -> dict[str, Any]:
    """Execute a notebook with an engine that does `engine_run`; what every save held, and how it ended."""
    import papermill
    from papermill.engines import Engine, papermill_engines
    from papermill.iorw import papermill_io

    saves: list[dict[str, Any]] = []
    began = now()

    class Handler:
        """Keeps what is written instead of writing it."""

        def write(self, buffer: str, path: str) -> None:
            data, seen = json.loads(buffer), now()
            cells = [record_of(cell["metadata"].get("papermill", {}), began, seen) for cell in data["cells"]]
            saves.append({"notebook": record_of(data["metadata"]["papermill"], began, seen), "cells": cells})

        def pretty_path(self, path: str) -> str:
            return path

    class Traced(Engine):
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> None:
            engine_run(nb_man)

    papermill_io.register("trace://", Handler())
    papermill_engines.register("traced", Traced)
    with tempfile.TemporaryDirectory() as folder:
        path = NOTEBOOK
        if notebook is not None:
            path = f"{folder}/notebook.ipynb"
            Path(path).write_text(json.dumps(notebook))
        ended = "returned"
        try:
            papermill.execute_notebook(path, "trace://out.ipynb", engine_name="traced", progress_bar=False)
        except Exception as error:
            ended = type(error).__name__
    for save in saves:
        save["notebook"].pop("input_path", None)
    return {"ended": ended, "saves": saves}


# Orders of callbacks. Each is one engine.


def all_cells(man: Any) -> None:
    for index, cell in enumerate(man.nb.cells):
        man.cell_start(cell, index)
        pause()
        man.cell_complete(cell, cell_index=index)


def a_cell_fails(man: Any) -> None:
    first, second = man.nb.cells[0], man.nb.cells[1]
    man.cell_start(first, 0)
    man.cell_complete(first, cell_index=0)
    man.cell_start(second, 1)
    pause()
    man.cell_exception(second, cell_index=1, exception=Boom("x"))
    man.cell_complete(second, cell_index=1)


def nothing_is_called(man: Any) -> None:
    pause()


def without_index(man: Any) -> None:
    for cell in man.nb.cells:
        man.cell_start(cell)
        man.cell_complete(cell)


def complete_without_start(man: Any) -> None:
    man.cell_complete(man.nb.cells[0], cell_index=0)


def in_reverse_order(man: Any) -> None:
    for index in reversed(range(len(man.nb.cells))):
        man.cell_start(man.nb.cells[index], index)
        man.cell_complete(man.nb.cells[index], index)


def goes_on_after_a_failure(man: Any) -> None:
    cells = man.nb.cells
    man.cell_start(cells[0], 0)
    man.cell_exception(cells[0], 0)
    man.cell_complete(cells[0], 0)
    man.cell_start(cells[1], 1)
    man.cell_complete(cells[1], 1)


def the_engine_dies(man: Any) -> None:
    man.cell_start(man.nb.cells[0], 0)
    raise Boom("the engine died")


def a_copy_replaces_the_notebook(man: Any) -> None:
    replaced = copy.deepcopy(man.nb)
    man.cell_start(replaced.cells[0], 0, nb=replaced)
    assert man.nb is replaced
    again = copy.deepcopy(replaced)
    man.cell_complete(again.cells[0], cell_index=0, nb=again)
    man.cell_start(again.cells[1], 1)
    third = copy.deepcopy(again)
    man.cell_exception(third.cells[1], cell_index=1, nb=third)
    man.cell_complete(third.cells[1], cell_index=1)


def the_engine_adds_keys(man: Any) -> None:
    man.nb.metadata.papermill["note"] = "of the engine"
    cell = man.nb.cells[0]
    cell.metadata.papermill["note"] = "before the start"
    man.cell_start(cell, 0)
    man.nb.cells[1].metadata.papermill["note"] = "while another cell runs"
    man.cell_exception(cell, 0)
    man.cell_complete(cell, 0)
    man.cell_start(man.nb.cells[1], 1)
    man.cell_complete(man.nb.cells[1], 1)


def the_engine_knows_the_start_better(man: Any) -> None:
    cell = man.nb.cells[0]
    man.cell_start(cell, 0)
    cell.metadata.papermill["start_time"] = "2020-01-01T00:00:00+00:00"
    cell.metadata.papermill["mine"] = True
    man.cell_complete(cell, 0)


def the_engine_holds_the_record(man: Any) -> None:
    cell = man.nb.cells[0]
    held = cell.metadata.papermill
    man.cell_start(cell, 0)
    assert held["status"] == "running", f"a record that the engine holds says {held['status']}"
    held["note"] = "written through the held record"
    man.cell_complete(cell, 0)
    assert held["status"] == "completed", f"a record that the engine holds says {held['status']}"


def saves_in_between(man: Any) -> None:
    man.cell_start(man.nb.cells[0], 0)
    man.save()
    man.autosave_cell()
    man.cell_complete(man.nb.cells[0], 0)


TRACES: dict[str, list[Run]] = {
    "trace": [all_cells, a_cell_fails, nothing_is_called, goes_on_after_a_failure, the_engine_dies, saves_in_between],
    "edges": [
        without_index,
        complete_without_start,
        in_reverse_order,
        a_copy_replaces_the_notebook,
        the_engine_adds_keys,
        the_engine_knows_the_start_better,
        the_engine_holds_the_record,
    ],
}


def executed_before() -> dict[str, Any]:
    """A notebook with the records of an earlier run."""
    data: dict[str, Any] = json.loads(Path(NOTEBOOK).read_text())
    old = "2020-01-01T00:00:00+00:00"
    data["metadata"]["papermill"] = {
        "parameters": {"a": 1},
        "note": "kept",
        "exception": True,
        "start_time": old,
        "end_time": old,
        "duration": 1.0,
    }
    for cell in data["cells"]:
        cell["metadata"]["papermill"] = {"status": "failed", "exception": True, "start_time": old, "note": "dropped"}
    return data


def traces(group: str) -> dict[str, Callable[[], dict[str, Any]]]:
    found = {run.__name__: (lambda run=run: trace(run)) for run in TRACES[group]}
    if group == "edges":
        found["a_notebook_that_was_executed_before"] = lambda: trace(a_cell_fails, executed_before())
    return found


def compare(found: dict[str, Any], golden: dict[str, Any]) -> None:
    assert found["ended"] == golden["ended"], f"ended with {found['ended']}, not {golden['ended']}"
    assert len(found["saves"]) == len(golden["saves"]), f"{len(found['saves'])} saves, not {len(golden['saves'])}"
    for number, (save, wanted) in enumerate(zip(found["saves"], golden["saves"], strict=True), start=1):
        assert save["notebook"] == wanted["notebook"], f"save {number}: {save['notebook']} is not {wanted['notebook']}"
        for index, (cell, expected) in enumerate(zip(save["cells"], wanted["cells"], strict=True)):
            assert cell == expected, f"save {number}, cell {index}: {cell} is not {expected}"


def compare_with_golden(group: str) -> dict[str, Callable[[], None]]:
    golden = json.loads(GOLDEN.read_text())
    return {name: (lambda run=run, name=name: compare(run(), golden[name])) for name, run in traces(group).items()}


# Real notebooks


def run_notebook(name: str) -> tuple[Any, str]:
    import nbformat
    import papermill

    with tempfile.TemporaryDirectory() as folder:
        output = f"{folder}/out.ipynb"
        try:
            papermill.execute_notebook(
                f"papermill/tests/notebooks/{name}", output, progress_bar=False, kernel_name="python3"
            )
            ended = "returned"
        except papermill.exceptions.PapermillExecutionError:
            ended = "failed"
        return nbformat.read(output, as_version=4), ended


def a_real_run_completes() -> None:
    began = now()
    notebook, ended = run_notebook("simple_execute.ipynb")
    assert ended == "returned", ended
    record = record_of(notebook.metadata.papermill, began, now())
    assert [record[key] for key in FIELDS[:4]] == ["T", "T", "D", None], f"{record}"
    for cell in notebook.cells:
        found = record_of(cell.metadata.papermill, began, now())
        wanted = dict(zip(FIELDS, ("T", "T", "D", False, "completed"), strict=True))
        assert found == wanted, f"{found} is not {wanted}"


def a_real_failure_is_recorded() -> None:
    began = now()
    notebook, ended = run_notebook("broken1.ipynb")
    assert ended == "failed", ended
    assert notebook.metadata.papermill["exception"] is True
    cells = [cell for cell in notebook.cells if "papermill-error-cell-tag" not in cell.metadata.get("tags", [])]
    found = [record_of(cell.metadata.papermill, began, now()) for cell in cells]
    states = [(record["status"], record["exception"], record["duration"]) for record in found]
    failed = states.index(("failed", True, "D"))
    assert all(state == ("completed", False, "D") for state in states[:failed]), f"{states}"
    assert all(state == ("pending", None, None) for state in states[failed + 1 :]), f"{states}"


# The source


def manager() -> tuple[type[Any], ast.ClassDef]:
    from papermill.engines import NotebookExecutionManager

    source = inspect.getsource(sys.modules[NotebookExecutionManager.__module__])
    [node] = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef) and node.name == NotebookExecutionManager.__name__
    ]
    return NotebookExecutionManager, node


def the_manager_spells_no_field() -> None:
    _, node = manager()
    spelled = []
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and part.value in FIELDS:
            spelled.append(f"{part.value!r} in line {part.lineno} of the class's module")
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == "dict":
            spelled += [f"{word.arg}= in line {part.lineno}" for word in part.keywords if word.arg in FIELDS]
    assert not spelled, f"{len(spelled)} places: {'; '.join(spelled[:6])}"


def what_engines_call_is_there() -> None:
    found, _ = manager()
    states = [getattr(found, name) for name in ("PENDING", "RUNNING", "COMPLETED", "FAILED")]
    assert states == ["pending", "running", "completed", "failed"], f"{states}"
    for name, wanted in {
        "cell_start": ["cell", "cell_index"],
        "cell_exception": ["cell", "cell_index"],
        "cell_complete": ["cell", "cell_index"],
        "notebook_start": [],
        "notebook_complete": [],
        "save": [],
        "autosave_cell": [],
        "set_timer": [],
        "now": [],
    }.items():
        parameters = list(inspect.signature(getattr(found, name)).parameters)[1:]
        assert parameters[: len(wanted)] == wanted, f"{name} takes {parameters}"


GROUPS: dict[str, Callable[[], dict[str, Callable[[], None]]]] = {
    "structure": lambda: {"the_manager_spells_no_field": the_manager_spells_no_field},
    "trace": lambda: {"what_engines_call_is_there": what_engines_call_is_there, **compare_with_golden("trace")},
    "edges": lambda: compare_with_golden("edges"),
    "kernel": lambda: {
        "a_real_run_completes": a_real_run_completes,
        "a_real_failure_is_recorded": a_real_failure_is_recorded,
    },
}


def readable(recorded: dict[str, dict[str, Any]]) -> str:
    """JSON with a line for every save."""
    traces = []
    for name, found in recorded.items():
        saves = ",\n  ".join(json.dumps(save) for save in found["saves"])
        traces.append(f'"{name}": {{"ended": "{found["ended"]}", "saves": [\n  {saves}]}}')
    return "{" + ",\n ".join(traces) + "}\n"


def main() -> int:
    if sys.argv[1] == "record":
        recorded = {name: run() for group in TRACES for name, run in traces(group).items()}
        GOLDEN.write_text(readable(recorded))
        return 0
    failed = 0
    for name, check in GROUPS[sys.argv[1]]().items():
        try:
            check()
        except Exception as error:  # whatever goes wrong in there is the result's fault
            failed += 1
            reason = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
            print(f"not ok - {name.replace('_', ' ')}: {' '.join(reason.split())[:400]}")
        else:
            print(f"ok - {name.replace('_', ' ')}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
