"""What makes a dataset fit to be published: licences, consent, benchmark lists, held values, its record, places."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import mlcroissant
import pytest
from identify.vendor.licenses import LICENSES
from sqlalchemy import select, update
from tests.benchmarks.leaderboards import furnish
from tests.factories.people import Town
from tests.integration.datasets.test_datasets_building import build, bytes_of, judged, record, spring

from marlin.accounts import Role
from marlin.accounts.models import AuditEntry
from marlin.campaigns import Arm
from marlin.comparisons import Comparison, Rollout, Turn
from marlin.dataset_files import find_row, read_rows, verify
from marlin.datasets import NothingToExportError
from marlin.datasets.suspicions import suspicion_id
from marlin.db import Database
from marlin.tasks import Code, Environment

ROOT = Path(__file__).parents[3]
KEY = "q8Zx72LmPp0aWe34Kd"


def keep_repository(code: Code, folder: Path, key: str) -> tuple[str, str]:
    """A repository under Marlin's own licence in the mirrors; its commit, and one that changes what is under MIT.

    What the change brings names two more licences: a file in its head, and a package.
    """
    (folder / "vendored" / "deep").mkdir(parents=True)
    (folder / "LICENSES").mkdir()
    (folder / "LICENSES" / "MIT.txt").write_text(dict(LICENSES)["MIT"])
    (folder / "vendored" / "COPYING").symlink_to("../LICENSES/MIT.txt")
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "LICENSE").write_text(dict(LICENSES)["GPL-3.0"])
    (folder / "LICENSE").write_bytes((ROOT / "LICENSE").read_bytes())
    (folder / "package.json").write_text('{"license": "MIT"}')

    def git(*arguments: str) -> None:
        who = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-qm", "all")
    git("bundle", "create", "-q", "whole.bundle", "main")
    base = code.mirrors.add(key, folder / "whole.bundle", base=True)
    (folder / "vendored" / "deep" / "new.py").write_text("# SPDX-License-Identifier: ISC\nx = 1\n")
    (folder / "vendored" / "deep" / "package.json").write_text('{"license": "Zlib"}')
    git("add", "vendored")
    git("commit", "-qm", "change")
    git("bundle", "create", "-q", "change.bundle", "main", f"^{base}")
    return base, code.mirrors.add(key, folder / "change.bundle", base=False)


async def move(database: Database, comparison_id: Any, repository: str, commit: str, change: str) -> None:
    async with database.transaction() as session:
        turns = select(Turn.id).where(Turn.comparison_id == comparison_id).scalar_subquery()
        values = {"start": {"commit": commit}, "commit": change}
        await session.execute(update(Rollout).where(Rollout.turn_id.in_(turns)).values(**values))
        comparison = await session.get_one(Comparison, comparison_id)
        environment = await session.get_one(Environment, comparison.environment_id)
        environment.repository, environment.base_commit = repository, commit


async def test_licences_are_read_at_the_base_commit_and_consent_is_told(town: Town, code: Code, tmp_path: Path) -> None:
    campaign = await spring(town)
    made = await judged(town, code, campaign, [-2, 1])
    commit, change = keep_repository(code, tmp_path / "repository", "e" * 64)
    await move(town.database, made[0], "e" * 64, commit, change)
    built = await build(town, code, campaign, tmp_path / "out")
    assert built.manifest.licences == {"Apache-2.0 and ISC and MIT and Zlib": 1, "unknown": 1}
    row = find_row(built.path, f"{made[0]}-1")[1]
    assert row["licences"] == ["Apache-2.0", "ISC", "MIT", "Zlib"], "of the root, a changed file's folder, the change"
    assert "vendored/deep/new.py" in row["a"]["patch"]
    assert sum(built.manifest.consent.values()) == built.manifest.counts["raters"] == 1
    assert "none" not in built.manifest.consent
    wish = {"licences": ("Apache-2.0", "ISC", "MIT", "Zlib"), "test_split": False}
    allowed = await build(town, code, campaign, tmp_path / "out", **wish)
    assert allowed.manifest.counts["rows"] == 1
    with pytest.raises(NothingToExportError, match="1 × filter: licence;"):
        await build(town, code, campaign, tmp_path / "out", licences=("Apache-2.0", "MIT"))
    card = (built.path / "README.md").read_text()
    assert "| Apache-2.0 and ISC and MIT and Zlib | 1 |" in card
    assert "**not** checked" in card


async def test_the_croissant_record_is_valid_and_reads_the_rows(town: Town, code: Code, tmp_path: Path) -> None:
    campaign = await spring(town)
    made = await judged(town, code, campaign, [-2, 3, 0])
    built = await build(town, code, campaign, tmp_path, test_split=False)
    dataset = mlcroissant.Dataset(str(built.path / "croissant.json"))
    assert dataset.metadata.ctx.issues.errors == set()
    ids = {row["trl_pref/train/id"].decode() for row in dataset.records("trl_pref/train")}
    assert ids == {f"{one}-1" for one in made[:2]}
    assert len(list(dataset.records("rows/train"))) == 3
    assert verify(built.path).problems == ()


async def test_more_rows_than_are_read_at_once(town: Town, code: Code, tmp_path: Path) -> None:
    campaign = await furnish(town.database, 501)
    async with town.database.transaction() as session:
        await session.execute(update(Arm).values(outputs_may_train=True))
        await session.execute(update(Rollout).values(start={"commit": "a" * 40}))
    built = await build(town, code, campaign, tmp_path, test_split=False)
    assert built.manifest.counts["rows"] == 501
    assert len({row["id"] for row in read_rows(built.path, "train")}) == 501


async def test_names_of_agents_and_models_can_be_taken_out_of_everything(
    town: Town, code: Code, tmp_path: Path
) -> None:
    campaign = await spring(town)
    await judged(town, code, campaign, [-2, 3])
    built = await build(town, code, campaign, tmp_path, scrub_models=True)
    for name, data in bytes_of(built.path).items():
        for word in (b"careful", b"hasty", b'"scripted"'):
            assert word not in data, name
    assert b"arm-" in (built.path / "rows" / "train.jsonl").read_bytes()


async def test_held_values_benchmarks_and_other_places_by_command(
    town: Town, code: Code, tmp_path: Path, database_url: str
) -> None:
    campaign = await spring(town)
    made = await judged(town, code, campaign, [-1, 2, 1])
    async with town.database.transaction() as session:
        turns = (await session.scalars(select(Turn).where(Turn.comparison_id.in_(made[:2])))).all()
        by_comparison = {turn.comparison_id: turn for turn in turns}
        by_comparison[made[0]].prompt = f'Rotate it: API_KEY = "{KEY}"'
    await record(town.database, code, made[1], 1)
    lists = tmp_path / "bench.jsonl"
    lists.write_text(json.dumps({"repo": "git.example.com/r1", "base_commit": f"{1:040x}"}) + "\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MARLIN_")}
    settings = kept | {"DATABASE_URL": database_url, "MARLIN_HOME": str(tmp_path / "home"), "COLUMNS": "160"}

    def marlin(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "marlin", "dataset", *arguments]
        return subprocess.run(command, env=settings, capture_output=True, text=True, check=False)

    first = marlin("build", "spring", "--no-test-split", "--decontaminate", str(lists))
    assert first.returncode == 0, first.stderr
    assert "held until a person decides" in first.stdout
    assert "same repository and base commit" in first.stdout
    assert "marlin dataset held spring" in first.stdout
    listed = marlin("held", "spring")
    assert "undecided" in listed.stdout
    assert KEY not in listed.stdout
    wrong = marlin("held", "spring", "--keep", "nothing")
    assert (wrong.returncode, "Nothing is held under nothing" in wrong.stderr) == (3, True)
    assert "the request" in listed.stdout
    assert "redact" in marlin("held", "spring", "--redact-all").stdout
    assert "undecided" in marlin("held", "spring", "--undecide", suspicion_id(KEY)).stdout
    town.app.state.settings = town.app.state.settings.model_copy(update={"home": tmp_path / "home"})
    operator = await town.enter(Role.OPERATOR)
    (group,) = (await operator.get("/datasets/held")).json()
    (value,) = group["values"]
    assert (group["undecided"], value["by"] is not None, value["places"][0]["comparison_id"]) == (1, True, str(made[0]))
    assert KEY not in json.dumps(group)
    assert [one["undecided"] for one in (await operator.get("/datasets/held/waiting")).json()] == [1]
    address = f"/datasets/held/{campaign.id}"
    said = {"id": value["id"], "decision": "redact", "seen_at": value["at"]}
    for wrong, at, status in ((said | {"id": "0" * 12}, address, 404), (said, f"/datasets/held/{made[0]}", 404)):
        assert (await operator.post(at, {"decisions": [wrong]})).status_code == status
    decided = (await operator.post(address, {"decisions": [said]})).json()
    assert (decided["undecided"], decided["values"][0]["by"]) == (0, operator.person.name)
    late = await operator.post(address, {"decisions": [said | {"decision": "keep"}]})
    assert (late.status_code, late.json()["code"]) == (409, "dataset-held-decided")
    assert late.json()["details"]["held"][0]["by"] == operator.person.name
    async with town.database.transaction() as session:
        statement = select(AuditEntry).where(AuditEntry.action == "dataset.held_decided").order_by(AuditEntry.id)
        audited = (await session.scalars(statement)).all()
    assert [one.actor_id for one in audited] == [None, None, operator.person.id]
    words = ("kept", "redacted", "undecided")
    assert [[name for name in words if one.data[name]] for one in audited] == [
        ["redacted"], ["undecided"], ["redacted"],
    ]  # fmt: skip
    second = marlin("build", "spring", "--no-test-split", "--to", f"file://{tmp_path}/shelf")
    assert second.returncode == 0, second.stderr
    (there,) = (tmp_path / "shelf").iterdir()
    assert KEY.encode() not in b"".join(bytes_of(there).values())
    assert find_row(there, f"{made[0]}-1")[1]["request"].startswith('Rotate it: API_KEY = "[secret-')
    fetched = marlin("pull", str(there), "--to", str(tmp_path / "back"))
    assert fetched.returncode == 0, fetched.stderr
    assert bytes_of(tmp_path / "back" / there.name) == bytes_of(there)
    refused = marlin("build", "spring", "--no-test-split", "--decontaminate", str(tmp_path / "missing"))
    assert (refused.returncode, "can't be read" in refused.stderr) == (2, True)
