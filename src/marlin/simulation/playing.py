"""Playing a simulated campaign through the public HTTP API: every contributor a thread, as real ones work side by side.

Contributors are blind like everybody: which arm stands on which side the simulator asks as the operator who runs it,
from the operators' view. What a contributor does next is what the campaign's assignments say; an interrupted simulation
goes on where it was, since everything it needs to know is in Marlin.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from marlin.simulation import people
from marlin.simulation.judging import follow_up
from marlin.simulation.plan import PlanError
from marlin.simulation.scripts import Occasion, Script
from marlin.visiting import GivenUpError, StoryError, Visitor

PATIENCE = 600.0
"""Seconds that a simulated contributor waits for a preparation or a turn."""

_FULL = ("campaign-full",)
_OPEN = ("running", "to_rate", "rated", "failed")
_RETRIES = 2


@dataclass
class Progress:
    """What a simulation has come to; several threads write here."""

    wanted: int
    accepted: int = 0
    before: int = 0
    """Accepted in an earlier run."""
    failed: int = 0
    campaign: str | None = None
    """Its id, once it is there."""
    began: float = field(default_factory=time.monotonic)
    told: Callable[[Progress], None] = lambda _: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, *, accepted: int = 0, failed: int = 0) -> None:
        """Count comparisons that are over."""
        with self._lock:
            self.accepted += accepted
            self.failed += failed
        self.told(self)

    @property
    def per_minute(self) -> float:
        """Comparisons that came to their end in a minute of this run."""
        done = self.accepted + self.failed - self.before
        return 60 * done / max(time.monotonic() - self.began, 1e-9)


class Stopped(Exception):
    """The simulation is to stop; nothing is lost."""


@dataclass
class Stage:
    """Where a simulation is played.

    :ivar begun: called once the campaign is there. :ivar stop: set it, and each contributor stops at the next request.
    """

    base_url: str
    operator: Visitor
    plan: Script
    base_image: str
    progress: Progress
    parallel: int
    begun: Callable[[], None] = lambda: None
    stop: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """:raises Stopped: if it is to stop."""
        if self.stop.is_set():
            raise Stopped


def play(stage: Stage) -> str:
    """Play the campaign to its end; its id.

    :raises PlanError: a campaign of this name is there and is not synthetic.
    :raises StoryError: Marlin answered otherwise than it should. What was played stays; play again to go on.
    :raises Stopped: ``stage.stop`` was set.
    """
    stage.operator.given_up = stage.stop.is_set
    try:
        return _play(stage)
    except GivenUpError as error:
        raise Stopped from error


def _play(stage: Stage) -> str:
    stage.check()
    stage.progress.campaign = campaign = _campaign(stage)
    stage.begun()
    contributors, reviewer = people.join(stage.base_url, stage.operator, stage.plan)
    for visitor in (*contributors, reviewer):
        visitor.given_up = stage.stop.is_set
    _count_accepted(stage, campaign, contributors)
    turns = threading.Semaphore(stage.parallel)
    with ThreadPoolExecutor(max_workers=len(contributors), thread_name_prefix="simulated") as pool:
        threads = [
            pool.submit(_Contributor(stage, campaign, number, visitor, reviewer, turns).work)
            for number, visitor in enumerate(contributors)
        ]
        done, _ = wait(threads, return_when=FIRST_EXCEPTION)
        if any(thread.exception() for thread in done):
            stage.stop.set()
    problems = [error for thread in threads if (error := thread.exception()) is not None]
    for error in sorted(problems, key=lambda error: isinstance(error, Stopped | GivenUpError)):
        raise error
    return campaign


def _campaign(stage: Stage) -> str:
    """The campaign's id: made, or found again and grown to the size that is wished now."""
    plan = stage.plan
    known = next((entry for entry in stage.operator.get("/campaigns") if entry["slug"] == plan.campaign), None)
    if known is None:
        made: str = stage.operator.post("/campaigns", plan.campaign_wish(stage.base_image))["id"]
        return made
    if not known["synthetic"]:
        raise PlanError(
            f"The campaign {plan.campaign!r} is a real one.", hint="Give the simulation another name: --campaign."
        )
    arms = [arm["name"] for arm in stage.operator.get(f"/campaigns/{known['id']}/arms")]
    if arms != list(plan.arms):
        raise PlanError(
            f"The campaign {plan.campaign!r} is there with other arms: {', '.join(arms)}.",
            hint="Repeat the options it was begun with, or choose another --campaign.",
        )
    stage.operator.patch(f"/campaigns/{known['id']}", {"assignment": {"max_comparisons": plan.comparisons}})
    found: str = known["id"]
    return found


def _count_accepted(stage: Stage, campaign: str, contributors: list[Visitor]) -> None:
    for visitor in contributors:
        mine = [entry for entry in visitor.get("/comparisons") if entry["campaign_title"] == _title(stage.plan)]
        accepted = sum(entry["status"] == "accepted" for entry in mine)
        stage.progress.before += accepted
        stage.progress.count(accepted=accepted)


def _title(plan: Script) -> str:
    return str(plan.campaign_wish("")["title"])


