"""Other processes, their memory, and what a command inherits."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import struct
import time
from typing import Any

from .base import probe, read, syscall


@probe
def see_host_processes(facts: dict[str, Any]) -> str | None:
    for pid in [p for p in os.listdir("/proc") if p.isdigit()]:
        try:
            if facts["process_marker"].encode() in read(f"/proc/{pid}/cmdline"):
                return f"process {pid}"
        except OSError:
            continue
    return None


@probe
def kill_host_process(facts: dict[str, Any]) -> str | None:
    os.kill(facts["host_pid"], 0)
    return "signalled a host process"


@probe
def ptrace_host_process(facts: dict[str, Any]) -> str | None:
    syscall(101, 0x4206, facts["host_pid"], 0, 0)
    return "PTRACE_SEIZE of a host process"


@probe
def process_vm_readv(_: dict[str, Any]) -> str | None:
    buffer = ctypes.create_string_buffer(8)
    vector = struct.pack("QQ", ctypes.addressof(buffer), 8)
    text = ctypes.c_char_p(vector)
    syscall(310, os.getppid(), text, 1, text, 1, 0)
    return "read another process's memory"


@probe
def ptrace_pid_1(_: dict[str, Any]) -> str | None:
    syscall(101, 0x4206, 1, 0, 0)
    return "PTRACE_SEIZE of pid 1"


@probe
def pid_1_environment(facts: dict[str, Any]) -> str | None:
    text = read("/proc/1/environ", 1 << 16)
    return f"{len(text)} bytes" if text and (facts["env_secret"].encode() in text or b"=" in text) else None


@probe
def pid_1_command_line(facts: dict[str, Any]) -> str | None:
    text = read("/proc/1/cmdline", 1 << 16)
    leaks = [word for word in (b"--bind", facts["home"].encode(), b"--setenv") if word in text]
    return f"{leaks}" if leaks else None


@probe
def inherited_descriptors(_: dict[str, Any]) -> str | None:
    own = os.open("/proc/self/fd", os.O_RDONLY)
    found = [int(fd) for fd in os.listdir(own) if int(fd) > 2]
    os.close(own)
    extra = []
    for fd in found:
        try:
            extra.append((fd, os.readlink(f"/proc/self/fd/{fd}")))
        except OSError:
            continue
    started = [pair for pair in extra if not pair[1].startswith(("pipe:", "/proc/"))]
    return f"{started}" if started else None


@probe
def pid_1_descriptors(_: dict[str, Any]) -> str | None:
    extra = []
    for fd in os.listdir("/proc/1/fd"):
        target = os.readlink(f"/proc/1/fd/{fd}")
        if not target.startswith(("pipe:", "/dev/null", "anon_inode:[eventfd]", "socket:")):
            extra.append(target)
    return f"{extra}" if extra else None


@probe
def inherited_environment(facts: dict[str, Any]) -> str | None:
    text = json.dumps(dict(os.environ))
    return "a secret variable" if facts["env_secret"] in text else None


def status(name: str) -> str:
    """A field of this process's status."""
    for line in read("/proc/self/status", 1 << 16).decode().splitlines():
        if line.startswith(name + ":"):
            return line.split(":", 1)[1].strip()
    return ""


@probe
def capabilities(_: dict[str, Any]) -> str | None:
    held = {name: status(name) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
    return f"{held}" if any(int(value, 16) for value in held.values()) else None


@probe
def no_new_privileges(_: dict[str, Any]) -> str | None:
    return None if status("NoNewPrivs") == "1" else "no_new_privs is off"


@probe
def seccomp_is_on(_: dict[str, Any]) -> str | None:
    return None if status("Seccomp") == "2" else "no filter"


@probe
def become_root(_: dict[str, Any]) -> str | None:
    os.setresuid(0, 0, 0)
    return "uid 0"


@probe
def become_other_user(_: dict[str, Any]) -> str | None:
    os.setresuid(1, 1, 1)
    return "uid 1"


@probe
def set_groups(_: dict[str, Any]) -> str | None:
    os.setgroups([0])
    return "group 0"


@probe
def setuid_program(_: dict[str, Any]) -> str | None:
    for path in ("/usr/bin/su", "/usr/bin/passwd", "/usr/bin/mount", "/usr/bin/newgrp", "/usr/bin/sudo"):
        if os.path.exists(path):
            pid = os.fork()
            if pid == 0:
                null = os.open(os.devnull, os.O_RDWR)
                for number in (0, 1, 2):
                    os.dup2(null, number)
                os.execv(path, [path, "-h"])  # noqa: S606
            time.sleep(0.05)
            try:
                uid = next(line for line in read(f"/proc/{pid}/status").decode().splitlines() if line[:4] == "Uid:")
                if uid.split()[2] == "0":
                    return f"{path} runs as root"
            except (OSError, StopIteration):
                continue
            finally:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
    return None


@probe
def give_file_to_root(_: dict[str, Any]) -> str | None:
    with open("/workspace/gift", "w"):
        os.chown("/workspace/gift", 0, 0)
    return "chown to root"
