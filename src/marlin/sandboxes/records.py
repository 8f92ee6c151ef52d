"""What is written down about a live sandbox, so that another process can tell whether its owner still lives."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import random
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from marlin.sandboxes.errors import UnavailableSlotError
from marlin.sandboxes.keeper.identity import SLOTS

SLOT_FOLDER = Path("/run/marlin-slots")
"""One file for each host id range in use, machine-wide: several Marlin processes, even with several homes, share it."""

MAKING = ".making-"
"""How the name of a sandbox's folder begins until its record is in it: a matter of milliseconds."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A process, beyond doubt: ids are reused, but not together with the start time and the boot."""

    pid: int
    start: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> Owner | None:
        """The process ``pid``, or None when there is none, or only its zombie (nobody has asked how it ended)."""
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        fields = text.rpartition(")")[2].split()
        return None if fields[0] in "ZX" else cls(pid, int(fields[19]), boot_id())

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return Owner.of(self.pid) == self


@dataclass(frozen=True, slots=True)
class Record:
    """``owner.json`` in a sandbox's folder."""

    owner: Owner
    slot: int
    cgroup_kind: str
    cgroups: dict[str, str]

    def claim(self, folder: Path) -> None:
        """Make ``folder`` with this record in it: both at once, or neither.

        :raises FileExistsError: somebody made it before.
        """
        making = Path(tempfile.mkdtemp(prefix=MAKING, dir=folder.parent))
        try:
            (making / "owner.json").write_text(json.dumps(asdict(self)))
            making.rename(folder)
        except OSError as error:
            shutil.rmtree(making, ignore_errors=True)
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                raise FileExistsError(errno.EEXIST, "somebody made it before", str(folder)) from error
            raise

    @classmethod
    def read(cls, folder: Path) -> Record | None:
        """Load it; None when the sandbox was never finished."""
        try:
            data = json.loads((folder / "owner.json").read_text())
            return cls(Owner(**data["owner"]), data["slot"], data["cgroup_kind"], data["cgroups"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None


def boot_id() -> str:
    """The machine's current boot."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def take_slot(owner: Owner, folder: Path = SLOT_FOLDER) -> int:
    """Reserve a range of host ids for ``owner``.

    :raises UnavailableSlotError: all are taken by live processes.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for _ in range(64):
        slot = random.randrange(SLOTS)  # noqa: S311 - only to avoid collisions
        if _claim(folder / str(slot), owner):
            return slot
    free_dead_slots(folder)
    for slot in range(SLOTS):
        if _claim(folder / str(slot), owner):
            return slot
    raise UnavailableSlotError(
        f"all {SLOTS} host id ranges are in use", hint="stop sandboxes, or run fewer workers on this machine"
    )


def _claim(path: Path, owner: Owner) -> bool:
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(owner), file)
    return True


def free_slot(slot: int, folder: Path = SLOT_FOLDER) -> None:
    """Give a range back."""
    with contextlib.suppress(FileNotFoundError):
        (folder / str(slot)).unlink()


def free_dead_slots(folder: Path = SLOT_FOLDER) -> None:
    """Give back what dead processes hold."""
    for path in folder.glob("*"):
        try:
            alive = Owner(**json.loads(path.read_text())).alive
        except FileNotFoundError:
            continue
        except (ValueError, TypeError):
            continue  # being written
        if not alive:
            path.unlink(missing_ok=True)
