"""What takes long is told while it lasts, with what has been done of how much."""

from __future__ import annotations

import io
import time

from rich.console import Console

from marlin.cli import doing as module
from marlin.cli.doing import Doing, line


def test_a_line_tells_what_how_far_and_since_when() -> None:
    assert line("loading torch", 0, 0, 0.4) == "  loading torch…"
    assert line("tokenizing pairs of train", 400, 1200, 12.3) == "  tokenizing pairs of train: 400 of 1,200, 12 s…"
    assert line("tokenizing pairs of train", 1200, 1200, 30.0) == "  tokenizing pairs of train: 1,200 of 1,200, 30 s"
    assert line("reading", 7, 0, 2.0) == "  reading: 7, 2 s…"


def _shown(screen: io.StringIO, what: str) -> str:
    for _ in range(500):
        if what in screen.getvalue():
            break
        time.sleep(0.02)
    return screen.getvalue()


def test_it_is_told_without_waiting_for_what_it_is_about(monkeypatch) -> None:
    monkeypatch.setattr(module, "FIRST", 0.0)
    monkeypatch.setattr(module, "TICK", 0.01)
    lines, terminal, silent = io.StringIO(), io.StringIO(), io.StringIO()
    with Doing(Console(file=lines)) as doing:
        doing("loading torch")
        assert _shown(lines, "loading torch") == "  loading torch…\n"
        doing("tokenizing", 3, 9)
        assert "  tokenizing: 3 of 9…\n" in _shown(lines, "tokenizing")
    with Doing(Console(file=terminal, force_terminal=True)) as doing:
        doing("loading torch")
        _shown(terminal, "loading torch")
    assert terminal.getvalue().endswith("loading torch…\x1b[K\n")  # it stays, and what follows has its own line
    with Doing(Console(file=silent), quiet=True) as doing:
        doing("loading torch")
    assert silent.getvalue() == ""
