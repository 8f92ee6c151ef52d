"""Turning a forked child of the keeper into bubblewrap, and other work inside a sandbox's namespaces."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import resource
import signal
import socket
import stat
import termios
from collections.abc import Callable
from typing import Any

from marlin.sandboxes.keeper import kernel
from marlin.sandboxes.keeper.identity import RANGE, ROOT, USER
from marlin.sandboxes.keeper.opening import Place
from marlin.sandboxes.keeper.trees import copy_tree

USERNS_FD, ARGUMENTS_FD, SECCOMP_FD, STATUS_FD = 3, 4, 5, 6
"""Descriptors that bubblewrap gets besides stdin, stdout and stderr."""


class RefusedError(Exception):
    """The request can't be done for a reason the caller has a word for."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def become_command(request: dict[str, Any], fds: list[int], announce: Callable[[], None]) -> None:
    """Enter the sandbox's cgroups, network and ids, drop all privileges, and execute bubblewrap. Does not return.

    :param fds: stdin, stdout, stderr, bubblewrap's arguments, seccomp filter, status pipe.
    :param announce: called when nothing can go wrong any more but the execution itself.
    :raises RefusedError: ``not-found`` (no such command), ``no-folder`` (no such working folder), ``gone``.
    """
    place, base = Place(request["folder"]), int(request["base"])
    if any("\0" in argument for argument in request["argv"]):
        raise RefusedError("bad-argument", "an argument of the command holds a zero byte")
    _check_command(place, request)
    os.setsid()
    if request["terminal"]:
        fcntl.ioctl(fds[0], termios.TIOCSCTTY, 0)
    user = os.open(place.namespace("user"), os.O_RDONLY | os.O_CLOEXEC)
    network = os.open(place.namespace("net"), os.O_RDONLY | os.O_CLOEXEC)
    kernel.setns(network, kernel.CLONE_NEWNET)
    _join(request["cgroups"])
    for name, value in request["limits"].items():
        kind = getattr(resource, name)
        ceiling = resource.getrlimit(kind)[1]
        value = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
        resource.setrlimit(kind, (value, value))
    _place_descriptors([*fds[:3], user, *fds[3:]])
    kernel.drop_everything()
    own = base + (ROOT if request["fake_root"] else USER)
    os.setgroups([])
    os.setresgid(own, own, own)
    os.setresuid(own, own, own)
    os.umask(0o022)
    os.chdir("/")
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):  # ignored here; handlers end with the execution
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    announce()
    os.execve(request["bwrap"], ["bwrap", "--args", str(ARGUMENTS_FD), "--", *request["argv"]], {})  # noqa: S606


def _join(cgroups: list[str]) -> None:
    for path in cgroups:
        descriptor = os.open(f"{path}/cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(descriptor, b"0")
        finally:
            os.close(descriptor)


def _place_descriptors(fds: list[int]) -> None:
    """Make ``fds`` the descriptors 0, 1, 2, …, inheritable, and nothing else."""
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 64) for fd in fds]
    for number, fd in enumerate(high):
        os.dup2(fd, number, inheritable=True)
    os.closerange(len(fds), 64)


def _check_command(place: Place, request: dict[str, Any]) -> None:
    """Refuse a command or folder that is not there, before bubblewrap fails less clearly."""
    root = os.open(place.root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        folder = request["cwd"]
        try:
            os.close(kernel.open_in_root(root, folder, os.O_PATH | os.O_DIRECTORY))
        except OSError as error:
            raise RefusedError("no-folder", f"{folder}: {os.strerror(error.errno or 0)}") from None
        name = request["argv"][0]
        candidates = [f"{folder}/{name}"] if "/" in name else [f"{p}/{name}" for p in request["path"] if p]
        if name.startswith("/"):
            candidates = [name]
        if not any(_is_executable(root, path) for path in candidates):
            raise RefusedError("not-found", f"{name}: no such executable in the sandbox")
    finally:
        os.close(root)


def _is_executable(root: int, path: str) -> bool:
    if path.startswith(("/proc/", "/dev/")):
        return True  # mounted by bubblewrap only
    try:
        file = kernel.open_in_root(root, path, os.O_PATH)
    except OSError:
        return False
    try:
        mode = os.fstat(file).st_mode
        return stat.S_ISREG(mode) and bool(mode & 0o111)
    finally:
        os.close(file)


def listen(request: dict[str, Any]) -> tuple[dict[str, Any], list[int]]:
    """A socket that listens on the sandbox's loopback interface."""
    place = Place(request["folder"])
    network = os.open(place.namespace("net"), os.O_RDONLY | os.O_CLOEXEC)
    kernel.setns(network, kernel.CLONE_NEWNET)
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind(("127.0.0.1", int(request["port"])))
        server.listen(128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise RefusedError("port-taken", f"port {request['port']} is taken in the sandbox") from None
        raise
    return {"port": server.getsockname()[1]}, [server.detach()]


def disk_usage(request: dict[str, Any]) -> dict[str, Any]:
    """Bytes that the sandbox's files take on its disk."""
    info = os.statvfs(Place(request["folder"]).disk)
    return {"disk_bytes": (info.f_blocks - info.f_bfree) * info.f_frsize}


def seal(request: dict[str, Any]) -> dict[str, Any]:
    """Copy the upper layer and HOME of a stopped sandbox to ``files`` and ``home`` (empty folders on the host).

    What a fake root made under /workspace and HOME is given to the agent's user, who is to work on it.
    """
    place, base = Place(request["folder"]), request["disk_base"]
    with contextlib.suppress(OSError):  # a first attempt, for which there was no room, has unmounted it
        kernel.umount(place.root)

    def keep(path: bytes, uid: int, gid: int) -> tuple[int, int]:
        if request["fake_root"] and (path == b"workspace" or path.startswith(b"workspace/")):
            return base + USER, base + USER
        return _clamp(uid, base), _clamp(gid, base)

    def homely(_path: bytes, _uid: int, _gid: int) -> tuple[int, int]:
        return base + USER, base + USER

    copy_tree(f"{place.disk}/upper", request["files"], owner=keep, overlay=True)
    copy_tree(f"{place.disk}/home", request["home"], owner=homely, overlay=False)
    return {}


def _clamp(number: int, base: int) -> int:
    return number if base <= number < base + RANGE else base
