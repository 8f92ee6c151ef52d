"""``marlin simulate`` against a Marlin of its own: sandboxes, checks, overlap, submission and review are real."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

from marlin.comparisons import Comparison
from marlin.db import EmbeddedPostgres, opened, transaction
from marlin.reviews import AcceptedRating, accepted_ratings

OPTIONS = ["--strength", "old=0", "--strength", "new=3", "--contributors", "3", "--turns", "2", "--overlap", "0.5"]


def simulate(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MARLIN_", "DATABASE_URL"))}
    command = [sys.executable, "-m", "marlin", "simulate", *options]
    env = {**kept, "MARLIN_HOME": str(home), "COLUMNS": "120"}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)


async def played(
    home: Path, campaign: str
) -> tuple[list[AcceptedRating], list[AcceptedRating], dict[UUID, Comparison]]:
    """Accepted ratings of a campaign, those of all real ones, and the comparisons."""
    postgres = EmbeddedPostgres(home / "postgres")
    url = postgres.start()
    try:
        async with opened(url, pool_size=2), transaction() as session:
            rows = [row async for row in accepted_ratings(session, UUID(campaign))]
            real = [row async for row in accepted_ratings(session)]
            found = {row.comparison_id: await session.get_one(Comparison, row.comparison_id) for row in rows}
            return rows, real, found
    finally:
        postgres.stop()


async def test_a_campaign_is_played_to_its_end_goes_on_and_counts_as_nothing_real(home: Path) -> None:
    first = simulate(home, *OPTIONS, "--comparisons", "3")
    assert first.returncode == 0, first.stderr[-3000:]
    refused = simulate(home, *OPTIONS, "--comparisons", "6", "--taste", "0.5")
    assert refused.returncode == 2
    assert "begun with other options (taste)" in refused.stderr.replace("\n", " ")
    done = simulate(home, *OPTIONS, "--comparisons", "6")
    assert done.returncode == 0, done.stderr[-3000:]
    summary = json.loads(done.stdout)
    assert summary["campaign"]["id"] == json.loads(first.stdout)["campaign"]["id"]
    assert (summary["comparisons"]["accepted"], summary["comparisons"]["failed"]) == (6, 0)
    assert summary["truth"]["overall"] == {"old": 0.0, "new": 3.0}
    assert len(summary["truth"]["contributors"]) == 3

    rows, real, comparisons = await played(home, summary["campaign"]["id"])
    assert real == []
    assert all(row.synthetic for row in rows)
    assert len(comparisons) == 6
    assert len({row.person_id for row in rows}) <= 3
    repeats = {row.comparison_id for row in rows if row.repeats_comparison_id is not None}
    assert len(repeats) == summary["comparisons"]["repeats"] > 0
    for row in rows:
        assert row.item_id in comparisons
        assert row.turn_number == 1 or row.comparison_id not in repeats
        assert row.person_id != comparisons[row.item_id].owner_id or row.item_id == row.comparison_id
    turns = [row.turn_number for row in rows if row.comparison_id not in repeats]
    assert turns.count(1) == turns.count(2) == 6 - len(repeats)
    better = UUID(summary["arms"]["new"])
    chosen = [row.arm_a_id if row.preferred == "A" else row.arm_b_id for row in rows if row.preferred]
    assert chosen.count(better) > len(chosen) / 2, "the truth shows: at a gap of 3, one vote in twenty goes astray"
