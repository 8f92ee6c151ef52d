"""Commands whose standard output is full, closed, or read no further."""

from __future__ import annotations

import subprocess
import sys

import pytest

MARLIN = f"{sys.executable} -m marlin"


def shell(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("where", "said"), [("> /dev/full", "can't be written: No space left"), (">&-", "Standard output is closed")]
)
def test_output_that_can_not_be_written_is_one_line_and_a_status(where: str, said: str) -> None:
    ran = shell(f"{MARLIN} agent list {where}")
    assert ran.returncode == 6
    error, hint = ran.stderr.splitlines()
    assert error.startswith("error: ")
    assert said in error
    assert hint.startswith("hint:")


def test_a_reader_that_has_gone_is_no_news() -> None:
    ran = shell(f"({MARLIN} agent list; echo status $? >&2) | true")
    assert ran.stderr in ("status 1\n", "status 0\n")  # 0: all of it fitted before the reader went
