"""What a contributor does while things are killed, and what must still be true afterwards."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from tests.acceptance.kill_world import Failure, World, members, send, until

from marlin import examples
from marlin.comparisons.blinding import opaque_id
from marlin.db.guard import process_start
from marlin.errors import MarlinError
from marlin.sandboxes.records import Record
from marlin.visiting import StoryError, Visitor

EXAMPLE = "stockroom-import"
WHY = "It books a file into a copy and takes that over only when every row of it is right."
_ROLLOUTS = """
SELECT r.id, r.side, r.status, r.attempt, r.outcome, r.outcome_message, r.commit, r.files, t.status AS turn
FROM rollout r JOIN turn t ON t.id = r.turn_id WHERE t.comparison_id = %s AND t.number = %s ORDER BY r.side
"""
_ATTEMPTS = """
SELECT r.side, a.number, a.status, a.outcome, (SELECT count(*) FROM check_result c WHERE c.rollout_id = r.id
AND c.attempt = a.number) AS checks FROM attempt a JOIN rollout r ON r.id = a.rollout_id JOIN turn t ON t.id = r.turn_id
WHERE t.comparison_id = %s AND t.number = %s ORDER BY r.side, a.number
"""


class Desk:
    """A contributor's desk: everything the service acknowledged, to be found again whatever was killed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.visitor = world.visitor()
        self.campaign = self.visitor.get("/campaigns")[0]["id"]
        self._kept: list[tuple[str, Callable[[], bool]]] = []
        self._shown: dict[tuple[str, int, str], str] = {}
        self._numbers = 0

    def brief(self, *, set_up: str = "", test: str | None = None) -> str:
        """A brief of the example, acknowledged."""
        self._numbers += 1
        title = f"Import {self._numbers}"
        wish = {"campaign_id": self.campaign, "example": EXAMPLE, "title": title, "set_up_command": set_up}
        made = self.visitor.post("/briefs", wish | ({} if test is None else {"test_command": test}))
        self.keep(f"brief {made['id']}", lambda: self.visitor.get(f"/briefs/{made['id']}")["title"] == title)
        return str(made["id"])

    def prepare(self, brief: str) -> None:
        """Ask for the brief's preparation."""
        self.visitor.post(f"/briefs/{brief}/prepare")

    def prepared(self, brief: str) -> str:
        """Wait until it is prepared; how it went."""

        def ready() -> Any:
            preparation = self.visitor.get(f"/briefs/{brief}")["preparation"]
            if preparation["status"] == "failed":
                raise Failure(f"preparation failed: {preparation['message']}")
            return preparation if preparation["status"] == "ready" else None

        found = until("the brief to be ready", ready, pause=0.2)
        if found["base_check"]["status"] != "passed":
            raise Failure(f"the tests on the base: {found['base_check']}")
        return f"prepared by itself, base tests {found['base_check']['status']}"

    def start(self) -> Talk:
        """A comparison whose first turn is queued."""
        brief = self.brief()
        self.prepare(brief)
        self.prepared(brief)
        made = self.visitor.post("/comparisons", {"brief_id": brief})
        self.keep(
            f"comparison {made['id']}", lambda: self.visitor.get(f"/comparisons/{made['id']}")["id"] == made["id"]
        )
        return Talk(self, made["id"])

    def keep(self, what: str, there: Callable[[], bool]) -> None:
        """Note something that got a 2xx."""
        self._kept.append((what, there))

    def show(self, comparison: str, number: int, sides: dict[str, Any]) -> None:
        """Note the results that people can see; they must never change."""
        for side, rollout in sides.items():
            if rollout["commit"] is None:
                continue
            first = self._shown.setdefault((comparison, number, side), rollout["commit"])
            if first != rollout["commit"]:
                raise Failure(f"the result of {side} in turn {number} was shown and made again")

    def require_all(self) -> int:
        """Everything acknowledged is there; how many things."""
        for what, there in self._kept:
            try:
                fine = there()
            except MarlinError as error:
                raise Failure(f"{what} was acknowledged and is lost: {error.message}") from error
            if not fine:
                raise Failure(f"{what} was acknowledged and is lost")
        return len(self._kept)


