"""An end to what runs too long, in whichever thread: a chat template is a program, and may never end.

Signals reach the main thread alone, so a thread of its own looks at the processor time of those that are watched, and
raises within them. What is in the midst of one step of C goes on to that step's end.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

LOOK = 0.2
"""Seconds between two looks."""


class EndlessError(BaseException):
    """It took too long. Not an error that whoever runs a template takes for the template's own."""


@dataclass(slots=True, eq=False)
class _Watched:
    thread: int
    clock: int
    until: float
    rung: bool = False


_lock = threading.Condition()
_watched: list[_Watched] = []
_watcher: threading.Thread | None = None


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Let what is within take so many seconds of this thread's processor time.

    :raises EndlessError: it takes more.
    """
    thread = threading.get_ident()
    clock = _clock(thread)
    mine = _Watched(thread, clock, time.clock_gettime(clock) + seconds)
    _watch(mine)
    try:
        yield
    finally:
        with _lock:
            if mine.rung:  # it may have ended by itself in that instant: nothing is to ring after it
                _raise_in(thread, None)
            else:
                _watched.remove(mine)


def _watch(mine: _Watched) -> None:
    global _watcher
    with _lock:
        _watched.append(mine)
        if _watcher is None or not _watcher.is_alive():  # none yet, or this process was forked
            _watcher = threading.Thread(target=_watching, daemon=True)
            _watcher.start()
        _lock.notify()


def _watching() -> None:
    while True:
        with _lock:
            while not _watched:
                _lock.wait()
            for one in tuple(_watched):
                if time.clock_gettime(one.clock) > one.until:
                    one.rung = True
                    _watched.remove(one)
                    _raise_in(one.thread, EndlessError)
        time.sleep(LOOK)


def _forget() -> None:
    """In a forked process, whose other threads are gone."""
    global _lock, _watcher
    _lock, _watcher = threading.Condition(), None
    _watched.clear()


os.register_at_fork(after_in_child=_forget)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    raised = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), raised)


def _clock(thread: int) -> int:
    """Of a thread's processor time; where there is none (macOS), the time of day's."""
    clock_of = getattr(time, "pthread_getcpuclockid", None)
    return clock_of(thread) if clock_of is not None else time.CLOCK_MONOTONIC
