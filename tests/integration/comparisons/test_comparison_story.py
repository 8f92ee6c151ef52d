"""A comparison through the API and the database, with workers that need no sandbox."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import select
from tests.factories.comparisons import (
    capture_side,
    open_campaign,
    ready_brief,
    result_of,
    run_side,
    run_turn,
    started,
)
from tests.factories.people import Browser, Town

from marlin.accounts import Role
from marlin.comparisons import lifecycle as life
from marlin.comparisons import service
from marlin.comparisons.blinding import Side
from marlin.comparisons.errors import TurnRunningError
from marlin.comparisons.models import Attempt
from marlin.comparisons.queries import get_comparison
from marlin.db import Database, jobs


async def begin(database: Database, town: Town, **changes: object) -> tuple[Browser, str]:
    """A contributor whose comparison's first turn is ready."""
    contributor = await town.enter(Role.CONTRIBUTOR)
    comparison = await started(database, await open_campaign(database, **changes), contributor.person.id)
    await run_turn(database, comparison.id)
    return contributor, str(comparison.id)


async def prefer(database: Database, comparison_id: object, side: str | None, verdict: str = "preference") -> None:
    """Tell the comparison what a rating tells it."""
    async with database.transaction() as session:
        comparison = await get_comparison(session, comparison_id, owner_id=None, lock=True)  # type: ignore[arg-type]
        service.mark_rated(comparison, comparison.turns[-1].number, preferred=side, verdict=verdict)  # type: ignore[arg-type]


async def test_creating_a_comparison_queues_its_turn_in_the_same_transaction(database: Database, town: Town) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    campaign = await open_campaign(database)
    brief = await ready_brief(database, campaign, contributor.person.id)
    answer = await contributor.post("/comparisons", {"brief_id": str(brief.id)})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["status"] == "running"
    assert body["turns"][0]["status"] == "queued"
    async with database.transaction() as session:
        comparison = await get_comparison(session, body["id"], owner_id=None)
    job = await jobs.status(comparison.turns[0].job_id)
    assert job is not None
    assert job.state == "queued"
    again = await contributor.post("/comparisons", {"brief_id": str(brief.id)})
    assert (again.status_code, again.json()["code"]) == (409, "brief-in-use")


