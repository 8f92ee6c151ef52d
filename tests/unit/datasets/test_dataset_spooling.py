"""What earlier tries of a build had done is taken over, whatever they asked for, and nothing is kept twice."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

from marlin.datasets.building import _alone
from marlin.datasets.spooling import Spool


def line(name: str, number: int) -> bytes:
    return Spool.line(f"{name}{number}".ljust(64, "."), {"row": {"id": number}})


def attempt(folder: Path, name: str, rows: int) -> int:
    """A try that gets so far and is killed then; how many of its rows were known."""
    spool, known = Spool(folder), 0
    for number in range(rows):
        wanted = line(name, number)
        known += spool.known(wanted[:64].decode()) == wanted
        spool.add_line(wanted)
    spool.close()
    return known


def test_a_short_try_counts_beside_a_longer_one_that_asked_for_something_else(tmp_path: Path) -> None:
    assert attempt(tmp_path, "a", 9) == 0
    assert attempt(tmp_path, "b", 2) == 0
    assert attempt(tmp_path, "b", 4) == 2
    assert attempt(tmp_path, "a", 3) == 3
    assert attempt(tmp_path, "b", 6) == 4
    assert attempt(tmp_path, "a", 9) == 9


def test_what_longer_tries_hold_is_taken_away(tmp_path: Path) -> None:
    for rows in (5, 2, 3, 5, 8):
        attempt(tmp_path, "a", rows)
        assert len(list(tmp_path.glob("*.jsonl"))) <= 2
    with (tmp_path / "rows.jsonl").open("ab") as file:
        file.write(line("a", 8)[:-10])  # torn
    assert attempt(tmp_path, "a", 9) == 8


def test_a_folder_that_its_builder_takes_away_is_claimed_all_the_same(tmp_path: Path) -> None:
    work, over = tmp_path / ".building-spring", threading.Event()

    def others() -> None:
        while not over.is_set():
            with contextlib.suppress(FileNotFoundError):
                os.rmdir(work)

    thread = threading.Thread(target=others)
    thread.start()
    try:
        for _ in range(3000):
            with _alone(work):
                pass
    finally:
        over.set()
        thread.join()