class Talk:
    """One comparison, turn by turn."""

    def __init__(self, desk: Desk, comparison: str) -> None:
        self.desk, self.world, self.id, self.number = desk, desk.world, comparison, 1
        self._frozen: dict[int, str] = {}

    def rollouts(self) -> dict[str, Any]:
        """The present turn's rollouts by side, from the database."""
        return {row.side: row for row in self.world.rows(_ROLLOUTS, self.id, self.number)}

    def reach(self, side: str, *statuses: str) -> str:
        """Wait for a rollout to have one of these statuses: that moment is what is tested, so look very often."""
        with self.world.polling() as ask:

            def there() -> str | None:
                query = "SELECT r.status FROM rollout r JOIN turn t ON t.id = r.turn_id"
                row = ask(
                    f"{query} WHERE t.comparison_id = %s AND t.number = %s AND r.side = %s", self.id, self.number, side
                )
                status: str = row.status
                if status in statuses:
                    return status
                if status == "finished":
                    raise MissedError(f"{side} passed {statuses} unseen")
                return None

            return until(f"{side} to be {statuses}", there)

    def reach_finish(self, side: str) -> None:
        """Wait for a rollout to be finished while the turn runs on."""
        until(f"{side} to be finished", lambda: self.rollouts()[side].status == "finished", pause=0.05)

    def agent(self, side: str) -> list[int]:
        """The processes in the sandbox in which the side's agent works."""
        row = self.rollouts()[side]
        name = opaque_id(UUID(str(row.id)), row.attempt, "work")
        for program in self.world.programs:
            record = Record.read(program.home / "sandboxes" / name)
            if record is not None:
                return members(record)
        return []

    def freeze_agent(self, side: str) -> None:
        """Stop a side's agent in its tracks, so that the other side gets ahead."""
        self.reach(side, "working")
        agent = until(f"the agent of {side}", lambda: self.agent(side))
        self._frozen = {pid: process_start(pid) for pid in agent}
        send(agent, signal.SIGSTOP)
        if (found := self.rollouts()[side].status) != "working":
            raise MissedError(f"{side} was {found} before it could be frozen")

    def thaw_agent(self) -> None:
        """Let a frozen agent go on, if what was killed left it alive."""
        send([pid for pid, started in self._frozen.items() if process_start(pid) == started], signal.SIGCONT)

    def finish(self, *, earlier: tuple[str, ...] = ("lost",)) -> str:
        """Wait for the turn's end as the page does, and check everything about it; what was recovered, in words.

        :param earlier: how attempts before the last may have ended.
        """
        desk = self.desk

        def over() -> Any:
            turn = desk.visitor.get(f"/comparisons/{self.id}")["turns"][self.number - 1]
            desk.show(self.id, self.number, turn["sides"])
            return turn if turn["status"] in ("ready", "failed", "cancelled") else None

        turn = until(f"turn {self.number} to be over", over, pause=0.1)
        if turn["status"] != "ready":
            raise Failure(f"turn {self.number}: {[row.outcome_message for row in self.rollouts().values()]}")
        self.require_commits()
        return self._attempts(earlier)

    def require_commits(self, visitor: Visitor | None = None) -> list[str]:
        """Every result can be read: its commit is there; the patches."""
        path = f"/comparisons/{self.id}/turns/{self.number}/patch"
        patches = [
            (visitor or self.desk.visitor).text(path, **{"from": "base", "to": side})
            for side, row in self.rollouts().items()
            if row.commit is not None
        ]
        changed = [bool(row.files) for row in self.rollouts().values() if row.commit is not None]
        if [bool(patch) for patch in patches] != changed:  # an agent killed at once has changed nothing
            raise Failure("a result has no diff")
        return patches

    def _attempts(self, allowed: tuple[str, ...]) -> str:
        sides: dict[str, list[Any]] = {}
        for row in self.world.rows(_ATTEMPTS, self.id, self.number):
            sides.setdefault(row.side, []).append(row)
        told = []
        for side, attempts in sides.items():
            *earlier, last = attempts
            if [a.number for a in attempts] != list(range(1, len(attempts) + 1)):
                raise Failure(f"{side} has attempts {[a.number for a in attempts]}")
            if last.status != "finished" or not last.checks:
                raise Failure(f"{side}: attempt {last.number} is {last.status} with {last.checks} checks")
            if any(a.status not in allowed or a.checks for a in earlier):
                raise Failure(f"{side}: earlier attempts are {[(a.status, a.checks) for a in earlier]}")
            lost = "".join(f"attempt {a.number} {a.outcome or a.status}, " for a in earlier)
            told.append(f"{side}: {lost}attempt {last.number} {last.outcome}")
        return "; ".join(told)

    def rate(self) -> None:
        """Rate the turn; acknowledged."""
        axes = [axis["name"] for axis in self.desk.visitor.get(f"/campaigns/{self.desk.campaign}")["rubric"]["axes"]]
        answers = {
            "axes": dict.fromkeys(axes, -2),
            "overall": -2,
            "verdict": "preference",
            "key_axis": axes[0],
            "justification": WHY,
        }
        answers |= {f"{kind}_{side}": WHY for kind in ("strengths", "weaknesses") for side in "ab"}
        with answer_may_be_lost():
            self.desk.visitor.post(f"/comparisons/{self.id}/turns/{self.number}/rating", answers)
        number, made = self.number, self._ratings(self.number)
        if len(made) != 1:
            raise Failure(f"turn {number} has the ratings {made}")
        self.desk.keep(f"rating {made}", lambda: self._ratings(number) == made)

    def _ratings(self, number: int) -> list[str]:
        return [str(row.id) for row in self.world.rows(
            "SELECT g.id FROM rating g JOIN turn t ON t.id = g.turn_id WHERE t.comparison_id = %s AND t.number = %s",
            self.id, number,
        )]  # fmt: skip

    def follow_up(self) -> None:
        """Send the next prompt; acknowledged, and there once."""
        with answer_may_be_lost():
            self.desk.visitor.post(f"/comparisons/{self.id}/turns", {"prompt": examples.load_brief(EXAMPLE).follow_up})
        self.number += 1
        number = self.number
        self.desk.keep(
            f"turn {number} of {self.id}",
            lambda: len(self.desk.visitor.get(f"/comparisons/{self.id}")["turns"]) == number,
        )

    def type(self, times: int, stop: threading.Event) -> int:
        """Save drafts one after the other, as autosave does; the last acknowledged revision."""
        path, revision = f"/comparisons/{self.id}/turns/{self.number}/rating/draft", 0
        for _ in range(times):
            text = f"So far I have typed {revision + 1} words."
            with contextlib.suppress(MarlinError):  # 409: a repeated save whose first answer was lost
                body = {"revision": revision, "answers": {"justification": text}}
                revision = self.desk.visitor.put(path, body)["revision"]
            revision = max(revision, self.desk.visitor.get(path)["revision"])
            if stop.is_set():
                break
            time.sleep(0.05)
        found = self.desk.visitor.get(path)
        if found["revision"] < revision or not found["answers"]["justification"]:
            raise Failure(f"draft revision {revision} was acknowledged, {found['revision']} is there")
        return revision


@contextlib.contextmanager
def answer_may_be_lost() -> Iterator[None]:
    """A repeated request may hear that the first was carried out and its answer lost; see what is there then."""
    try:
        yield
    except StoryError as error:
        if error.details["problem"].get("code") != "answer-lost":
            raise


class MissedError(Exception):
    """The moment had passed before anything could be killed: try again."""
