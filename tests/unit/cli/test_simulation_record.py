"""What a simulation was begun with: kept by server and name, and never in the way of a start that failed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from marlin.cli import app
from marlin.cli.simulation_record import Record, RecordBrokenError
from marlin.simulation import Plan, PlanError, parse_strengths

PLAN = Plan(campaign="trial", strengths=parse_strengths(["old=0", "new=0.4"]))


def test_the_same_options_go_on_and_others_are_refused(tmp_path: Path) -> None:
    record = Record.of(tmp_path, "trial", None)
    record.check(PLAN)
    record.write(PLAN)
    record.check(replace(PLAN, comparisons=400))
    with pytest.raises(PlanError, match=r"other options \(taste\)"):
        record.check(replace(PLAN, comparisons=400, taste=0.5))
    record.write(PLAN, {"done": True})
    assert json.loads(record.path.read_text())["summary"] == {"done": True}
    record.check(PLAN)


def test_a_name_may_be_played_on_several_servers(tmp_path: Path) -> None:
    Record.of(tmp_path, "trial", "http://127.0.0.1:8420").write(PLAN)
    for other in (None, "http://127.0.0.1:8421", "https://marlin.example.org"):
        Record.of(tmp_path, "trial", other).check(replace(PLAN, taste=0.5))
    with pytest.raises(PlanError, match="other options"):
        Record.of(tmp_path, "trial", "http://127.0.0.1:8420/").check(replace(PLAN, taste=0.5))


@pytest.mark.parametrize("url", ["not an address", "ftp://x", "http://", "http://x:99999"])
def test_what_is_no_address_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(PlanError, match="no address of a Marlin"):
        Record.of(tmp_path, "trial", url)


@pytest.mark.parametrize("url", ["http://../../x", "http://..", "http://a%2F..%2Fb", "http://[::1]:8420"])
def test_an_address_never_leads_out_of_the_folder(tmp_path: Path, url: str) -> None:
    path = Record.of(tmp_path, "trial", url).path
    assert path.resolve().is_relative_to(tmp_path / "simulations")
    assert len(path.relative_to(tmp_path).parts) == 3


@pytest.mark.parametrize("text", ["{", "[]", '{"plan": 3}', "\x00\xff"])
def test_a_broken_record_is_a_clear_error(tmp_path: Path, text: str) -> None:
    record = Record.of(tmp_path, "trial", None)
    record.path.parent.mkdir(parents=True)
    record.path.write_text(text)
    with pytest.raises(RecordBrokenError, match=r"trial\.json") as caught:
        record.check(PLAN)
    assert "Remove the file" in str(caught.value.hint)


def test_a_start_that_fails_reserves_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARLIN_HOME", str(tmp_path))
    monkeypatch.delenv("MARLIN_TOKEN", raising=False)
    for options, code, words in (
        (["--url", "http://127.0.0.1:9"], 2, "MARLIN_TOKEN"),
        (["--url", "nowhere", "--token", "t"], 2, "no address of a Marlin"),
        (["--campaign", "No Name"], 2, "can't be a campaign's name"),
        (["--strength", "old=0"], 2, "two arms"),
        (["--contributors", "1"], 2, "nobody to overlap"),
    ):
        found = CliRunner().invoke(app, ["simulate", *options], env={"COLUMNS": "200"})
        assert found.exit_code == code, found.output
        assert words in found.output
    assert not list(tmp_path.rglob("*.json"))
