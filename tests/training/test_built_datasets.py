"""Tuning on a folder that the dataset writer itself made: what one writes the other reads."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.factories.preferences import TOOLS, trajectory
from tests.training import tiny
from typer.testing import CliRunner

from marlin.campaigns import Campaign
from marlin.cli import app
from marlin.dataset_files import SPLITS, DatasetUnreadableError, load_dataset, read_view, verify
from marlin.datasets import Wish
from marlin.datasets.building import divide
from marlin.datasets.choosing import Gathered
from marlin.datasets.spooling import Spool
from marlin.datasets.writing import write
from marlin.training import record
from marlin.training.dataset import DatasetFolder
from marlin.training.errors import PreflightRefusedError, UnreadableDatasetError
from marlin.training.launch import prepared, written
from marlin.training.plan import Plan
from marlin.training.worker import train

PlanOf = Callable[..., Plan]
ROWS = 24


def canonical(number: int, label: str) -> dict[str, Any]:
    """A canonical row as ``marlin.datasets.rows`` makes one, of a repository of its own for each two."""
    rng = random.Random(number)
    task, kind = number // 2, number % 4
    careful = {"A": ("a",), "B": ("b",), "equal": ("a", "b")}[label]
    sides = {
        name: {
            "arm": name,
            "agent": "minimal",
            "model": "m",
            "commit": "c" * 40,
            "patch": f"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+{name} {number}\n",
            "patch_refused": None,
            "source": "gateway",
            "usable": True,
            "messages": trajectory(rng, kind, careful=name in careful),
            "checks": {"newly_failing": 0, "results": []},
        }
        for name in ("a", "b")
    }
    preferred = label in ("A", "B")
    score = {"A": -2.0, "B": 2.0}.get(label, 0.0)
    return {
        "id": f"comparison{number}-1",
        "task_id": f"task{task}",
        "category": "bug_fix",
        "repository": f"repo{task}",
        "source": f"https://git.example.com/{task}.git",
        "base_commit": f"{task:040x}",
        "start_commit": f"{task:040x}",
        "licences": ["MIT"],
        "rubric_version": 1,
        "guidelines_version": 1,
        "turn": 1,
        "request": f"fix the parser of task{task}",
        "prompt": [
            {"role": "system", "content": "you are a coding agent"},
            {"role": "user", "content": f"fix the parser of task{task}, attempt {number}"},
        ],
        "tools": TOOLS,
        **sides,
        "ratings": [{"rater": "rater-1", "terms": "1", "key_axis": "correctness"}],
        "agg": {
            "label": label,
            "strength": 2 if preferred else None,
            "n": 1,
            "agreement": 1.0,
            "axes": {"correctness": score},
        },
        "pairs": preferred,
        "pairs_refused": None if preferred else "no preference: equal",
        "single": True,
        "trajectory": preferred,
        "trajectory_refused": None if preferred else "no preference: equal",
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every fourth row is a tie, which only ``sft`` and ``kto`` hold."""
    folder = tmp_path_factory.mktemp("built")
    campaign, wish, spool = Campaign(slug="spring", synthetic=True), Wish(test_fraction=0.3), Spool(folder / "spool")
    found = Gathered(wish)
    for number in range(ROWS):
        entry = {"row": canonical(number, "equal" if number % 4 == 3 else "AB"[number % 2]), "scrubbed": {}, "held": {}}
        spool.add_line(Spool.line(f"{number:064x}", entry))
        found.add(entry)
    spool.close()
    divided = divide(found, campaign, wish)
    work = folder / "work"
    work.mkdir()
    made = write(campaign, wish, folder, work, spool, found, divided, lambda _stage, _rows: None)
    assert verify(made.path).problems == ()
    return made.path


