"""One trains a run at a time: on one machine by a lock, on several without common locks by the holder's note."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from marlin.training import record
from marlin.training.errors import RunStateError
from marlin.training.holding import HELD, Holder, held, holder_of, joined
from marlin.training.plan import Plan, RunFolder
from marlin.training.worker import main

HOLD = """
import sys
from pathlib import Path
from marlin.training.holding import held
from marlin.training.plan import RunFolder
with held(RunFolder(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


def prepared(folder: Path) -> RunFolder:
    run = RunFolder(folder)
    run.plan_file.write_text(Plan(method="dpo", dataset="d", model="m", max_length=64).to_yaml())
    record.update(run, state="training", pid=4711)
    return run


def test_what_launch_sh_starts_is_refused_beside_another_and_leaves_the_others_record_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = prepared(tmp_path)
    before = run.record_file.read_bytes()
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    assert main(tmp_path, patience=0) == 5
    assert f"is being trained now by process {other.pid}." in capsys.readouterr().err
    heard: list[Holder | None] = []
    with pytest.raises(RunStateError, match=f"process {other.pid}"), held(run, waiting=heard.append, patience=0.2):
        pass
    assert [who.pid for who in heard if who] == [other.pid]
    assert run.record_file.read_bytes() == before
    assert not run.metrics_file.exists()
    monkeypatch.setenv("RANK", "1")  # the first of several holds it for all
    with joined(run, patience=0) as hold:
        assert hold is None
    other.kill()
    other.wait()
    with held(run, patience=20) as mine:  # the kernel gave it back
        assert holder_of(run) == mine.holder
    assert holder_of(run) is None
    other.communicate()


def test_a_process_for_which_it_is_held_joins_and_one_with_an_old_word_for_that_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = prepared(tmp_path)
    with held(run) as hold:
        monkeypatch.setenv(HELD, hold.environ[HELD])
        with joined(run, patience=0) as mine:
            assert mine is not None
            mine.require()
        monkeypatch.setenv(HELD, "of a run before it")
        with pytest.raises(RunStateError), joined(run, patience=0):
            pass


def test_what_is_trained_already_is_not_trained_again_by_its_script(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record.update(prepared(tmp_path), state="trained")
    assert main(tmp_path) == 5
    assert "trained already" in capsys.readouterr().err


@contextmanager
def touching(file: Path) -> Iterator[None]:
    ended = threading.Event()

    def touch() -> None:
        while not ended.wait(0.02):
            os.utime(file)

    thread = threading.Thread(target=touch)
    thread.start()
    yield
    ended.set()
    thread.join()


def test_where_machines_share_a_disk_but_no_locks_a_note_that_is_touched_holds_the_run(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    note = tmp_path / ".lock"
    elsewhere = json.dumps({"key": "k", "host": "node7", "boot": "another kernel", "pid": 12})
    note.write_text(elsewhere)
    with (
        touching(note),
        pytest.raises(RunStateError, match="process 12 on node7"),
        held(run, silence=600),  # refused at the first touch
    ):
        pass
    assert note.read_text() == elsewhere
    with held(run, silence=0.5) as hold:  # its machine is gone
        hold.require()
        note.write_text(elsewhere)  # both began in the same second
        with pytest.raises(RunStateError, match="node7"):
            hold.require()
    assert note.read_text() == elsewhere
