"""What `marlin dataset` says: counts agree with their nouns, and nothing long is silent."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from tests.factories import preferences
from tests.unit.dataset_files.test_dataset_folder import make
from typer.testing import CliRunner

from marlin.cli import app
from marlin.cli.dataset_progress import Steps
from marlin.cli.datasets import print_manifest
from marlin.dataset_files import Manifest, read_manifest


def marlin(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["dataset", *words])
    return done.exit_code, done.output


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return read_manifest(preferences.folder(tmp_path / "spring-1", train=8, test=2))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((1, 1, 1, 1, 0), "1 row from 1 accepted rating; 1 preference, with its trajectories; 0 ties."),
        ((2, 3, 1, 0, 1), "2 rows from 3 accepted ratings; 1 preference, without trajectories; 1 tie."),
        (
            (1200, 1300, 2, 1, 2),
            "1,200 rows from 1,300 accepted ratings; 2 preferences, 1 of them with trajectories; 2",
        ),
    ],
)
def test_counts_agree_with_their_nouns(
    manifest: Manifest, capsys: pytest.CaptureFixture[str], counts: tuple[int, ...], expected: str
) -> None:
    names = ("rows", "ratings", "pairs", "trajectory_pairs", "ties")
    print_manifest(manifest.model_copy(update={"counts": dict(zip(names, counts, strict=True))}))
    assert expected in capsys.readouterr().out


def test_no_word_of_a_table_is_cut_and_numbers_stand_below_each_other(
    manifest: Manifest, capsys: pytest.CaptureFixture[str]
) -> None:
    view = manifest.views["trl_pref"]
    reader = "Axolotl, chat_template.default of the latest release"
    wide = view.model_copy(update={"reader": reader, "rows": {"train": 12_345, "test": 7}})
    print_manifest(manifest.model_copy(update={"views": {"axes/maintainability": wide, "sft": view}}))
    printed = capsys.readouterr().out
    assert "…" not in printed
    assert "axes/maintainability" in printed
    assert "│ 12,345 │" in printed
    assert "│      8 │" in printed


def test_what_was_asked_for_is_told(manifest: Manifest, capsys: pytest.CaptureFixture[str]) -> None:
    asked = {
        "categories": ["bug_fix"],
        "min_strength": 2,
        "scrub_models": True,
        "turns": [],
        "decisions": {"a": "keep"},
    }
    print_manifest(manifest.model_copy(update={"filters": asked}))
    assert "Asked for: categories bug_fix; min strength 2; scrub models; 1 decision on held" in capsys.readouterr().out


def test_commands_are_listed_in_the_order_of_the_work_and_say_the_next_step(tmp_path: Path) -> None:
    _, said = marlin("--help")
    places = [said.index(f"│ {name} ") for name in ("build", "list", "show", "verify", "held", "push", "pull")]
    assert places == sorted(places)
    assert "Build one: marlin dataset build" in marlin("list", "--folder", str(tmp_path))[1]
    assert marlin("held", "spring", "--keep", "a" * 12, "--redact", "a" * 12)[0] == 2
    assert "files, " in marlin("verify", str(make(tmp_path / "made")))[1]


def test_away_from_a_terminal_progress_is_told_in_lines() -> None:
    told = io.StringIO()
    with Steps(Console(file=told), every=0.0) as steps:
        steps.advance("gathering", 3)
        steps.begin("hashing", "bytes", 4_000_000)
        steps.advance("hashing", 1_500_000)
        steps.begin("writing", "rows", 1200)
        steps.advance("writing", 1000)
    assert told.getvalue().splitlines() == [
        "gathering: 3 rows",
        "hashing: 1.5 of 4.0 MB",
        "writing: 1,000 of 1,200 rows",
    ]
    quiet = io.StringIO()
    with Steps(Console(file=quiet), every=3600.0) as steps:
        steps.advance("gathering", 3)
    assert quiet.getvalue() == ""


def test_on_a_terminal_a_stage_is_shown_from_its_beginning() -> None:
    told = io.StringIO()
    with Steps(Console(file=told, force_terminal=True, width=120)) as steps:
        steps.begin("gathering", "rows")
        steps.begin("hashing", "bytes", 4_000_000)
        steps.advance("hashing", 1_500_000)
    assert "gathering" in told.getvalue()
    assert "1.5/4.0 MB" in told.getvalue()


def test_a_place_that_can_be_none_is_refused_before_anything_is_built() -> None:
    code, said = marlin("build", "spring", "--to", "s4://bucket/sets")
    assert code == 6
    assert "No kind of store is called s4://." in said
    assert "spring" not in said