@dataclass
class _Contributor:
    stage: Stage
    campaign: str
    number: int
    visitor: Visitor
    reviewer: Visitor
    turns: threading.Semaphore
    """Held while arms run: more at a time than workers take would only wait in the queue."""

    def work(self) -> None:
        """Finish what was begun, then do what is next until the campaign is full."""
        for entry in self._mine():
            if entry["status"] in _OPEN:
                self._finish(entry["id"])
            elif entry["status"] == "submitted":
                self._review(entry["id"])
        while True:
            self.stage.check()
            example = self.stage.plan.example(self.number, len(self._mine()))
            if example is None:
                return
            try:
                comparison = self._begin(example)
            except StoryError as error:
                if _code(error) in _FULL:
                    return
                raise
            self._finish(comparison)

    def _mine(self) -> list[dict[str, Any]]:
        """This contributor's comparisons, oldest first: a comparison's place here is its ordinal."""
        title = _title(self.stage.plan)
        mine = [entry for entry in self.visitor.get("/comparisons") if entry["campaign_title"] == title]
        return sorted(mine, key=lambda entry: (entry["created_at"], entry["id"]))

    def _begin(self, example: str) -> str:
        given = self.visitor.post(f"/campaigns/{self.campaign}/assignment")
        if given["kind"] == "judge":
            begun: str = self.visitor.post(f"/assignments/{given['id']}/begin")["comparison_id"]
            return begun
        brief = self.visitor.post("/briefs", {"campaign_id": self.campaign, "example": example})
        self.visitor.post(f"/briefs/{brief['id']}/prepare")
        with self.turns:
            self._await_preparation(brief["id"])
            started: str = self.visitor.post("/comparisons", {"brief_id": brief["id"]})["id"]
            self._await_turn(started, 1)
        return started

    def _await_preparation(self, brief_id: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.stage.check()
            preparation = self.visitor.get(f"/briefs/{brief_id}")["preparation"]
            if preparation["status"] == "ready":
                return
            if preparation["status"] == "failed":
                raise StoryError(f"Preparing failed: {preparation['message']}", hint=preparation["hint"])
            self.stage.stop.wait(0.2)
        raise StoryError("A brief was not prepared in time.", hint="Is a worker running? Look at Marlin's log.")

    def _await_turn(self, comparison: str, number: int) -> str:
        """Wait until a turn is over; its status."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.stage.check()
            status = str(self.visitor.get(f"/comparisons/{comparison}")["turns"][number - 1]["status"])
            if status in ("ready", "failed", "cancelled"):
                return status
            for event in self.visitor.events(f"/comparisons/{comparison}/events/stream", time_limit=20):
                data = event["data"]
                over = data.get("status") in ("ready", "failed", "cancelled")
                if self.stage.stop.is_set() or (event["kind"] == "turn_status" and event["turn"] == number and over):
                    break
        raise StoryError("A turn was not over in time.", hint="Is a worker running? Look at Marlin's log.")

    def _finish(self, comparison: str) -> None:
        """Rate, follow up, submit, and let it be reviewed, from wherever it stands."""
        ordinal = next(place for place, entry in enumerate(self._mine()) if entry["id"] == comparison)
        number, retried = 1, 0
        while True:
            self.stage.check()
            shown = self.visitor.get(f"/comparisons/{comparison}")
            turn = shown["turns"][number - 1]
            if turn["status"] not in ("ready", "failed", "cancelled"):
                with self.turns:
                    self._await_turn(comparison, number)
                continue
            if turn["status"] != "ready":
                retried += 1
                if retried > _RETRIES:
                    return self.stage.progress.count(failed=1)
                self.visitor.post(f"/comparisons/{comparison}/turns/{number}/retry")
                continue
            if number == len(shown["turns"]) and shown["status"] == "to_rate":
                self._rate(comparison, ordinal, turn)
            if shown["judging"] or number >= self.stage.plan.turns:
                break
            if number == len(shown["turns"]):
                self._follow_up(comparison, number)
            number += 1
        problems = self.visitor.get(f"/comparisons/{comparison}/submission/problems")["problems"]
        acknowledged = sorted({problem["code"] for problem in problems})
        self.visitor.post(f"/comparisons/{comparison}/submit", {"acknowledged": acknowledged})
        return self._review(comparison)

    def _rate(self, comparison: str, ordinal: int, turn: dict[str, Any]) -> None:
        number = int(turn["number"])

        def occasion() -> Occasion:
            seen = self.stage.operator.get(f"/comparisons/{comparison}/operator")
            return Occasion(
                contributor=self.number,
                ordinal=ordinal,
                turn=number,
                arm_a=seen["arms"]["A"],
                arm_b=seen["arms"]["B"],
                item_id=seen["repeats_id"] or comparison,
            )

        answers = self.stage.plan.answers(turn, occasion)
        self.visitor.post(f"/comparisons/{comparison}/turns/{number}/rating", answers)

    def _follow_up(self, comparison: str, number: int) -> None:
        prompt = {"prompt": follow_up(number)}
        with self.turns:
            try:
                self.visitor.post(f"/comparisons/{comparison}/turns", prompt)
            except StoryError as error:
                if _code(error) != "continue-from":
                    raise
                self.visitor.post(f"/comparisons/{comparison}/turns", {**prompt, "continue_from": "A"})
            self._await_turn(comparison, number + 1)

    def _review(self, comparison: str) -> None:
        self.reviewer.post(f"/comparisons/{comparison}/reviews", {"decision": "accept"})
        self.stage.progress.count(accepted=1)


def _code(error: StoryError) -> str:
    return str(error.details.get("problem", {}).get("code", ""))
