"""Who trains a run: one at a time, whoever began it and on whichever machine.

A lock of the file system decides where machines share one, and always between processes of one machine; the kernel
gives it back however its holder ends. Where each machine has locks of its own on a shared disk (Lustre with
``localflock``, BeeGFS by default, NFS with ``nolock``), the holder's note in the same file decides: it is touched
every few seconds, so whoever sees it touched knows that its holder lives.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marlin.training.errors import InvalidRunError, RunStateError
from marlin.training.plan import RunFolder

HELD = "MARLIN_RUN_HELD"
"""Environment of a training process whose parent holds the run for it: the note's key."""
PATIENCE = 30.0
"""Seconds that a lock may stay held by a process that is ending: the kernel gives back a large model's memory first."""
BEAT, SILENCE = 10.0, 45.0
"""Seconds between touches of the note, and without one until its holder counts as dead to other machines."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a run. :ivar boot: of its machine's kernel, which tells machines apart where names don't."""

    key: str
    host: str
    boot: str
    pid: int

    def __str__(self) -> str:
        return f"process {self.pid}" + (f" on {self.host}" if self.boot != _boot() else "")


@dataclass(frozen=True, slots=True)
class Hold:
    """A run that is held.

    :ivar file: descriptor of the lock, for a child to keep open as well.
    """

    run: RunFolder
    holder: Holder
    file: int

    @property
    def environ(self) -> dict[str, str]:
        """Tells a training process that it is held for it."""
        return {HELD: self.holder.key}

    def require(self) -> None:
        """See that nobody else has taken it: on a disk without common locks two may start in the same second.

        :raises RunStateError: somebody has.
        """
        if holder_of(self.run) != self.holder:
            raise _taken(self.run)


@contextlib.contextmanager
def held(
    run: RunFolder,
    *,
    waiting: Callable[[Holder | None], None] | None = None,
    patience: float = PATIENCE,
    beat: float = BEAT,
    silence: float = SILENCE,
) -> Iterator[Hold]:
    """Hold a run as long as the block runs, or the process lives.

    :param waiting: called once if somebody else still holds it.
    :raises RunStateError: somebody else goes on holding it.
    :raises InvalidRunError: its disk knows no locks.
    """
    told = _Once(run, waiting)
    file = os.open(run.path / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _locked(run, file, told, patience)
        _require_silent(run, told, silence)
        mine = Holder(secrets.token_hex(8), socket.gethostname(), _boot(), os.getpid())
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps({name: getattr(mine, name) for name in Holder.__slots__}).encode(), 0)
        os.fsync(file)
        ended = threading.Event()
        threading.Thread(target=_beating, args=(run, mine, ended, beat), daemon=True).start()
        try:
            yield Hold(run, mine, file)
        finally:
            ended.set()
            with contextlib.suppress(OSError):
                if holder_of(run) == mine:
                    os.ftruncate(file, 0)
    finally:
        os.close(file)


@contextlib.contextmanager
def joined(run: RunFolder, *, patience: float = PATIENCE) -> Iterator[Hold | None]:
    """Hold a run for this training process, unless whoever started it does; of several processes the first holds it.

    :raises RunStateError: somebody else holds it.
    """
    current = holder_of(run)
    if os.environ.get("RANK", "0") != "0":
        yield None
    elif current is not None and current.key == os.environ.get(HELD):
        yield Hold(run, current, -1)
    else:
        with held(run, waiting=_say_waiting, patience=patience) as hold:
            yield hold


def _say_waiting(who: Holder | None) -> None:
    sys.stderr.write(f"{str(who).capitalize() if who else 'Another process'} still trains it; waiting…\n")
    sys.stderr.flush()


def holder_of(run: RunFolder) -> Holder | None:
    """Who wrote the note last; None if it was given back, or can't be read."""
    try:
        said: dict[str, Any] = json.loads((run.path / ".lock").read_text(encoding="utf-8"))
        return Holder(**said)
    except (OSError, ValueError, TypeError):
        return None


class _Once:
    """Says who is waited for, once."""

    def __init__(self, run: RunFolder, waiting: Callable[[Holder | None], None] | None) -> None:
        self._run, self._waiting = run, waiting

    def say(self) -> None:
        if self._waiting is not None:
            self._waiting(holder_of(self._run))
        self._waiting = None


def _locked(run: RunFolder, file: int, told: _Once, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise _taken(run) from None
            told.say()
            time.sleep(0.1)
        except OSError as error:
            raise InvalidRunError(
                f"The disk of {run.path} knows no locks ({error.strerror}), so two could train the run at once.",
                hint="Put the run's folder on a disk with locks; results may be copied to this one.",
            ) from error


def _require_silent(run: RunFolder, told: _Once, silence: float) -> None:
    """Of a note by another machine, see that nobody touches it any more. Clocks of machines are not compared."""
    other = holder_of(run)
    if other is None or other.boot == _boot():
        return
    touched, deadline = _touched(run), time.monotonic() + silence
    while time.monotonic() < deadline:
        told.say()
        time.sleep(silence / 50)
        if holder_of(run) is None:
            return
        if _touched(run) != touched:
            raise _taken(run)


def _touched(run: RunFolder) -> int:
    with (run.path / ".lock").open("rb") as file:  # opened anew: that is when NFS asks its server
        return os.fstat(file.fileno()).st_mtime_ns


def _beating(run: RunFolder, mine: Holder, ended: threading.Event, beat: float) -> None:
    while not ended.wait(beat):
        if holder_of(run) == mine:
            with contextlib.suppress(OSError):
                os.utime(run.path / ".lock")


def _taken(run: RunFolder) -> RunStateError:
    who = holder_of(run)
    by = f" by {who}" if who is not None else ""
    return RunStateError(
        f"{run.path} is being trained now{by}.",
        hint="Wait for it, or end that process; a second one would write over what the first saves.",
    )


def _boot() -> str:
    """Of this machine's kernel; elsewhere than on Linux its name."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return socket.gethostname()
