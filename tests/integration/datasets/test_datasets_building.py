"""Datasets are made from accepted ratings, whole, repeatable, and with a reason for whatever is missing."""

from __future__ import annotations

import asyncio
import io
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from tests.factories.accepted import accept, accept_repeat
from tests.factories.judgement import campaign_wish
from tests.factories.people import Town

from marlin import campaigns, datasets, leaderboards
from marlin.accounts import Role
from marlin.campaigns import Campaign
from marlin.comparisons import Attempt, Comparison, Rollout, Turn
from marlin.dataset_files import Split, find_row, read_rows, read_view, verify
from marlin.datasets import (
    Built,
    DatasetDiskFullError,
    DatasetFolderError,
    DatasetWishError,
    NoSplitError,
    NothingToExportError,
    Wish,
    trusting,
)
from marlin.db import Database
from marlin.gateway import Api, Exchange, FileSink
from marlin.reviews import Review
from marlin.tasks import Brief, Code, Environment

SECRET = "ghp_" + "A1b2" * 9
TOOL = {"type": "function", "function": {"name": "bash", "parameters": {"type": "object", "properties": {}}}}


async def spring(town: Town, *, may_train: bool = True, **changes: Any) -> Campaign:
    arms = [
        {"name": name, "agent": "scripted", "settings": {"script": name}, "outputs_may_train": trains}
        for name, trains in (("careful", True), ("hasty", may_train))
    ]
    async with town.database.transaction() as session:
        wish = campaign_wish(slug="spring", arms=arms, **changes)
        return await campaigns.create_campaign(session, wish, actor=None)


async def judged(town: Town, code: Code, campaign: Campaign, towards: list[int], **more: Any) -> list[UUID]:
    """Accepted comparisons, each on a repository of its own, with recorded model calls."""
    reviewer = (await town.enter(Role.REVIEWER)).person.id
    owner = (await town.enter(Role.CONTRIBUTOR)).person.id
    made = []
    for number, one in enumerate(towards):
        verdict = "preference" if one else "equal"
        made.append(await accept(town.database, campaign, owner, reviewer, one, verdict=verdict, **more))
        await set_apart(town.database, made[-1], number)
        await record(town.database, code, made[-1], number)
    return made


async def set_apart(database: Database, comparison_id: UUID, number: int) -> None:
    async with database.transaction() as session:
        comparison = await session.get_one(Comparison, comparison_id)
        environment = await session.get_one(Environment, comparison.environment_id)
        environment.repository, environment.base_commit = f"{number:064x}", f"{number:040x}"
        brief = await session.get_one(Brief, comparison.brief_id)
        brief.source = f"https://git.example.com/r{number}.git"
        turn = (await session.scalars(select(Turn).where(Turn.comparison_id == comparison_id))).one()
        turn.prompt = f"Fix import {number}."


async def record(database: Database, code: Code, comparison_id: UUID, number: int) -> None:
    """Each side ran one command; side A's output holds a secret, half a character and NUL."""
    statement = select(Attempt, Rollout).join(Rollout, Rollout.id == Attempt.rollout_id)
    statement = statement.join(Turn, Turn.id == Rollout.turn_id).where(Turn.comparison_id == comparison_id)
    async with database.transaction() as session:
        for attempt, rollout in (await session.execute(statement)).all():
            said = f"Done by {rollout.side}. {SECRET} \ud800 \x00" if rollout.side == "A" else "Done by B."
            attempt.raw = {"gateway": await stored(code, calls(f"Fix import {number}.", said))}


async def stored(code: Code, exchanges: list[Exchange]) -> str:
    folder = code.durable.url.removeprefix("file://") + "-raw"
    sink = FileSink(Path(folder))
    for exchange in exchanges:
        await sink.record(exchange)
    path = sink.path(exchanges[0].run_id)
    key = code.durable.put(io.BytesIO(path.read_bytes()))
    path.unlink()
    return key


