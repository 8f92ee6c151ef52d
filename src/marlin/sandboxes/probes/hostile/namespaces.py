"""Mounts, roots and namespaces."""

from __future__ import annotations

import ctypes
import os
import signal
import struct
from typing import Any

from .base import probe, syscall


@probe
def mount_tmpfs(_: dict[str, Any]) -> str | None:
    syscall(165, ctypes.c_char_p(b"x"), ctypes.c_char_p(b"/tmp"), ctypes.c_char_p(b"tmpfs"), 0, None)
    return "mounted"


@probe
def bind_mount(_: dict[str, Any]) -> str | None:
    syscall(165, ctypes.c_char_p(b"/etc"), ctypes.c_char_p(b"/tmp"), None, 4096, None)
    return "mounted"


@probe
def remount_writable(_: dict[str, Any]) -> str | None:
    syscall(165, None, ctypes.c_char_p(b"/usr"), None, 32 | 4096, None)
    return "remounted"


@probe
def unmount(_: dict[str, Any]) -> str | None:
    syscall(166, ctypes.c_char_p(b"/proc"), 2)
    return "unmounted /proc"


@probe
def new_mount_api(_: dict[str, Any]) -> str | None:
    syscall(430, ctypes.c_char_p(b"tmpfs"), 0)
    return "fsopen"


@probe
def open_tree(_: dict[str, Any]) -> str | None:
    syscall(428, -100, ctypes.c_char_p(b"/"), 1)
    return "open_tree"


@probe
def move_mount(_: dict[str, Any]) -> str | None:
    syscall(429, -100, ctypes.c_char_p(b"/tmp"), -100, ctypes.c_char_p(b"/run"), 0)
    return "move_mount"


@probe
def mount_setattr(_: dict[str, Any]) -> str | None:
    syscall(442, -100, ctypes.c_char_p(b"/usr"), 0, ctypes.c_char_p(struct.pack("QQQQ", 0, 1, 0, 0)), 32)
    return "made /usr writable"


@probe
def pivot_root(_: dict[str, Any]) -> str | None:
    syscall(155, ctypes.c_char_p(b"/tmp"), ctypes.c_char_p(b"/tmp"))
    return "pivot_root"


@probe
def chroot(_: dict[str, Any]) -> str | None:
    os.chroot("/tmp")
    return "chroot"


@probe
def set_namespace(_: dict[str, Any]) -> str | None:
    for kind in ("user", "mnt", "net", "pid", "ipc", "uts"):
        try:
            fd = os.open(f"/proc/1/ns/{kind}", os.O_RDONLY)
            syscall(308, fd, 0)
            return f"setns {kind}"
        except OSError:
            continue
    return None


def _unshare(flag: int) -> str:
    syscall(272, flag)
    return "unshare"


@probe
def unshare_user(_: dict[str, Any]) -> str | None:
    return _unshare(0x10000000)


@probe
def unshare_mount(_: dict[str, Any]) -> str | None:
    return _unshare(0x00020000)


@probe
def unshare_network(_: dict[str, Any]) -> str | None:
    return _unshare(0x40000000)


@probe
def clone_user(_: dict[str, Any]) -> str | None:
    child = syscall(56, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    return "clone with a user namespace"


@probe
def clone3_user(_: dict[str, Any]) -> str | None:
    arguments = struct.pack("QQQQQQQQ", 0x10000000, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
    child = syscall(435, ctypes.c_char_p(arguments), len(arguments))
    if child == 0:
        os._exit(0)
    return "clone3 with a user namespace"


@probe
def open_by_handle(_: dict[str, Any]) -> str | None:
    handle = ctypes.create_string_buffer(struct.pack("II", 8, 1) + struct.pack("II", 2, 0) + bytes(128))
    root = os.open("/", os.O_RDONLY)
    syscall(304, root, handle, os.O_RDONLY)
    return "opened inode 2"
