"""Limits on memory, processes and processor time by control groups: v1, v2, and both at once (hybrid).

In hybrid mode the limits are v1's, and freezing and killing are v2's (1.6 and 7.6 ms, and without races).
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from marlin.sandboxes.errors import SandboxError, UnsupportedHostError
from marlin.sandboxes.protocol import Limits

PREFIX = "marlin-"
_PERIOD_US = 100_000
_V1_NEEDED = ("memory", "pids", "cpu")
_KILL_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class CgroupHost:
    """Where this process may make control groups.

    :ivar kind: ``v1``, ``v2`` or ``hybrid``.
    :ivar parents: the folder to make groups in, for each v1 controller; ``""`` is the v2 tree.
    """

    kind: str
    parents: dict[str, Path] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make the controllers available for new groups (v2 only; v1 always has them).

        :raises UnsupportedHostError: they are not delegated to this process.
        """
        if self.kind != "v2":
            return
        parent = self.parents[""]
        if {"memory", "pids", "cpu"} <= set((parent / "cgroup.subtree_control").read_text().split()):
            return
        try:
            if parent != _v2_mount(parent):
                # A v2 group with processes of its own can't hand controllers down: they move to a leaf beside.
                leaf = parent / f"{PREFIX}self"
                leaf.mkdir(exist_ok=True)
                for pid in (parent / "cgroup.procs").read_text().split():
                    _write(leaf / "cgroup.procs", pid)
            _write(parent / "cgroup.subtree_control", "+memory +pids +cpu")
        except OSError as error:
            raise UnsupportedHostError(
                f"this process may not hand memory, pids and cpu limits down ({error})",
                hint="run Marlin as root, or under `systemd-run --user --scope -p Delegate=yes`",
            ) from error

    def group(self, name: str) -> Cgroup:
        """The groups of the sandbox ``name``, whether they exist or not."""
        return Cgroup(self.kind, {c: parent / f"{PREFIX}{name}" for c, parent in self.parents.items()})

    def create(self, name: str, limits: Limits) -> Cgroup:
        """Make the groups for one sandbox and set its limits.

        :raises UnsupportedHostError: they can't be made here.
        """
        group = self.group(name)
        try:
            for path in group.paths.values():
                path.mkdir(exist_ok=True)
            _limit_v2(group.paths[""], limits) if self.kind == "v2" else _limit_v1(group.paths, limits)
        except OSError as error:
            group.remove()
            raise UnsupportedHostError(
                f"can't set the limits of a sandbox: {error}",
                hint="run Marlin as root, or under `systemd-run --user --scope -p Delegate=yes`",
            ) from error
        return group


def detect(*, mounts: str | None = None, own: str | None = None) -> CgroupHost:
    """Find out what this machine has.

    :param mounts: the text of ``/proc/self/mountinfo``; read when None.
    :param own: the text of ``/proc/self/cgroup``; read when None.
    :raises UnsupportedHostError: no usable control groups.
    """
    mounts = Path("/proc/self/mountinfo").read_text() if mounts is None else mounts
    own = Path("/proc/self/cgroup").read_text() if own is None else own
    parents = _folders(mounts, own)
    has_v1 = all(name in parents for name in _V1_NEEDED)
    if has_v1 and "" in parents:
        kept = {name: parents[name] for name in (*_V1_NEEDED, "cpuacct", "") if name in parents}
        return CgroupHost("hybrid", kept)
    if has_v1 and "freezer" in parents:
        kept = {name: parents[name] for name in (*_V1_NEEDED, "cpuacct", "freezer") if name in parents}
        return CgroupHost("v1", kept)
    if "" in parents:
        return CgroupHost("v2", {"": parents[""]})
    raise UnsupportedHostError(
        "no control groups for memory, pids and cpu",
        hint="mount cgroup2 at /sys/fs/cgroup (or the v1 controllers memory, pids, cpu and freezer)",
    )


def _folders(mounts: str, own: str) -> dict[str, Path]:
    """For each controller (``""``: v2), this process's own group as a folder."""
    groups: dict[str, str] = {}
    for line in own.splitlines():
        _, controllers, path = line.split(":", 2)
        for name in controllers.split(","):
            groups[name.removeprefix("name=")] = path
    found: dict[str, Path] = {}
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root, point = before.split(" ")[3:5]
        names = [""] if kind == "cgroup2" else options.split(",") if kind == "cgroup" else []
        for name in names:
            if name in groups:
                inside = os.path.relpath(groups[name], root) if groups[name].startswith(root) else "."
                found.setdefault(name, Path(os.path.normpath(f"{point}/{inside}")))
    return found


def _v2_mount(path: Path) -> Path:
    while not path.is_mount():
        path = path.parent
    return path


def _limit_v1(paths: dict[str, Path], limits: Limits) -> None:
    memory = paths["memory"]
    _write(memory / "memory.limit_in_bytes", str(limits.memory_bytes))
    if (memory / "memory.memsw.limit_in_bytes").exists():
        _write(memory / "memory.memsw.limit_in_bytes", str(limits.memory_bytes))
    _write(paths["pids"] / "pids.max", str(limits.pids))
    _write(paths["cpu"] / "cpu.cfs_period_us", str(_PERIOD_US))
    _write(paths["cpu"] / "cpu.cfs_quota_us", str(max(1000, round(limits.cpus * _PERIOD_US))))


