"""The stages of a loop: done once, taken up after a failure or a kill, done again where a result is gone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from marlin.cli.loop_record import Record, RecordBrokenError, Result, Results, Stage, StageFailedError, go_through
from marlin.errors import ConflictError


class Work:
    """Stages that count how often they were done, and may fail or lose what they made."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.failing: set[str] = set()
        self.gone: set[str] = set()

    def stages(self) -> list[Stage]:
        def stage(name: str) -> Stage:
            def work(results: Results) -> Result:
                if name in self.failing:
                    raise ConflictError("The model calls no tool.", hint="Teach it first.")
                self.done.append(name)
                return {"made": name, "from": sorted(results)}

            return Stage(name, f"Do {name}", "a thing", work, lambda result: result["made"] not in self.gone)

        return [stage(name) for name in ("one", "two", "three")]


def go(work: Work, path: Path) -> tuple[Results, list[str]]:
    said: list[str] = []
    ticks = iter(range(100))
    found = go_through(work.stages(), Record.read(path), said.append, clock=lambda: float(next(ticks)))
    return found, said


def test_stages_are_done_in_order_and_each_tells_where_it_stands(tmp_path: Path) -> None:
    work = Work()
    found, said = go(work, tmp_path / "loop.json")
    assert work.done == ["one", "two", "three"]
    assert found["three"]["from"] == ["one", "two"]
    assert said[0] == "Stage 1 of 3: Do one → a thing  [1 s so far]"
    assert found["one"]["seconds"] == 1.0


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    work = Work()
    first, _ = go(work, tmp_path / "loop.json")
    again, said = go(work, tmp_path / "loop.json")
    assert work.done == ["one", "two", "three"]
    assert again == first
    assert said == [
        f"Stage {n} of 3: Do {name}: done before (1 s)." for n, name in enumerate(("one", "two", "three"), 1)
    ]


def test_a_stage_that_fails_says_which_and_what_to_do_and_is_taken_up_where_it_failed(tmp_path: Path) -> None:
    work = Work()
    work.failing.add("two")
    with pytest.raises(StageFailedError, match=r"Stage 2 of 3 \(Do two\) failed: The model calls no tool\.") as failed:
        go(work, tmp_path / "loop.json")
    assert failed.value.hint == "Teach it first. The stages before it are kept; the same command goes on here."
    assert failed.value.exit_code != 0
    work.failing.clear()
    go(work, tmp_path / "loop.json")
    assert work.done == ["one", "two", "three"]


def test_a_result_that_is_gone_is_made_again_with_all_that_came_of_it(tmp_path: Path) -> None:
    work = Work()
    go(work, tmp_path / "loop.json")
    work.gone.add("two")
    go(work, tmp_path / "loop.json")
    assert work.done == ["one", "two", "three", "two", "three"]


def test_a_kill_within_a_stage_leaves_those_before_it(tmp_path: Path) -> None:
    path = tmp_path / "loop.json"
    program = (
        "import os, sys; from pathlib import Path\n"
        "from marlin.cli.loop_record import Record, Stage, go_through\n"
        "stages = [Stage('one', 'Do one', 'a thing', lambda done: {'made': 'one'}),\n"
        "          Stage('two', 'Do two', 'a thing', lambda done: os.kill(os.getpid(), 9))]\n"
        "go_through(stages, Record.read(Path(sys.argv[1])), print)\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, check=False)
    assert killed.returncode == -9
    assert list(json.loads(path.read_text())["stages"]) == ["one"]
    work = Work()
    go(work, path)
    assert work.done == ["two", "three"]


def test_a_record_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "loop.json"
    path.write_text('{"stages": ')
    with pytest.raises(RecordBrokenError, match=r"loop\.json"):
        Record.read(path)


def loop(*options: str, home: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "marlin", "loop", *options]
    return subprocess.run(
        command, env={"MARLIN_HOME": str(home), "PATH": "/usr/bin"}, capture_output=True, text=True, check=False
    )


def test_the_command_says_what_to_run_where_torch_is_absent(tmp_path: Path) -> None:
    """The suite's own Python has no torch; `make test-tune` runs the loop's parts where it is."""
    refused = loop("--demo", home=tmp_path / "home")
    assert refused.returncode == 6
    words = " ".join(refused.stderr.split())
    assert "torch" in words
    assert "Run `make setup-tune`, then: .venv-tune/bin/marlin loop --demo" in words
    assert not (tmp_path / "home").exists(), "nothing was begun"
    undecided = loop(home=tmp_path / "home")
    assert undecided.returncode == 2
    assert "--demo" in undecided.stderr
