"""Using up what others need too. The host measures what came of it; each ends within seconds by itself."""

from __future__ import annotations

import contextlib
import mmap
import os
import resource
import signal
import threading
import time
from typing import Any

from .base import probe

_MIB = 1 << 20


@probe
def fork_bomb(facts: dict[str, Any]) -> str | None:
    end = time.monotonic() + facts["bomb_seconds"]
    while time.monotonic() < end:
        try:
            if os.fork() == 0:
                time.sleep(max(0.0, end - time.monotonic()))
                os._exit(0)
        except OSError:
            time.sleep(0.05)
    return None


@probe
def thread_bomb(facts: dict[str, Any]) -> str | None:
    end = time.monotonic() + facts["bomb_seconds"]
    threading.stack_size(65536)
    while time.monotonic() < end:
        try:
            threading.Thread(target=time.sleep, args=(max(0.0, end - time.monotonic()),), daemon=True).start()
        except RuntimeError:
            time.sleep(0.05)
    return None


@probe
def memory_bomb(_: dict[str, Any]) -> str | None:
    held: list[Any] = []
    while True:
        area = mmap.mmap(-1, 8 * _MIB)
        for offset in range(0, 8 * _MIB, 4096):
            area[offset] = 1
        held.append(area)


def _fill(folder: str) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    number = 0
    while True:
        number += 1
        with open(f"{folder}/fill-{number}", "wb") as file:
            for _ in range(16):
                file.write(b"x" * _MIB)


@probe
def shared_memory_bomb(_: dict[str, Any]) -> str | None:
    _fill("/dev/shm")
    return None


@probe
def tmp_bomb(_: dict[str, Any]) -> str | None:
    _fill("/tmp")
    return None


@probe
def disk_bomb(_: dict[str, Any]) -> str | None:
    _fill("/workspace")
    return None


@probe
def home_bomb(_: dict[str, Any]) -> str | None:
    _fill("/home/agent")
    return None


@probe
def inode_bomb(_: dict[str, Any]) -> str | None:
    os.mkdir("/workspace/inodes")
    for number in range(2_000_000):
        os.close(os.open(f"/workspace/inodes/{number}", os.O_CREAT | os.O_WRONLY))
    return "2,000,000 files"


@probe
def descriptor_bomb(_: dict[str, Any]) -> str | None:
    held: list[Any] = []
    while len(held) < 100_000:
        held.append(os.open(os.devnull, os.O_RDONLY))
    return f"{len(held)} descriptors"


@probe
def cpu_bomb(facts: dict[str, Any]) -> str | None:
    end = time.monotonic() + facts["bomb_seconds"]
    for _ in range(7):
        if os.fork() == 0:
            break
    while time.monotonic() < end:
        pass
    return None


@probe
def daemon_bomb(facts: dict[str, Any]) -> str | None:
    """Processes that leave their session and parent, and ignore every signal they can."""
    for _ in range(8):
        if os.fork() == 0:
            os.setsid()
            if os.fork() != 0:
                os._exit(0)
            for number in range(1, 32):
                with contextlib.suppress(OSError, ValueError):
                    signal.signal(number, signal.SIG_IGN)
            time.sleep(100 * facts["bomb_seconds"])
            os._exit(0)
    return None


@probe
def pipe_bomb(_facts: dict[str, Any]) -> str | None:
    """Kernel memory through pipes, up to the limit on descriptors."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    for _count in range(hard):
        _reading, writing = os.pipe()
        os.set_blocking(writing, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writing, b"x" * 65536)
    return "all pipes made"
