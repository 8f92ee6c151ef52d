"""A sandbox's disk: a sparse ext4 image of its own, whose size is the limit.

Project quotas would spare the copy when a sandbox is sealed, but need a file system made and mounted for them; a loop
image needs neither. An empty file system is made once for each size and copied (it holds about 2 MiB of data).
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from uuid import uuid4

from marlin.sandboxes.errors import DiskFullError, UnsupportedHostError
from marlin.sandboxes.keeper.trees import data_segments

MIN_BYTES = 16 << 20
RESERVE_BYTES = 256 << 20
"""Left free on the machine's disk: images are sparse, and a full disk would look like a broken one inside."""

_BYTES_PER_INODE = 8192


def make_image(templates: Path, target: Path, size: int) -> None:
    """Make an empty disk of ``size`` bytes at ``target``.

    :raises DiskFullError: the machine's disk is nearly full.
    :raises UnsupportedHostError: ``mkfs.ext4`` is missing.
    """
    size = max(size, MIN_BYTES) // 4096 * 4096
    info = os.statvfs(target.parent)
    if info.f_bavail * info.f_frsize < RESERVE_BYTES:
        raise DiskFullError(
            f"less than {RESERVE_BYTES >> 20} MiB are free where Marlin keeps sandboxes",
            hint=f"free space on the disk of {target.parent.parent}",
        )
    template = templates / f"{size}.ext4"
    if not template.exists():
        _make_template(template, size)
    _copy_sparse(template, target)


def _make_template(path: Path, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{uuid4().hex}")  # both sides of a turn may make it at once, in one process
    with temporary.open("wb") as file:
        file.truncate(size)
    command = [
        *("mkfs.ext4", "-q", "-F", "-b", "4096", "-m", "0", "-i", str(_BYTES_PER_INODE)),
        *("-O", "^has_journal,^resize_inode", "-E", "lazy_itable_init=1,nodiscard", str(temporary)),
    ]
    try:
        subprocess.run(command, check=True, capture_output=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    except FileNotFoundError as error:
        temporary.unlink()
        raise UnsupportedHostError("mkfs.ext4 is missing", hint="install the system package e2fsprogs") from error
    except subprocess.CalledProcessError as error:
        temporary.unlink()
        said = error.stderr.decode(errors="replace").strip()
        raise UnsupportedHostError(f"mkfs.ext4 failed: {said}") from error
    temporary.rename(path)


def _copy_sparse(source: Path, target: Path) -> None:
    with source.open("rb") as reader, target.open("xb") as writer:
        size = os.fstat(reader.fileno()).st_size
        for start, length in data_segments(reader.fileno(), size):
            os.lseek(writer.fileno(), start, os.SEEK_SET)
            at, end = start, start + length
            while at < end:
                at += os.sendfile(writer.fileno(), reader.fileno(), at, end - at)
        os.ftruncate(writer.fileno(), size)
