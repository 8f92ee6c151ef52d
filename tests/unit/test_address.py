"""Where a Marlin answers is told while it runs, and no longer, however it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from structlog.testing import capture_logs

from marlin.address import announced, told_address

KEPT = """
import sys, pathlib, time
from marlin.address import announced
with announced(pathlib.Path(sys.argv[1]), sys.argv[2]):
    print("there", flush=True)
    time.sleep(600)
"""


def service(home: Path, url: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", KEPT, str(home), url], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "there\n"
    return process


def killed(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()


def test_an_address_is_told_while_its_service_runs(tmp_path: Path) -> None:
    assert told_address(tmp_path) is None
    with announced(tmp_path, "http://127.0.0.1:8431"):
        assert told_address(tmp_path) == "http://127.0.0.1:8431"
    assert told_address(tmp_path) is None
    assert list((tmp_path / "serving").iterdir()) == []


def test_of_two_the_one_started_last_is_told_and_a_killed_one_says_nothing(tmp_path: Path) -> None:
    first = service(tmp_path, "http://127.0.0.1:8431")
    for file in (tmp_path / "serving").iterdir():
        os.utime(file, (1, 1))  # a file system's clock may be as coarse as a second
    second = service(tmp_path, "http://127.0.0.1:8432")
    try:
        assert told_address(tmp_path) == "http://127.0.0.1:8432"
        killed(second)
        assert second.returncode == -signal.SIGKILL
        assert told_address(tmp_path) == "http://127.0.0.1:8431"
        with announced(tmp_path, "http://127.0.0.1:8433"):
            assert len(list((tmp_path / "serving").iterdir())) == 2, "what the killed one left is gone"
    finally:
        for process in (first, second):
            killed(process)
            assert process.stdout is not None
            process.stdout.close()
    assert told_address(tmp_path) is None


def test_a_folder_that_cannot_be_written_is_said_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "serving").write_text("a file")
    with capture_logs() as told, announced(tmp_path, "http://127.0.0.1:8431"):
        pass
    assert [entry["log_level"] for entry in told] == ["warning"]
