"""The cases of the kill matrix: which process is killed at which moment, and how it goes on."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.acceptance.kill_scenes import Desk, MissedError, Talk
from tests.acceptance.kill_world import Program, World, send, until

PREPARATION = ("fetching", "setting up", "testing the base")
ROLLOUT = ("preparing", "prompting", "one side finished", "capturing", "checking")
REQUESTS = ("saving drafts", "rating", "follow-up", "idle")
MOMENTS = (*PREPARATION, *ROLLOUT, *REQUESTS)


@dataclass
class Stage:
    """A running Marlin to kill processes of."""

    world: World
    web: Program
    worker: Program
    """The program that runs jobs: the same as ``web`` when one process does everything."""
    desk: Desk
    judged: list[Talk] = field(default_factory=list)
    """Comparisons whose last turn is ready and not rated."""
    sets_up: int = 0

    def talk_to_judge(self) -> Talk:
        """A comparison that can be rated."""
        if not self.judged:
            talk = self.desk.start()
            talk.finish()
            return talk
        return self.judged.pop()


Victim = Callable[[Stage, Talk | None], str]


def kill_all_in_one(stage: Stage, talk: Talk | None) -> str:
    """``marlin up``, which is started again."""
    stage.web.kill()
    stage.web.start()
    return "the same command was started again"


def kill_web(stage: Stage, talk: Talk | None) -> str:
    """The web service alone."""
    return kill_all_in_one(stage, talk)


def kill_worker(stage: Stage, talk: Talk | None) -> str:
    """The worker alone."""
    stage.worker.kill()
    stage.worker.start()
    return "the same command was started again"


def kill_keeper(stage: Stage, talk: Talk | None) -> str:
    """The process that keeps a worker's sandboxes."""
    os.kill(stage.worker.keeper(), signal.SIGKILL)
    return "nothing was started by hand"


def kill_agent(stage: Stage, talk: Talk | None) -> str:
    """Everything that runs in the sandbox of side A."""
    assert talk is not None
    send(talk.agent("A"), signal.SIGKILL)
    return "nothing was started by hand"


def kill_postgres(stage: Stage, talk: Talk | None) -> str:
    """The main process of PostgreSQL."""
    os.kill(stage.world.postmaster, signal.SIGKILL)
    return "Marlin started it again by itself"


def kill_everything(stage: Stage, talk: Talk | None) -> str:
    """Marlin, its sandboxes' keeper and PostgreSQL at the same time."""
    keeper, postmaster = stage.worker.keeper(), stage.world.postmaster
    send([stage.web.pid, stage.worker.pid, keeper, postmaster], signal.SIGKILL)
    for program in {stage.web.name: stage.web, stage.worker.name: stage.worker}.values():
        program.kill()
        program.start()
    return "the same commands were started again"


ALL_IN_ONE: dict[str, Victim] = {
    "all in one (`marlin up`)": kill_all_in_one,
    "sandbox keeper": kill_keeper,
    "agent in its sandbox": kill_agent,
    "PostgreSQL": kill_postgres,
    "everything at once": kill_everything,
}
APART: dict[str, Victim] = {
    "web service (`marlin up --no-worker`)": kill_web,
    "worker (`marlin worker`)": kill_worker,
}
_LIMITED = {
    "agent in its sandbox": ("prompting", "one side finished"),
    "sandbox keeper": ("setting up", "testing the base", *ROLLOUT, "idle"),
}
"""Victims that exist, or matter, at some moments only."""


def cases(victims: dict[str, Victim]) -> Iterator[tuple[str, str]]:
    """Victim and moment of every case that makes sense."""
    for victim in victims:
        for moment in MOMENTS:
            if moment in _LIMITED.get(victim, MOMENTS):
                yield victim, moment


def play(stage: Stage, victim: Victim, moment: str) -> str:
    """Reach the moment, kill, let it go on, and check everything; what was recovered, in words."""
    for attempt in range(6):
        try:
            if moment in PREPARATION:
                told = _preparation(stage, victim, moment)
            elif moment in ROLLOUT:
                told = _rollout(stage, victim, moment)
            else:
                told = _request(stage, victim, moment)
            break
        except MissedError:
            if attempt == 5:
                raise
    stage.world.note()
    stage.world.require_clean()
    return f"{told}; {stage.desk.require_all()} acknowledged things are all there"


def _preparation(stage: Stage, victim: Victim, moment: str) -> str:
    stage.sets_up += 1
    brief = stage.desk.brief(
        set_up=f"sleep 2; echo {stage.sets_up} > /workspace/.set-up" if moment != "fetching" else "",
        test="sleep 2; python3 -m unittest discover -s tests -q" if moment == "testing the base" else None,
    )
    stage.desk.prepare(brief)
    status = {"fetching": "fetching", "setting up": "setting_up", "testing the base": "testing"}[moment]
    _await_preparation(stage.world, brief, status)
    if moment != "fetching":
        time.sleep(0.5)  # into the command
    stage.world.note()
    how = victim(stage, None)
    return f"{how}; {stage.desk.prepared(brief)}"


def _await_preparation(world: World, brief: str, status: str) -> None:
    with world.polling() as ask:

        def there() -> bool:
            found = ask("SELECT preparation_status AS status FROM brief WHERE id = %s", brief).status
            if found in ("ready", "failed"):
                raise MissedError(f"the preparation passed {status} unseen")
            return bool(found == status)

        until(f"the preparation to be {status}", there)


def _rollout(stage: Stage, victim: Victim, moment: str) -> str:
    talk = stage.desk.start()
    if moment == "one side finished":
        talk.freeze_agent("A")
        stage.world.note()
        talk.reach_finish("B")
        time.sleep(1)  # until its step is on record, too: a recovery does not enter it again then
    else:
        status = {"prompting": "working"}.get(moment, moment)
        talk.reach("A", status)
        if moment == "prompting":
            talk.reach("B", status)
            time.sleep(0.5)
    stage.world.note()
    how = victim(stage, talk)
    talk.thaw_agent()
    told = talk.finish()
    stage.judged.append(talk)
    return f"{how}; {told}"


def _request(stage: Stage, victim: Victim, moment: str) -> str:
    if moment == "idle":
        return victim(stage, None)
    talk = stage.talk_to_judge()
    if moment == "follow-up":
        talk.rate()
    done: list[str] = []
    failed: list[BaseException] = []
    stop = threading.Event()

    def act() -> None:
        try:
            if moment == "saving drafts":
                done.append(f"draft revision {talk.type(400, stop)} of those acknowledged is there")
            elif moment == "rating":
                talk.rate()
                done.append("the rating is there once")
            else:
                talk.follow_up()
                done.append("the follow-up is there once")
        except BaseException as error:
            failed.append(error)

    acting = threading.Thread(target=act)
    acting.start()
    time.sleep(1.0 if moment == "saving drafts" else 0.03)
    how = victim(stage, None)
    stop.set()
    acting.join()
    if failed:
        raise failed[0]
    if moment == "follow-up":
        done.append(talk.finish())
    if moment != "rating":
        stage.judged.append(talk)
    return f"{how}; {'; '.join(done)}"
