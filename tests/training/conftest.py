"""One small dataset and one tiny model for all tests of tuning."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.factories.preferences import folder
from tests.training import tiny

from marlin.settings import get_settings
from marlin.training import record
from marlin.training.dataset import DatasetFolder
from marlin.training.plan import Plan, RunFolder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No run of a test is noted among those of whoever runs it."""
    monkeypatch.setenv("MARLIN_HOME", str(tmp_path / "home"))
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder(tmp_path_factory.mktemp("data") / "easy", train=64, test=24, tools=False)


@pytest.fixture(scope="session")
def model(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.model(tmp_path_factory.mktemp("models") / "base", data)


@pytest.fixture
def plan(data: Path, model: Path) -> Callable[..., Plan]:
    """Small enough for a test, large enough to learn the easy signal."""

    def make(method: str, **changes: Any) -> Plan:
        base = Plan(method=method, dataset=str(data), model=str(model), max_length=256)  # type: ignore[arg-type]
        return base.changed(
            **{
                "epochs": 2.0,
                "batch": 8,
                "accumulation": 1,
                "learning_rate": 4e-3,
                "lora_rank": 8,
                "lora_alpha": 16,
                "dtype": "float32",
                "gradient_checkpointing": False,
                "save_steps": 4,
                **changes,
            }
        )

    return make


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., RunFolder]:
    """A run's folder, with its plan written."""

    def make(plan: Plan, name: str = "run") -> RunFolder:
        made = RunFolder(tmp_path / name)
        made.path.mkdir()
        made.plan_file.write_text(plan.to_yaml())
        record.update(
            made, state="prepared", inputs=record.inputs(plan, DatasetFolder(Path(plan.dataset)), Path(plan.model))
        )
        return made

    return make