async def test_a_comparison_that_is_started_in_several_tabs_at_once_starts_once(database: Database, town: Town) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    campaign = await open_campaign(database)
    brief = await ready_brief(database, campaign, contributor.person.id)
    wish = {"brief_id": str(brief.id)}
    answers = await asyncio.gather(*(contributor.post("/comparisons", wish) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    refused = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert refused == {"brief-in-use"}
    assert len((await contributor.get("/comparisons")).json()) == 1


async def test_a_brief_that_is_not_prepared_starts_nothing(database: Database, town: Town) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    brief = await ready_brief(
        database, await open_campaign(database), contributor.person.id, status="draft", preparation_status="none"
    )
    answer = await contributor.post("/comparisons", {"brief_id": str(brief.id)})
    assert (answer.status_code, answer.json()["code"]) == (409, "brief-not-ready")
    assert "Prepare it first" in answer.json()["hint"]


async def test_results_stay_hidden_until_both_sides_are_there(database: Database, town: Town) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    comparison = await started(database, await open_campaign(database), contributor.person.id)
    async with database.transaction() as session:
        turn = (await get_comparison(session, comparison.id, owner_id=None)).turns[0]
    await life.begin_turn(turn.id, turn.job_id)
    first = await life.begin_attempt(turn.id, "A", turn.job_id)
    assert first is not None
    await run_side(first)
    path = f"/comparisons/{comparison.id}"
    sides = (await contributor.get(path)).json()["turns"][0]["sides"]
    assert sides["A"] == sides["B"] | {"side": "A"}, "nothing tells which side is faster"
    for hidden in ("patch?to=A", "blob?at=A&path=shop.py", "transcript?side=A"):
        answer = await contributor.get(f"{path}/turns/1/{hidden}")
        assert (answer.status_code, answer.json()["code"]) == (409, "turn-running")


async def test_a_live_campaign_shows_each_side_as_it_goes(database: Database, town: Town) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    comparison = await started(database, await open_campaign(database, reveal="live"), contributor.person.id)
    async with database.transaction() as session:
        turn = (await get_comparison(session, comparison.id, owner_id=None)).turns[0]
    await life.begin_turn(turn.id, turn.job_id)
    first = await life.begin_attempt(turn.id, "A", turn.job_id)
    assert first is not None
    await run_side(first)
    sides = (await contributor.get(f"/comparisons/{comparison.id}")).json()["turns"][0]["sides"]
    assert (sides["A"]["status"], sides["B"]["status"]) == ("finished", "queued")
    assert not sides["A"]["rateable"], "rating waits for both"


async def test_the_next_turn_starts_both_sides_from_the_winner(database: Database, town: Town) -> None:
    contributor, identifier = await begin(database, town)
    early = await contributor.post(f"/comparisons/{identifier}/turns", {"prompt": "And now the other thing, please."})
    assert (early.status_code, early.json()["code"]) == (409, "not-rated")
    await prefer(database, identifier, "B")
    answer = await contributor.post(f"/comparisons/{identifier}/turns", {"prompt": "And now the other thing, please."})
    assert answer.status_code == 201, answer.text
    assert answer.json()["continued_from"] == "B"
    async with database.transaction() as session:
        rollouts = (await get_comparison(session, identifier, owner_id=None)).turns[1].rollouts  # type: ignore[arg-type]
    assert rollouts[0].start == rollouts[1].start
    assert rollouts[0].start["session"] == "session-B-1"


async def test_the_next_prompt_is_kept_while_it_is_typed_and_two_tabs_do_not_overwrite_each_other(
    database: Database, town: Town
) -> None:
    contributor, identifier = await begin(database, town)
    path = f"/comparisons/{identifier}/turns/1/follow-up/draft"
    assert (await contributor.get(path)).json() == {
        "revision": 0,
        "prompt": "",
        "continue_from": None,
        "saved_at": None,
    }
    first = {"revision": 0, "prompt": "And now\x00 the"}
    assert (await contributor.put(path, first)).json()["revision"] == 1
    assert (await contributor.put(path, first)).json()["revision"] == 1, "the same sent twice is one change"
    saved = await contributor.put(path, {"revision": 1, "prompt": "And now the other", "continue_from": "base"})
    assert saved.json()["revision"] == 2
    late = await contributor.put(path, {"revision": 1, "prompt": "Something else"})
    assert (late.status_code, late.json()["code"]) == (409, "draft-outdated")
    assert late.json()["details"]["draft"]["prompt"] == "And now the other"
    other_device = await town.sign_in(contributor.person)
    assert (await other_device.get(path)).json() == saved.json()
    await prefer(database, identifier, "B")
    sent = await contributor.post(f"/comparisons/{identifier}/turns", {"prompt": "And now the other thing, please."})
    assert sent.status_code == 201
    closed = await contributor.put(path, {"revision": 2, "prompt": "too late"})
    assert (closed.status_code, closed.json()["code"]) == (409, "comparison-closed")
    assert (await contributor.get(path)).json() == saved.json(), "what was typed is kept"
    assert (await contributor.get(path.replace("turns/1", "turns/2"))).json()["revision"] == 0


@pytest.mark.parametrize("verdict", ["equal", "both_bad"])
async def test_without_a_preference_the_contributor_says_where_to_go_on(
    database: Database, town: Town, verdict: str
) -> None:
    contributor, identifier = await begin(database, town)
    await prefer(database, identifier, None, verdict)
    path = f"/comparisons/{identifier}/turns"
    refused = await contributor.post(path, {"prompt": "Try again with less code."})
    assert (refused.status_code, refused.json()["code"]) == (422, "continue-from")
    accepted = await contributor.post(path, {"prompt": "Try again with less code.", "continue_from": "base"})
    assert accepted.status_code == 201
    async with database.transaction() as session:
        turns = (await get_comparison(session, identifier, owner_id=None)).turns  # type: ignore[arg-type]
    assert turns[1].rollouts[0].start == turns[0].rollouts[0].start


async def test_one_side_that_crashed_can_be_judged(database: Database, town: Town) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    comparison = await started(database, await open_campaign(database), contributor.person.id)
    await run_turn(database, comparison.id, outcomes={"A": "crashed"})
    turn = (await contributor.get(f"/comparisons/{comparison.id}")).json()["turns"][0]
    assert turn["status"] == "ready"
    assert turn["sides"]["A"]["outcome"] == "crashed"
    assert turn["sides"]["A"]["rateable"]


async def test_both_sides_failing_can_be_retried_and_keeps_the_attempts(database: Database, town: Town) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    comparison = await started(database, await open_campaign(database), contributor.person.id)
    await run_turn(database, comparison.id, outcomes={"A": "platform_error", "B": "platform_error"})
    path = f"/comparisons/{comparison.id}"
    body = (await contributor.get(path)).json()
    assert body["turns"][0]["status"] == "failed"
    assert body["actions"]["retry"]["allowed"]
    assert (await contributor.post(f"{path}/turns/1/retry")).status_code == 200
    await run_turn(database, comparison.id)
    turn = (await contributor.get(path)).json()["turns"][0]
    assert turn["status"] == "ready"
    operator = await town.enter(Role.OPERATOR)
    assert (await operator.get(path)).json()["turns"][0]["sides"]["A"]["attempt"] == 2


async def test_a_cancelled_turn_is_left_by_its_worker_and_can_be_retried(database: Database, town: Town) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    comparison = await started(database, await open_campaign(database), contributor.person.id)
    async with database.transaction() as session:
        turn = (await get_comparison(session, comparison.id, owner_id=None)).turns[0]
    await life.begin_turn(turn.id, turn.job_id)
    assert await life.is_wanted(turn.id, turn.job_id)
    path = f"/comparisons/{comparison.id}/turns/1"
    assert (await contributor.post(f"{path}/cancel")).json()["status"] == "cancelled"
    assert not await life.is_wanted(turn.id, turn.job_id)
    assert (await life.finish_turn(turn.id, turn.job_id)).status == "cancelled"
    assert (await contributor.post(f"{path}/cancel")).status_code == 409
    assert (await contributor.post(f"{path}/retry")).json()["status"] == "queued"
    assert await life.begin_turn(turn.id, turn.job_id) is None, "the cancelled job does not run the retried turn"


async def test_an_attempt_lost_with_a_cancelled_turn_is_closed(database: Database, town: Town) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    comparison = await started(database, await open_campaign(database), contributor.person.id)
    async with database.transaction() as session:
        turn = (await get_comparison(session, comparison.id, owner_id=None)).turns[0]
    await life.begin_turn(turn.id, turn.job_id)
    assert await life.begin_attempt(turn.id, "A", turn.job_id) is not None
    # the worker dies here; then the turn is cancelled, and only then another worker enters the job
    assert (await contributor.post(f"/comparisons/{comparison.id}/turns/1/cancel")).status_code == 200
    assert await life.begin_turn(turn.id, turn.job_id) is None
    async with database.transaction() as session:
        (attempt,) = await session.scalars(select(Attempt))
    assert attempt.status == "lost"
    assert attempt.finished_at is not None


async def test_a_cancelled_turn_does_not_tell_which_side_had_finished(database: Database, town: Town) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    comparison = await started(database, await open_campaign(database), contributor.person.id)
    async with database.transaction() as session:
        turn = (await get_comparison(session, comparison.id, owner_id=None)).turns[0]
    await life.begin_turn(turn.id, turn.job_id)
    fast = await life.begin_attempt(turn.id, "A", turn.job_id)
    assert fast is not None
    await run_side(fast)
    path = f"/comparisons/{comparison.id}"
    sides = (await contributor.post(f"{path}/turns/1/cancel")).json()["sides"]
    assert sides["A"] == sides["B"] | {"side": "A"}
    assert (await contributor.get(f"{path}/turns/1/patch?to=A")).status_code == 409


async def test_a_worker_that_died_leaves_a_lost_attempt_and_the_next_one_starts_anew(
    database: Database, town: Town
) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    comparison = await started(database, await open_campaign(database), contributor.person.id)
    async with database.transaction() as session:
        turn = (await get_comparison(session, comparison.id, owner_id=None)).turns[0]
    await life.begin_turn(turn.id, turn.job_id)
    lost = await life.begin_attempt(turn.id, "A", turn.job_id)
    other = await life.begin_attempt(turn.id, "B", turn.job_id)
    assert lost is not None
    assert other is not None
    await run_side(other)
    # the worker dies here; another one enters the job again
    assert await life.begin_turn(turn.id, turn.job_id) is not None
    again = await life.begin_attempt(turn.id, "A", turn.job_id)
    assert again is not None
    assert (again.attempt, again.start) == (2, lost.start)
    assert await life.begin_attempt(turn.id, "B", turn.job_id) is None, "a finished rollout is not run again"
    await run_side(lost)  # what the lost attempt still says no longer counts
    async with database.transaction() as session:
        rollout = (await get_comparison(session, comparison.id, owner_id=None)).turns[0].rollouts[0]
    assert rollout.status == "preparing"
    await run_side(again)
    assert (await life.finish_turn(turn.id, turn.job_id)).status == "ready"


async def test_an_attempt_from_before_a_retry_neither_fills_in_nor_reveals(database: Database, town: Town) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    comparison = await started(database, await open_campaign(database), contributor.person.id)
    async with database.transaction() as session:
        turn = (await get_comparison(session, comparison.id, owner_id=None)).turns[0]
    await life.begin_turn(turn.id, turn.job_id)
    late = await life.begin_attempt(turn.id, "A", turn.job_id)
    assert late is not None
    place = f"/comparisons/{comparison.id}/turns/1"
    assert (await contributor.post(f"{place}/cancel")).status_code == 200
    assert await life.begin_attempt(turn.id, "B", turn.job_id) is None, "a cancelled turn starts nothing"
    assert (await contributor.post(f"{place}/retry")).status_code == 200
    await run_side(late)  # it was past being stopped, and comes to its end before the new job has begun
    async with database.transaction() as session:
        again = (await get_comparison(session, comparison.id, owner_id=None)).turns[0]
    assert [rollout.status for rollout in again.rollouts] == ["queued", "queued"]
    await life.begin_turn(again.id, again.job_id)
    assert await life.begin_attempt(turn.id, "A", turn.job_id) is None, "the job from before starts nothing either"
    other = await life.begin_attempt(again.id, "B", again.job_id)
    assert other is not None
    await capture_side(other)
    await life.set_status(late, "capturing")
    await capture_side(late)
    async with database.transaction() as session:
        now = (await get_comparison(session, comparison.id, owner_id=None)).turns[0]
    assert now.status == "running", "side A of the new job has not worked yet"
    assert [rollout.status for rollout in now.rollouts] == ["queued", "checking"]


async def test_results_are_shown_while_checks_run_and_never_made_again(database: Database, town: Town) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    comparison = await started(database, await open_campaign(database), contributor.person.id)
    async with database.transaction() as session:
        turn = (await get_comparison(session, comparison.id, owner_id=None)).turns[0]
    await life.begin_turn(turn.id, turn.job_id)
    sides: tuple[Side, Side] = ("A", "B")
    for side in sides:
        work = await life.begin_attempt(turn.id, side, turn.job_id)
        assert work is not None
        await capture_side(work)
    body = (await contributor.get(f"/comparisons/{comparison.id}")).json()["turns"][0]
    assert body["status"] == "checking"
    assert body["sides"]["A"]["diffstat"] == {"files": 1, "additions": 3, "deletions": 1}
    async with database.transaction() as session:
        shown = await get_comparison(session, comparison.id, owner_id=None)
        with pytest.raises(TurnRunningError, match="checks of turn 1"):
            await service.turn_to_rate(session, shown, 1)
    # the worker dies here: another one goes on with the checks of the same attempt
    assert await life.begin_turn(turn.id, turn.job_id) is not None
    for side in sides:
        again = await life.begin_attempt(turn.id, side, turn.job_id)
        assert again is not None
        assert again.left is not None
        assert (again.attempt, again.left.result) == (1, result_of(side, 1))
        await life.finish_rollout(again, [])
    assert (await life.finish_turn(turn.id, turn.job_id)).status == "ready"


async def test_many_changed_files_come_in_pages(database: Database, town: Town) -> None:
    contributor, identifier = await begin(database, town)
    entry = {"old_path": None, "status": "A", "additions": 2, "deletions": 1, "binary": False}
    async with database.transaction() as session:
        comparison = await get_comparison(session, identifier, owner_id=None)  # type: ignore[arg-type]
        comparison.turns[0].rollouts[0].files = [entry | {"path": f"{number:05}.py"} for number in range(4_500)]
    side = (await contributor.get(f"/comparisons/{identifier}")).json()["turns"][0]["sides"]["A"]
    assert side["diffstat"] == {"files": 4500, "additions": 9000, "deletions": 4500}
    assert len(side["files"]) == 2000
    paths, after = [], 0
    while after is not None:
        page = (
            await contributor.get(f"/comparisons/{identifier}/turns/1/files", params={"side": "A", "after": after})
        ).json()
        assert page["total"] == 4500
        paths += [file["path"] for file in page["files"]]
        after = page["next_after"]
    assert paths == [f"{number:05}.py" for number in range(4_500)]


async def test_numbers_beyond_the_databases_are_no_defect(database: Database, town: Town) -> None:
    contributor, identifier = await begin(database, town)
    path, huge = f"/comparisons/{identifier}", 10**30
    for place in (f"events?after={huge}", f"events/stream?after={huge}", f"turns/1/transcript?side=A&after={huge}"):
        assert (await contributor.get(f"{path}/{place}")).status_code == 422, place
    for place in (f"turns/{huge}/patch?to=A", f"turns/{huge}/rating/draft", f"turns/{-huge}/rating/draft"):
        assert (await contributor.get(f"{path}/{place}")).status_code == 404, place


async def test_other_peoples_comparisons_do_not_exist(database: Database, town: Town) -> None:
    _, identifier = await begin(database, town)
    stranger = await town.enter(Role.CONTRIBUTOR)
    for path in (f"/comparisons/{identifier}", f"/comparisons/{identifier}/events", f"/comparisons/{uuid4()}"):
        assert (await stranger.get(path)).status_code == 404
    assert (await stranger.post(f"/comparisons/{identifier}/turns/1/cancel")).status_code == 404
    reviewer = await town.enter(Role.REVIEWER)
    assert (await reviewer.get(f"/comparisons/{identifier}")).status_code == 404, "not submitted yet"


async def test_the_log_tells_what_happened_in_order(database: Database, town: Town) -> None:
    contributor, identifier = await begin(database, town)
    events = (await contributor.get(f"/comparisons/{identifier}/events")).json()["events"]
    assert [event["data"]["status"] for event in events] == ["queued", "running", "checking", "ready"]
    assert [event["id"] for event in events] == [1, 2, 3, 4]
    rest = (await contributor.get(f"/comparisons/{identifier}/events?after=2")).json()
    assert [event["id"] for event in rest["events"]] == [3, 4]
