"""From accepted comparisons in the database to a verified dataset, by the command itself: rows a second, and memory.

1,000 and 10,000 comparisons; ``MARLIN_BENCH_ROWS=100000`` adds as many. Every side has a recorded conversation, every
row a real ``git diff``; all are of one repository, and twenty rows share an environment.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text, update
from tests.benchmarks.laps import Row, quick, tell
from tests.benchmarks.leaderboards import furnish, place
from tests.benchmarks.trees import Used, measure
from tests.factories.preferences import TOOLS, trajectory

from marlin.campaigns import Arm
from marlin.comparisons import Rollout
from marlin.comparisons.models import Attempt
from marlin.db import Database, new_id
from marlin.gateway import Api, Exchange, FileSink
from marlin.settings import Settings
from marlin.tasks import Code, Environment

CONVERSATIONS = 40
COMMITS = 24
KEY = "b" * 64


def run() -> list[Row]:
    """Each size in a database of its own."""
    sizes = [200] if quick() else [1_000, 10_000]
    if extra := os.environ.get("MARLIN_BENCH_ROWS"):
        sizes.append(int(extra))
    rows: list[Row] = []
    for size in sizes:
        rows += asyncio.run(_run(size))
    return rows


async def _run(size: int) -> list[Row]:
    async with place() as (folder, url, database):
        campaign = await furnish(database, size)
        await _record(database, Code(Settings(home=folder / "home")), folder, size)
        return await asyncio.to_thread(_measure, url, folder, campaign.slug, size)


def _measure(url: str, folder: Path, slug: str, size: int) -> list[Row]:
    rows: list[Row] = []

    def note(name: str, value: float, unit: str) -> None:
        label = f"{size:,} comparisons: {name}"
        tell(f"{label}: {value:,.1f} {unit}")  # a long run that breaks off later has not been for nothing
        rows.append({"name": label, "value": value, "unit": unit, "target": None, "ratio": None, "against": None})

    for name in ("build", "build a second time (it is there already)"):
        tell(f"{name}, {size:,} comparisons")
        used = _marlin(url, folder, "build", slug, "--no-test-split")
        note(f"{name}, seconds", used.seconds, "s")
        note(f"{name}, rows a second", size / used.seconds, "/s")
        note(f"{name}, on a core for a row", used.cpu / size * 1000, "ms")
        note(f"{name}, peak memory of all its processes", used.peak, "MiB")
    (made,) = (folder / "home" / "datasets").glob("*/dataset.json")
    counts = json.loads(made.read_bytes())["counts"]
    tell(f"counts: {counts}")
    note("verify, seconds", _marlin(url, folder, "verify", str(made.parent)).seconds, "s")
    note("size of the dataset", sum(path.stat().st_size for path in made.parent.rglob("*.jsonl")) / 2**20, "MiB")
    return rows


def _marlin(url: str, folder: Path, *words: str) -> Used:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MARLIN_")}
    settings = kept | {"DATABASE_URL": url, "MARLIN_HOME": str(folder / "home")}
    return measure([sys.executable, "-m", "marlin", "dataset", *words], settings)


async def _record(database: Database, code: Code, folder: Path, size: int) -> None:
    """Repositories, commits and conversations under what :func:`furnish` made."""
    commits = _repository(code, folder / "repository")
    raws = [await _conversation(code, folder, number) for number in range(CONVERSATIONS)]
    rnd = random.Random(7)
    places = [
        {"id": new_id(), "key": f"bench-{n}", "repository": KEY, "base_commit": commits[0], "set_up_command": ""}
        | {"base_image": "host-view", "status": "ready"}
        for n in range(size // 20 + 1)
    ]
    async with database.transaction() as session:
        await session.execute(insert(Environment), places)
        await session.execute(
            text(
                "WITH placed AS (SELECT id, row_number() OVER (ORDER BY id) / 20 AS n FROM comparison) "
                "UPDATE comparison c SET environment_id = e.id FROM placed p, environment e "
                "WHERE p.id = c.id AND e.key = 'bench-' || p.n"
            )
        )
        await session.execute(update(Arm).values(outputs_may_train=True))
        words = "'Please repair part ' || id || ' so that what ' || md5(id::text) || ' says holds.'"
        await session.execute(text(f"UPDATE turn SET prompt = {words}"))
        found = (await session.scalars(select(Rollout.id).order_by(Rollout.id))).all()
        ends = [{"id": one, "commit": rnd.choice(commits[1:]), "start": {"commit": commits[0]}} for one in found]
        await session.execute(update(Rollout), ends)
        raw = [{"gateway": key} for key in raws]
        tries = [{"rollout_id": one, "number": 1, "executor": "bench", "raw": rnd.choice(raw)} for one in found]
        await session.execute(insert(Attempt), tries)


def _repository(code: Code, folder: Path) -> list[str]:
    folder.mkdir()

    def git(*arguments: str) -> str:
        who = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
        done = subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("init", "-q", "-b", "main")
    commits: list[str] = []
    for number in range(COMMITS):
        if number:
            git("checkout", "-q", "-b", f"side{number}", commits[0])
        for name in range(6):
            lines = [
                f"def part_{line}(value):\n    return value + {line * (number + 1) + name}\n" for line in range(40)
            ]
            (folder / f"part{name}.py").write_text("\n".join(lines))
        (folder / "part0.py").write_text(f"# {number}\n" + "x = 1\n" * number * 5)
        git("add", "-A")
        git("commit", "-qm", "change")
        commits.append(git("rev-parse", "HEAD"))
        bundle = folder.parent / f"{number}.bundle"
        git("branch", "-f", "only", "HEAD")
        git("bundle", "create", "-q", str(bundle), "only", *([f"^{commits[0]}"] if number else []))
        code.mirrors.add(KEY, bundle, base=not number)
    return commits


async def _conversation(code: Code, folder: Path, number: int) -> str:
    """A run of the gateway: eight steps that grow, as agents' calls do."""
    rng = random.Random(number)
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "You are a coding agent. " * 20},
        {"role": "user", "content": f"Please repair part {number}."},
    ]
    sink, calls = FileSink(folder / "raw"), 0
    for _ in range(4):
        for message in trajectory(rng, rng.randrange(4), careful=bool(number % 2)):
            if message["role"] == "assistant":
                calls += 1
                await sink.record(_call(number, calls, messages, message))
            messages.append(_wire(message))
            messages[-1]["content"] = f"{messages[-1].get('content') or ''}\n" + "a line of output\n" * 20
    path = sink.path(f"run-{number}")
    with path.open("rb") as source:
        return code.durable.put(source)


def _wire(message: dict[str, Any]) -> dict[str, Any]:
    if "tool_calls" not in message:
        return dict(message)
    calls = [
        {**call, "function": {**call["function"], "arguments": json.dumps(call["function"]["arguments"])}}
        for call in message["tool_calls"]
    ]
    return {**message, "tool_calls": calls}


def _call(run_number: int, number: int, messages: list[dict[str, Any]], said: dict[str, Any]) -> Exchange:
    return Exchange(
        id=f"call-{number}", run_id=f"run-{run_number}", number=number, api=Api.OPENAI_CHAT, path="/v1/chat",
        generates=True,
        requested_model="m", model="m", auxiliary=None, streamed=False, request_headers=[],
        request_body=json.dumps({"messages": messages, "tools": TOOLS}).encode(), status=200, response_headers=[],
        response_body=json.dumps({"choices": [{"message": _wire(said), "finish_reason": "stop"}]}).encode(),
        started_at=datetime(2026, 11, 1, tzinfo=UTC), queued_seconds=0.0, first_byte_seconds=0.1, seconds=1.0,
        usage=None, cost_usd=None, state="completed",
    )  # fmt: skip