def _limit_v2(path: Path, limits: Limits) -> None:
    _write(path / "memory.max", str(limits.memory_bytes))
    if (path / "memory.swap.max").exists():
        _write(path / "memory.swap.max", "0")
    _write(path / "pids.max", str(limits.pids))
    _write(path / "cpu.max", f"{max(1000, round(limits.cpus * _PERIOD_US))} {_PERIOD_US}")


@dataclass(frozen=True, slots=True)
class Cgroup:
    """The control groups of one sandbox."""

    kind: str
    paths: dict[str, Path]

    @property
    def joinable(self) -> list[str]:
        """Folders a new process joins, the one that may freeze it last; shared mounts once."""
        return list(dict.fromkeys(str(path.resolve()) for path in self.paths.values()))

    def processes(self) -> list[int]:
        """Ids of the processes inside, as the host sees them."""
        path = self.paths.get("", self.paths.get("pids"))
        try:
            return [int(line) for line in (path / "cgroup.procs").read_text().split()] if path else []
        except FileNotFoundError:
            return []

    def holds(self, pid: int) -> bool:
        """Whether the process ``pid`` is inside."""
        return pid in self.processes()

    def kill(self) -> int:
        """Kill all processes inside and wait until they are gone; how many of them the sandbox had started."""
        count = len([pid for pid in self.processes() if _is_inside(pid)])
        deadline = time.monotonic() + _KILL_SECONDS
        while self._populated():
            if time.monotonic() > deadline:
                raise SandboxError(
                    f"processes do not die: {self.processes()[:5]}",
                    hint="they hang in the kernel; look at `dmesg`, and restart the machine if they stay",
                )
            self._kill_once()
            time.sleep(0.002)
        return count

    def _kill_once(self) -> None:
        if "" in self.paths and (self.paths[""] / "cgroup.kill").exists():
            _write(self.paths[""] / "cgroup.kill", "1")
            return
        self.freeze()
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.thaw()

    def _populated(self) -> bool:
        if "" not in self.paths:
            return bool(self.processes())
        try:
            return "populated 1" in (self.paths[""] / "cgroup.events").read_text()
        except FileNotFoundError:
            return False

    def freeze(self) -> None:
        """Stop all processes; returns when they stand still."""
        if "" in self.paths:
            _write(self.paths[""] / "cgroup.freeze", "1")
            _await(lambda: "frozen 1" in (self.paths[""] / "cgroup.events").read_text())
        else:
            state = self.paths["freezer"] / "freezer.state"
            _write(state, "FROZEN")
            _await(lambda: state.read_text().strip() == "FROZEN")

    def thaw(self) -> None:
        """Let them go on."""
        if "" in self.paths:
            _write(self.paths[""] / "cgroup.freeze", "0")
        else:
            _write(self.paths["freezer"] / "freezer.state", "THAWED")

    def cpu_seconds(self) -> float:
        """Processor time used so far."""
        if self.kind == "v2":
            return _field(self.paths[""] / "cpu.stat", "usage_usec") / 1e6
        path = self.paths.get("cpuacct", self.paths["cpu"])
        return _number(path / "cpuacct.usage") / 1e9

    def memory_peak(self) -> int:
        """Most memory used at once, in bytes."""
        if self.kind == "v2":
            return _number(self.paths[""] / "memory.peak")
        return _number(self.paths["memory"] / "memory.max_usage_in_bytes")

    def pids_peak(self) -> int:
        """Most tasks at once; those of now where the kernel does not keep the peak (before 6.11)."""
        path = self.paths["" if self.kind == "v2" else "pids"]
        return _number(path / "pids.peak") or _number(path / "pids.current")

    def out_of_memory_kills(self) -> int:
        """How often the kernel killed a process here for want of memory."""
        if self.kind == "v2":
            return _field(self.paths[""] / "memory.events", "oom_kill")
        return _field(self.paths["memory"] / "memory.oom_control", "oom_kill")

    def remove(self) -> None:
        """Remove the groups, which must be empty; harmless when repeated."""
        remove_folders(list(self.paths.values()))


def remove_folders(paths: Sequence[Path]) -> None:
    """Remove control groups whose processes are dead; the kernel may take a moment to let go of them."""
    for path in paths:
        deadline = time.monotonic() + _KILL_SECONDS
        while path.exists():
            try:
                path.rmdir()
            except FileNotFoundError:
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.002)


def _is_inside(pid: int) -> bool:
    """Whether a process was started in a sandbox: neither bubblewrap's monitor outside nor its pid 1 inside."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    for line in status.splitlines():
        if line.startswith("NSpid:"):
            ids = line.split()[1:]
            return len(ids) > 1 and ids[-1] != "1"
    return False


def _await(reached: object, *, seconds: float = _KILL_SECONDS) -> None:
    assert callable(reached)
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            raise SandboxError("the sandbox does not freeze", hint="a process inside hangs in the kernel; destroy it")
        time.sleep(0.0005)


def _write(path: Path, text: str) -> None:
    path.write_text(text)


def _number(path: Path) -> int:
    try:
        return int(path.read_text())
    except (FileNotFoundError, ValueError):
        return 0


def _field(path: Path, name: str) -> int:
    try:
        for line in path.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    except FileNotFoundError:
        pass
    return 0
