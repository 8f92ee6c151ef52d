"""Nobody who judges can tell which side was faster, nor in what manner it worked.

The same story is played twice, once with A in front and once with B, and everything that is served to the people who
judge must come out the same: what differs between the two stories can then not be learned from it. The side in front
streams in small pieces and describes a call at once; the other one says things whole, describes a call anew, prints
while something else goes on, and was lost once with its worker.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.factories.comparisons import capture_side, open_campaign, started
from tests.factories.judgement import answers
from tests.factories.people import Browser, Town
from tests.integration.accounts.access_table import TABLE, Owned

from marlin import campaigns
from marlin.accounts import Role
from marlin.comparisons import lifecycle as life
from marlin.comparisons import views
from marlin.comparisons.blinding import SIDES, Side, other
from marlin.comparisons.models import CheckResult, Comparison
from marlin.comparisons.queries import get_comparison
from marlin.comparisons.streaming import _stream
from marlin.db import Database, events, now

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-(\d)[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
BLINDED = [
    (path, dict(access.query))
    for (method, path), access in TABLE.items()
    if method == "GET" and access.owned is Owned.VISIBLE and not access.endless
]
"""Whatever can be asked about a comparison; new operations are looked at as soon as they have a row there."""


@pytest.fixture
async def hub(database: Database) -> AsyncIterator[None]:
    """A web process that listens for events."""
    listening = events.EventHub(database)
    events.use_hub(listening)
    await listening.start()
    yield
    events.use_hub(None)
    await listening.stop()


class Story:
    """A comparison whose sides stop one after the other, ``fast`` first."""

    def __init__(self, database: Database, comparison: Comparison, fast: Side) -> None:
        self.database = database
        self.id = comparison.id
        self.order: tuple[Side, Side] = (fast, other(fast))
        self.works: dict[Side, life.Assignment] = {}

    async def begin(self) -> None:
        async with self.database.transaction() as session:
            turn = (await get_comparison(session, self.id, owner_id=None)).turns[0]
        await life.begin_turn(turn.id, turn.job_id)
        for side in (*SIDES, self.order[1]):  # whose first attempt is lost
            work = await life.begin_attempt(turn.id, side, turn.job_id)
            assert work is not None
            self.works[side] = work

    async def tell(self, side: Side, kind: str, data: dict[str, Any]) -> None:
        async with self.database.transaction() as session:
            place = {"turn": 1, "side": side, "attempt": self.works[side].attempt}
            await events.append(session, self.id, kind, {**data, **place})

    async def work(self, side: Side) -> None:
        in_front = side == self.order[0]
        await self.tell(side, "rollout_status", {"status": "working"})
        for number in range(2 if side == "A" else 5):
            for piece in (f"{side} ", "says ", f"{number}. ") if in_front else (f"{side} says {number}. ",):
                await self.tell(side, "message", {"message_id": f"m{number}", "text": piece})
        call = {"call_id": "c1", "title": "Run: ls", "tool": "execute", "input": "ls"}
        done = {"call_id": "c1", "status": "completed", "output": "", "patch": ""}
        last = {"message_id": "m9", "text": "Done."}
        if in_front:
            await self.tell(side, "tool_call", call)
            await self.tell(side, "tool_update", {**done, "output": f"{side}.py\n"})
            await self.tell(side, "message", last)
        else:
            await self.tell(side, "tool_call", {**call, "title": "Run a command", "input": ""})
            await self.tell(side, "tool_call", call)
            await self.tell(side, "message", last)
            for piece in (f"{side}.", "py\n"):
                await self.tell(side, "tool_update", {**done, "status": "running", "output": piece})
            await self.tell(side, "tool_update", done)
        await capture_side(self.works[side])
        await self.tell(side, "rollout_status", {"status": "checking", "outcome": "completed"})

    async def check(self, side: Side) -> None:
        await self.tell(side, "check", {"name": "Tests", "status": "passed"})
        work = self.works[side]
        result = CheckResult(
            rollout_id=work.rollout_id,
            attempt=work.attempt,
            position=0,
            kind="test_command",
            name="Tests",
            status="passed",
            against_base="same",
            summary="4 passed",
            exit_code=0,
            seconds=1.5 if side == "A" else 0.5,
        )
        await life.finish_rollout(work, [result])
        await self.tell(side, "rollout_status", {"status": "finished", "outcome": "completed"})

    async def finish(self) -> None:
        await life.finish_turn(self.works["A"].turn_id, self.works["A"].job_id)

    async def seen_by(self, browser: Browser) -> dict[str, Any]:
        """Everything that is served about it, by what was asked."""
        seen: dict[str, Any] = {}
        comparison = await self._stored()
        checks = {check.id for turn in comparison.turns for rollout in turn.rollouts for check in rollout.checks}
        for path, query in BLINDED:
            for side in SIDES:
                place = path.replace("{comparison_id}", str(self.id)).replace("{number}", "1")
                asked = {name: side if value == "A" else value for name, value in query.items()}
                for check in checks if "{check_id}" in place else [None]:
                    answer = await browser.get(place.replace("{check_id}", str(check)), params=asked)
                    seen[f"{path} {asked} {answer.status_code}"] = read(answer.text)
        for after in range(4):  # a log read entry by entry gives away its order, if anything does
            page = (await browser.get(f"/comparisons/{self.id}/events", params={"after": after, "limit": 1})).json()
            seen[f"events after {after}"] = page["events"]
        seen["stream"] = await self._streamed(browser)
        return seen

    async def _stored(self) -> Comparison:
        async with self.database.transaction() as session:
            return await get_comparison(session, self.id, owner_id=None)

    async def _streamed(self, browser: Browser) -> list[Any]:
        comparison = await self._stored()
        sight = views.Sight.of(comparison, browser.person)
        async with self.database.transaction() as session:
            ends = len(await events.read_some(session, self.id, lacking="side"))
        received = []
        async for chunk in _stream(self.id, 0, sight):
            lines = [line.removeprefix("data: ") for line in chunk.decode().splitlines() if line.startswith("data: ")]
            received += [json.loads(line) for line in lines]
            if received and received[-1]["id"] == ends:
                return received
        raise AssertionError("the stream ended")


def read(text: str) -> Any:
    """JSON, or else the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in ``value`` with the way to it."""
    if isinstance(value, dict):
        if value.get("side") in SIDES:
            place += f"/side {value['side']}"
        for name, item in value.items():
            yield from leaves(item, f"{place}/{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from leaves(item, f"{place}/{number}")
    else:
        yield place, value


def told(value: Any) -> dict[str, Any]:
    """What two stories may be held against each other by: times and random names go, but not where there is a side."""
    found = {}
    for place, item in leaves(value):
        if place.endswith("/request_id"):
            continue  # of the request just made
        text = str(item)
        if "/side " in place or "/sides/" in place:
            assert not _TIME.search(text), f"a time at {place}: {text}"
            assert all(version == "4" for version in _ID.findall(text)), f"an id that tells a time at {place}: {text}"
        plain = _ID.sub("an id", text)
        found[place] = "a time" if _TIME.match(plain) else plain
    return found


async def play(database: Database, town: Town, fast: Side, campaign: campaigns.Campaign) -> dict[str, Any]:
    """The story with ``fast`` in front; what its contributor sees at each moment, and at last a reviewer."""
    contributor = await town.enter(Role.CONTRIBUTOR)
    reviewer = await town.enter(Role.REVIEWER, Role.OPERATOR)
    story = Story(database, await started(database, campaign, contributor.person.id), fast)
    seen = {}
    await story.begin()
    await story.work(story.order[0])
    seen["one side has stopped"] = await story.seen_by(contributor)
    await story.work(story.order[1])
    seen["both have stopped"] = await story.seen_by(contributor)
    await story.check(story.order[0])
    seen["one side is checked"] = await story.seen_by(contributor)
    await story.check(story.order[1])
    await story.finish()
    seen["ready"] = await story.seen_by(contributor)
    for path, body in (("turns/1/rating", answers()), ("submit", {})):
        answer = await contributor.post(f"/comparisons/{story.id}/{path}", body)
        assert answer.is_success, answer.text
    seen["submitted"] = await story.seen_by(contributor)
    seen["in review"] = await story.seen_by(reviewer)
    return seen


async def test_whichever_side_was_faster_everything_served_is_the_same(
    database: Database, town: Town, hub: None
) -> None:
    campaign = await open_campaign(database, min_turns=1)
    a_first = await play(database, town, "A", campaign)
    b_first = await play(database, town, "B", campaign)
    for moment in a_first:
        assert told(a_first[moment]) == told(b_first[moment]), moment
    transcripts = [value for asked, value in a_first["ready"].items() if "transcript" in asked]
    for transcript, length in zip(transcripts, (5, 8), strict=True):
        assert [event["id"] for event in transcript["events"]] == list(range(1, length + 1))
        assert {(event["at"], event["attempt"]) for event in transcript["events"]} == {(None, None)}
    assert len(a_first["ready"]) > 10


async def test_a_transcript_is_read_in_pages_by_place(database: Database, town: Town) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    story = Story(database, await started(database, await open_campaign(database), contributor.person.id), "B")
    await story.begin()
    for side in story.order:
        await story.work(side)
    path, whole, after = f"/comparisons/{story.id}/turns/1/transcript", [], 0
    while page := (await contributor.get(path, params={"side": "B", "after": after, "limit": 4})).json()["events"]:
        whole += page
        after = page[-1]["id"]
    assert [event["id"] for event in whole] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [event["kind"] for event in whole] == ["message"] * 5 + ["tool_call", "tool_update", "message"]
    assert (whole[4]["data"]["text"], whole[6]["data"]["output"]) == ("B says 4. ", "B.py\n")
    end = (await contributor.get(path, params={"side": "B", "before": 9, "limit": 3})).json()["events"]
    assert end == whole[5:]


async def test_operators_and_live_campaigns_have_times(database: Database, town: Town) -> None:
    operator = await town.enter(Role.OPERATOR)
    for reveal, who in (("together", operator), ("live", None)):
        contributor = await town.enter(Role.CONTRIBUTOR)
        campaign = await open_campaign(database, slug=f"reveal-{reveal}", reveal=reveal)
        story = Story(database, await started(database, campaign, contributor.person.id), "A")
        await story.begin()
        for side in story.order:
            await story.work(side)
        browser = who or contributor
        path = f"/comparisons/{story.id}"
        page = (await browser.get(f"{path}/turns/1/transcript", params={"side": "A"})).json()
        assert all(_TIME.match(event["at"]) for event in page["events"])
        log = (await browser.get(f"{path}/events")).json()["events"]
        assert {event["side"] for event in log} == {None, "A", "B"}
        assert log == sorted(log, key=lambda event: event["at"])
        assert all(event["at"] < (now() + timedelta(minutes=1)).isoformat() for event in log)
