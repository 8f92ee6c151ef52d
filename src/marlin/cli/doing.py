"""Nothing is silent for long: what is being done, how far it is, and since when."""

from __future__ import annotations

import threading
import time
from typing import Any, Self

from rich.console import Console

FIRST, TICK, LINES = 1.0, 0.5, 10.0
"""Seconds until something is said of what is being done, between two looks, and between lines where no terminal is."""


class Doing:
    """At a terminal one line that counts; elsewhere a line for each thing that takes a second, and one every ten.

    It is called with what is begun, and again as that gets on (:class:`marlin.training.saying.Say`). A thread shows it,
    since what takes longest (loading a library) can't be interrupted to say so.
    """

    def __init__(self, screen: Console, *, quiet: bool = False) -> None:
        self._screen, self._quiet = screen, quiet
        self._live = not quiet and screen.is_terminal
        self._what, self._done, self._of, self._began = "", 0, 0, time.monotonic()
        self._said_at: float | None = None
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._ticking, daemon=True)

    def __enter__(self) -> Self:
        if not self._quiet:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with self._lock:
            self._leave()

    def __call__(self, what: str, done: int = 0, of: int = 0, /) -> None:
        """Something is begun, or gets on."""
        if what == self._what:
            self._done, self._of = done, of
            return
        with self._lock:
            self._leave()
            self._what, self._done, self._of = what, done, of
            self._began, self._said_at = time.monotonic(), None

    def print(self, text: str) -> None:
        """A line that stays, in place of what is shown; markup is none."""
        with self._lock:
            if self._live and self._said_at is not None:
                self._write("\r\x1b[K")
            self._what, self._said_at = "", None
            print(text, flush=True)  # noqa: T201  # results, as the commands' own

    def _leave(self) -> None:
        """What was shown stays, with the time that it took."""
        if self._said_at is not None and self._live:
            self._write(f"\r{self._line()}\x1b[K\n")
        self._what, self._said_at = "", None

    def _ticking(self) -> None:
        while not self._ended.wait(TICK):
            with self._lock:
                now = time.monotonic()
                if not self._what or self._ended.is_set() or now - self._began < FIRST:
                    continue
                if self._live:
                    self._write(f"\r{self._line()}\x1b[K")
                elif self._said_at is not None and now - self._said_at < LINES:
                    continue
                else:
                    self._write(f"{self._line()}\n")
                self._said_at = now

    def _line(self) -> str:
        return line(self._what, self._done, self._of, time.monotonic() - self._began)

    def _write(self, text: str) -> None:
        file: Any = self._screen.file
        file.write(text)
        file.flush()


def line(what: str, done: int, of: int, seconds: float) -> str:
    """``encoding train: 400 of 1,200, 12 s``."""
    counted = f": {done:,} of {of:,}" if of else f": {done:,}" if done else ""
    since = f", {seconds:,.0f} s" if seconds >= 1 else ""
    return f"  {what}{counted}{since}…" if not of or done < of else f"  {what}{counted}{since}"
