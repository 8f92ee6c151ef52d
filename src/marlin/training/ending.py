"""No training process outlives what started it: nobody would know that an orphan still costs. Linux alone can do so."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
"""Of prctl: the signal that comes when the parent ends, however it ends. It stays through exec."""


def ending_with_parent() -> Callable[[], None] | None:
    """For ``preexec_fn``: what makes a child end when this process does, killed or not; None where none is.

    It is asked of the kernel before the child becomes the worker, or accelerate's launcher, whose code is not ours.
    To the kernel the parent is the thread that starts the child: start it from one that stays.
    """
    if sys.platform != "linux":
        return None
    parent = os.getpid()
    prctl = ctypes.CDLL(None).prctl  # found here: as little as possible is done between fork and exec

    def ending() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before it could be asked
            os._exit(1)

    return ending


def end_with_launcher() -> None:
    """Of several processes none outlives the launcher that started them: it alone holds the run's lock, and its
    workers, each in a session of its own, would write on beside those of whoever resumes the run."""
    if "TORCHELASTIC_RUN_ID" in os.environ and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
