"""What isolation needs of a machine, each with the one line that mends it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from marlin.sandboxes import cgroups, seccomp
from marlin.sandboxes.errors import UnsupportedHostError
from marlin.sandboxes.protocol import HostCheck

_KERNEL_NEEDED = (5, 19)
"""Idmapped layers of overlayfs."""


def require() -> None:
    """Refuse a machine that lacks something.

    :raises UnsupportedHostError: names the first missing thing and how to mend it.
    """
    for check in check_host():
        if check.required and not check.ok:
            raise UnsupportedHostError(f"this machine can't isolate untrusted work: {check.detail}", hint=check.fix)


def check_host() -> list[HostCheck]:
    """All checks, the decisive ones first."""
    return [_privilege(), _kernel(), _bubblewrap(), _cgroups(), _seccomp(), _loop(), _mkfs(), _userns()]


def bubblewrap_version() -> str:
    """As in ``0.8.0``; ``unknown`` when it does not say."""
    path = shutil.which("bwrap")
    if path is None:
        return "unknown"
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\d+(\.\d+)+", said)
    return found.group() if found else "unknown"


def _privilege() -> HostCheck:
    ok = os.geteuid() == 0 and _has_capability(21)
    fix = "run Marlin as root (as a plain user, sandboxes are not available yet; see docs/explanation/isolation.md)"
    return HostCheck(
        "privilege", ok, "root with CAP_SYS_ADMIN" if ok else "Marlin is not root here", None if ok else fix
    )


def _has_capability(number: int) -> bool:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> number & 1)
    return False


def _kernel() -> HostCheck:
    release = os.uname().release
    found = re.match(r"(\d+)\.(\d+)", release)
    version = (int(found.group(1)), int(found.group(2))) if found else (0, 0)
    has_overlay = "overlay" in Path("/proc/filesystems").read_text() or Path("/sys/module/overlay").exists()
    if version < _KERNEL_NEEDED:
        return HostCheck("kernel", False, f"Linux {release} is too old", "use a kernel from 5.19 on")
    if not has_overlay:
        return HostCheck("kernel", False, f"Linux {release} without overlayfs", "load it: modprobe overlay")
    return HostCheck("kernel", True, f"Linux {release} with overlayfs")


def _bubblewrap() -> HostCheck:
    path = shutil.which("bwrap")
    if path is None:
        return HostCheck("bubblewrap", False, "bubblewrap is not installed", "install the system package bubblewrap")
    return HostCheck("bubblewrap", True, f"{path} {bubblewrap_version()}")


def _cgroups() -> HostCheck:
    fix = "run Marlin as root, with cgroup2 (or the v1 controllers memory, pids, cpu and freezer) mounted writable"
    try:
        host = cgroups.detect()
        host.prepare()
    except UnsupportedHostError as error:
        return HostCheck("cgroups", False, error.message, error.hint or fix)
    writable = all(os.access(path, os.W_OK) for path in host.parents.values())
    if not writable:
        return HostCheck("cgroups", False, f"control groups ({host.kind}) are read-only for Marlin", fix)
    return HostCheck("cgroups", True, f"{host.kind}: memory, pids, cpu, freeze, kill")


def _seccomp() -> HostCheck:
    try:
        size = len(seccomp.program())
    except UnsupportedHostError as error:
        return HostCheck("seccomp", False, error.message, error.hint)
    return HostCheck("seccomp", True, f"filter of {size // 8} instructions")


def _loop() -> HostCheck:
    ok = Path("/dev/loop-control").exists()
    fix = "load it: modprobe loop (in a container: pass /dev/loop-control and /dev/loop* in)"
    return HostCheck("disk quota", ok, "loop devices" if ok else "no loop devices", None if ok else fix)


def _mkfs() -> HostCheck:
    ok = shutil.which("mkfs.ext4", path="/usr/sbin:/usr/bin:/sbin:/bin") is not None
    fix = "install the system package e2fsprogs"
    return HostCheck("e2fsprogs", ok, "mkfs.ext4" if ok else "mkfs.ext4 is missing", None if ok else fix)


def _userns() -> HostCheck:
    try:
        limit = int(Path("/proc/sys/user/max_user_namespaces").read_text())
    except (FileNotFoundError, ValueError):
        limit = 0
    fix = "allow them: sysctl user.max_user_namespaces=10000"
    detail = f"up to {limit} user namespaces" if limit else "user namespaces are switched off"
    return HostCheck("user namespaces", limit > 0, detail, None if limit else fix)
