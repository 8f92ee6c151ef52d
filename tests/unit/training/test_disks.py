"""A full disk is told as one, whatever the library that met it says, and by its name."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from marlin.training.disks import disk_is_full, full_disk, telling_full
from marlin.training.errors import RunFailedError, RunStateError


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except BaseException as found:
        return found


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
        OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)),
        RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)"),
        RuntimeError("PytorchStreamWriter failed writing file data/0: file write failed"),
        RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 576 vs 470"),
        raised(RuntimeError("An error occurred while generating the dataset"), OSError(errno.ENOSPC, "no room")),
    ],
)
def test_each_librarys_words_for_a_full_disk_are_known(tmp_path: Path, error: Exception) -> None:
    assert disk_is_full(tmp_path, error)
    with pytest.raises(RunFailedError, match=str(tmp_path)), telling_full(tmp_path):
        raise error


def test_a_quota_is_called_one_and_other_errors_stay_what_they_are(tmp_path: Path) -> None:
    assert "quota" in full_disk(tmp_path, OSError(errno.EDQUOT, "exceeded"))
    assert "/proc" in full_disk(tmp_path, OSError(errno.ENOSPC, "full", "/proc/there/is/none"))  # the file's own disk
    for error in (ValueError("5"), RunStateError("No space left on device, says the run's name.")):
        with pytest.raises(type(error)), telling_full(tmp_path):
            raise error


def test_a_disk_that_is_really_full_is_named_by_where_it_is_mounted(tmp_path: Path) -> None:
    """A file system of 100 kB, in a mount namespace of its own."""
    write = f"""
from pathlib import Path
from marlin.training.disks import telling_full
with telling_full(Path("{tmp_path}/runs/one")):
    Path("{tmp_path}/runs/one/large").write_bytes(b"x" * 200_000)
"""
    mount = f"mount -t tmpfs -o size=100k tmpfs {tmp_path}; mkdir -p {tmp_path}/runs/one"
    script = f"{mount}; exec {sys.executable} -c '{write}'"
    found = subprocess.run(["unshare", "-rm", "bash", "-c", script], capture_output=True, text=True, check=False)
    assert f"The disk of {tmp_path}/runs/one is full (mounted at {tmp_path}, 0.10 MB)." in found.stderr