def calls(request: str, said: str) -> list[Exchange]:
    asked = [{"role": "system", "content": "Be good."}, {"role": "user", "content": request}]
    use = {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": "bash", "arguments": '{"command": "ls"}'}}],
    }
    told = [*asked, use, {"role": "tool", "tool_call_id": "c", "content": "a.py"}]
    return [
        exchange(1, {"messages": asked, "tools": [TOOL]}, use),
        exchange(2, {"messages": told, "tools": [TOOL]}, {"role": "assistant", "content": said}),
    ]


def exchange(number: int, request: Any, message: Any) -> Exchange:
    answer = {"choices": [{"message": message, "finish_reason": "stop"}]}
    return Exchange(
        id=f"call-{number}", run_id="run", number=number, api=Api.OPENAI_CHAT, path="/v1/chat/completions",
        generates=True, requested_model="m", model="m", auxiliary=None, streamed=False, request_headers=[],
        request_body=json.dumps(request).encode(), status=200, response_headers=[],
        response_body=json.dumps(answer).encode(), started_at=datetime(2026, 11, 1, tzinfo=UTC), queued_seconds=0.0,
        first_byte_seconds=0.1, seconds=1.0, usage=None, cost_usd=None, state="completed",
    )  # fmt: skip


async def build(town: Town, code: Code, campaign: Campaign, folder: Path, **wish: Any) -> Built:
    async with town.database.transaction() as session:
        return await datasets.build(session, code, campaign, Wish(**wish), folder)


def every(root: Path, view: str) -> list[dict[str, Any]]:
    splits: tuple[Split, ...] = ("train", "test")
    return [row for split in splits for row in read_view(root, view, split)]


