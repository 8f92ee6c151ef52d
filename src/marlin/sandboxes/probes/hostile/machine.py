"""Devices, overlay marks, terminals, clocks, priorities and other system call tables."""

from __future__ import annotations

import ctypes
import mmap
import os
import resource
import signal
import socket
import struct
import time
from typing import Any

from .base import probe, syscall


@probe
def make_character_device(_: dict[str, Any]) -> str | None:
    os.mknod("/workspace/mem", 0o020666, os.makedev(1, 1))
    return "made one"


@probe
def make_block_device(_: dict[str, Any]) -> str | None:
    os.mknod("/workspace/disk", 0o060666, os.makedev(254, 0))
    return "made one"


@probe
def make_whiteout(_: dict[str, Any]) -> str | None:
    for folder in ("/workspace", "/home/agent", "/tmp"):
        try:
            os.mknod(f"{folder}/whiteout", 0o020000, 0)
            return f"in {folder}"
        except OSError:
            continue
    return None


@probe
def devices(_: dict[str, Any]) -> str | None:
    known = {"null", "zero", "full", "random", "urandom", "tty", "console", "ptmx", "pts", "shm", "fd", "core"}
    extra = [name for name in os.listdir("/dev") if name not in known | {"stdin", "stdout", "stderr"}]
    return f"{extra}" if extra else None


@probe
def overlay_attributes(_: dict[str, Any]) -> str | None:
    os.mkdir("/workspace/opaque")
    for name in ("trusted.overlay.opaque", "trusted.overlay.redirect", "security.capability"):
        try:
            os.setxattr("/workspace/opaque", name, b"y")
            return name
        except OSError:
            continue
    return None


def _type_into_terminal(request: int) -> str:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    master, slave = os.openpty()
    os.setsid()
    syscall(16, slave, 0x540E, 0)
    syscall(16, slave, request, ctypes.c_char_p(b"x"))
    os.close(master)
    return "typed"


@probe
def tiocsti(_: dict[str, Any]) -> str | None:
    return _type_into_terminal(0x5412)


@probe
def tiocsti_high_bits(_: dict[str, Any]) -> str | None:
    return _type_into_terminal((1 << 32) | 0x5412)


@probe
def tioclinux(_: dict[str, Any]) -> str | None:
    return _type_into_terminal(0x541C)


@probe
def set_host_name(_: dict[str, Any]) -> str | None:
    socket.sethostname("evil")
    return "renamed"


@probe
def set_clock(_: dict[str, Any]) -> str | None:
    time.clock_settime(time.CLOCK_REALTIME, time.time())
    return "set"


@probe
def adjust_clock(_: dict[str, Any]) -> str | None:
    syscall(159, ctypes.create_string_buffer(struct.pack("I", 0x8000) + bytes(300)))
    return "adjtimex"


@probe
def raise_priority(_: dict[str, Any]) -> str | None:
    os.nice(-5)
    return "nicer than others"


@probe
def real_time(_: dict[str, Any]) -> str | None:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    return "SCHED_FIFO"


@probe
def raise_limits(_: dict[str, Any]) -> str | None:
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    if hard == resource.RLIM_INFINITY:
        return "files may be as large as they like"
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard * 2, hard * 2))
    except ValueError as error:  # how Python says EPERM here
        raise PermissionError(str(error)) from error
    return "raised"


@probe
def lock_memory(_: dict[str, Any]) -> str | None:
    area = mmap.mmap(-1, 64 << 20)
    address = ctypes.addressof(ctypes.c_char.from_buffer(area))
    syscall(149, address, 64 << 20)
    return "64 MiB locked"


@probe
def oom_score(_: dict[str, Any]) -> str | None:
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("-500")
    return "lowered"


@probe
def x32_calls(_: dict[str, Any]) -> str | None:
    return f"getpid through x32: {syscall(0x40000000 | 39)}"


@probe
def i386_calls(_: dict[str, Any]) -> str | None:
    area = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    # mov eax, 20 (getpid); int 0x80; ret
    area.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    code = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(area)))
    found = code()
    return f"getpid through int 0x80: {found}" if found > 0 else None


@probe
def huge_sparse_file(_: dict[str, Any]) -> str | None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open("/workspace/huge", "wb") as file:
        file.truncate(1 << 40)
    return "1 TiB"
