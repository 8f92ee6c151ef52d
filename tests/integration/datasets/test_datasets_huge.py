"""What runs away (an agent's words, a change, a file of keys) costs a row a part of itself, and no build its memory."""

from __future__ import annotations

import io
import json
import random
import resource
import string
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import zstandard
from sqlalchemy import select
from tests.factories.people import Town
from tests.integration.datasets.test_datasets_building import build, calls, every, judged, spoil, spring, stored
from tests.integration.datasets.test_datasets_trusted import move

from marlin.comparisons import Turn
from marlin.dataset_files import read_rows
from marlin.datasets.contents import LARGEST_CONVERSATION, TOO_LARGE, TOO_LONG
from marlin.datasets.making import MOST_HELD
from marlin.tasks import Code

MEBI = 2**20
WATCHED = """
import resource, sys
from marlin.datasets.contents import Contents, Result
from marlin.workspaces import DurableStore, MirrorStore
from pathlib import Path

durable = DurableStore(sys.argv[1])
contents = Contents(durable, MirrorStore(Path(sys.argv[2]), durable))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
part = contents._part(Result("0" * 40, None, {"gateway": sys.argv[3]}, True))
print(part.refused, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


async def test_a_conversation_that_ran_away_costs_its_row_the_trajectory_only(
    town: Town, code: Code, tmp_path: Path
) -> None:
    campaign = await spring(town)
    made = await judged(town, code, campaign, [-1, 2, 1, -2])
    million = "word " * 800_000
    await spoil(town, made[0], await stored(code, calls("Fix import 0.", million)))
    one = calls("Fix import 1.", "Done.")[0]
    await spoil(town, made[1], await stored(code, [replace(one, response_body=b"x" * (3 * LARGEST_CONVERSATION + 1))]))
    many = [calls("Fix import 2.", f"{number} " * (MEBI // 2))[1] for number in range(20)]
    await spoil(town, made[2], await stored(code, [replace(call, number=n) for n, call in enumerate(many, 1)]))
    built = await build(town, code, campaign, tmp_path)
    assert {row["id"] for row in every(built.path, "trl_pref")} == {f"{one}-1" for one in (made[0], made[3])}
    assert any(row["chosen"][-1]["content"] == million for row in every(built.path, "trl_pref"))
    reasons = {one.reason: one.count for one in built.manifest.left_out if one.scope == "trajectories"}
    assert reasons == {TOO_LONG: 2}


def test_a_record_that_would_unpack_to_gigabytes_is_not_unpacked(code: Code) -> None:
    frame = io.BytesIO()
    with zstandard.ZstdCompressor(level=1).stream_writer(frame, size=2**30, closefd=False) as writer:
        for _ in range(2**10):
            writer.write(b" " * MEBI)
    assert len(frame.getvalue()) < MEBI
    key = code.durable.put(io.BytesIO(frame.getvalue()))
    command = [sys.executable, "-c", WATCHED, code.durable.url, str(code.mirrors.root), key]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert " ".join(said[:-1]) == TOO_LONG
    assert int(said[-1]) < 100, "MiB more than before"


async def test_a_change_of_hundreds_of_megabytes_is_counted_and_takes_no_gigabytes(
    town: Town, code: Code, tmp_path: Path
) -> None:
    campaign = await spring(town)
    made = await judged(town, code, campaign, [-1, 2])
    folder = tmp_path / "repository"
    folder.mkdir()

    def git(*arguments: str) -> None:
        who = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "core.compression=1"]
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    (folder / "a.py").write_text("x = 1\n")
    git("add", "-A")
    git("commit", "-qm", "all")
    git("bundle", "create", "-q", "whole.bundle", "main")
    base = code.mirrors.add("e" * 64, folder / "whole.bundle", base=True)
    with (folder / "dump.sql").open("w") as file:
        for _ in range(200):
            file.write("INSERT 1;\n" * (MEBI // 10))
    git("add", "dump.sql")
    git("commit", "-qm", "change")
    git("bundle", "create", "-q", "change.bundle", "main", f"^{base}")
    change = code.mirrors.add("e" * 64, folder / "change.bundle", base=False)
    await move(town.database, made[0], "e" * 64, base, change)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    built = await build(town, code, campaign, tmp_path / "out", test_split=False)
    told = {one.reason: one.count for one in built.manifest.left_out if one.scope == "patches"}
    assert sum(told.values()) == 2
    assert told.get(TOO_LARGE, 0) + told.get("git can't tell the side's change, or not in time", 0) == 1
    taken = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert taken == before or taken < 1400 * 1024, "KiB, of the largest process"


async def test_a_file_of_keys_is_left_out_and_asks_nobody(town: Town, code: Code, tmp_path: Path) -> None:
    campaign = await spring(town)
    made = await judged(town, code, campaign, [-1, 2])
    rng = random.Random(7)
    keys = ["".join(rng.choices(string.ascii_letters + string.digits, k=24)) for _ in range(2 * MOST_HELD)]
    async with town.database.transaction() as session:
        turn = (await session.scalars(select(Turn).where(Turn.comparison_id == made[0]))).one()
        turn.prompt = "\n".join(f'API_KEY = "{key}"' for key in keys)
    built = await build(town, code, campaign, tmp_path, test_split=False)
    assert built.held == {}
    assert [row["comparison_id"] for row in read_rows(built.path, "train")] == [str(made[1])]
    left = [(one.reason, one.count) for one in built.manifest.left_out if one.scope == "dataset"]
    assert left == [("more values that may be secrets than anybody decides on", 1)]
    assert not any(key in json.dumps(built.manifest.model_dump()) for key in keys)