@pytest.fixture(scope="module")
def base(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.model(tmp_path_factory.mktemp("model") / "base", built)


def marlin(*words: str, status: int = 0) -> str:
    found = CliRunner().invoke(app, ["tune", *words])
    assert found.exit_code == status, found.output
    return " ".join(found.output.split())


@pytest.mark.parametrize("view", ["trl_pref", "patch_pref", "reward", "axes/correctness"])
def test_every_pairwise_view_passes_the_preflight(built: Path, base: Path, view: str) -> None:
    folder = DatasetFolder(built, view)
    rows = {split: sum(1 for _ in folder.pairs(split)) for split in SPLITS}
    assert rows == folder.manifest.views[view].rows
    said = marlin("preflight", str(built), "--model", str(base), "--view", view)
    assert "Nothing stands against training" in said
    assert f"train: {rows['train']} pairs" in said


@pytest.mark.parametrize("method", ["sft", "kto"])
def test_sft_and_kto_learn_from_single_results_and_are_evaluated_on_pairs(
    built: Path, base: Path, tmp_path: Path, plan: PlanOf, method: str
) -> None:
    asked = plan(method, dataset=str(built), model=str(base), max_length=0, epochs=1.0, save_steps=1000)
    ready = prepared(asked, tmp_path / "run")
    folder = ready.folder
    assert folder.singles == method
    held = folder.manifest.views[method].rows["train"]
    assert ready.report.amounts["train"].pairs == ready.cost.rows == held
    assert 0 < ready.cost.trained_tokens < ready.cost.tokens
    assert held > sum(1 for _ in folder.pairs("train"))
    run = written(ready)
    train(run)
    assert record.read(run)["inputs"]["dataset"]["files"] == folder.hashes()
    assert set(folder.hashes()) == {"train", "test", method}
    said = marlin("evaluate", str(run.path))
    assert f"On {folder.manifest.views['trl_pref'].rows['test']} held-out pairs" in said
    if method == "sft":
        assert "smaller change" in said  # from the canonical rows' patches


def test_what_asks_for_pairs_gets_pairs(built: Path, plan: PlanOf) -> None:
    for changes in ({"repeat_by_strength": True}, {"control": "shuffled-labels"}, {"view": "patch_pref"}):
        assert plan("kto", dataset=str(built), **changes).folder.singles is None
    assert plan("dpo", dataset=str(built)).folder.singles is None


def test_a_changed_file_is_refused_before_anything_is_trained(
    built: Path, base: Path, tmp_path: Path, plan: PlanOf
) -> None:
    file = built / "views" / "sft" / "train.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"fix the parser", b"fix the lexer!", 1))
    try:
        with pytest.raises(UnreadableDatasetError, match=r"sft/train\.jsonl is not the file"):
            prepared(plan("sft", dataset=str(built), model=str(base), max_length=0), tmp_path / "run")
        assert not (tmp_path / "run").exists()
    finally:
        file.write_bytes(whole)


def test_results_that_are_all_good_teach_kto_nothing(tmp_path: Path, base: Path, built: Path, plan: PlanOf) -> None:
    from tests.factories.preferences import folder, sealed_dataset

    made = folder(tmp_path / "data", train=4, test=4)
    (made / "views" / "kto").mkdir()
    lines = (built / "views" / "kto" / "train.jsonl").read_text().splitlines()
    good = [line for line in lines if json.loads(line)["label"]]
    for split, rows in (("train", good), ("test", [])):
        (made / "views" / "kto" / f"{split}.jsonl").write_text("".join(f"{line}\n" for line in rows))
    sealed_dataset(made)
    with pytest.raises(PreflightRefusedError, match=r"Every result of kto \(.*\) is good"):
        prepared(plan("kto", dataset=str(made), model=str(base), max_length=0), tmp_path / "run")


def test_python_loads_a_view_with_every_argument_as_it_was_written(built: Path) -> None:
    found = load_dataset(built, "trl_pref")
    for split in SPLITS:
        wrote = list(read_view(built, "trl_pref", split))
        assert [{name: row[name] for name in wrote[0]} for row in found[split]] == wrote
    with pytest.raises(DatasetUnreadableError, match="no view 'unheard-of'"):
        load_dataset(built, "unheard-of")
