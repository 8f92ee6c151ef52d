"""Files are there whole or as they were, however their writer ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from marlin.cli.whole_files import whole_file

KILLED = """
import os, signal, sys
from pathlib import Path
from marlin.cli.whole_files import whole_file
with whole_file(Path(sys.argv[1])) as file:
    file.write("half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_killed_writer_leaves_what_was_there_and_the_next_one_clears_up(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    report.write_text("of before")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(report)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert report.read_text() == "of before"
    assert len(names(tmp_path)) == 2, "the half lies beside it"
    with whole_file(report) as file:
        file.write("whole")
    assert (names(tmp_path), report.read_text()) == (["report.html"], "whole")


def test_what_another_process_is_writing_is_no_leftover(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    with whole_file(report) as other:
        other.write("the other's")
        (tmp_path / f".report.html.{os.getpid()}").rename(tmp_path / ".report.html.1")
        with whole_file(report) as file:
            file.write("mine")
        assert names(tmp_path) == [".report.html.1", "report.html"]
        (tmp_path / ".report.html.1").rename(tmp_path / f".report.html.{os.getpid()}")
    assert report.read_text() == "the other's", "the last one that is whole has the name"


def test_an_error_leaves_nothing_beside_it(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        with whole_file(path) as file:
            file.write("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail(tmp_path / "votes.csv")
    assert names(tmp_path) == []
