"""What a sandbox's user may read and write."""

from __future__ import annotations

import os
from typing import Any

from .base import probe, read


@probe
def host_file(facts: dict[str, Any]) -> str | None:
    return f"read {facts['host_file']}" if facts["secret"].encode() in read(facts["host_file"]) else None


@probe
def host_file_by_proc_root(facts: dict[str, Any]) -> str | None:
    for pid in [p for p in os.listdir("/proc") if p.isdigit()]:
        for door in ("root", "cwd"):
            try:
                if facts["secret"].encode() in read(f"/proc/{pid}/{door}{facts['host_file']}"):
                    return f"through /proc/{pid}/{door}"
            except OSError:
                continue
    return None


@probe
def host_file_by_dot_dot(facts: dict[str, Any]) -> str | None:
    here = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    for _ in range(40):
        up = os.open("..", os.O_RDONLY | os.O_DIRECTORY, dir_fd=here)
        os.close(here)
        here = up
    found = os.open(facts["host_file"].lstrip("/"), os.O_RDONLY, dir_fd=here)
    return "beyond the root" if facts["secret"].encode() in os.read(found, 4096) else None


@probe
def host_file_by_symlink(facts: dict[str, Any]) -> str | None:
    link = f"/tmp/{facts['process_marker']}"
    os.symlink(facts["host_file"], link)
    try:
        return "through a symbolic link" if facts["secret"].encode() in read(link) else None
    finally:
        os.unlink(link)


@probe
def shadow(_: dict[str, Any]) -> str | None:
    return "read /etc/shadow" if read("/etc/shadow") else None


@probe
def hard_link_to_system_file(_: dict[str, Any]) -> str | None:
    os.link("/etc/passwd", "/workspace/hard")
    with open("/workspace/hard", "a") as file:
        file.write("evil\n")
    return "changed /etc/passwd through a hard link"


@probe
def marlin_home(facts: dict[str, Any]) -> str | None:
    return f"sees {facts['home']}: {os.listdir(facts['home'])[:3]}"


@probe
def other_sandbox_files(facts: dict[str, Any]) -> str | None:
    for folder in ("/workspace", "/tmp", "/dev/shm", "/home/agent", "/run"):
        if facts["other_marker"] in os.listdir(folder):
            return f"in {folder}"
    return None


@probe
def write_system(_: dict[str, Any]) -> str | None:
    for folder in ("/", "/etc", "/usr", "/usr/bin", "/opt", "/var/lib", "/root", "/home"):
        try:
            with open(f"{folder}/.marlin-probe", "w"):
                return f"wrote in {folder}"
        except OSError:
            continue
    return None


@probe
def write_mounted(facts: dict[str, Any]) -> str | None:
    with open(facts["mounted"], "a") as file:
        file.write("x")
    return "wrote to a read-only mount"