def bytes_of(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


async def test_pairs_load_with_the_preferred_side_chosen_and_nothing_secret(
    town: Town, code: Code, tmp_path: Path
) -> None:
    campaign = await spring(town)
    made = await judged(town, code, campaign, [-2, 3, -1, 2])
    built = await build(town, code, campaign, tmp_path / "out", test_fraction=0.25)
    assert verify(built.path).problems == ()
    counts = built.manifest.counts
    assert (counts["rows"], counts["pairs"], counts["trajectory_pairs"], counts["repositories"]) == (4, 4, 4, 4)
    assert built.manifest.split.rows == {"train": 3, "test": 1}
    pairs = {row["id"]: row for row in every(built.path, "trl_pref")}
    assert set(pairs) == {f"{one}-1" for one in made}
    for one, towards in zip(made, [-2, 3, -1, 2], strict=True):
        _, row = find_row(built.path, f"{one}-1")
        best = row["agg"]["label"].lower()
        assert row[best]["arm"] == ("careful" if towards < 0 else "hasty")
        pair = pairs[row["id"]]
        assert pair["chosen"] == row[best]["messages"]
        assert pair["chosen"][-1]["content"].startswith(f"Done by {best.upper()}.")
        assert [message["role"] for message in pair["prompt"]] == ["system", "user"]
        assert pair["chosen"][0]["tool_calls"][0]["function"]["arguments"] == {"command": "ls"}
    for name, data in bytes_of(built.path).items():
        assert SECRET.encode() not in data, name
        data.decode()
    assert built.manifest.scrubbed["github_token"] >= 4
    assert "the side's commit is gone" in {one.reason for one in built.manifest.left_out}


async def test_the_same_inputs_give_the_same_bytes(town: Town, code: Code, tmp_path: Path) -> None:
    campaign = await spring(town)
    await judged(town, code, campaign, [-2, 3, 0])
    first = await build(town, code, campaign, tmp_path / "one")
    second = await build(town, code, campaign, tmp_path / "two")
    assert bytes_of(first.path) == bytes_of(second.path)
    again = await build(town, code, campaign, tmp_path / "one")
    assert (again.path, again.new) == (first.path, False)
    (first.path / "rows" / "train.jsonl").write_bytes(b"")
    mended = await build(town, code, campaign, tmp_path / "one")
    assert (mended.path, mended.new, mended.aside) == (first.path, True, Path(f"{first.path}.damaged-1"))
    assert bytes_of(mended.path) == bytes_of(second.path)
    other = await build(town, code, campaign, tmp_path / "one", min_strength=3)
    assert other.manifest.id != first.manifest.id


async def test_processes_give_the_same_bytes_and_end_with_the_build(town: Town, code: Code, tmp_path: Path) -> None:
    campaign = await spring(town)
    await judged(town, code, campaign, [-2, 3, 0, 1, -1])
    here = await build(town, code, campaign, tmp_path / "here", scrub_models=True)
    async with town.database.transaction() as session:
        wish = Wish(scrub_models=True)
        there = await datasets.build(session, code, campaign, wish, tmp_path / "there", alone=1)
    assert bytes_of(here.path) == bytes_of(there.path)
    assert multiprocessing.active_children() == []


async def test_several_judgements_of_the_same_results_are_one_row(town: Town, code: Code, tmp_path: Path) -> None:
    campaign = await spring(town)
    made = await judged(town, code, campaign, [-2, 1])
    reviewer, second = (await town.enter(Role.REVIEWER)).person.id, (await town.enter(Role.CONTRIBUTOR)).person.id
    await accept_repeat(town.database, made[0], second, reviewer, -3, kind="overlap", marked_by=reviewer)
    built = await build(town, code, campaign, tmp_path)
    _, row = find_row(built.path, f"{made[0]}-1")
    assert (row["agg"]["n"], row["agg"]["agreement"], row["agg"]["method"]) == (2, 1.0, "majority")
    assert row[row["agg"]["label"].lower()]["arm"] == "careful"
    assert len({rating["rater"] for rating in row["ratings"]}) == 2
    assert built.manifest.counts["rows"] == 2


async def test_people_less_reliable_than_asked_do_not_count_and_others_still_do(
    town: Town, code: Code, tmp_path: Path
) -> None:
    campaign = await spring(town)
    made = await judged(town, code, campaign, [-2, 1, -1])
    reviewer, *others = [(await town.enter(role)).person.id for role in (Role.REVIEWER, *[Role.CONTRIBUTOR] * 2)]
    for source in made[:2]:
        for person, towards in zip(
            others, (-3 if source == made[0] else 2, 2 if source == made[0] else -3), strict=True
        ):
            await accept_repeat(town.database, source, person, reviewer, towards, kind="overlap", marked_by=reviewer)
    (alone,) = await judged(town, code, campaign, [1])
    async with town.database.transaction() as session:
        known = await leaderboards.contributor_reliability(session, campaign.id)
    wrong, right = sorted(known.values())[0], sorted(known.values())[1]
    assert wrong == known[others[1]] < right
    built = await build(town, code, campaign, tmp_path, min_reliability=right, test_split=False)
    rows = {row["comparison_id"]: row for row in read_rows(built.path, "train")}
    assert set(rows) == {str(one) for one in made}
    assert [rows[str(one)]["agg"]["n"] for one in made] == [2, 2, 1]
    assert [rows[str(one)]["agg"]["agreement"] for one in made[:2]] == [1.0, 1.0]
    left = {(one.scope, one.reason): one.count for one in built.manifest.left_out}
    assert left["ratings", trusting.LESS] == 2
    assert left["people", trusting.LESS] == left["people", trusting.NOT_ESTIMATED] == 1
    assert left["dataset", trusting.NOBODY_LEFT] == 1
    assert f"below {right:g} were left out" in (built.path / "README.md").read_text()
    wish = {"min_reliability": right, "keep_unestimated": True, "test_split": False}
    kept = await build(town, code, campaign, tmp_path, **wish)
    assert kept.manifest.counts["rows"] == 4
    assert find_row(kept.path, f"{alone}-1")[1]["agg"]["n"] == 1


async def test_gold_tasks_and_forbidden_outputs_are_in_no_pair_and_counted(
    town: Town, code: Code, tmp_path: Path
) -> None:
    campaign = await spring(town)
    made = await judged(town, code, campaign, [-2, 1])
    reviewer, second = (await town.enter(Role.REVIEWER)).person.id, (await town.enter(Role.CONTRIBUTOR)).person.id
    await accept_repeat(town.database, made[0], second, reviewer, -3, kind="gold", marked_by=reviewer)
    built = await build(town, code, campaign, tmp_path)
    assert {row["id"] for row in every(built.path, "trl_pref")} == {f"{made[1]}-1"}
    assert ("pairs", "a gold task", 1) in [(one.scope, one.reason, one.count) for one in built.manifest.left_out]


async def test_an_arm_whose_outputs_may_not_train_leaves_no_words_behind(
    town: Town, code: Code, tmp_path: Path
) -> None:
    campaign = await spring(town, may_train=False)
    await judged(town, code, campaign, [-2, 1])
    built = await build(town, code, campaign, tmp_path)
    assert every(built.path, "trl_pref") == []
    for row in read_rows(built.path, "train"):
        silent = next(row[name] for name in ("a", "b") if row[name]["arm"] == "hasty")
        assert (silent["messages"], silent["patch"], silent["usable"]) == ([], "", False)
    assert len(every(built.path, "kto")) == 2
    assert {one.reason for one in built.manifest.left_out} >= {"an arm's outputs may not train"}


async def test_ties_alone_give_no_pairs_but_single_rows(town: Town, code: Code, tmp_path: Path) -> None:
    campaign = await spring(town)
    await judged(town, code, campaign, [0, 0])
    built = await build(town, code, campaign, tmp_path)
    assert (built.manifest.counts["pairs"], built.manifest.counts["ties"]) == (0, 2)
    assert [row["label"] for row in every(built.path, "kto")] == [True] * 4


async def test_what_can_not_be_made_says_what_to_do(town: Town, code: Code, tmp_path: Path) -> None:
    campaign = await spring(town)
    with pytest.raises(NothingToExportError, match="no comparison is accepted yet"):
        await build(town, code, campaign, tmp_path)
    await judged(town, code, campaign, [-1])
    with pytest.raises(NoSplitError) as refused:
        await build(town, code, campaign, tmp_path)
    assert "--no-test-split" in refused.value.hint
    with pytest.raises(NothingToExportError, match="1 × filter: strength"):
        await build(town, code, campaign, tmp_path, min_strength=2)
    with pytest.raises(DatasetWishError, match="no axis 'beauty'") as strange:
        await build(town, code, campaign, tmp_path, axes=("security", "beauty"))
    assert "correctness" in strange.value.hint
    (tmp_path / "file").write_text("")
    with pytest.raises(DatasetFolderError, match="can't be written"):
        await build(town, code, campaign, tmp_path / "file")
    built = await build(town, code, campaign, tmp_path, test_split=False)
    assert built.manifest.split.rows == {"train": 1, "test": 0}
    assert verify(built.path).problems == ()


async def test_a_synthetic_campaign_gives_a_dataset_that_says_so(town: Town, code: Code, tmp_path: Path) -> None:
    campaign = await spring(town, synthetic=True)
    await judged(town, code, campaign, [-1, 2])
    built = await build(town, code, campaign, tmp_path)
    assert built.manifest.synthetic
    assert all(row["synthetic"] for row in read_rows(built.path, "train"))
    assert "SYNTHETIC" in (built.path / "README.md").read_text()


async def test_a_broken_record_costs_its_row_the_trajectory_only(town: Town, code: Code, tmp_path: Path) -> None:
    campaign = await spring(town)
    made = await judged(town, code, campaign, [-1, 2, 1])
    torn = replace(calls("x", "y")[0], request_body=b'{"messages": [', run_id="torn")
    await spoil(town, made[0], await stored(code, [torn]))
    await spoil(town, made[1], "0" * 64)
    built = await build(town, code, campaign, tmp_path)
    assert {row["id"] for row in every(built.path, "trl_pref")} == {f"{made[2]}-1"}
    reasons = {one.reason: one.count for one in built.manifest.left_out if one.scope == "trajectories"}
    assert reasons == {"no conversation was recorded": 1, "the record of a side's model calls is broken or gone": 1}


async def spoil(town: Town, comparison_id: UUID, key: str) -> None:
    statement = select(Attempt).join(Rollout, Rollout.id == Attempt.rollout_id).join(Turn, Turn.id == Rollout.turn_id)
    async with town.database.transaction() as session:
        for attempt in await session.scalars(statement.where(Turn.comparison_id == comparison_id)):
            attempt.raw = {"gateway": key}


async def test_an_unfinished_build_is_taken_over(town: Town, code: Code, tmp_path: Path) -> None:
    campaign = await spring(town)
    await judged(town, code, campaign, [-1, 2, 1])
    whole = await build(town, code, campaign, tmp_path / "whole")

    class Killed(Exception):
        pass

    def kill(stage: str, _: int, left: list[int] = [2]) -> None:  # noqa: B006
        left[0] -= stage == "gathering"
        if left[0] < 0:
            raise Killed

    async with town.database.transaction() as session:
        with pytest.raises(Killed):
            await datasets.build(session, code, campaign, Wish(), tmp_path / "out", progress=kill)
    spool = tmp_path / "out" / ".building-spring" / "spool" / "rows.jsonl"
    assert len(spool.read_bytes().splitlines()) == 2
    with spool.open("ab") as file:
        file.write(b"0" * 64 + b' {"row"')  # torn by the kill
    shutil.rmtree(code.durable.url.removeprefix("file://"))  # so that only what was done before can be known
    rest = await build(town, code, campaign, tmp_path / "out")
    assert rest.manifest.counts["trajectory_pairs"] == 2
    assert [path.name for path in (tmp_path / "out").iterdir()] == [rest.path.name]
    done = {row["id"]: row for row in every(whole.path, "trl_pref")}
    assert all(done[row["id"]] == row for row in every(rest.path, "trl_pref"))


async def test_a_build_that_died_while_writing_leaves_no_half_dataset(town: Town, code: Code, tmp_path: Path) -> None:
    campaign = await spring(town)
    await judged(town, code, campaign, [-1, 2])
    whole = await build(town, code, campaign, tmp_path / "whole")

    class Killed(Exception):
        pass

    def kill(stage: str, _: int) -> None:
        if stage == "writing":
            raise Killed

    async with town.database.transaction() as session:
        with pytest.raises(Killed):
            await datasets.build(session, code, campaign, Wish(), tmp_path / "out", progress=kill)
    assert [path.name for path in (tmp_path / "out").iterdir()] == [".building-spring"]
    rest = await build(town, code, campaign, tmp_path / "out")
    assert bytes_of(rest.path) == bytes_of(whole.path)


async def test_a_build_killed_while_gathering_and_while_writing_gives_the_same_bytes(
    town: Town, code: Code, tmp_path: Path, database_url: str
) -> None:
    campaign = await spring(town)
    await judged(town, code, campaign, [-1, 2] * 6)
    whole = await build(town, code, campaign, tmp_path / "whole")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MARLIN_")}
    settings = kept | {"DATABASE_URL": database_url, "MARLIN_HOME": str(tmp_path / "home")}
    out = tmp_path / "out"
    command = [sys.executable, "-m", "marlin", "dataset", "build", "spring", "--to", str(out)]
    for sign in ("spool/rows.jsonl", "dataset/rows/train.jsonl"):
        running = subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        begun = out / ".building-spring" / sign
        while running.poll() is None and not begun.exists():
            await asyncio.sleep(0.001)
        running.kill()
        assert await asyncio.to_thread(running.wait) == -signal.SIGKILL, f"it had ended before {sign} was seen"
        assert [path.name for path in out.iterdir()] == [".building-spring"]
    done = await asyncio.to_thread(subprocess.run, command, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert bytes_of(out / whole.path.name) == bytes_of(whole.path)


async def test_a_full_disk_is_told_and_nothing_is_lost(town: Town, code: Code, tmp_path: Path) -> None:
    campaign = await spring(town)
    await judged(town, code, campaign, [-1, 2, 1])
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24k", "tmpfs", str(small)], check=True)
    try:
        with pytest.raises(DatasetDiskFullError) as refused:
            await build(town, code, campaign, small)
        assert "again" in refused.value.hint
        subprocess.run(["mount", "-o", "remount,size=8m", str(small)], check=True)
        built = await build(town, code, campaign, small)
        assert verify(built.path).problems == ()
    finally:
        subprocess.run(["umount", str(small)], check=True)


async def test_the_command_builds_lists_verifies_and_traces(
    town: Town, code: Code, tmp_path: Path, database_url: str
) -> None:
    campaign = await spring(town)
    made = await judged(town, code, campaign, [-1, 2])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MARLIN_")}
    settings = kept | {"DATABASE_URL": database_url, "MARLIN_HOME": str(tmp_path / "home")}

    def marlin(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "marlin", "dataset", *arguments]
        return subprocess.run(command, env=settings, capture_output=True, text=True, check=False)

    built = marlin("build", "spring")
    assert built.returncode == 0, built.stderr
    path = next((tmp_path / "home" / "datasets").glob("spring-*"))
    assert str(path) in built.stdout
    assert path.name in marlin("list").stdout
    traced = marlin("verify", str(path), "--row", f"{made[0]}-1")
    assert "Whole" in traced.stdout
    assert '"rubric_version": 1' in traced.stdout
    (path / "rows" / "train.jsonl").write_bytes(b"")
    broken = marlin("verify", str(path))
    assert (broken.returncode, "rows/train.jsonl was changed" in broken.stderr) == (5, True)
    refused = marlin("push", str(path), "s3://bucket/x")
    assert (refused.returncode, "is not whole" in refused.stderr) == (5, True)


async def test_nothing_of_a_rejected_submission_is_in_it_nor_of_a_task_that_was_rejected(
    town: Town, code: Code, tmp_path: Path
) -> None:
    campaign = await spring(town)
    _, refused, copied = await judged(town, code, campaign, [-2, -2, -2])
    operator, reviewer, second = [(await town.enter(role)).person.id for role in (Role.OPERATOR, *[Role.REVIEWER] * 2)]
    for source in (refused, copied):
        await accept_repeat(town.database, source, second, reviewer, -1, kind="overlap", marked_by=operator)
    async with town.database.transaction() as session:
        for source, reason in ((refused, "role_play"), (copied, "copied")):
            (await session.get_one(Comparison, source)).status = "rejected"
            words = {"decision": "reject", "reason": reason, "comments": "See turn 1."}
            session.add(Review(comparison_id=source, reviewer_id=reviewer, **words))
    built = await build(town, code, campaign, tmp_path)
    left = [(one.reason, one.count) for one in built.manifest.left_out if one.scope == "dataset"]
    assert left == [("what was asked was rejected in review", 1)]
    splits: tuple[Split, ...] = ("train", "test")
    raters = {row["comparison_id"]: len(row["ratings"]) for split in splits for row in read_rows(built.path, split)}
    assert len(raters) == 2
    assert str(refused) not in raters
    assert raters[str(copied)] == 1, "the other person's judgement stands; the copied one is not there"
