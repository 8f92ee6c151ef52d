"""Faults beyond killing: frozen workers, an empty second worker, a database that is away, a disk that is full."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from tests.acceptance.kill_scenes import Desk, Talk
from tests.acceptance.kill_world import Failure, World, free_port, until, world

from marlin.db import EmbeddedPostgres
from marlin.db.guard import EXIT_LOST

OUTAGE = 10.0
"""Seconds for which the database is away."""


def empty_second_worker() -> str:
    """Turn 2 on a worker, and its diffs from a web service, that have never seen turn 1."""
    with world() as made:
        made.up(worker=False).start()
        made.furnish()
        first = made.worker("first").start()
        desk = Desk(made)
        talk = desk.start()
        talk.finish()
        before = talk.require_commits()
        talk.rate()
        first.kill()
        made.worker("second").start()  # its data folder is empty
        talk.follow_up()
        told = talk.finish()
        start = made.rows(
            "SELECT count(DISTINCT r.start->>'commit') AS starts FROM rollout r JOIN turn t ON t.id = r.turn_id"
            " WHERE t.comparison_id = %s AND t.number = 2",
            talk.id,
        )
        if start[0].starts != 1:
            raise Failure("the sides of turn 2 started from different files")
        port = free_port()
        made.up("empty", worker=False, embedded=False, port=port).start()
        visitor = made.visitor(port=port)
        second = talk.require_commits(visitor)
        if second != talk.require_commits():
            raise Failure("the empty web service shows other diffs of turn 2")
        talk.number = 1
        if talk.require_commits(visitor) != before:
            raise Failure("the empty web service shows other diffs of turn 1")
        kept = desk.require_all()
        first.start()  # tidies up what its killed self left
        made.require_clean()
        return f"{told}; an empty web service shows the same diffs; {kept} acknowledged things are all there"


def frozen_worker() -> str:
    """A worker is stopped beyond the heartbeat limit and goes on afterwards."""
    with world() as made:
        made.up(worker=False).start()
        made.furnish()
        first = made.worker("first").start()
        desk = Desk(made)
        talk = desk.start()
        talk.reach("A", "working")
        talk.reach("B", "working")
        made.note()
        os.kill(first.pid, signal.SIGSTOP)
        made.worker("second").start()
        told = talk.finish()
        os.kill(first.pid, signal.SIGCONT)
        until("the thawed worker to end itself", lambda: first.returncode is not None, pause=0.05)
        if first.returncode != EXIT_LOST:
            raise Failure(f"the thawed worker ended with {first.returncode}")
        first.start()  # as its supervisor would
        time.sleep(2)
        if talk.finish() != told:
            raise Failure("the thawed worker wrote something")
        made.require_clean()
        return f"another worker took over; the thawed one ended itself with status {EXIT_LOST}; {told}, finished once"


def database_away() -> str:
    """PostgreSQL, run by someone else, is gone for a while under a working turn, and comes back."""
    with world() as made:
        made.home.mkdir(mode=0o711)
        server = EmbeddedPostgres(made.home / "postgres")
        server.start()
        try:
            made.up(embedded=False).start()
            made.furnish()
            desk = Desk(made)
            talk = desk.start()
            talk.reach("A", "working")
            made.note()
            os.kill(made.postmaster, signal.SIGINT)
            answers = _ask_while_away(made, talk, desk)
            server.ensure()
            told = talk.finish()
            made.require_clean()
            return f"{answers}; then {told}; {desk.require_all()} acknowledged things are all there"
        finally:
            for program in made.programs:
                program.stop()
            server.stop()


def _ask_while_away(made: World, talk: Talk, desk: Desk) -> str:
    client, path = desk.visitor.client, f"/comparisons/{talk.id}"
    ends = time.monotonic() + OUTAGE
    seen = 0
    time.sleep(0.5)
    while time.monotonic() < ends:
        answer: httpx.Response = client.get(path)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or not answer.headers.get("Retry-After"):
            raise Failure(f"without a database: {answer.status_code} {dict(answer.headers)} {answer.text[:300]}")
        seen += 1
        time.sleep(0.2)
    return f"for {OUTAGE:g} s every request got 503 with Retry-After ({'some' if seen < 5 else 'many'})"


def storage_full() -> str:
    """The durable store has no room when a result is captured, and has some again later."""
    with world() as made:
        store = made.folder / "storage"
        store.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(store)], check=True)
        try:
            return _fill_up(made, store)
        finally:
            made.close()
            subprocess.run(["umount", "--lazy", str(store)], check=True)


def _fill_up(made: World, store: Path) -> str:
    made.up().start()
    made.furnish()
    desk = Desk(made)
    talk = desk.start()
    talk.reach("A", "working")
    filler = store / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(1 << 12)):
            pass
    before = _listing(store)

    def over() -> str | None:
        turn = desk.visitor.get(f"/comparisons/{talk.id}")["turns"][0]
        return turn["status"] if turn["status"] in ("ready", "failed") else None

    if (status := until("the turn to end", over, pause=0.2)) != "failed":
        raise Failure(f"on a full store the turn is {status}")
    messages = {row.outcome_message for row in talk.rollouts().values()}
    if not all("storage-full" in message for message in messages):
        raise Failure(f"a full store is told as {messages}")
    if _listing(store) - before:
        raise Failure(f"half written: {_listing(store) - before}")
    filler.unlink()
    desk.visitor.post(f"/comparisons/{talk.id}/turns/1/retry")
    told = talk.finish(earlier=("lost", "finished"))
    made.note()
    made.programs[0].stop()
    left = [line for line in made.leftovers() if " - tmpfs tmpfs " not in line]
    if left:
        raise Failure(f"left behind: {left}")
    return f"both sides said {sorted(messages)[0]!r}, nothing half written; with space again a retry: {told}"


def _listing(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*") if path.is_file() and path.name != "filler"}


FAULTS: dict[str, Callable[[], str]] = {
    "worker, gone for good × turn 2 on a second worker with an empty cache": empty_second_worker,
    "worker frozen, later thawed × prompting": frozen_worker,
    "PostgreSQL away for 10 s × prompting": database_away,
    "durable storage full × capturing": storage_full,
}
"""By the name of the case."""
