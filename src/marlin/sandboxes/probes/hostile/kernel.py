"""The kernel's attacked parts."""

from __future__ import annotations

import ctypes
import os
import struct
from typing import Any

from .base import probe, read, syscall


@probe
def sysfs(_: dict[str, Any]) -> str | None:
    found = os.listdir("/sys")
    return f"{found[:5]}" if found else None


@probe
def cgroup_files(_: dict[str, Any]) -> str | None:
    text = read("/proc/self/cgroup", 1 << 16).decode()
    paths = [line.split(":", 2)[2] for line in text.splitlines()]
    return f"{paths}" if any("marlin" in path for path in paths) or os.path.isdir("/sys/fs/cgroup") else None


@probe
def proc_sys(_: dict[str, Any]) -> str | None:
    for name in ("kernel/core_pattern", "kernel/hostname", "vm/overcommit_memory", "net/ipv4/ip_forward"):
        try:
            value = read(f"/proc/sys/{name}")
            with open(f"/proc/sys/{name}", "wb") as file:
                file.write(value)
            return f"wrote {name}"
        except OSError:
            continue
    return None


@probe
def raise_user_namespace_limit(_: dict[str, Any]) -> str | None:
    with open("/proc/sys/user/max_user_namespaces", "w") as file:
        file.write("100")
    return "user namespaces switched on again"


@probe
def sysrq(_: dict[str, Any]) -> str | None:
    with open("/proc/sysrq-trigger", "w") as file:
        file.write("h")
    return "sysrq"


@probe
def kernel_memory(_: dict[str, Any]) -> str | None:
    for path in ("/proc/kcore", "/dev/mem", "/dev/kmem", "/dev/port"):
        try:
            if read(path, 16):
                return f"read {path}"
        except OSError:
            continue
    return None


@probe
def kernel_log(_: dict[str, Any]) -> str | None:
    buffer = ctypes.create_string_buffer(4096)
    return f"{syscall(103, 3, buffer, 4096)} bytes"


@probe
def kernel_log_device(_: dict[str, Any]) -> str | None:
    for path in ("/dev/kmsg", "/proc/kmsg"):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            return f"{path}: {os.read(descriptor, 100)!r}"
        except OSError:
            continue
    return None


@probe
def kernel_addresses(_: dict[str, Any]) -> str | None:
    first = read("/proc/kallsyms", 400).decode().splitlines()[0]
    return first if int(first.split()[0], 16) else None


@probe
def bpf(_: dict[str, Any]) -> str | None:
    syscall(321, 0, ctypes.c_char_p(struct.pack("IIIII", 1, 4, 4, 1, 0) + bytes(100)), 120)
    return "made a map"


@probe
def perf_events(_: dict[str, Any]) -> str | None:
    attributes = struct.pack("IIQQQQQ", 1, 112, 0, 0, 0, 0, 0) + bytes(64)
    syscall(298, ctypes.c_char_p(attributes), 0, -1, -1, 0)
    return "opened"


@probe
def io_uring(_: dict[str, Any]) -> str | None:
    syscall(425, 4, ctypes.create_string_buffer(120))
    return "set up"


@probe
def userfaultfd(_: dict[str, Any]) -> str | None:
    syscall(323, 1)
    return "opened"


@probe
def load_module(_: dict[str, Any]) -> str | None:
    syscall(175, ctypes.c_char_p(b"\x7fELF"), 4, ctypes.c_char_p(b""))
    return "init_module"


@probe
def load_kernel(_: dict[str, Any]) -> str | None:
    syscall(246, 0, 0, None, 0)
    return "kexec_load"


@probe
def reboot(_: dict[str, Any]) -> str | None:
    syscall(169, 0xFEE1DEAD, 672274793, 0x89ABCDEF, 0)  # switches Ctrl-Alt-Del off: changes nothing that matters
    return "reboot"


@probe
def fanotify(_: dict[str, Any]) -> str | None:
    syscall(300, 0, 0)
    return "watches"


@probe
def swap(_: dict[str, Any]) -> str | None:
    syscall(167, ctypes.c_char_p(b"/workspace/none"), 0)
    return "swapon"


@probe
def quota_control(_: dict[str, Any]) -> str | None:
    syscall(179, 0x800001 << 8, None, 0, None)
    return "quotactl"


@probe
def port_access(_: dict[str, Any]) -> str | None:
    syscall(172, 3)
    return "iopl"


@probe
def local_descriptor_table(_: dict[str, Any]) -> str | None:
    syscall(154, 0, ctypes.create_string_buffer(64), 64)
    return "modify_ldt"
